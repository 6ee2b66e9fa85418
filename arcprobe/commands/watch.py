"""The pods of ``arcprobe run``, looked at until each has reported or is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import click

from arcprobe.commands import pods
from arcprobe.commands.pods import Pod, PodState
from arcprobe.fleet import envelope, manifest
from arcprobe.fleet.merge import Merger
from arcprobe.knowledge.language import language
from arcprobe.model import Value, line
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

_POLL = 2.0  # seconds between two looks at the pods
_LOGS_AT_ONCE = 8  # each is a process of kubectl
_LOG_TRIES = 3  # a log can come later than its pod's end


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM: collect what is there, and clean up. A KeyboardInterrupt, because an event
    loop passes that on from wherever it comes."""


def tell(key: str, **values: Value) -> None:
    """A line on stderr for who waits."""
    click.echo(say(key, **values), err=True)


def say(key: str, **values: Value) -> str:
    """A sentence of ``run``."""
    return language().say(line(f"run.{key}", **values))


def follow(
    kubectl: Kubectl,
    request: manifest.Options,
    merger: Merger,
    *,
    wait: float,
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Looks at the pods until each has reported or is lost, and hands every report to the merger.

    ``wait``: seconds for all together; ``patience``: seconds that one pod may be stuck. Never
    raises for one node's sake.
    """
    watch = Watch(kubectl, request, merger, patience)
    ends = clock() + wait
    try:
        while not watch.look(clock()):
            if clock() >= ends:
                watch.give_up(say("no-report", seconds=wait))
                return
            sleep(_POLL)
    except Interrupted:
        tell("interrupted")
        watch.give_up(say("not-reported"))


class Watch:
    """What is known of the run's pods."""

    def __init__(
        self, kubectl: Kubectl, request: manifest.Options, merger: Merger, patience: float
    ) -> None:
        self._kubectl = kubectl
        self._request = request
        self._merger = merger
        self._patience = patience
        self._pods: tuple[Pod, ...] = ()
        self._settled: set[str] = set()  # pods that have reported or are lost
        self._stuck_since: dict[str, float] = {}
        self._shown: dict[str, tuple[str, str]] = {}
        self._refused_since: float | None = None
        self._unread: dict[str, int] = {}  # how often a pod's log could not be read
        self._has_every_node = request.nodes != "one" and not request.nodes.isdigit()
        self._expected = self._expected_nodes() if self._has_every_node else ()
        self._wanted = self._wanted_pods()

    def _expected_nodes(self) -> tuple[str, ...]:
        selector = [] if self._request.nodes == "all" else ["-l", self._request.nodes]
        try:
            printed = self._kubectl("get", "nodes", *selector, "-o", "json")
        except KubectlError as error:
            tell("no-nodes", reason=str(error))
            return ()
        return pods.eligible_nodes(printed, dict(self._request.node_selector))

    def _wanted_pods(self) -> int:
        """How many pods there will be of each vantage."""
        if self._has_every_node:
            return len(self._expected)
        return 1 if self._request.nodes == "one" else int(self._request.nodes)

    # ---------------------------------------------------------------------------------- looking

    def look(self, now: float) -> bool:
        """One look at the pods; True when nothing is left to wait for."""
        label = f"app.kubernetes.io/instance={self._request.name}"
        try:
            self._pods = pods.read(self._get("pods", "-l", label))
        except (KubectlError, ValueError) as error:
            tell("again", reason=str(error))
            return False
        for pod in self._pods:
            self._show(pod)
            if self._is_lost(pod, now):
                self._lose(pod, pod.words)
        self._collect(self._unsettled(PodState.DONE), is_last=False)
        due = self._wanted * len(self._request.vantages) or 1
        if len(self._settled) < due and not self._is_refused(now, due):
            return False
        return all(pod.name in self._settled for pod in self._pods)

    def _get(self, *what: str) -> bytes:
        return self._kubectl("-n", self._request.namespace, "get", *what, "-o", "json")

    def _unsettled(self, state: PodState) -> list[Pod]:
        return [pod for pod in self._pods if pod.state is state and pod.name not in self._settled]

    def _is_lost(self, pod: Pod, now: float) -> bool:
        if pod.state is not PodState.STUCK:
            self._stuck_since.pop(pod.name, None)
            return pod.state is PodState.LOST
        return now - self._stuck_since.setdefault(pod.name, now) >= self._patience

    def _is_refused(self, now: float, due: int) -> bool:
        """Whether admission or a quota lets pods not in, after the patience of a stuck pod; all
        others are still waited for."""
        if len(self._pods) >= due:
            return False
        try:
            words = pods.refusals(self._get("events"))
        except KubectlError:
            return False
        if not words:
            self._refused_since = None
            return False
        if self._refused_since is None:
            self._refused_since = now
        if now - self._refused_since < self._patience:
            return False
        self._lose_missing(say("refused", words=words[0]))
        return True

    def _show(self, pod: Pod) -> None:
        if self._shown.get(pod.name) != (pod.state, pod.words):
            self._shown[pod.name] = (pod.state, pod.words)
            where = _place(pod)
            tell("state", where=where, vantage=pod.vantage, state=pod.state, words=pod.words)

    # ------------------------------------------------------------------------------- collecting

    def _collect(self, reported: list[Pod], *, is_last: bool) -> None:
        with ThreadPoolExecutor(_LOGS_AT_ONCE) as pool:
            for pod, log in zip(reported, pool.map(self._log, reported), strict=True):
                self._take(pod, log, is_last)

    def _take(self, pod: Pod, log: str | KubectlError, is_last: bool) -> None:
        problem = self._add(pod, log)
        if not problem:
            self._settled.add(pod.name)
            return
        self._unread[pod.name] = self._unread.get(pod.name, 0) + 1
        if is_last or self._unread[pod.name] >= _LOG_TRIES:
            self._settled.add(pod.name)
            reason = say("lost", problem=problem, words=pod.words)
            self._merger.lose(pod.node, pod.vantage, reason)

    def _log(self, pod: Pod) -> str | KubectlError:
        namespace = self._request.namespace
        try:
            log = self._kubectl("-n", namespace, "logs", pod.name, "-c", "arcprobe")
        except KubectlError as error:
            return error
        return log.decode("utf-8", "replace")

    def _add(self, pod: Pod, log: str | KubectlError) -> str:
        """Hands a pod's report to the merger; what is wrong with it, or the empty string."""
        if isinstance(log, KubectlError):
            return say("unread-log", reason=str(log))
        try:
            report = envelope.unwrap(log)
        except ValueError as error:
            return str(error)
        try:
            self._merger.add(report, pod.node)
        except ValueError as error:
            return say("bad-report", reason=str(error))
        return ""

    # ----------------------------------------------------------------------------------- losing

    def _lose(self, pod: Pod, reason: str) -> None:
        if pod.name in self._settled:
            return
        self._settled.add(pod.name)
        # what it printed before it ended still counts
        if pod.state is PodState.LOST and self._add(pod, self._log(pod)) == "":
            return
        self._merger.lose(_place(pod), pod.vantage, reason)

    def _lose_missing(self, reason: str) -> None:
        for vantage in self._request.vantages:
            for node in self._missing(vantage):
                self._merger.lose(node, vantage, reason)

    def _missing(self, vantage: str) -> Iterable[str]:
        """Nodes, or numbers in their place, that have no pod of this vantage."""
        if self._expected:
            return pods.missing(self._expected, self._pods, vantage)
        there = sum(pod.vantage == vantage for pod in self._pods)
        due = max(self._wanted, 1)
        return [say("nameless", name=f"pod {number + 1}") for number in range(there, due)]

    def give_up(self, reason: str) -> None:
        """The time is up: what has reported is collected, the others are lost."""
        left = [pod for pod in self._pods if pod.name not in self._settled]
        self._collect(self._unsettled(PodState.DONE), is_last=True)
        for pod in left:
            if pod.state is not PodState.DONE:
                self._lose(pod, say("given-up", reason=reason, words=pod.words or pod.state))
        self._lose_missing(say("no-pod", reason=reason))


def _place(pod: Pod) -> str:
    return pod.node or say("nameless", name=f"pod {pod.name}")
