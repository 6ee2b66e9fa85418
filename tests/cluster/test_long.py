"""``arcprobe run`` and ``job`` where the API server is away for a minute or takes seconds for each
request, where logs are rotated at 16 KiB and pods are evicted. Each test waits for minutes:
``python -m tests.cluster test`` runs them, CI does not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.cluster.cluster import Cluster
from tests.cluster.hosts import CONTROL, SECONDS
from tests.cluster.network import SERVER
from tests.cluster.using import (
    NOWHERE,
    WAITING,
    begun,
    content,
    namespace,
    printed_command,
    running_pods,
    staying,
    with_server_away,
)

_SLOW = f"{SERVER}:7080"
# So many that a report of them is larger than 16 KiB in a log, where it is compressed.
_MANY = [flag for number in range(99) for flag in ("--endpoint", f"https://{number}.invalid/")]


def test_api_server_away_for_a_minute(cluster: Cluster) -> None:
    """An API server that is away for more than a minute while the pods ask costs no report; it is
    told once, and all is cleaned up."""
    code, out, words = with_server_away(cluster, seconds=65, timeout=50)
    assert f"{2 * len(cluster.nodes)} reports" in out, out + words
    assert words.count("trying again") <= 3, words
    assert code == 1
    assert staying(cluster) == []


def test_slow_api_server(cluster: Cluster) -> None:
    """An API server that takes six seconds for each request gets a whole run, in its time."""
    relay = (sys.executable, "-m", "tests.cluster.slow", _SLOW, "6")
    cluster.daemon("slow", [*cluster.entering(CONTROL), *relay])
    kubeconfig = cluster.folder / "slow.conf"
    settings = {"name": "slow", "cluster": {"server": f"http://{_SLOW}"}}
    context = {"name": "slow", "context": {"cluster": "slow", "user": ""}}
    listed = {"clusters": [settings], "contexts": [context], "current-context": "slow"}
    kubeconfig.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **listed}))
    flags = ("--kubeconfig", str(kubeconfig), "--nodes", "all", "--format", "json")
    try:
        done = cluster.arcprobe("run", *NOWHERE, *flags)
    finally:
        cluster.stop("slow")
    picture = content(done)
    assert (done.returncode, picture["lost"]) == (1, []), done.stderr
    assert len(picture["reports"]) == 2 * len(cluster.nodes)
    assert staying(cluster) == []


def test_rotated_logs(cluster: Cluster, tmp_path: Path) -> None:
    """Where a log is rotated at 16 KiB `run` has read the reports before; who reads the log of a
    DaemonSet's pod later is told what became of it."""
    with cluster.kubelets_with(*cluster.nodes, log_size="16Ki"), namespace(cluster, "team-log"):
        given = (*WAITING, "--timeout", "20", "--nodes", "all", "--format", "json")
        done = cluster.arcprobe("run", *given)
        assert len(content(done)["reports"]) == 2 * len(cluster.nodes), done.stderr
        flags = ("--nodes", "all", "--namespace", "team-log", *_MANY)
        manifest = cluster.arcprobe("job", *NOWHERE, *flags).stdout
        cluster.kubectl("apply", "-f", "-", text=manifest)
        cluster.kubectl("-n", "team-log", "rollout", "status", "daemonset/arcprobe-pod")
        logs = ("-n", "team-log", "logs", "daemonset/arcprobe-pod")
        cluster.wait_for("rotation", lambda: "BEGIN" not in cluster.kubectl(*logs))
        collect = (
            f"cd {tmp_path}; {printed_command(manifest, 'Merge')}; arcprobe report merge *.log"
        )
        merged = cluster.command("sh", "-c", collect)
        assert "containerLogMaxSize" in merged.stdout + merged.stderr, merged
        assert merged.returncode not in (0, 1)
        remove = f"{printed_command(manifest, 'Remove')} --wait=false"
        assert cluster.command("sh", "-c", remove).returncode == 0
    assert staying(cluster) == []


def test_evicted_pods(cluster: Cluster) -> None:
    """A node that has too little memory ends its pods, and those that a DaemonSet makes in their
    place: that is the reason which is told for it, and the other nodes' reports stand."""
    last = cluster.nodes[-1]
    given = ("--nodes", "all", "--timeout", "180", "--patience", "60", "--format", "json")
    with begun(cluster, *WAITING, *given) as process:
        cluster.wait_for("pods", lambda: running_pods(cluster) == 2 * len(cluster.nodes))
        with cluster.kubelets_with(last, least_memory="99%"):
            out, words = process.communicate(timeout=SECONDS)
    cluster.wait_for("no pressure", lambda: not _is_pressed(cluster, last))
    picture = json.loads(out)
    assert {lost["node"] for lost in picture["lost"]} == {last}, words
    told = [f"{lost['reason']} {lost['events']}" for lost in picture["lost"]]
    assert all("Evicted" in each for each in told), told
    assert {place["node"] for place in picture["places"]} >= set(cluster.nodes) - {last}
    assert process.returncode == 1  # of the fault that the others see, which outweighs a lost node
    assert staying(cluster) == []


def _is_pressed(cluster: Cluster, node: str) -> bool:
    taints = cluster.get("node", node)["spec"].get("taints", [])
    return any("pressure" in taint["key"] for taint in taints)
