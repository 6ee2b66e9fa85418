"""The table by which ``arcprobe run`` is judged: networks × nodes × vantages, on a real cluster."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.cluster import network
from tests.cluster.cluster import Cluster
from tests.cluster.internet import flags, joined
from tests.cluster.using import Done, assert_only_reads, content, staying
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


class Row(NamedTuple):
    """One run: which nodes, which networks of them."""

    nodes: str
    vantage: str


ROWS = tuple(Row(nodes, vantage) for nodes in _NODES for vantage in _VANTAGES)


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
    """What is wrong with one run; ``seconds``: from the begin of the last check in a pod until the
    command had ended, all being cleaned up."""

    problems: list[str]
    seconds: float


def judged(name: str, row: Row, cluster: Cluster, given: list[str]) -> Judged:
    """One run of the table."""
    seen = len(cluster.audited())
    words = ("--nodes", row.nodes, "--vantage", row.vantage, "--format", "json")
    done = cluster.arcprobe("run", *given, *words)
    ended = datetime.datetime.now(datetime.UTC)
    wrong = [told for check in _CHECKS if (told := check(NETWORKS[name], row, cluster, done))]
    if staying(cluster):
        wrong.append(f"left: {staying(cluster)}")
    try:
        assert_only_reads(cluster.audited()[seen:])
    except AssertionError as error:
        wrong.append(f"asked: {error}")
    starts = [report["run"]["started"] for report in content(done)["reports"]]
    last = max(map(datetime.datetime.fromisoformat, starts), default=ended)
    return Judged(wrong, (ended - last).total_seconds())


def _wrong_verdict(wanted: Network, row: Row, cluster: Cluster, done: Done) -> str:
    picture = content(done)
    told = (picture["verdict"], done.returncode)
    causes = tuple(cause["code"] for cause in picture["causes"])
    right = (wanted.verdict, wanted.exit_code)
    if wanted.is_cut:
        return _wrong_cut(picture, cluster, row)
    return "" if (told, causes) == (right, wanted.causes) else f"{told} {causes}: {done.stderr}"


def _wrong_cut(picture: dict[str, object], cluster: Cluster, row: Row) -> str:
    """Pods of the first node fail and no others do; beside its node network that is told as the
    difference of the two."""
    places = picture["places"]
    assert isinstance(places, list)
    first = cluster.nodes[0]
    bad = {(place["node"], place["vantage"]) for place in places if place["verdict"] != "pass"}
    asked = {(place["node"], place["vantage"]) for place in places} & {(first, "pod")}
    if bad != asked:
        return f"not well: {sorted(bad)}"
    causes = picture["causes"]
    assert isinstance(causes, list)
    codes = {cause["code"] for cause in causes}
    if asked and row.vantage == "both" and "pod-differs-from-node" not in codes:
        return f"told as {sorted(codes)}"
    return ""


def _wrong_reports(wanted: Network, row: Row, cluster: Cluster, done: Done) -> str:
    """Every place has reported whole, and both networks of one node are those of one node."""
    picture = content(done)
    nodes = {"one": 1, "all": len(cluster.nodes), "2": 2}.get(row.nodes, 1)
    count = nodes * (1 + (row.vantage == "both"))
    places = {(place["node"], place["vantage"]) for place in picture["places"]}
    reports = picture["reports"]
    if (len(places), len(reports), picture["lost"]) != (count, count, []):
        return f"{len(places)} places, {len(reports)} reports, lost {picture['lost']}"
    if len({node for node, _ in places}) != nodes:
        return f"nodes {sorted(places)}"
    return ""


_Check = Callable[[Network, Row, Cluster, Done], str]
_CHECKS: list[_Check] = [_wrong_verdict, _wrong_reports]


def run(cluster: Cluster, names: list[str], say: Callable[[str], object]) -> int:
    """All rows of these networks (none named: of all), a line for each; how many are wrong."""
    wrong = 0
    for name in names or list(NETWORKS):
        with built(name, cluster) as given:
            for row in ROWS:
                found = judged(name, row, cluster, given)
                wrong += bool(found.problems)
                told = "; ".join(found.problems) or "right"
                took = f"{found.seconds:.1f} s after the last pod's begin"
                say(f"{name} {row.nodes} {row.vantage}: {told} ({took})\n")
    return wrong
