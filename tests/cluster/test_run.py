"""``arcprobe run`` on a real cluster: the verdict of each network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cluster import table
from tests.cluster.asking import Row
from tests.cluster.cluster import Cluster
from tests.cluster.hosts import SECONDS
from tests.cluster.internet import flags, joined
from tests.cluster.table import LABEL
from tests.cluster.using import all_at_once, begun, content, namespace, staying
from tests.netlab.scenarios import by_name

# The rows of the table that CI has time for: every network, every choice of nodes, every vantage.
# All are gone through by `python -m tests.cluster table`.
ROWS = {
    "clean": (Row("one", "both"), Row("all", "node")),
    "denied": (Row("2", "both"),),
    "silent": (Row(f"{LABEL}=first", "both"),),
    "inspected": (Row("all", "pod"),),
    "auth": (Row("one", "node"),),
    "cut": (Row("all", "both"),),
}


@pytest.mark.parametrize("name", ROWS)
def test_verdict_of_each_network(name: str, cluster: Cluster) -> None:
    """The network's verdict, causes and exit code; every report is there, whole; nothing is left;
    the API server is only read from, and never refuses."""
    after: list[str] = []
    with table.built(name, cluster) as given, table.watched(cluster, after):
        for row in ROWS[name]:
            assert (row, table.judged(name, row, cluster, given).problems) == (row, [])
    assert after == []


def test_little_of_everything(cluster: Cluster, tmp_path: Path) -> None:
    """A twentieth of a processor and 128 MiB are enough for a verdict; beside it, in the same
    cluster, three other runs come to theirs: under a quota for one pod, with too little memory, and
    with every report kept."""
    scenario = by_name("proxy-clean-squid")
    kept = tmp_path / "kept"
    limits = {"limits.cpu": "1", "pods": "1"}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": limits}}
    with joined(scenario, cluster) as lab, namespace(cluster, "team-quota") as team:
        cluster.apply({**quota, "metadata": {"name": "q", "namespace": team}})
        given = (*flags(scenario, lab), "--timeout", "30", "--format", "json")
        slow = ("--limit", "cpu=50m", "--request", "cpu=50m")
        runs = {
            "slow": (*given, *slow),
            "quota": (*given, "--namespace", team, "--limit", "cpu=500m"),
            "memory": (*given, "--limit", "memory=16Mi", "--request", "memory=8Mi"),
            "kept": (*given, "--nodes", "all", "--keep-reports", str(kept)),
        }
        done = all_at_once(cluster, runs)
        assert staying(cluster) == []
    for name in ("slow", "quota", "kept"):
        assert (name, done[name].returncode) == (name, 0), done[name].stderr
        assert content(done[name])["verdict"] == "pass"
    lost = content(done["memory"])["lost"]
    assert done["memory"].returncode == 3
    assert len(lost) == 2
    assert all("OOMKilled" in node["reason"] and node["node"] for node in lost)
    names = sorted(path.name for path in kept.iterdir())
    places = _places(cluster)
    assert names == [f"{node}-{vantage}.json" for node, vantage in places]
    shown = cluster.arcprobe("report", "show", str(kept / names[0]))
    assert (shown.returncode, shown.stdout.startswith("PASS")) == (0, True), shown.stdout


def test_verdict_is_shown_when_it_comes(cluster: Cluster) -> None:
    """A node's verdict stands on stderr while the others are still asked, and the merged one is the
    last word. Its remedy names where the way leads, not where it begins."""
    scenario = by_name("proxy-silent")
    with joined(scenario, cluster) as lab:
        given = (*flags(scenario, lab), "--nodes", "all", "--timeout", "2")
        with begun(cluster, *given) as process:
            out, words = process.communicate(timeout=SECONDS)
    verdicts = re.findall(r"^(n\d) (pod|node) network: done: fail: proxy-silent$", words, re.M)
    places = _places(cluster)
    assert sorted(verdicts) == places
    assert out.startswith(f"FAIL  {len(cluster.nodes)} nodes, {len(places)} reports"), out
    assert f"allow TCP from here to {given[given.index('--proxy-https') + 1]}" in out, out
    assert process.returncode == 1


def _places(cluster: Cluster) -> list[tuple[str, str]]:
    return [(node, vantage) for node in cluster.nodes for vantage in ("node", "pod")]
