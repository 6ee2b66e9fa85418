"""What kubectl tells of pods, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from arcprobe.commands import pods
from arcprobe.commands.pods import Pod, PodState


def pod_of(status: dict[str, Any]) -> Pod:
    """The only pod of a list with this status."""
    labels = {"app.kubernetes.io/component": "node"}
    pod = {"metadata": {"name": "a", "labels": labels}, "spec": {"nodeName": "n"}, "status": status}
    (found,) = pods.read(json.dumps({"items": [pod]}).encode())
    return found


def container(**fields: Any) -> dict[str, Any]:
    """The status of a pod with one container."""
    return {"containerStatuses": [fields]}


UNSCHEDULED = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes", "reason": "x"}


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ({}, PodState.RUNNING, ""),
        (container(ready=True), PodState.DONE, ""),
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
            "it was ended: Evicted: disk pressure",
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
    assert pod_of(status) == Pod(name="a", node="n", vantage="node", state=state, words=words)


@pytest.mark.parametrize("printed", [b"", b"[]", b"{}", b'{"items": 1}', b"\xff"])
def test_strange_answers_of_kubectl_are_told(printed: bytes) -> None:
    """What is no list of pods is said to be none."""
    with pytest.raises(ValueError, match="no list of pods"):
        pods.read(printed)
    assert pods.refusals(printed) == ()
    assert pods.eligible_nodes(printed, {}) == ()


def test_refusals() -> None:
    """Why pods could not be made is told once each, and long words are cut at 300 characters."""
    events = [{"reason": "FailedCreate", "message": message} for message in ("no", "no", "x" * 301)]
    printed = json.dumps({"items": [*events, {"reason": "Other", "message": "z"}]}).encode()
    assert pods.refusals(printed) == ("no", "x" * 299 + "…")


def test_eligible_nodes() -> None:
    """Linux nodes with the labels that are wanted may have a pod."""
    linux = {"kubernetes.io/os": "linux"}
    nodes = {"a": {**linux, "pool": "edge"}, "b": linux, "w": {"kubernetes.io/os": "windows"}}
    items = [{"metadata": {"name": name, "labels": labels}} for name, labels in nodes.items()]
    printed = json.dumps({"items": items}).encode()
    assert pods.eligible_nodes(printed, {}) == ("a", "b")
    assert pods.eligible_nodes(printed, {"pool": "edge"}) == ("a",)


def test_missing() -> None:
    """A node without a pod of a vantage is missing for that vantage."""
    there = (pod_of({}),)
    assert pods.missing(("n", "m"), there, "node") == ("m",)
    assert pods.missing(("n", "m"), there, "pod") == ("n", "m")
