"""``arcprobe run``: the real kubectl against the API server of the tests, whose pods report at
once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands import run, watch
from arcprobe.fleet import envelope
from arcprobe.probes.cluster.kubectl import last_words
from tests.fleet.sample import DENIED, report as _report
from tests.support.apiserver import ApiServer, BadDay

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None and not os.environ.get("CI"),
    reason="kubectl is not installed here; CI installs it",
)


class Kubelets:
    """Makes the pods of what is created, as controllers, scheduler and kubelets would; ``odd`` has
    the status of some nodes."""

    def __init__(self, api: ApiServer, nodes: tuple[str, ...]) -> None:
        self.api, self.nodes = api, nodes
        self.odd: dict[str, dict[str, Any]] = {}
        self.broken: dict[tuple[str, str], Mapping[str, tuple[str, ...]]] = {}
        self.refused = ""
        api.on_create = self.created
        for node in nodes:
            api.add("nodes", node, metadata={"labels": {"kubernetes.io/os": "linux"}})

    def created(self, resource: str, made: dict[str, Any]) -> None:
        if resource not in ("jobs", "daemonsets"):
            return
        template = made["spec"]["template"]
        namespace = made["metadata"]["namespace"]
        if self.refused:
            self.api.add(
                "events",
                f"{made['metadata']['name']}.1",
                namespace,
                reason="FailedCreate",
                message=self.refused,
            )
            return
        vantage = template["metadata"]["labels"]["app.kubernetes.io/component"]
        for node in self.nodes if resource == "daemonsets" else self.nodes[:1]:
            name = f"{made['metadata']['name']}-{node}"
            done: dict[str, Any] = {
                "phase": "Running",
                "containerStatuses": [{"ready": True, "state": {"running": {}}}],
            }
            if resource == "jobs":
                done = {
                    "phase": "Succeeded",
                    "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}],
                }
            status = self.odd.get(node, done)
            labels = template["metadata"]["labels"]
            self.api.add(
                "pods",
                name,
                namespace,
                metadata={"labels": labels},
                spec={"nodeName": node, "containers": [{"name": "arcprobe"}]},
                status=status,
            )
            if status is done:
                report = _report(node, vantage, self.broken.get((node, vantage)))
                self.api.logs[name] = f"words for people\n{envelope.wrap(report)}"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    monkeypatch.setattr(watch, "_POLL", 0.0)
    with ApiServer(tmp_path) as server:
        yield server


def _run(api: ApiServer, *arguments: str) -> Result:
    stripped = [
        name
        for name in os.environ
        if name.lower().endswith("_proxy") or name.startswith("ARCPROBE_")
    ]
    environ: dict[str, str | None] = dict.fromkeys(stripped)
    environ["HOME"] = str(api.folder)
    given = (
        "--region",
        "westeurope",
        "--kubeconfig",
        api.kubeconfig,
        "--patience",
        "0",
        *arguments,
    )
    return CliRunner(env=environ).invoke(run.command, given)


def _left(api: ApiServer) -> set[str]:
    return {key[0] for key in api.objects} - {"nodes", "pods", "events"}


@needs_kubectl
def test_every_node_reports_and_nothing_is_left(api: ApiServer) -> None:
    """All nodes report from both vantages, the picture is merged, progress goes to stderr, and
    every object is deleted."""
    Kubelets(api, ("node-a", "node-b"))
    result = _run(api, "--nodes", "all", "--format", "json")
    assert result.exit_code == 0, result.output
    assert {(place["vantage"], place["node"]) for place in json.loads(result.stdout)["places"]} == {
        ("pod", "node-a"),
        ("pod", "node-b"),
        ("node", "node-a"),
        ("node", "node-b"),
    }
    assert "node-a pod network: done" in result.stderr
    assert _left(api) == set()


@needs_kubectl
def test_pod_is_compared_with_its_node(api: ApiServer) -> None:
    """One node by default: a Job for each vantage; what the pod network alone breaks is named so,
    exit 1."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.broken["node-a", "pod"] = DENIED
    result = _run(api, "--format", "json")
    assert result.exit_code == 1
    assert [cause["code"] for cause in json.loads(result.stdout)["causes"]] == [
        "pod-differs-from-node"
    ]


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
        "no report",
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
    result = _run(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [(each["node"], each["vantage"]) for each in content["lost"]] == [("node-b", "pod")]
    assert words in content["lost"][0]["reason"]
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert _left(api) == set()


@needs_kubectl
def test_refused_pods_are_told(api: ApiServer) -> None:
    """Pods that admission refuses are lost nodes with the admission's words."""
    Kubelets(
        api, ("node-a",)
    ).refused = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": host namespaces'
    result = _run(api, "--nodes", "all", "--vantage", "node", "--format", "json")
    assert result.exit_code == 3
    assert "violates PodSecurity" in json.loads(result.stdout)["lost"][0]["reason"]
    assert _left(api) == set()


@needs_kubectl
def test_forbidden_apply_is_told_and_cleaned_up(api: ApiServer) -> None:
    """Where RBAC forbids an object, the words of the API server are printed, exit 3, and what was
    made before is deleted."""
    api.bad_days.append(
        BadDay("/apis/rbac.authorization.k8s.io/v1/clusterroles", status=403, method="POST")
    )
    result = _run(api)
    assert result.exit_code == 3
    assert "forbidden" in result.stderr.lower()
    assert _left(api) == set()


@needs_kubectl
@pytest.mark.parametrize(
    "bad", [{"status": 500}, {"status": 429, "headers": {"Retry-After": "0"}}, {"drop": True}]
)
def test_api_server_in_trouble_is_asked_again(bad: dict[str, Any], api: ApiServer) -> None:
    """A list of pods that fails, is throttled or breaks off is asked for again: every node's result
    still counts."""
    Kubelets(api, ("node-a", "node-b"))
    api.bad_days.append(BadDay("/api/v1/namespaces/team/pods", method="GET", times=2, **bad))
    result = _run(
        api, "--nodes", "all", "--vantage", "pod", "--namespace", "team", "--format", "json"
    )
    content = json.loads(result.stdout)
    assert (result.exit_code, content["lost"]) == (0, []), result.stderr
    assert [place["node"] for place in content["places"]] == ["node-a", "node-b"]
    assert _left(api) == set()


@needs_kubectl
def test_interrupted_run_collects_and_cleans_up(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps the reports that are there, calls the others lost, and leaves nothing behind."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.odd["node-b"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }

    look = watch.Watch.look

    def interrupted_look(self: watch.Watch, now: float) -> bool:
        look(self, now)
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    monkeypatch.setattr(watch.Watch, "look", interrupted_look)
    result = _run(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert "interrupted" in content["lost"][0]["reason"]
    assert _left(api) == set()


@needs_kubectl
def test_time_that_is_up_loses_one_node_alone(api: ApiServer) -> None:
    """A pod that never reports is lost when --wait is over; the report of the other node stands;
    nothing is left."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.odd["node-b"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }
    result = _run(api, "--nodes", "all", "--vantage", "pod", "--wait", "0", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert "no report within" in content["lost"][0]["reason"]
    assert _left(api) == set()


@needs_kubectl
def test_plugin_is_interrupted_and_leaves_nothing(api: ApiServer) -> None:
    """``kubectl arcprobe run`` finds the plugin; Ctrl-C, which reaches the whole process group,
    ends it in order with exit 3."""
    kubelets = Kubelets(api, ("node-a",))
    kubelets.odd["node-a"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = (
        "--region",
        "westeurope",
        "--kubeconfig",
        api.kubeconfig,
        "--vantage",
        "pod",
        "--format",
        "json",
    )
    with subprocess.Popen(
        ["kubectl", "arcprobe", "run", *settings],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": path, "HOME": str(api.folder)},
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "node-a pod network: running" not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        os.killpg(process.pid, signal.SIGINT)
        content = json.loads(process.stdout.read())
        process.wait(30)
    assert process.returncode == 3
    assert "interrupted" in content["lost"][0]["reason"]
    assert _left(api) == set()


@needs_kubectl
def test_password_goes_into_a_secret_that_is_deleted(api: ApiServer) -> None:
    """A proxy password becomes a Secret of the run, is printed nowhere, and is deleted with it."""
    kubelets = Kubelets(api, ("node-a",))
    seen: list[dict[str, Any]] = []

    def created(resource: str, made: dict[str, Any]) -> None:
        seen.append(made)
        kubelets.created(resource, made)

    api.on_create = created
    result = _run(api, "--proxy-https", "http://jane:geheim@proxy:3128", "--vantage", "pod")
    secrets = [made for made in seen if made["kind"] == "Secret"]
    assert secrets[0]["stringData"] == {"proxy-auth": "jane:geheim"}
    assert "geheim" not in result.output + result.stderr
    assert "geheim" not in json.dumps([made for made in seen if made["kind"] != "Secret"])
    assert _left(api) == set()


def test_last_words_hide_passwords_and_noise() -> None:
    """Of what kubectl says the last lines are kept, without klog's noise and without a password in
    a URL."""
    words = last_words(
        'E1123 10:00:00.1   7 memcache.go:265] "x"\nWarning: y\nUnable: "http://jane:geheim@proxy:1"\n'
    )
    assert words == 'Unable: "http://***@proxy:1"'
