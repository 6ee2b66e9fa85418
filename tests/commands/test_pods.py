"""What kubectl tells of pods, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from arcprobe.commands import pods
from arcprobe.commands.pods import Pod, PodState
from arcprobe.commands.surroundings import Event, Node, Surroundings


def pod_of(status: dict[str, Any], around: Surroundings | None = None, **spec: Any) -> Pod:
    """The only pod of a list with this status."""
    labels = {"app.kubernetes.io/component": "node"}
    metadata = {"name": "a", "labels": labels, "creationTimestamp": "2026-11-26T10:00:00Z"}
    pod = {"metadata": metadata, "spec": {"nodeName": "n", **spec}, "status": status}
    (found,) = pods.read(json.dumps({"items": [pod]}).encode(), around)
    return found


def container(**fields: Any) -> dict[str, Any]:
    """The status of a pod with one container."""
    return {"containerStatuses": [fields]}


UNSCHEDULED = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes", "reason": "x"}


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ({}, PodState.RUNNING, ""),
        (container(ready=True, state={"running": {}}), PodState.RUNNING, ""),
        (container(state={"terminated": {"message": "pass"}}), PodState.DONE, "pass"),
        (
            container(state={"waiting": {"reason": "ErrImagePull", "message": "no such host"}}),
            PodState.STUCK,
            "its image cannot be pulled: ErrImagePull: no such host",
        ),
        (container(state={"waiting": {"reason": "Other"}}), PodState.RUNNING, "starting"),
        (
            container(lastState={"terminated": {"reason": "OOMKilled"}}),
            PodState.LOST,
            "it ran out of memory (OOMKilled): raise --limit memory=…",
        ),
        (
            {"phase": "Failed", "reason": "Evicted", "message": "disk\npressure"},
            PodState.LOST,
            "it was terminated: Evicted: disk pressure",
        ),
        (
            {"conditions": [{"type": "Ready", "status": "False"}, UNSCHEDULED]},
            PodState.STUCK,
            "it cannot be scheduled: 0/3 nodes",
        ),
    ],
)
def test_state(status: dict[str, Any], state: PodState, words: str) -> None:
    """A pod runs, has reported, may still start or is lost, and it is said why."""
    found = pod_of(status)
    assert (found.name, found.node, found.vantage) == ("a", "n", "node")
    assert (found.state, found.words) == (state, words)


def test_probe_says_done() -> None:
    """A running container is done when its readinessProbe says so, and only then."""
    probed: list[dict[str, Any]] = [{"readinessProbe": {"exec": {}}}]
    running = container(ready=True, state={"running": {}})
    assert pod_of(running, containers=probed).state is PodState.DONE
    assert pod_of(running, containers=[{}]).state is PodState.RUNNING
    assert pod_of(running).is_started
    assert not pod_of({}).is_started


def test_node_of_an_unscheduled_pod() -> None:
    """A DaemonSet's pod names the node that it is meant for before it is scheduled."""
    fields = [{"key": "metadata.name", "operator": "In", "values": ["n7"]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    rule = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert pod_of({}, nodeName="", affinity=rule).node == "n7"
    assert pod_of({}, nodeName="", affinity={"podAffinity": {}}).node == ""


def warning(reason: str, message: str) -> Surroundings:
    """A warning about the pod."""
    event = Event(kind="Pod", name="a", reason=reason, message=message)
    return Surroundings(events=(event,))


CREATING = container(state={"waiting": {"reason": "ContainerCreating"}})
BACK_OFF = container(state={"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}})
UNREADY = Surroundings(
    nodes=(Node(name="n", unready="Kubelet stopped", since="2026-11-26T09:59:00Z"),)
)


@pytest.mark.parametrize(
    ("status", "around", "words"),
    [
        (
            CREATING,
            warning("FailedMount", 'secret "x" not found'),
            'it does not start: FailedMount: secret "x" not found',
        ),
        (CREATING, UNREADY, "node n is not Ready: Kubelet stopped"),
        (container(state={"running": {}}), UNREADY, "node n is not Ready: Kubelet stopped"),
        ({}, UNREADY, "node n is not Ready: Kubelet stopped"),
        (
            BACK_OFF,
            warning("Failed", "Failed to pull image: 401 Unauthorized"),
            "its image cannot be pulled: ImagePullBackOff: Failed to pull image: 401 Unauthorized",
        ),
    ],
)
def test_why_a_pod_does_not_start(status: dict[str, Any], around: Surroundings, words: str) -> None:
    """What the node and the warnings say of a pod makes it stuck, with their words."""
    found = pod_of(status, around)
    assert (found.state, found.words) == (PodState.STUCK, words)


def test_a_node_that_was_away_before() -> None:
    """Seconds for which the node was not Ready when the pod was made count as waiting; by the
    cluster's clock alone."""
    assert pod_of(CREATING, UNREADY).stuck_for == 60.0
    assert pod_of(CREATING).stuck_for == 0.0


@pytest.mark.parametrize("printed", [b"", b"[]", b"{}", b'{"items": 1}', b"\xff"])
def test_strange_answers_of_kubectl_are_told(printed: bytes) -> None:
    """What is no list of pods is said to be none."""
    with pytest.raises(ValueError, match="no list of pods"):
        pods.read(printed)


def test_missing() -> None:
    """A node without a pod of a vantage is missing for that vantage."""
    there = (pod_of({}),)
    assert pods.missing(("n", "m"), there, "node") == ("m",)
    assert pods.missing(("n", "m"), there, "pod") == ("n", "m")
