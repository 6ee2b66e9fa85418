"""``arcprobe run`` on a real cluster."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.hosts import ROOT
from tests.cluster.internet import flags, joined
from tests.netlab.scenarios import by_name
from tests.support import images

NOWHERE = ("--region", "westeurope", "--timeout", "2", "--image", images.IMAGE)
_OURS = "namespaces,clusterroles,clusterrolebindings,daemonsets,jobs,configmaps,secrets"


@pytest.fixture(autouse=True)
def nothing_left(cluster: Cluster) -> Iterator[None]:
    """Whatever a run did, nothing of it is left in the cluster."""
    yield
    cluster.wait_for("the end of all pods", lambda: not _left(cluster), 90)


def _left(cluster: Cluster) -> list[str]:
    label = "app.kubernetes.io/name=arcprobe"
    printed = cluster.kubectl("get", f"{_OURS},pods", "-A", "-l", label, "-o", "name")
    return printed.split()


def _content(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(done.stdout)
    return content


@contextlib.contextmanager
def _namespace(cluster: Cluster, name: str) -> Iterator[str]:
    cluster.kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        cluster.kubectl("delete", "namespace", name)


# scenario: verdict, exit code, code of the cause
NETWORKS = {
    "proxy-clean-squid": ("pass", 0, []),
    "proxy-denied-name-squid": ("fail", 1, ["proxy-denied"]),
    "proxy-silent": ("fail", 1, ["proxy-silent"]),
}


@pytest.mark.parametrize("name", list(NETWORKS))
def test_verdict_of_each_network(name: str, cluster: Cluster) -> None:
    """One node and all nodes, each with both networks, give the network's verdict and exit code;
    every report is there; the API server is only read from, and never refuses."""
    scenario = by_name(name)
    with joined(scenario, cluster) as lab:
        for nodes, reports in (("one", 2), ("all", 4), ("2", 4)):
            seen = len(cluster.audited())
            given = (*flags(scenario, lab), "--nodes", nodes, "--format", "json")
            done = cluster.arcprobe("run", *given)
            content = _content(done)
            verdict, code, causes = NETWORKS[name]
            assert (content["verdict"], done.returncode) == (verdict, code), done.stderr
            assert [cause["code"] for cause in content["causes"]] == causes
            assert (len(content["places"]), content["lost"]) == (reports, []), done.stderr
            assert len(content["reports"]) == reports
            if nodes == "one":
                assert len({place["node"] for place in content["places"]}) == 1
            _assert_only_reads(cluster.audited()[seen:])


def _assert_only_reads(audited: list[dict[str, Any]]) -> None:
    own = [
        entry
        for entry in audited
        if re.match(r"system:serviceaccount:arcprobe-.*:arcprobe", entry["user"]["username"])
    ]
    assert own
    assert {entry["verb"] for entry in own} <= {"get", "list"}
    codes = {entry["responseStatus"]["code"] for entry in own}
    assert codes <= {200, 404}, [entry["requestURI"] for entry in own]


def test_little_cpu(cluster: Cluster) -> None:
    """A twentieth of a processor is enough for a verdict."""
    scenario = by_name("proxy-clean-squid")
    with joined(scenario, cluster) as lab:
        given = (*flags(scenario, lab), "--limit", "cpu=50m", "--request", "cpu=50m")
        done = cluster.arcprobe("run", *given, "--timeout", "20", "--format", "json")
    assert (done.returncode, _content(done)["verdict"]) == (0, "pass"), done.stderr


def test_node_that_is_away(cluster: Cluster) -> None:
    """A node whose kubelet is dead is named with the reason, long before --wait; the other node's
    reports stand."""
    cluster.stop("n2-kubelet")
    try:
        cluster.wait_for("n2 NotReady", lambda: not cluster.is_ready("n2"), 60)
        began = time.monotonic()
        done = cluster.arcprobe(
            "run", *NOWHERE, "--nodes", "all", "--patience", "5", "--format", "json"
        )
        took = time.monotonic() - began
    finally:
        cluster.start_kubelet("n2")
        cluster.wait_for("n2 Ready", lambda: cluster.is_ready("n2"), 90)
    content = _content(done)
    assert {lost["node"] for lost in content["lost"]} == {"n2"}, done.stderr
    assert "node n2 is not Ready: Kubelet stopped posting node status" in done.stderr
    assert {place["node"] for place in content["places"]} == {"n1"}
    assert took < 60


def test_secret_that_is_not_there(cluster: Cluster) -> None:
    """A volume that cannot be mounted is told with the kubelet's words, long before --wait."""
    with _namespace(cluster, "team"):
        given = ("--namespace", "team", "--proxy-secret", "mars", "--vantage", "pod")
        done = cluster.arcprobe("run", *NOWHERE, *given, "--patience", "3", "--format", "json")
    (lost,) = _content(done)["lost"]
    assert done.returncode == 3
    assert 'FailedMount: MountVolume.SetUp failed for volume "settings"' in lost["reason"]
    assert 'secret "mars" not found' in lost["reason"]


def test_image_that_cannot_be_pulled(cluster: Cluster) -> None:
    """The registry's own words are told, not that the kubelet waits."""
    given = ("--image", "registry.invalid/arcprobe:1", "--vantage", "pod", "--patience", "20")
    done = cluster.arcprobe("run", *NOWHERE[:4], *given, "--format", "json")
    (lost,) = _content(done)["lost"]
    assert done.returncode == 3
    assert "registry.invalid" in lost["reason"]
    assert re.search(r"no such host|server misbehaving|i/o timeout|refused", lost["reason"])


def test_node_without_room(cluster: Cluster) -> None:
    """A pod that cannot be scheduled is told with the node that it was meant for."""
    given = ("--nodes", "all", "--vantage", "pod", "--request", "cpu=999", "--patience", "2")
    done = cluster.arcprobe("run", *NOWHERE, *given, "--format", "json")
    lost = _content(done)["lost"]
    assert sorted(node["node"] for node in lost) == ["n1", "n2"], done.stderr
    assert all("Insufficient cpu" in node["reason"] for node in lost)


def test_quota(cluster: Cluster) -> None:
    """A quota that refuses the pods is told with its own words, and not with those of somebody
    else's refusal."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}}
    with _namespace(cluster, "team"):
        about = {"namespace": "team", "name": "shop"}
        labels = {"app": "shop"}
        pod = {"containers": [{"name": "shop", "image": images.IMAGE}]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        spec = {"selector": {"matchLabels": labels}, "template": template}
        quota["metadata"]["namespace"] = "team"  # type: ignore[index]
        cluster.apply({**quota, "spec": {"hard": {"limits.cpu": "1"}}})
        shop = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec}
        cluster.apply(shop)
        given = ("--namespace", "team", "--vantage", "pod", "--patience", "2")
        done = cluster.arcprobe("run", *NOWHERE, *given, "--format", "json")
    (lost,) = _content(done)["lost"]
    assert "must specify limits.cpu" in lost["reason"]
    assert "shop" not in lost["reason"]


def test_namespace_admin(cluster: Cluster) -> None:
    """Who may do everything in one namespace alone gets a run, with a word about the rights."""
    user = cluster.user("nora")
    with _namespace(cluster, "team"):
        binding = ("rolebinding", "nora", "--clusterrole=admin", "--user=nora", "-n", "team")
        cluster.kubectl("create", *binding)
        given = ("--kubeconfig", str(user), "--namespace", "team", "--vantage", "pod")
        done = cluster.arcprobe("run", *NOWHERE, *given, "--format", "json")
    assert "going on without the rights to read Services" in done.stderr
    assert len(_content(done)["places"]) == 1, done.stderr


def test_viewer_is_told_why(cluster: Cluster) -> None:
    """Who may make nothing gets the API server's words, and nobody cries that something was not
    cleaned up."""
    user = cluster.user("victor")
    done = cluster.arcprobe("run", *NOWHERE, "--kubeconfig", str(user), "--namespace", "default")
    assert done.returncode == 3
    assert 'User "victor" cannot create resource' in done.stderr
    assert "not cleaned up" not in done.stderr


def test_wrong_context_is_a_wrong_setting(cluster: Cluster) -> None:
    """A context that is not in the kubeconfig ends with exit 2 in one line."""
    done = cluster.arcprobe("run", *NOWHERE, "--context", "mars")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def _started(cluster: Cluster, *given: str) -> subprocess.Popen[str]:
    inside = f"--net=/run/netns/{cluster.record.name('cp')}"
    command = ["nsenter", inside, sys.executable, "-m", "arcprobe", "run", *given]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=cluster.environment(),
        start_new_session=True,
    )


def test_killed_run_is_told_by_the_next(cluster: Cluster) -> None:
    """After SIGKILL the next run says what was left, and the command that it prints removes all of
    it; the proxy's password is in the Secret alone."""
    proxy = ("--proxy-https", "http://jane:geheim@10.77.3.2:3128")
    with _started(cluster, *NOWHERE, *proxy, "--nodes", "all") as process:
        cluster.wait_for("pods", lambda: bool(cluster.get("pods", "-A")["items"]))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    (secret,) = cluster.get("secrets", "-A", "-l", "app.kubernetes.io/managed-by=arcprobe-run")[
        "items"
    ]
    assert "annotations" not in secret["metadata"]
    done = cluster.arcprobe("run", *NOWHERE, "--vantage", "pod")
    commands = re.findall(r"^  (kubectl delete .*)$", done.stderr, re.MULTILINE)
    assert len(commands) == 1, done.stderr
    assert cluster.command("sh", "-c", commands[0]).returncode == 0


@pytest.mark.parametrize("after", [0.5, 1.0, 2.0, 4.0])
def test_interrupted_at_any_moment(after: float, cluster: Cluster) -> None:
    """Ctrl-C, whenever it comes, leaves nothing behind."""
    with _started(cluster, *NOWHERE, "--nodes", "all", "--timeout", "20") as process:
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)
    assert process.returncode in (3, 130, 1), words
    assert "not cleaned up" not in words


def test_api_server_that_goes_away(cluster: Cluster) -> None:
    """An API server that is away for some seconds in the middle costs no report, and is told
    once."""
    with _started(cluster, *NOWHERE, "--nodes", "all", "--timeout", "10") as process:
        cluster.wait_for("pods", lambda: bool(cluster.get("pods", "-A")["items"]))
        cluster.stop("apiserver")
        time.sleep(10)
        cluster.start_api_server()
        out, words = process.communicate(timeout=240)
    assert "4 reports" in out, out + words
    assert words.count("looking again") <= 3, words


def test_kept_logs_are_reports(cluster: Cluster, tmp_path: Path) -> None:
    """--keep-reports has a file for each place that `report show` reads."""
    folder = tmp_path / "kept"
    cluster.arcprobe("run", *NOWHERE, "--keep-reports", str(folder))
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2
    assert all(re.fullmatch(r"n[12]-(node|pod)\.json", name) for name in names)
    shown = cluster.arcprobe("report", "show", str(folder / names[0]))
    assert "at ERROR" not in shown.stdout
    assert shown.returncode == 1
