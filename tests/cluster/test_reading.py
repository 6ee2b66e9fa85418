"""What a pod knows of its cluster, where the API server is an old one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.network import SILENT
from tests.cluster.using import NOWHERE, assert_only_reads, content

# all but the API server's own address
_LIST = "10.96.0.0/16,10.244.0.0/16,10.99.0.8/29,.svc,.cluster.local"
_PROXY = ("--proxy-https", f"http://{SILENT}", "--proxy-skip-range", _LIST)
_SETTINGS = ("configmap", "kubeadm-config", "-n", "kube-system")


def _asked(cluster: Cluster) -> dict[str, Any]:
    """The report of a pod, which asked for reading alone."""
    seen = cluster.asked_so_far()
    done = cluster.arcprobe("run", *NOWHERE, *_PROXY, "--vantage", "pod", "--format", "json")
    assert_only_reads(cluster.audited(seen))
    (report,) = content(done)["reports"]
    assert "api-server-uncovered" in {cause["code"] for cause in report["causes"]}
    assert isinstance(report, dict)
    return report


def _certain_ranges(report: dict[str, Any]) -> set[str]:
    """Ranges of Services that something in the cluster names."""
    attempts = [one for seen in report["observations"] for one in seen["attempts"]]
    steps = [step for attempt in attempts for step in attempt["steps"]]
    ranges = [known for step in steps for known in step.get("ranges", [])]
    named = [known for known in ranges if known["what"] == "services" and not known["inferred"]]
    return {known["cidr"] for known in named}


@pytest.fixture
def without_settings(cluster: Cluster) -> Iterator[None]:
    """A cluster that kubeadm did not make: no ConfigMap names its ranges."""
    kept: dict[str, Any] = cluster.get(*_SETTINGS)
    cluster.kubectl("delete", *_SETTINGS)
    yield
    about = {key: kept["metadata"][key] for key in ("name", "namespace")}
    cluster.apply({**kept, "metadata": about})


def test_api_server_is_known(cluster: Cluster) -> None:
    """A pod of a cluster before 1.21 finds the API server's own address, and that the list misses
    it; the range of Services is known."""
    assert _certain_ranges(_asked(cluster)) == {"10.96.0.0/16"}


@pytest.mark.usefixtures("without_settings")
def test_range_that_nothing_names(cluster: Cluster) -> None:
    """Where nothing names the range of Services a pod is certain of none; it never tries to make a
    Service, not even in a dry run."""
    assert _certain_ranges(_asked(cluster)) == set()


@pytest.mark.usefixtures("without_settings")
def test_suggestion_for_today_alone(cluster: Cluster) -> None:
    """An old API server answers a Service in a dry run with an address, and names no range: what is
    suggested from a laptop then is called a guess, of the Services and of the nodes."""
    done = cluster.arcprobe("skip-range", "suggest")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    for told in (
        "10.96.0.0/12 is a guess from the current Services",
        "10.99.0.0/24 is a guess from the current nodes",
        "is the pod range of the current nodes; a later node may be outside it",
    ):
        assert told in done.stderr
    ranges = [ipaddress.IPv4Network(one) for one in done.stdout.split(",") if "/" in one]
    for node in cluster.nodes:
        subnet = ipaddress.IPv4Network(cluster.pod_range(node))
        assert any(subnet.subnet_of(known) for known in ranges), done.stdout
