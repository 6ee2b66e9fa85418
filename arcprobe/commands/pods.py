"""What ``kubectl get pods -o json`` says of the pods of a run: where each stands, in words for the
person. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

RUNNING, DONE, STUCK, LOST = "running", "done", "stuck", "lost"


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


class Pod(msgspec.Struct, frozen=True, kw_only=True):
    """One pod. ``words`` say why it is stuck or lost."""

    name: str
    node: str
    vantage: str
    state: str
    words: str = ""


# Reasons that a container does not start (kubelet/images/types.go, kubelet_pods.go), and what the
# person can do.
_WAITING = {
    "ErrImagePull": "its image cannot be pulled",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImageNeverPull": "its image is not on the node, and --pull-policy is Never",
    "InvalidImageName": "its image's name is not valid",
    "RegistryUnavailable": "the image's registry cannot be reached",
    "CreateContainerConfigError": "its container cannot be made (is the Secret there?)",
    "CreateContainerError": "its container cannot be made",
    "RunContainerError": "its container cannot be started",
    "CrashLoopBackOff": "its container ends again and again",
}


def read(printed: bytes) -> tuple[Pod, ...]:
    """The pods in what kubectl printed. ``ValueError`` when that is no list of pods."""
    try:
        found = msgspec.json.decode(printed, type=_Pods)
    except msgspec.DecodeError as error:
        raise ValueError(f"kubectl printed no list of pods: {error}") from None
    return tuple(_seen(pod) for pod in found.items)


def _seen(pod: _Pod) -> Pod:
    state, words = _state(pod.status)
    vantage = pod.metadata.labels.get("app.kubernetes.io/component", "pod")
    return Pod(
        name=pod.metadata.name, node=pod.spec.node_name, vantage=vantage, state=state, words=words
    )


def _state(status: _Status) -> tuple[str, str]:
    container = status.container_statuses[0] if status.container_statuses else _Container()
    ended = container.state.terminated or container.last_state.terminated
    # Evicted, NodeLost, Preempting: the kubelet or the node controller ended the pod (its
    # containers may be gone from the status)
    if status.reason and (status.phase == "Failed" or status.reason == "NodeLost"):
        return LOST, f"it was ended: {status.reason}: {_line(status.message)}"
    if ended and ended.reason == "OOMKilled":
        return LOST, "it ran out of memory (OOMKilled): raise --limit memory=…"
    if container.state.terminated or container.ready:
        return DONE, _line(ended.message) if ended else ""
    if waiting := container.state.waiting:
        if words := _WAITING.get(waiting.reason):
            return STUCK, f"{words}: {waiting.reason}: {_line(waiting.message)}"
        return RUNNING, "starting"
    for condition in status.conditions:  # not the first one: their order is not promised
        if condition.type == "PodScheduled" and condition.status == "False":
            return STUCK, f"it cannot be scheduled: {_line(condition.message) or condition.reason}"
    return RUNNING, ""


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
    return tuple(
        dict.fromkeys(_line(event.message) for event in events if event.reason == "FailedCreate")
    )


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


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text[:2000]).split())[
        :300
    ]
