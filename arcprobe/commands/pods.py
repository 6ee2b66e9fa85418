"""What ``kubectl get pods -o json`` says of the pods of a run: where each stands, in words for the
user. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from arcprobe.knowledge.language import language
from arcprobe.model import line
from arcprobe.model.text import one_line

_LONGEST = 300  # characters of a message of Kubernetes


class _Metadata(msgspec.Struct):
    name: str = ""
    labels: dict[str, str] = {}


class _Terminated(msgspec.Struct, rename="camel"):
    exit_code: int = 0
    reason: str = ""
    message: str = ""


class _Waiting(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _State(msgspec.Struct):
    waiting: _Waiting | None = None
    terminated: _Terminated | None = None


class _Container(msgspec.Struct, rename="camel"):
    ready: bool = False
    state: _State = msgspec.field(default_factory=_State)
    last_state: _State = msgspec.field(default_factory=_State)


class _Condition(msgspec.Struct):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class _Status(msgspec.Struct, rename="camel"):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[_Condition] = []
    container_statuses: list[_Container] = []


class _Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    node_selector: dict[str, str] = {}


class _Pod(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class _Pods(msgspec.Struct):
    items: list[_Pod]


class PodState(StrEnum):
    """Where a pod of a run stands."""

    RUNNING = "running"
    DONE = "done"  # it has reported
    STUCK = "stuck"  # it may still start
    LOST = "lost"


class Pod(msgspec.Struct, frozen=True, kw_only=True):
    """One pod. ``words`` say why it is stuck or lost."""

    name: str
    node: str
    vantage: str
    state: PodState
    words: str = ""


# Why a container does not start: kubelet/images/types.go and kubelet_pods.go of Kubernetes 1.34.
_WAITING = frozenset(
    """ErrImagePull ImagePullBackOff ErrImageNeverPull InvalidImageName RegistryUnavailable
    CreateContainerConfigError CreateContainerError RunContainerError CrashLoopBackOff""".split()
)

_say = language().say


def read(printed: bytes) -> tuple[Pod, ...]:
    """The pods in what kubectl printed. ``ValueError`` when that is no list of pods."""
    try:
        found = msgspec.json.decode(printed, type=_Pods)
    except msgspec.DecodeError as error:
        raise ValueError(_say(line("pod.no-list", reason=str(error)))) from None
    return tuple(_seen(pod) for pod in found.items)


def _seen(pod: _Pod) -> Pod:
    state, words = _state(pod.status)
    return Pod(
        name=pod.metadata.name,
        node=pod.spec.node_name,
        vantage=pod.metadata.labels.get("app.kubernetes.io/component", "pod"),
        state=state,
        words=words,
    )


def _state(status: _Status) -> tuple[PodState, str]:
    container = next(iter(status.container_statuses), _Container())
    ended = container.state.terminated or container.last_state.terminated
    if _is_ended_from_outside(status):
        message = one_line(status.message, _LONGEST)
        return PodState.LOST, _say(line("pod.ended", reason=status.reason, message=message))
    if ended and ended.reason == "OOMKilled":
        return PodState.LOST, _say(line("pod.out-of-memory"))
    if container.state.terminated or container.ready:
        return PodState.DONE, one_line(ended.message, _LONGEST) if ended else ""
    return _not_started(status, container.state.waiting)


def _is_ended_from_outside(status: _Status) -> bool:
    """Evicted, NodeLost, Preempting: the kubelet or the node controller ended the pod (its
    containers may be gone from the status)."""
    is_over = status.phase == "Failed" or status.reason == "NodeLost"
    return is_over and bool(status.reason)


def _not_started(status: _Status, waiting: _Waiting | None) -> tuple[PodState, str]:
    if waiting and waiting.reason in _WAITING:
        return PodState.STUCK, _say(
            line(
                "pod.waiting",
                words=line(f"pod.{waiting.reason}"),
                reason=waiting.reason,
                message=one_line(waiting.message, _LONGEST),
            )
        )
    if waiting:
        return PodState.RUNNING, _say(line("pod.starting"))
    for condition in status.conditions:  # not the first one: their order is not promised
        if (condition.type, condition.status) == ("PodScheduled", "False"):
            message = one_line(condition.message, _LONGEST) or condition.reason
            return PodState.STUCK, _say(line("pod.unscheduled", message=message))
    return PodState.RUNNING, ""


class _Events(msgspec.Struct):
    class Event(msgspec.Struct, rename="camel"):
        reason: str = ""
        message: str = ""

    items: list[Event]


def refusals(printed: bytes) -> tuple[str, ...]:
    """Why pods could not be made (admission, quota, Pod Security), from the events of the run's
    namespace."""
    try:
        events = msgspec.json.decode(printed, type=_Events).items
    except msgspec.DecodeError:
        return ()
    refused = [event.message for event in events if event.reason == "FailedCreate"]
    return tuple(dict.fromkeys(one_line(message, _LONGEST) for message in refused))


class _Nodes(msgspec.Struct):
    items: list[_Pod]


def eligible_nodes(printed: bytes, wanted: dict[str, str]) -> tuple[str, ...]:
    """Names of the Linux nodes that carry the labels ``wanted``, from ``kubectl get nodes -o
    json``."""
    try:
        nodes = msgspec.json.decode(printed, type=_Nodes).items
    except msgspec.DecodeError:
        return ()
    needed = {**wanted, "kubernetes.io/os": "linux"}
    return tuple(
        node.metadata.name for node in nodes if needed.items() <= node.metadata.labels.items()
    )


def missing(expected: Iterable[str], pods: Iterable[Pod], vantage: str) -> tuple[str, ...]:
    """Expected nodes on which no pod of this vantage is."""
    there = {pod.node for pod in pods if pod.vantage == vantage}
    return tuple(node for node in expected if node not in there)
