"""What stands round the pods of a run and says why they do not start: the namespace's warnings and
the nodes, as ``kubectl get … -o json`` prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from arcprobe.model.text import one_line

LONGEST = 300  # characters of a message of Kubernetes; an error in it costs words, not a verdict
_KEPT_IN_FRONT = 100  # the reason stands at the end of containerd's words, what was tried in front


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A warning about one object."""

    kind: str
    name: str
    reason: str
    message: str
    at: str = ""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node. ``unready``: why it is not Ready; ``since``: RFC 3339, by the cluster's clock."""

    name: str
    labels: Mapping[str, str] = {}
    unready: str = ""
    since: str = ""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings, newest first but for those of probes, and nodes; what may not be read is empty."""

    events: tuple[Event, ...] = ()
    nodes: tuple[Node, ...] = ()

    def about(self, name: str, *kinds: str) -> tuple[Event, ...]:
        """The warnings about one object, newest first."""
        return tuple(told for told in self.events if told.name == name and told.kind in kinds)

    def unready(self, name: str) -> Node | None:
        """The node, where it is not Ready."""
        return next((node for node in self.nodes if node.name == name and node.unready), None)


def message(text: str) -> str:
    """Words of Kubernetes on one line. Long ones lose their middle."""
    words = one_line(text, 4 * LONGEST)
    if len(words) <= LONGEST:
        return words
    return f"{words[:_KEPT_IN_FRONT]} … {words[_KEPT_IN_FRONT + 3 - LONGEST :]}"


# ------------------------------------------------------------------------------------------ reading


class _Involved(msgspec.Struct):
    kind: str = ""
    name: str = ""


class _EventMetadata(msgspec.Struct, rename="camel"):
    creation_timestamp: str | None = None


class _Event(msgspec.Struct, rename="camel"):
    involved_object: _Involved = msgspec.field(default_factory=_Involved)
    metadata: _EventMetadata = msgspec.field(default_factory=_EventMetadata)
    reason: str | None = None
    message: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None

    @property
    def at(self) -> str:
        """When it was seen last; events.k8s.io/v1 knows eventTime alone."""
        return self.last_timestamp or self.event_time or self.metadata.creation_timestamp or ""


class _Events(msgspec.Struct):
    items: list[_Event] = []


class _Condition(msgspec.Struct, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None


class _NodeStatus(msgspec.Struct):
    conditions: list[_Condition] = []


class _NodeMetadata(msgspec.Struct):
    name: str = ""
    labels: dict[str, str] = {}


class _Node(msgspec.Struct):
    metadata: _NodeMetadata = msgspec.field(default_factory=_NodeMetadata)
    status: _NodeStatus = msgspec.field(default_factory=_NodeStatus)


class _Nodes(msgspec.Struct):
    items: list[_Node] = []


_PROBE_FAILED = "Unhealthy"  # ContainerUnhealthy in pkg/kubelet/events/event.go of Kubernetes


def read_events(printed: bytes) -> tuple[Event, ...]:
    """Events, newest first, then those of probes: a pod of ours is not ready until it has reported,
    so that they tell nothing where there is another. None where kubectl printed something else."""
    try:
        found = msgspec.json.decode(printed, type=_Events).items
    except msgspec.DecodeError:
        return ()
    found.sort(key=lambda event: (event.reason != _PROBE_FAILED, event.at), reverse=True)
    return tuple(
        Event(
            kind=event.involved_object.kind,
            name=event.involved_object.name,
            reason=event.reason or "",
            message=message(event.message or ""),
            at=event.at,
        )
        for event in found
    )


def read_nodes(printed: bytes) -> tuple[Node, ...]:
    """Nodes; none where kubectl printed something else."""
    try:
        found = msgspec.json.decode(printed, type=_Nodes).items
    except msgspec.DecodeError:
        return ()
    return tuple(map(_node, found))


def _node(node: _Node) -> Node:
    name, labels = node.metadata.name, node.metadata.labels
    for condition in node.status.conditions:
        if condition.type == "Ready" and condition.status != "True":
            unready = message(condition.message) or condition.reason or "NotReady"
            since = condition.last_transition_time or ""
            return Node(name=name, labels=labels, unready=unready, since=since)
    return Node(name=name, labels=labels)


def eligible(nodes: Iterable[Node], wanted: Mapping[str, str]) -> tuple[Node, ...]:
    """The Linux nodes that carry the labels ``wanted``."""
    needed = {**wanted, "kubernetes.io/os": "linux"}
    return tuple(node for node in nodes if needed.items() <= node.labels.items())
