"""`python -m tests.cluster up|shell|down|run|table|test`: the cluster by hand."""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.cluster import archives, binaries, record as records, requirements, table
from tests.cluster.cluster import Cluster, at_hand, started
from tests.cluster.hosts import CONTROL, ROOT
from tests.cluster.internet import flags, joined
from tests.netlab.scenarios import by_name


def main() -> int:
    """Argv in, exit code out."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster", description="A real Kubernetes on this machine."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for name, story in (
        ("up", "starts a cluster and leaves it running; `shell`, `run` and the tests then use it"),
        ("shell", "a prompt beside the control plane"),
        ("down", "removes every cluster that `up` left, and what a crash left"),
    ):
        actions.add_parser(name, help=story)
    tests = actions.add_parser("test", help="all tests, those that CI has no time for too")
    tests.add_argument("arguments", nargs=argparse.REMAINDER, help="of pytest")
    run = actions.add_parser("run", help="`arcprobe run` with a netlab scenario as the internet")
    run.add_argument("scenario")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="of `arcprobe run`")
    judged = actions.add_parser("table", help="networks × nodes × vantages, a line for each run")
    judged.add_argument("networks", nargs="*", help=f"of {', '.join(table.NETWORKS)}")
    judged.add_argument("--commands", default="run,job", help="run, job, or both (default)")
    judged.add_argument("--cpu", default="", help="limit of every pod: 50m")
    judged.add_argument("--at-once", type=int, default=1, help="runs side by side (default 1)")
    parser.add_argument("--nodes", type=int, default=3, help="how many (default 3)")
    given = parser.parse_args()
    if given.action == "down":
        return _down()
    if lacks := _missing(given.action):
        parser.error(f"a cluster needs {lacks}")
    if given.action == "up":
        return _up(given.nodes)
    if given.action == "shell":
        with _cluster(given.nodes) as cluster:
            return _shell(cluster)
    if given.action == "table":
        return _table(given)
    if given.action == "test":
        return _test(given.arguments)
    return _run(given.nodes, given.scenario, given.arguments)


def _missing(action: str) -> str:
    has_internet = action in ("run", "table")
    lacks = requirements.missing_with_internet() if has_internet else requirements.missing()
    return lacks or requirements.forbidden()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _cluster(nodes: int) -> contextlib.AbstractContextManager[Cluster]:
    return at_hand(binaries.folder(), archives.make(), nodes)


def _up(nodes: int) -> int:
    cluster = started(binaries.folder(), archives.make(), nodes)
    # it outlives this process, and goes with its etcd
    cluster.record.owner = cluster.record.processes["etcd"]
    cluster.record.save()
    _say(f"export KUBECONFIG={cluster.environment()['KUBECONFIG']}\n")
    _say(f"{' '.join(cluster.entering(CONTROL))} kubectl get nodes\n")
    return 0


def _down() -> int:
    for record in records.known():
        if record.is_left or not record.is_running:
            records.remove(record)
            _say(f"removed {record.prefix}\n")
    return 0


def _shell(cluster: Cluster) -> int:
    shell = os.environ.get("SHELL", "/bin/bash")
    command = [*cluster.entering(CONTROL), shell]
    return subprocess.call(command, env=cluster.environment(), cwd=ROOT)


def _test(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", *(arguments or ["-q", str(Path(__file__).parent)])]
    return subprocess.call(command, env={**os.environ, "ARCPROBE_TEST_CLUSTER": "all"}, cwd=ROOT)


def _table(given: argparse.Namespace) -> int:
    how = {"commands": given.commands.split(","), "cpu": given.cpu, "at_once": given.at_once}
    with _cluster(given.nodes) as cluster:
        return min(1, table.run(cluster, given.networks, _say, **how))


def _run(nodes: int, name: str, arguments: list[str]) -> int:
    scenario = by_name(name)
    with _cluster(nodes) as cluster, joined(scenario, cluster) as lab:
        done = cluster.arcprobe("run", *flags(scenario, lab), *arguments)
    _say(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
