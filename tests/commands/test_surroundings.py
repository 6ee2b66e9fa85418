"""Warnings and nodes as kubectl prints them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from arcprobe.commands import surroundings


@pytest.mark.parametrize("printed", [b"", b"[]", b'{"items": 1}', b"\xff"])
def test_strange_answers_are_nothing(printed: bytes) -> None:
    """What kubectl should not have printed is no event and no node."""
    assert surroundings.read_events(printed) == ()
    assert surroundings.read_nodes(printed) == ()


def _event(name: str, message: str, **when: str | None) -> dict[str, Any]:
    involved = {"kind": "Pod", "name": name}
    return {"involvedObject": involved, "reason": "FailedMount", "message": message, **when}


def test_events_are_newest_first_and_of_one_object() -> None:
    """Of an object's warnings the newest comes first, whichever field says when; that a probe
    failed, which says why no pod ended, comes last."""
    items = [
        _event("a", "old", lastTimestamp="2026-11-26T10:00:00Z"),
        _event("a", "new", lastTimestamp=None, eventTime="2026-11-26T10:05:00.000001Z"),
        _event("a", "probe", lastTimestamp="2026-11-26T10:06:00Z", reason="Unhealthy"),
        _event("b", "other", lastTimestamp="2026-11-26T10:09:00Z"),
    ]
    printed = json.dumps({"items": items}).encode()
    around = surroundings.Surroundings(events=surroundings.read_events(printed))
    assert [told.message for told in around.about("a", "Pod")] == ["new", "old", "probe"]
    assert around.about("a", "Job") == ()


def test_long_words_lose_their_middle() -> None:
    """Up to 300 characters are kept whole; of more the first and the last, where the reason is."""
    assert surroundings.message("x" * 300) == "x" * 300
    cut = surroundings.message("a" * 200 + "b" * 101)
    assert len(cut) == 300
    assert cut == "a" * 100 + " … " + "a" * 96 + "b" * 101


def test_nodes_and_why_they_are_not_ready() -> None:
    """A node that is not Ready says why and since when; Linux nodes with the labels that are wanted
    may have a pod."""
    linux = {"kubernetes.io/os": "linux"}
    nodes = {"a": {**linux, "pool": "edge"}, "b": linux, "w": {"kubernetes.io/os": "windows"}}
    items: list[dict[str, Any]] = [
        {"metadata": {"name": name, "labels": labels}} for name, labels in nodes.items()
    ]
    ready = {"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting"}
    conditions = [{**ready, "lastTransitionTime": "2026-11-26T10:00:00Z"}]
    items[0]["status"] = {"conditions": conditions}
    items[1]["status"] = {"conditions": [{"type": "Ready", "status": "True"}]}
    found = surroundings.read_nodes(json.dumps({"items": items}).encode())
    around = surroundings.Surroundings(nodes=found)
    unready = around.unready("a")
    assert unready is not None
    assert (unready.unready, unready.since) == ("Kubelet stopped posting", "2026-11-26T10:00:00Z")
    assert around.unready("b") is None
    assert [node.name for node in surroundings.eligible(found, {})] == ["a", "b"]
    assert [node.name for node in surroundings.eligible(found, {"pool": "edge"})] == ["a"]
