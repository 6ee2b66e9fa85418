"""``arcprobe job`` on a real cluster: what it prints is applied, and its printed commands are
run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from arcprobe.fleet import envelope
from tests.cluster.cluster import Cluster
from tests.cluster.test_run import NOWHERE


@pytest.fixture(autouse=True)
def nothing_left(cluster: Cluster) -> Iterator[None]:
    """The printed `Remove:` has been followed, and nothing of arcprobe is left."""
    yield
    label = ("-A", "-l", "app.kubernetes.io/name=arcprobe", "-o", "name")
    kinds = "namespaces,clusterroles,clusterrolebindings,daemonsets,jobs,configmaps,pods"
    cluster.wait_for("the end", lambda: not cluster.kubectl("get", kinds, *label).split(), 90)


def _manifest(cluster: Cluster, *given: str) -> str:
    done = cluster.arcprobe("job", *NOWHERE, *given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _printed(manifest: str, word: str) -> str:
    """A command of the manifest's head, without what explains it."""
    match = re.search(rf"^# {word}: +(.*?)(   \(.*)?$", manifest, re.MULTILINE)
    assert match is not None, manifest[:1000]
    return match[1]


def _remove(cluster: Cluster, manifest: str) -> None:
    done = cluster.command("sh", "-c", _printed(manifest, "Remove"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("vantage", ["pod", "both"])
def test_namespace_that_exists_is_left_as_it_was(vantage: str, cluster: Cluster) -> None:
    """--namespace uses a namespace: its labels stay, and what `Remove:` says leaves it and all that
    is somebody else's in it."""
    cluster.kubectl("create", "namespace", "prod")
    cluster.kubectl("label", "namespace", "prod", "pod-security.kubernetes.io/enforce=baseline")
    cluster.kubectl("-n", "prod", "create", "configmap", "shop")
    before = cluster.get("namespace", "prod")["metadata"]
    try:
        manifest = _manifest(cluster, "--namespace", "prod", "--vantage", vantage)
        cluster.kubectl("apply", "-f", "-", text=manifest)
        cluster.kubectl("-n", "prod", "wait", "--for=condition=Failed", "job/arcprobe-pod")
        _remove(cluster, manifest)
        after = cluster.get("namespace", "prod")["metadata"]
        assert after == before
        assert "shop" in cluster.kubectl("-n", "prod", "get", "configmaps", "-o", "name")
    finally:
        cluster.kubectl("delete", "namespace", "prod")


def test_namespace_is_made_and_never_taken_over(cluster: Cluster) -> None:
    """--create-namespace makes one, and `Remove:` takes it away; one that exists is not changed by
    applying the manifest, nor deleted by `Remove:`."""
    manifest = _manifest(cluster, "--namespace", "fresh", "--create-namespace")
    cluster.kubectl("apply", "-f", "-", text=manifest)
    _remove(cluster, manifest)
    assert "fresh" not in cluster.kubectl("get", "namespaces", "-o", "name")
    cluster.kubectl("create", "namespace", "fresh")
    before = cluster.get("namespace", "fresh")["metadata"]
    try:
        done = cluster.command("kubectl", "apply", "-f", "-", text=manifest)
        assert done.returncode != 0
        _remove(cluster, manifest)
        assert cluster.get("namespace", "fresh")["metadata"] == before
    finally:
        cluster.kubectl("delete", "namespace", "fresh")


def test_changed_setting_runs_again(cluster: Cluster) -> None:
    """Applied again with another setting, a Job says that it cannot change; after `Again:` it runs
    with the new one. The report and the logs are where the head says."""
    manifest = _manifest(cluster)
    cluster.kubectl("apply", "-f", "-", text=manifest)
    _wait(cluster)
    done = cluster.command("sh", "-c", _printed(manifest, "Report"))
    assert "END ARCPROBE REPORT" in done.stdout, done.stderr
    changed = _manifest(cluster, "--timeout", "1")
    done = cluster.command("kubectl", "apply", "-f", "-", text=changed)
    assert done.returncode != 0
    assert "field is immutable" in done.stderr
    assert cluster.command("sh", "-c", _printed(changed, "Again")).returncode == 0
    cluster.kubectl("apply", "-f", "-", text=changed)
    _wait(cluster)
    log = cluster.kubectl("-n", "arcprobe", "logs", "job/arcprobe-pod")
    assert json.loads(envelope.unwrap(log))["run"]["settings"]["timeout"] == 1
    _remove(cluster, changed)


def _wait(cluster: Cluster) -> None:
    where = ("-n", "arcprobe", "wait", "--for=condition=Failed", "--timeout=60s")
    cluster.kubectl(*where, "job/arcprobe-pod")


def test_all_nodes(cluster: Cluster) -> None:
    """A DaemonSet is waited for and merged by the printed commands; a changed setting rolls out."""
    manifest = _manifest(cluster, "--nodes", "all")
    cluster.kubectl("apply", "-f", "-", text=manifest)
    assert cluster.command("sh", "-c", _printed(manifest, "Wait")).returncode == 0
    changed = _manifest(cluster, "--nodes", "all", "--timeout", "1")
    cluster.kubectl("apply", "-f", "-", text=changed)
    assert cluster.command("sh", "-c", _printed(changed, "Wait")).returncode == 0
    log = cluster.kubectl("-n", "arcprobe", "logs", "daemonset/arcprobe-pod")
    assert json.loads(envelope.unwrap(log))["run"]["settings"]["timeout"] == 1
    _remove(cluster, changed)


def test_several_nodes_on_an_old_server(cluster: Cluster) -> None:
    """--kube-version leaves out what an old API server does not know: its validation takes the
    Job."""
    manifest = _manifest(cluster, "--nodes", "2", "--kube-version", "1.20")
    cluster.kubectl("apply", "-f", "-", text=manifest)
    cluster.wait_for("two pods", lambda: len(_nodes(cluster)) == 2)
    _remove(cluster, manifest)


def _nodes(cluster: Cluster) -> set[str]:
    pods = cluster.get("pods", "-n", "arcprobe")["items"]
    return {pod["spec"].get("nodeName", "") for pod in pods} - {""}
