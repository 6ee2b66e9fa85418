"""The pods of ``arcprobe run``, looked at until each has reported or is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import click

from arcprobe.commands import pods, surroundings
from arcprobe.commands.pods import Pod, PodState
from arcprobe.commands.surroundings import Event, Node, Surroundings
from arcprobe.fleet import envelope, manifest
from arcprobe.fleet.merge import Merger
from arcprobe.fleet.places import Place
from arcprobe.knowledge.language import language
from arcprobe.model import Value, line
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

_POLL = 1.0  # seconds between two looks at the pods
_AROUND_EVERY = 5.0  # seconds; a node is called NotReady after 40 (kube-controller-manager)
_LOGS_AT_ONCE = 8  # each is a process of kubectl
_PEEKS = 16  # logs of running pods read in one look; the other pods say by their probe when to read
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


class Collector:
    """Where reports go: into the picture, and whole to whoever keeps them."""

    def __init__(self, merger: Merger, keep: Callable[[Place, str], None] | None = None) -> None:
        self.merger = merger
        self._keep = keep

    def add(self, report: str, node: str) -> Place:
        """Takes one report. ``ValueError``: it is none."""
        place = self.merger.add(report, node)
        if self._keep is not None:
            self._keep(place, report)
        return place


def follow(
    kubectl: Kubectl,
    request: manifest.Options,
    collector: Collector,
    *,
    nodes: tuple[Node, ...],
    wait: float,
    patience: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Looks at the pods until each has reported or is lost, and hands every report to the merger.

    ``nodes``: those that may have a pod, where nodes may be listed. ``wait``: seconds for all
    together; ``patience``: seconds that one pod may be stuck. Never raises for one node's sake.
    """
    watch = Watch(kubectl, request, collector, patience, nodes)
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
        self,
        kubectl: Kubectl,
        request: manifest.Options,
        collector: Collector,
        patience: float,
        nodes: tuple[Node, ...] = (),
    ) -> None:
        self._kubectl = kubectl
        self._request = request
        self._collector = collector
        self._patience = patience
        self._expected = tuple(node.name for node in nodes) if has_every_node(request) else ()
        self._around = Surroundings(nodes=nodes)
        self._around_due = 0.0
        self._pods: tuple[Pod, ...] = ()
        self._settled: set[str] = set()  # pods that have reported or are lost
        self._reported: set[str] = set()
        self._stuck_since: dict[str, float] = {}
        self._shown: dict[str, tuple[str, str]] = {}
        self._missed_since: dict[str, float] = {}  # by vantage: refused, or taken away
        self._replaced_since: dict[tuple[str, str], float] = {}  # by place
        self._seen: dict[str, Pod] = {}  # every pod that ever was there
        self._peeked: dict[str, int] = {}  # how often a running pod's log was read
        self._unread: dict[str, int] = {}  # how often an ended pod's log held no report
        self._trouble = ""
        self._wanted = self._wanted_pods()

    def _wanted_pods(self) -> int:
        """How many pods there will be of each vantage."""
        nodes = self._request.nodes
        if nodes.isdigit():
            return int(nodes)
        return 1 if nodes == "one" else max(1, len(self._expected))

    # ---------------------------------------------------------------------------------- looking

    def look(self, now: float) -> bool:
        """One look at the pods; True when nothing is left to wait for."""
        label = f"app.kubernetes.io/instance={self._request.name}"
        try:
            printed = self._get("pods", "-l", label)
            self._pods = pods.read(printed, self._around)
            if self._may_tell_more(now):
                self._look_around(now)
                self._pods = pods.read(printed, self._around)
        except (KubectlError, ValueError) as error:
            self._tell_trouble(str(error))
            return False
        self._trouble = ""
        self._seen |= {pod.name: pod for pod in self._pods}
        replaced = self._replaced()
        for pod in self._pods:
            self._show(pod)
            if self._is_lost(pod, now):
                self._lose(pod, pod.words)
            elif names := replaced.get(_key(pod)):
                self._judge_replacement(pod, names, now)
        self._collect(self._unsettled(PodState.DONE), is_last=False)
        self._peek()
        return self._is_over(now)

    def _is_over(self, now: float) -> bool:
        """Whether every pod that is to come has come and is settled, or is not waited for any
        more."""
        short = self._short()
        missed = [vantage for vantage in short if self._is_missed(vantage, now)]
        return missed == short and all(pod.name in self._settled for pod in self._pods)

    def _get(self, *what: str) -> bytes:
        return self._kubectl("-n", self._request.namespace, "get", *what, "-o", "json")

    def _tell_trouble(self, reason: str) -> None:
        """Once for each reason, not once for each look."""
        if reason != self._trouble:
            self._trouble = reason
            tell("again", reason=reason)

    def _may_tell_more(self, now: float) -> bool:
        """Whether the cluster's own words are due: a pod is not there, does not run yet, or came
        in the place of another. In one that runs only its node's end is told so, and it is enough
        to look now and then."""
        waited_for = [pod for pod in self._pods if self._is_waited_for(pod)]
        do_run = all(pod.state is PodState.RUNNING and pod.is_started for pod in waited_for)
        is_due = bool(waited_for) and now >= self._around_due
        replaced = self._replaced().keys() & set(map(_key, waited_for))
        return is_due or self._is_short() or not do_run or bool(replaced)

    def _is_waited_for(self, pod: Pod) -> bool:
        return pod.name not in self._settled and pod.state is not PodState.DONE

    def _short(self) -> list[str]:
        """Vantages that have fewer pods than they are to have."""
        there = [pod.vantage for pod in self._pods]
        return [name for name in self._request.vantages if there.count(name) < self._wanted]

    def _is_short(self) -> bool:
        return bool(self._short())

    def _look_around(self, now: float) -> None:
        """Warnings of the namespace and, now and then, the nodes. Who may not read them does
        without."""
        events, nodes = self._around.events, self._around.nodes
        is_due = now >= self._around_due
        if is_due:
            self._around_due = now + _AROUND_EVERY
        try:
            events = surroundings.read_events(
                self._get("events", "--field-selector", "type=Warning")
            )
            if nodes and is_due:
                nodes = surroundings.read_nodes(self._kubectl("get", "nodes", "-o", "json"))
        except KubectlError as error:
            self._tell_trouble(str(error))
        self._around = Surroundings(events=events, nodes=nodes)

    def _unsettled(self, state: PodState) -> list[Pod]:
        return [pod for pod in self._pods if pod.state is state and pod.name not in self._settled]

    def _is_lost(self, pod: Pod, now: float) -> bool:
        if pod.state is not PodState.STUCK:
            self._stuck_since.pop(pod.name, None)
            return pod.state is PodState.LOST
        since = self._stuck_since.setdefault(pod.name, now - pod.stuck_for)
        return now - since >= self._patience

    def _is_missed(self, vantage: str, now: float) -> bool:
        """Whether pods of a vantage are not let in by admission or a quota, or were taken away and
        do not come again, for longer than the patience; all others are still waited for."""
        refusals, gone = self._refusals(vantage), self._gone(vantage)
        if not refusals and not gone:
            self._missed_since.pop(vantage, None)
            return False
        if now - self._missed_since.setdefault(vantage, now) < self._patience:
            return False
        if refusals:
            reason = say("refused", words=refusals[0].message)
            self._lose_missing(vantage, reason, is_refused=True)
        else:
            self._lose_missing(vantage, say("taken-away"))
        return True

    def _replaced(self) -> dict[tuple[str, str], set[str]]:
        """By place the pods that are there no more: what a DaemonSet has lost it makes again."""
        there = {pod.name for pod in self._pods}
        gone: dict[tuple[str, str], set[str]] = {}
        for pod in self._seen.values():
            if pod.node and pod.name not in there:
                gone.setdefault(_key(pod), set()).add(pod.name)
        return gone

    def _judge_replacement(self, pod: Pod, names: set[str], now: float) -> None:
        """A pod in the place of one that has reported is not waited for, nor, when the patience is
        over, one in the place of others that were evicted or deleted (``names``)."""
        if names & self._reported:
            self._settled.add(pod.name)
        elif now - self._replaced_since.setdefault(_key(pod), now) < self._patience:
            return
        elif names & self._settled:  # the place is lost already, with the reason seen first
            self._settled.add(pod.name)
        else:
            told = (one for one in self._around.events if one.kind == "Pod" and one.name in names)
            events = tuple(f"{event.reason}: {event.message}" for event in islice(told, 1))
            self._lose(pod, say("taken-away"), events)

    def _gone(self, vantage: str) -> list[Pod]:
        """Pods of a vantage that were there, have not reported and are there no more: evicted,
        drained, deleted."""
        there = {pod.name for pod in self._pods} | self._settled
        seen = [pod for pod in self._seen.values() if pod.vantage == vantage]
        return [pod for pod in seen if pod.name not in there]

    def _refusals(self, vantage: str) -> tuple[Event, ...]:
        """Why pods of this run's own workload could not be made, newest first."""
        workload = f"{self._request.name}-{vantage}"
        told = self._around.about(workload, "Job", "DaemonSet")
        return tuple(event for event in told if event.reason == "FailedCreate")

    def _show(self, pod: Pod) -> None:
        if pod.name in self._settled or pod.state is PodState.DONE:
            return  # its verdict is shown when its report is read
        if self._shown.get(pod.name) != (pod.state, pod.words):
            self._shown[pod.name] = (pod.state, pod.words)
            where = _place(pod)
            tell("state", where=where, vantage=pod.vantage, state=pod.state, words=pod.words)

    # ------------------------------------------------------------------------------- collecting

    def _collect(self, reported: list[Pod], *, is_last: bool) -> None:
        for pod, log in self._logs(reported):
            problem = self._add(pod, log)
            if not problem:
                continue
            self._unread[pod.name] = self._unread.get(pod.name, 0) + 1
            if is_last or self._unread[pod.name] >= _LOG_TRIES:
                self._settled.add(pod.name)
                reason = _without_report(pod, problem)
                self._merger.lose(pod.node, pod.vantage, reason, events=pod.events)

    def _peek(self) -> None:
        """Reads the logs of running pods: a whole report is one, whatever the pod's state says.
        Those that were read least often come first."""
        running = [pod for pod in self._unsettled(PodState.RUNNING) if pod.is_started]
        running.sort(key=lambda pod: self._peeked.get(pod.name, 0))
        for pod, log in self._logs(running[:_PEEKS]):
            self._peeked[pod.name] = self._peeked.get(pod.name, 0) + 1
            self._add(pod, log)

    def _logs(self, of: list[Pod]) -> list[tuple[Pod, str | KubectlError]]:
        with ThreadPoolExecutor(_LOGS_AT_ONCE) as pool:
            return list(zip(of, pool.map(self._log, of), strict=True))

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
            place = self._collector.add(report, pod.node)
        except ValueError as error:
            return say("bad-report", reason=str(error))
        self._settled.add(pod.name)
        self._reported.add(pod.name)
        causes = self._merger.codes(place)
        words = say("verdict", verdict=place.verdict, causes=causes)
        state = PodState.DONE
        tell("state", where=_place(pod), vantage=pod.vantage, state=state, words=words)
        return ""

    @property
    def _merger(self) -> Merger:
        return self._collector.merger

    # ----------------------------------------------------------------------------------- losing

    def _lose(self, pod: Pod, reason: str, events: tuple[str, ...] = ()) -> None:
        if pod.name in self._settled:
            return
        # what it printed before it ended still counts
        has_log = pod.is_started or pod.state is PodState.LOST
        if has_log and self._add(pod, self._log(pod)) == "":
            return
        self._settled.add(pod.name)
        self._merger.lose(_place(pod), pod.vantage, reason, events=(*events, *pod.events))

    def _lose_missing(self, vantage: str, reason: str, *, is_refused: bool = False) -> None:
        for node in self._missing(vantage):
            self._merger.lose(node, vantage, reason, is_refused=is_refused)

    def _missing(self, vantage: str) -> Iterable[str]:
        """Nodes, or numbers in their place, that have no pod of this vantage."""
        if self._expected:
            return pods.missing(self._expected, self._pods, vantage)
        there = sum(pod.vantage == vantage for pod in self._pods)
        gone = list(map(_place, self._gone(vantage)))
        count = self._wanted - there - len(gone)
        numbers = range(there + len(gone), there + len(gone) + count)
        return [*gone, *(say("nameless", name=f"pod {number + 1}") for number in numbers)]

    def give_up(self, reason: str) -> None:
        """The time is up: what has reported is collected, the others are lost."""
        self._collect(self._unsettled(PodState.DONE), is_last=True)
        for pod in self._pods:
            if pod.name not in self._settled:
                self._lose(pod, say("given-up", reason=reason, words=pod.words or pod.state))
        for vantage in self._short():
            self._lose_missing(vantage, say("no-pod", reason=reason))


def has_every_node(request: manifest.Options) -> bool:
    """Whether the run is a DaemonSet: a pod on each node, or on each of a selector."""
    return request.nodes != "one" and not request.nodes.isdigit()


def _without_report(pod: Pod, problem: str) -> str:
    """Why a pod that has ended gave none. The log of one that is being deleted goes before it."""
    if pod.is_leaving:
        return say("taken-away")
    return say("lost", problem=problem, words=pod.words)


def _key(pod: Pod) -> tuple[str, str]:
    return pod.vantage, pod.node


def _place(pod: Pod) -> str:
    return pod.node or say("nameless", name=f"pod {pod.name}")
