"""``arcprobe job`` on a real cluster: what it prints is applied, and its printed commands are
run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from arcprobe.fleet import envelope
from tests.cluster.cluster import Cluster
from tests.cluster.hosts import SECONDS
from tests.cluster.using import NOWHERE, namespace, printed_command, staying

_PROD = {"pod-security.kubernetes.io/enforce": "baseline", "team": "shop"}


@contextlib.contextmanager
def _prod(cluster: Cluster, name: str = "prod") -> Iterator[str]:
    """A namespace with somebody's things, which is what it was when the test has ended."""
    with namespace(cluster, name):
        cluster.kubectl("label", "namespace", name, *(f"{k}={v}" for k, v in _PROD.items()))
        cluster.kubectl("-n", name, "create", "configmap", "shop")
        before = cluster.get("namespace", name)["metadata"]
        yield name
        assert cluster.get("namespace", name)["metadata"] == before
        assert "shop" in cluster.kubectl("-n", name, "get", "configmaps", "-o", "name")
        assert staying(cluster) == []


def _manifest(cluster: Cluster, *given: str) -> str:
    done = cluster.arcprobe("job", *NOWHERE, *given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _follow(cluster: Cluster, manifest: str, word: str, *, also: str = "") -> str:
    """Runs a printed command; what it prints."""
    done = cluster.command("sh", "-c", printed_command(manifest, word) + also)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _wait(cluster: Cluster, team: str) -> None:
    where = ("-n", team, "wait", "--for=condition=Failed", f"--timeout={SECONDS}s")
    cluster.kubectl(*where, "job/arcprobe-pod")


def _timeout(cluster: Cluster, team: str, kind: str) -> object:
    """The setting of the newest report of a workload."""
    log = cluster.kubectl("-n", team, "logs", f"{kind}/arcprobe-pod")
    return json.loads(envelope.unwrap(log))["run"]["settings"]["timeout"]


def test_namespace_that_exists_is_left_as_it_was(cluster: Cluster) -> None:
    """--namespace uses a namespace: its labels stay, and what `Remove:` says leaves it and all that
    is somebody else's in it. Applied again with another setting, a Job says that it cannot change;
    after `Again:` it runs with the new one."""
    with _prod(cluster) as team:
        first = _manifest(cluster, "--namespace", team, "--vantage", "both")
        cluster.kubectl("apply", "-f", "-", text=first)
        _wait(cluster, team)
        assert envelope.unwrap(_follow(cluster, first, "Report"))
        changed = _manifest(cluster, "--namespace", team, "--vantage", "both", "--timeout", "1")
        done = cluster.command("kubectl", "apply", "-f", "-", text=changed)
        assert done.returncode != 0
        assert "field is immutable" in done.stderr
        _follow(cluster, changed, "Again")
        cluster.kubectl("apply", "-f", "-", text=changed)
        _wait(cluster, team)
        assert _timeout(cluster, team, "job") == 1
        _follow(cluster, changed, "Remove")


def test_own_namespace_that_is_somebody_elses(cluster: Cluster) -> None:
    """A namespace called like arcprobe's own that arcprobe did not make is not relabelled by
    applying the manifest, and what is printed does not delete it."""
    with _prod(cluster, "arcprobe"):
        manifest = _manifest(cluster)
        cluster.command("kubectl", "apply", "-f", "-", text=manifest)
        _follow(cluster, manifest, "Remove")


def test_namespace_is_made_and_never_taken_over(cluster: Cluster) -> None:
    """--create-namespace makes one, and `Remove:` takes it away; one that exists is not changed by
    applying the manifest, nor deleted by `Remove:`."""
    manifest = _manifest(cluster, "--namespace", "team-fresh", "--create-namespace")
    cluster.kubectl("apply", "-f", "-", text=manifest)
    _follow(cluster, manifest, "Remove", also=" --wait=false")
    assert staying(cluster) == []
    with _prod(cluster, "team-taken") as team:
        manifest = _manifest(cluster, "--namespace", team, "--create-namespace")
        done = cluster.command("kubectl", "apply", "-f", "-", text=manifest)
        assert done.returncode != 0
        _follow(cluster, manifest, "Remove")


def test_all_nodes(cluster: Cluster, tmp_path: Path) -> None:
    """A DaemonSet is waited for and merged by the printed commands; a changed setting rolls out."""
    with _prod(cluster, "team-all") as team:
        manifest = _manifest(cluster, "--namespace", team, "--nodes", "all")
        cluster.kubectl("apply", "-f", "-", text=manifest)
        _follow(cluster, manifest, "Wait")
        changed = _manifest(cluster, "--namespace", team, "--nodes", "all", "--timeout", "1")
        cluster.kubectl("apply", "-f", "-", text=changed)
        _follow(cluster, changed, "Wait")
        assert _timeout(cluster, team, "daemonset") == 1
        merging = changed.partition("# Merge: ")[2].splitlines()[1].removeprefix("#").strip()
        aside = f"cd {tmp_path}; "
        merged = cluster.command(
            "sh", "-c", f"{aside}{printed_command(changed, 'Merge')}; {merging}"
        )
        count = len(cluster.nodes)
        begin = f"FAIL  {count} nodes, {count} reports (pod)"
        assert merged.stdout.startswith(begin), merged.stderr
        _follow(cluster, changed, "Remove")


def test_several_nodes_on_an_old_server(cluster: Cluster) -> None:
    """--kube-version leaves out what an old API server does not know: its validation takes the
    Job."""
    with _prod(cluster, "team-old") as team:
        version = ("--kube-version", "1.20")
        manifest = _manifest(cluster, "--namespace", team, "--nodes", "2", *version)
        cluster.kubectl("apply", "-f", "-", text=manifest)
        cluster.wait_for("two pods", lambda: len(_nodes(cluster, team)) == 2)
        _follow(cluster, manifest, "Remove")


def _nodes(cluster: Cluster, team: str) -> set[str]:
    pods = cluster.get("pods", "-n", team)["items"]
    return {pod["spec"].get("nodeName", "") for pod in pods} - {""}


def test_schedule(cluster: Cluster) -> None:
    """A CronJob makes Jobs that end as the preflight ended; `Status:` reads the newest report, with
    its exit code, until `Remove:` has taken all away."""
    with _prod(cluster, "team-cron") as team:
        flags = ("--namespace", team, "--schedule", "*/30 * * * *", "--kube-version", "1.20")
        manifest = _manifest(cluster, *flags)
        cluster.kubectl("apply", "-f", "-", text=manifest)
        status = printed_command(manifest, "Status").removeprefix("kubectl arcprobe ").split()
        nothing = cluster.arcprobe(*status)
        assert (nothing.returncode, nothing.stdout) == (3, ""), nothing.stderr
        for job in ("first", "second"):
            _make_due(cluster, team, job)
        done = cluster.arcprobe(*status)
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith("FAIL  1 node, 1 report (pod)")
        cluster.kubectl("-n", team, "delete", "jobs", "--all")
        _follow(cluster, manifest, "Remove")


def _make_due(cluster: Cluster, team: str, name: str) -> None:
    """Does what the controller does when it is time, and waits for the end of the Job."""
    made = cluster.get("-n", team, "cronjob", "arcprobe-pod")["spec"]["jobTemplate"]
    about = {**made["metadata"], "name": name, "namespace": team}
    cluster.apply({"apiVersion": "batch/v1", "kind": "Job", **made, "metadata": about})
    ended = ("wait", "--for=condition=Failed", f"--timeout={SECONDS}s")
    cluster.kubectl("-n", team, *ended, f"job/{name}")
