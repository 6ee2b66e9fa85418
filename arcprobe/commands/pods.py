"""What ``kubectl get pods -o json`` says of the pods of a run: where each stands, in words for the
user. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

import msgspec

from arcprobe.commands.surroundings import Event, Surroundings, message
from arcprobe.knowledge.language import language
from arcprobe.model import line


class _Metadata(msgspec.Struct, rename="camel"):
    name: str = ""
    labels: dict[str, str] = {}
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None


class _Terminated(msgspec.Struct, rename="camel"):
    exit_code: int = 0
    reason: str = ""
    message: str = ""


class _Waiting(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _State(msgspec.Struct):
    waiting: _Waiting | None = None
    running: dict[str, Any] | None = None
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

    @property
    def container(self) -> _Container:
        """The container of the preflight, which is alone; before it is made, an empty one."""
        return next(iter(self.container_statuses), _Container())


class _PlannedContainer(msgspec.Struct, rename="camel"):
    readiness_probe: dict[str, Any] | None = None


class _Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    containers: list[_PlannedContainer] = []
    affinity: dict[str, Any] | None = None

    @property
    def has_probe(self) -> bool:
        """Whether Ready says more than that the container runs: without a readinessProbe a
        container is Ready as soon as it runs (Kubernetes documentation, "Pod Lifecycle")."""
        return any(container.readiness_probe for container in self.containers)


class _Pod(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class _Pods(msgspec.Struct):
    items: list[_Pod]


class PodState(StrEnum):
    """Where a pod of a run stands."""

    RUNNING = "running"
    DONE = "done"  # it has ended, or says by its probe that it has reported
    STUCK = "stuck"  # it may still start
    LOST = "lost"


class Pod(msgspec.Struct, frozen=True, kw_only=True):
    """One pod. ``words`` say why it is stuck or lost. ``is_started``: it has a log. ``is_leaving``:
    somebody deleted it. ``stuck_for``: seconds that the cluster knew of it before the pod was
    made."""

    name: str
    node: str
    vantage: str
    state: PodState
    words: str = ""
    is_started: bool = False
    is_leaving: bool = False
    stuck_for: float = 0.0
    events: tuple[str, ...] = ()


# Why a container does not start: kubelet/images/types.go and kubelet_pods.go of Kubernetes 1.34.
_WAITING = frozenset(
    """ErrImagePull ImagePullBackOff ErrImageNeverPull InvalidImageName RegistryUnavailable
    CreateContainerConfigError CreateContainerError RunContainerError CrashLoopBackOff""".split()
)

# Warnings about a pod that is bound to a node and does not start: kubelet/events/event.go and
# attachdetach of Kubernetes 1.34.
_NOT_STARTING = frozenset(
    """FailedMount FailedAttachVolume FailedMapVolume FailedCreatePodSandBox
    FailedCreatePodContainer NetworkNotReady FailedSync NodeNotReady""".split()
)

_MOST_EVENTS = 3  # the last ones are shown

_say = language().say


def read(printed: bytes, around: Surroundings | None = None) -> tuple[Pod, ...]:
    """The pods in what kubectl printed. ``ValueError`` when that is no list of pods."""
    try:
        found = msgspec.json.decode(printed, type=_Pods)
    except msgspec.DecodeError as error:
        raise ValueError(_say(line("pod.no-list", reason=str(error)))) from None
    return tuple(_seen(pod, around or Surroundings()) for pod in found.items)


def _seen(pod: _Pod, around: Surroundings) -> Pod:
    state, words = _state(pod, around)
    told = around.about(pod.metadata.name, "Pod")[:_MOST_EVENTS]
    container = pod.status.container
    return Pod(
        name=pod.metadata.name,
        node=pod.spec.node_name or _planned_node(pod.spec.affinity),
        vantage=pod.metadata.labels.get("app.kubernetes.io/component", "pod"),
        state=state,
        words=words,
        is_started=container.state.running is not None or container.state.terminated is not None,
        is_leaving=pod.metadata.deletion_timestamp is not None,
        stuck_for=_unready_before(pod, around),
        events=tuple(f"{event.reason}: {event.message}" for event in told),
    )


def _planned_node(affinity: object) -> str:
    """The node for which a DaemonSet made the pod, known before it is scheduled
    (``matchFields`` of its affinity since Kubernetes 1.12)."""
    path = ("nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    for key in path:
        affinity = affinity.get(key) if isinstance(affinity, dict) else None
    terms = affinity if isinstance(affinity, list) else []
    fields = chain.from_iterable(term.get("matchFields") or () for term in terms)
    names = [field["values"][0] for field in fields if field.get("key") == "metadata.name"]
    return str(next(iter(names), ""))


def _unready_before(pod: _Pod, around: Surroundings) -> float:
    """Seconds for which the pod's node was not Ready when the pod was made."""
    node = around.unready(pod.spec.node_name)
    try:
        made = datetime.fromisoformat(pod.metadata.creation_timestamp or "")
        since = datetime.fromisoformat(node.since if node else "")
        return max(0.0, (made - since).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _state(pod: _Pod, around: Surroundings) -> tuple[PodState, str]:
    status = pod.status
    container = status.container
    ended = container.state.terminated or container.last_state.terminated
    if _is_ended_from_outside(status):
        reason, why = status.reason, message(status.message)
        return PodState.LOST, _say(line("pod.ended", reason=reason, message=why))
    if ended and ended.reason == "OOMKilled":
        return PodState.LOST, _say(line("pod.out-of-memory"))
    if _is_done(pod, container):
        return PodState.DONE, message(ended.message) if ended else ""
    if node := around.unready(pod.spec.node_name):
        told = line("pod.node-unready", node=node.name, message=node.unready)
        return PodState.STUCK, _say(told)
    if container.state.running is not None:
        return PodState.RUNNING, ""
    return _not_started(pod, container.state.waiting, around)


def _is_done(pod: _Pod, container: _Container) -> bool:
    """A Job's pod has ended; a DaemonSet's is Ready when it has reported."""
    return container.state.terminated is not None or (container.ready and pod.spec.has_probe)


def _is_ended_from_outside(status: _Status) -> bool:
    """Evicted, NodeLost, Preempting: the kubelet or the node controller ended the pod (its
    containers may be gone from the status)."""
    is_over = status.phase == "Failed" or status.reason == "NodeLost"
    return is_over and bool(status.reason)


def _not_started(pod: _Pod, waiting: _Waiting | None, around: Surroundings) -> tuple[PodState, str]:
    events = around.about(pod.metadata.name, "Pod")
    if waiting and waiting.reason in _WAITING:
        return PodState.STUCK, _say(
            line(
                "pod.waiting",
                words=line(f"pod.{waiting.reason}"),
                reason=waiting.reason,
                message=_why_waiting(waiting, events),
            )
        )
    if warning := next((event for event in events if event.reason in _NOT_STARTING), None):
        told = line("pod.not-starting", reason=warning.reason, message=warning.message)
        return PodState.STUCK, _say(told)
    if waiting:
        return PodState.RUNNING, _say(line("pod.starting"))
    for condition in pod.status.conditions:  # not the first one: their order is not promised
        if (condition.type, condition.status) == ("PodScheduled", "False"):
            why = message(condition.message) or condition.reason
            return PodState.STUCK, _say(line("pod.unscheduled", message=why))
    return PodState.RUNNING, ""


def _why_waiting(waiting: _Waiting, events: tuple[Event, ...]) -> str:
    """Back-off tells the image alone; what the registry said stands in an event by then."""
    if waiting.reason == "ImagePullBackOff":
        for event in events:
            if event.reason == "Failed" and event.message.startswith("Failed to pull"):
                return event.message
    return message(waiting.message)


def missing(expected: Iterable[str], pods: Iterable[Pod], vantage: str) -> tuple[str, ...]:
    """Expected nodes on which no pod of this vantage is."""
    there = {pod.node for pod in pods if pod.vantage == vantage}
    return tuple(node for node in expected if node not in there)
