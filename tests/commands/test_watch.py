"""The pods of ``arcprobe run``, looked at until each has reported or is lost: the real kubectl
against the API server of the tests."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from arcprobe.commands import watch
from tests.commands.kubelets import Kubelets, left, needs_kubectl, run_in
from tests.support.apiserver import ApiServer, BadDay

STUCK: dict[str, tuple[dict[str, Any], str]] = {
    "scheduled": (
        {
            "phase": "Pending",
            "conditions": [
                {"type": "PodReadyToStartContainers", "status": "False"},
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/2 nodes: no memory",
                },
            ],
        },
        "cannot be scheduled: 0/2 nodes: no memory",
    ),
    "image": (
        {
            "phase": "Pending",
            "containerStatuses": [
                {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "-"}}}
            ],
        },
        "image cannot be pulled",
    ),
    "evicted": (
        {
            "phase": "Failed",
            "reason": "Evicted",
            "message": "The node was low on resource: memory.",
        },
        "Evicted",
    ),
    "memory": (
        {
            "phase": "Failed",
            "containerStatuses": [
                {"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}
            ],
        },
        "out of memory",
    ),
    "memory-again": (
        {
            "phase": "Running",
            "containerStatuses": [
                {
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
                }
            ],
        },
        "out of memory",
    ),
    "node": (
        {
            "phase": "Running",
            "reason": "NodeLost",
            "message": "Node node-b which was running the pod is unresponsive",
        },
        "NodeLost: Node node-b",
    ),
    "pull": (
        {
            "phase": "Pending",
            "containerStatuses": [
                {"state": {"waiting": {"reason": "ErrImagePull", "message": "401"}}}
            ],
        },
        "image cannot be pulled: ErrImagePull: 401",
    ),
    "silent": (
        {
            "phase": "Failed",
            "containerStatuses": [{"state": {"terminated": {"exitCode": 3, "message": "no room"}}}],
        },
        "the log is empty",
    ),
}


@needs_kubectl
@pytest.mark.parametrize("case", list(STUCK))
def test_lost_node_is_told_and_loses_nothing(case: str, api: ApiServer) -> None:
    """A pod that cannot run is a lost node with its reason, exit 3; the other node's report stands;
    nothing is left."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    status, words = STUCK[case]
    kubelets.odd["node-b"] = status
    result = run_in(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [(each["node"], each["vantage"]) for each in content["lost"]] == [("node-b", "pod")]
    assert words in content["lost"][0]["reason"]
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert left(api) == set()


@needs_kubectl
def test_pod_that_is_being_deleted(api: ApiServer) -> None:
    """A pod that has ended because somebody deletes it, and whose log went before it, is lost with
    that reason."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.odd["node-b"], _ = STUCK["silent"]
    kubelets.leaving = {"node-b"}
    result = run_in(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    (lost,) = json.loads(result.stdout)["lost"]
    assert (result.exit_code, lost["node"]) == (3, "node-b")
    assert lost["reason"].startswith("its pod was removed before it reported")
    assert left(api) == set()


@needs_kubectl
def test_refused_pods_are_told(api: ApiServer) -> None:
    """Pods that admission refuses are lost nodes with the admission's words."""
    Kubelets(
        api, ("node-a",)
    ).refused = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": host namespaces'
    result = run_in(api, "--nodes", "all", "--vantage", "node", "--wait", "30", "--format", "json")
    assert result.exit_code == 3
    assert "violates PodSecurity" in json.loads(result.stdout)["lost"][0]["reason"]
    assert left(api) == set()


@needs_kubectl
@pytest.mark.parametrize(
    "bad", [{"status": 500}, {"status": 429, "headers": {"Retry-After": "0"}}, {"drop": True}]
)
def test_api_server_in_trouble_is_asked_again(bad: dict[str, Any], api: ApiServer) -> None:
    """A list of pods that fails, is throttled or breaks off is asked for again: every node's result
    still counts."""
    Kubelets(api, ("node-a", "node-b"))
    api.bad_days.append(BadDay("/api/v1/namespaces/team/pods", method="GET", times=2, **bad))
    result = run_in(
        api, "--nodes", "all", "--vantage", "pod", "--namespace", "team", "--format", "json"
    )
    content = json.loads(result.stdout)
    assert (result.exit_code, content["lost"]) == (0, []), result.stderr
    assert [place["node"] for place in content["places"]] == ["node-a", "node-b"]
    assert left(api) == set()


@needs_kubectl
def test_time_that_is_up_loses_one_node_alone(api: ApiServer) -> None:
    """A pod that never reports is lost when --wait is over; the report of the other node stands;
    nothing is left."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.odd["node-b"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }
    result = run_in(api, "--nodes", "all", "--vantage", "pod", "--wait", "0", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert "no report within" in content["lost"][0]["reason"]
    assert left(api) == set()


@needs_kubectl
@pytest.mark.parametrize("nodes", ["one", "all"])
def test_running_pod_is_not_a_finished_one(nodes: str, api: ApiServer) -> None:
    """A container that runs, and is Ready since it has no probe, is waited for; its report counts
    as soon as its log holds it, also before any probe says so."""
    kubelets = Kubelets(api, ("node-a",))
    kubelets.seconds, kubelets.probes = 3.0, False
    result = run_in(api, "--nodes", nodes, "--format", "json")
    content = json.loads(result.stdout)
    assert (result.exit_code, content["lost"], len(content["places"])) == (0, [], 2), result.stderr
    assert result.stderr.count("node-a pod network: running") == 1
    assert left(api) == set()


@needs_kubectl
def test_pods_that_run_are_not_asked_why(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """While pods run, only they and their logs are asked for again and again; the cluster's
    warnings are read now and then."""
    monkeypatch.setattr(watch, "_AROUND_EVERY", 1000.0)
    kubelets = Kubelets(api, ("node-a",))
    kubelets.seconds = 60.0
    look, looks = watch.Watch.look, []

    def counted_look(self: watch.Watch, now: float) -> bool:
        looks.append(look(self, now))
        if len(looks) == 3:
            for timer in kubelets.timers:
                timer.cancel()
                timer.function()
        return looks[-1]

    monkeypatch.setattr(watch.Watch, "look", counted_look)
    result = run_in(api, "--namespace", "team", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["lost"]) == (0, []), result.stderr
    asked = Counter(path.partition("?")[0].rpartition("/")[2] for _, path in api.requests)
    assert asked["events"] == 1 < asked["pods"], asked


@needs_kubectl
@pytest.mark.parametrize("has_reported", [False, True])
def test_pod_that_comes_again_and_again(
    has_reported: bool, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a DaemonSet makes in the place of an evicted pod is not waited for longer than the
    patience: the node is lost, with Kubernetes' words about the pod before. Where that one had
    reported, its report stands."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    running = {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]}
    if not has_reported:
        kubelets.odd["node-b"] = running
    look, looks = watch.Watch.look, []

    def evicting_look(self: watch.Watch, now: float) -> bool:
        looks.append(look(self, now))
        if len(looks) > 1:
            return looks[-1]
        ((key, old),) = [one for one in api.objects.items() if one[0][2].endswith("pod-node-b")]
        del api.objects[key]
        about = {"labels": old["metadata"]["labels"]}
        api.add("pods", "again", key[1], metadata=about, spec=old["spec"], status=running)
        involved = {"kind": "Pod", "name": key[2]}
        words = {"reason": "Evicted", "message": "low on memory", "involvedObject": involved}
        api.add("events", "again.1", key[1], **words)
        return False

    monkeypatch.setattr(watch.Watch, "look", evicting_look)
    result = run_in(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    content = json.loads(result.stdout)
    assert len(looks) == 2
    assert {place["node"] for place in content["places"]} >= {"node-a"}
    told = [(lost["node"], lost["events"][0]) for lost in content["lost"]]
    assert told == ([] if has_reported else [("node-b", "Evicted: low on memory")])
    assert left(api) == set()


@needs_kubectl
def test_words_of_other_objects_are_not_this_runs(api: ApiServer) -> None:
    """A refusal of somebody else's pods in the same namespace is no reason of this run's."""
    kubelets = Kubelets(api, ("node-a",))
    kubelets.seconds = 2.0
    involved = {"kind": "ReplicaSet", "name": "shop"}
    refusal = {"reason": "FailedCreate", "message": "quota", "involvedObject": involved}
    api.add("events", "shop.1", "team", **refusal)
    result = run_in(api, "--namespace", "team", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["lost"]) == (0, []), result.stderr
