"""The table by which ``arcprobe run`` and ``job`` are judged on a real cluster: networks × nodes ×
vantages, also with a twentieth of a processor."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from tests.cluster import network
from tests.cluster.asking import Outcome, Row, ask
from tests.cluster.cluster import Cluster
from tests.cluster.hosts import ClusterError
from tests.cluster.internet import flags, joined
from tests.cluster.using import assert_only_reads, staying
from tests.netlab.scenarios import by_name


class Network(NamedTuple):
    """An internet, and what is right there: verdict, exit code, codes of the causes."""

    scenario: str
    verdict: str
    exit_code: int
    causes: tuple[str, ...] = ()
    timeout: int = 20  # seconds; nobody waits for it where everything answers
    is_cut: bool = False  # the pod network of the first node cannot reach it


NETWORKS = {
    "clean": Network("proxy-clean-squid", "pass", 0),
    "denied": Network("proxy-denied-name-squid", "fail", 1, ("proxy-denied",)),
    "silent": Network("proxy-silent", "fail", 1, ("proxy-silent",), timeout=3),
    "inspected": Network("tls-bump-untrusted-squid", "fail", 1, ("tls-intercepted",)),
    "auth": Network("proxy-auth-right-squid", "pass", 0),
    "cut": Network("proxy-clean-squid", "fail", 1, ("pod-differs-from-node",), 6, is_cut=True),
}
LABEL = "arcprobe.test/pool"
_NODES = ("one", "all", "2", f"{LABEL}=first")
_VANTAGES = ("pod", "node", "both")

ROWS = tuple((nodes, vantage) for nodes in _NODES for vantage in _VANTAGES)


@contextlib.contextmanager
def built(name: str, cluster: Cluster) -> Iterator[list[str]]:
    """A network as the cluster's internet; the flags of ``arcprobe run`` in it."""
    wanted = NETWORKS[name]
    scenario = by_name(wanted.scenario)
    first = cluster.nodes[0]
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(joined(scenario, cluster))
        if wanted.is_cut:
            subnet = cluster.pod_range(first)
            stack.enter_context(network.pods_cut_off(cluster, first, subnet))
        cluster.kubectl("label", "node", first, f"{LABEL}=first", "--overwrite")
        stack.callback(cluster.kubectl, "label", "node", first, f"{LABEL}-")
        yield [*flags(scenario, lab), "--timeout", str(wanted.timeout)]


class Judged(NamedTuple):
    """What is wrong with one row, and how long it took (``Outcome.seconds``)."""

    problems: list[str]
    seconds: float


def judged(name: str, row: Row, cluster: Cluster, given: list[str]) -> Judged:
    """One row of the table, without what other runs beside it may have left. A printed line that
    fails is wrong with its row, and with no other."""
    try:
        done = ask(row, cluster, given)
    except (AssertionError, ClusterError, subprocess.SubprocessError) as error:
        return Judged([f"{type(error).__name__}: {error}"], 0.0)
    problems = [told for check in _CHECKS if (told := check(NETWORKS[name], row, cluster, done))]
    return Judged(problems, done.seconds)


@contextlib.contextmanager
def watched(cluster: Cluster, problems: list[str]) -> Iterator[None]:
    """Adds what the runs meanwhile have left, and what they asked the API server beside reading."""
    seen = cluster.asked_so_far()
    yield
    if left := staying(cluster):
        problems.append(f"left: {left}")
    try:
        assert_only_reads(cluster.audited(seen))
    except AssertionError as error:
        problems.append(f"asked: {error}")


def _wrong_verdict(wanted: Network, row: Row, cluster: Cluster, done: Outcome) -> str:
    if not done.picture:
        return f"exit code {done.exit_code}: {done.words}"
    told = (done.picture["verdict"], done.exit_code)
    causes = tuple(cause["code"] for cause in done.picture["causes"])
    right = (wanted.verdict, wanted.exit_code)
    if wanted.is_cut:
        return _wrong_cut(done, cluster, row)
    return "" if (told, causes) == (right, wanted.causes) else f"{told} {causes}: {done.words}"


def _wrong_cut(done: Outcome, cluster: Cluster, row: Row) -> str:
    """Pods of the first node fail and no others do; beside its node network that is told as the
    difference of the two."""
    first, places = cluster.nodes[0], _places(done)
    bad = {place for place, verdict in places.items() if verdict != "pass"}
    asked = {(first, "pod")} & set(places)
    told = (done.picture["verdict"], done.exit_code)
    if bad != asked or told != (("fail", 1) if asked else ("pass", 0)):
        return f"{told}, not well: {sorted(bad)}"
    codes = {cause["code"] for cause in done.picture["causes"]}
    if asked and row.vantage == "both" and "pod-differs-from-node" not in codes:
        return f"told as {sorted(codes)}"
    return ""


def _places(done: Outcome) -> dict[tuple[str, str], str]:
    places: list[dict[str, Any]] = done.picture["places"]
    return {(place["node"], place["vantage"]): place["verdict"] for place in places}


def _wrong_reports(wanted: Network, row: Row, cluster: Cluster, done: Outcome) -> str:
    """Every place has reported whole, and both networks of one node are those of one node."""
    if not done.picture:
        return ""
    nodes = {"one": 1, "all": len(cluster.nodes), "2": 2}.get(row.nodes, 1)
    count = nodes * (1 + (row.vantage == "both"))
    places = _places(done)
    lost = done.picture["lost"]
    if (len(places), len(done.reports), lost) != (count, count, []):
        return f"{len(places)} places, {len(done.reports)} reports, lost {lost}"
    if len({node for node, _ in places}) != nodes:
        return f"nodes {sorted(places)}"
    unseen = [report["run"]["host"] for report in done.reports if not report["observations"]]
    return f"reports without observations: {unseen}" if unseen else ""


def _wrong_ends(wanted: Network, row: Row, cluster: Cluster, done: Outcome) -> str:
    return done.wrong_ends


_Check = Callable[[Network, Row, Cluster, Outcome], str]
_CHECKS: list[_Check] = [_wrong_verdict, _wrong_reports, _wrong_ends]


def run(
    cluster: Cluster,
    names: Sequence[str],
    say: Callable[[str], object],
    *,
    commands: Sequence[str] = ("run", "job"),
    cpu: str = "",
    at_once: int = 1,
) -> int:
    """All rows of these networks (none named: of all) by these commands, a line for each, so many
    at once; how many are wrong. ``cpu``: limit of every pod (``50m``)."""
    rows = [Row(*row, command, cpu) for command in commands for row in ROWS]
    wrong = 0
    for name in names or list(NETWORKS):
        after: list[str] = []
        with built(name, cluster) as given, watched(cluster, after):
            for row, found in _all(name, rows, cluster, given, at_once):
                asked = " ".join((row.command, row.nodes, row.vantage, row.cpu)).strip()
                say(f"{name:<10} {asked:<38} {found.seconds:5.1f} s  {_told(found.problems)}\n")
                wrong += bool(found.problems)
        say(f"{name:<10} nothing left, nothing but read: {_told(after)}\n")
        wrong += bool(after)
    return wrong


def _told(problems: list[str]) -> str:
    return "; ".join(problems) or "right"


def _all(
    name: str, rows: Sequence[Row], cluster: Cluster, given: list[str], at_once: int
) -> Iterator[tuple[Row, Judged]]:
    with ThreadPoolExecutor(at_once) as pool:
        found = pool.map(lambda row: judged(name, row, cluster, given), rows)
        yield from zip(rows, found, strict=True)
