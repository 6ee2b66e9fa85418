"""``arcprobe run`` that does not come to its end in peace: interrupted, killed, the API server away
or slow."""

from __future__ import annotations

import contextlib
import re
import signal
import time

from tests.cluster.cluster import Cluster
from tests.cluster.hosts import SECONDS
from tests.cluster.using import (
    NOWHERE,
    WAITING,
    begun,
    namespace,
    running_pods,
    staying,
    with_server_away,
)


def test_interrupted_at_any_moment(cluster: Cluster) -> None:
    """Ctrl-C or SIGTERM, whenever it comes, leaves nothing behind."""
    moments = {0.5: signal.SIGINT, 1.0: signal.SIGTERM, 2.0: signal.SIGINT, 4.0: signal.SIGTERM}
    given = (*WAITING, "--nodes", "all", "--timeout", "60")
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        runs = [stack.enter_context(begun(cluster, *given)) for _ in moments]
        for process, (moment, number) in zip(runs, moments.items(), strict=True):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            process.send_signal(number)
        words = [process.communicate(timeout=SECONDS)[1] for process in runs]
    # the first one may come before Python is there to take it
    codes = [process.returncode for process in runs]
    assert set(codes) <= {1, 3, -signal.SIGINT, -signal.SIGTERM}, words
    assert "not cleaned up" not in "".join(words)
    assert staying(cluster) == []


def test_killed_run_is_told_by_the_next(cluster: Cluster) -> None:
    """After SIGKILL the next run says what was left, and the command that it prints removes all of
    it; the proxy's password is in the Secret alone; what never ends by itself belongs to a Job that
    does."""
    with namespace(cluster, "team-killed") as team:
        given = (*WAITING, "--nodes", "all", "--timeout", "280")
        with begun(cluster, *given) as own, begun(cluster, *given, "--namespace", team) as named:
            count = 2 * len(cluster.nodes)
            cluster.wait_for("pods", lambda: running_pods(cluster) == 2 * count)
            for process in (own, named):
                process.send_signal(signal.SIGKILL)
                process.communicate()
        _assert_owned(cluster)
        done = cluster.arcprobe("run", *NOWHERE, "--vantage", "pod")
        commands = re.findall(r"^  (kubectl .*delete .*)$", done.stderr, re.MULTILINE)
        assert len(commands) == 2, done.stderr
        for command in commands:
            apart = command.replace("; ", " --wait=false; ")
            removed = cluster.command("sh", "-c", f"{apart} --wait=false")
            assert removed.returncode == 0, removed.stderr
        assert staying(cluster) == []


def _assert_owned(cluster: Cluster) -> None:
    """What a killed run left: a Secret without annotation, DaemonSets that go with their Jobs."""
    label = "app.kubernetes.io/managed-by=arcprobe-run"
    for secret in cluster.get("secrets", "-A", "-l", label)["items"]:
        assert "annotations" not in secret["metadata"]
    sets = cluster.get("daemonsets", "-A", "-l", label)["items"]
    owners = [owner for known in sets for owner in known["metadata"]["ownerReferences"]]
    assert len(owners) == 4
    guards = {job["metadata"]["uid"]: job for job in cluster.get("jobs", "-A")["items"]}
    assert all(guards[owner["uid"]]["spec"]["activeDeadlineSeconds"] for owner in owners)


def test_api_server_that_goes_away(cluster: Cluster) -> None:
    """An API server that is away for some seconds in the middle costs no report, and is told
    once."""
    _code, out, words = with_server_away(cluster, seconds=5, timeout=15)
    assert f"{2 * len(cluster.nodes)} reports" in out, out + words
    assert words.count("trying again") <= 3, words
    assert staying(cluster) == []
