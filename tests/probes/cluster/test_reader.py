"""What is asked of the API, in which order, and what may fail without harm."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from arcprobe.model import ClusterSource, FailureKind
from arcprobe.probes.cluster.collect import Collected
from arcprobe.probes.cluster.objects import refusal
from arcprobe.probes.cluster.observe import observe
from arcprobe.probes.cluster.reader import read_services, read_surroundings
from tests.commands.kubelets import needs_kubectl
from tests.probes.cluster.in_pod import in_pod
from tests.support import apiserver
from tests.support.apiserver import BadDay


def test_throttled_and_expired_pages_are_asked_again(tmp_path: Path) -> None:
    """A 429 with Retry-After is waited for; a 410 in the middle begins the list again, and no
    Service counts twice."""
    with apiserver.running(tmp_path) as api:
        api.add_services(700)
        api.bad_days.append(
            BadDay("/api/v1/services", status=429, headers={"Retry-After": "0"}, times=2)
        )
        api.bad_days.append(BadDay("/api/v1/services", status=410, after=1, times=1))
        found = in_pod(api)
    assert (found.failure, found.service_count) == (None, 700)


def test_list_dropped_in_the_middle_keeps_what_was_read(tmp_path: Path) -> None:
    """A list that breaks off on the second page is a failure, with the Services of the first
    page."""
    with apiserver.running(tmp_path) as api:
        api.add_services(700)
        api.bad_days.append(BadDay("/api/v1/services", drop=True, after=1))
        found = in_pod(api)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.CLOSED
    assert found.service_count == 500


def test_forbidden_extras_are_notes(tmp_path: Path) -> None:
    """What is read beside the Services may be forbidden: each is a note, and the Services stand."""
    with apiserver.running(tmp_path) as api:
        for path in ("/apis", "/api/v1/nodes", "/api/v1/namespaces"):
            api.bad_days.append(BadDay(path, status=403))
        found = in_pod(api)
    assert (found.failure, found.service_count) == (None, 1)
    assert len(found.notes) == 4
    assert all("forbidden" in note for note in found.notes)
    assert found.ranges == ()


@needs_kubectl
def test_range_comes_from_a_dry_run_where_no_object_names_it(tmp_path: Path) -> None:
    """Without ServiceCIDR objects the API server's refusal of an impossible ClusterIP names the
    range, and nothing is made."""
    with apiserver.running(tmp_path) as api:
        api.absent.add("servicecidrs")
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        source = ClusterSource(environ=environ, kubeconfig=api.kubeconfig)
        found = asyncio.run(observe(source, timeout=20.0))
        assert ("services", "default", "arcprobe-range") not in api.objects
    assert ("10.96.0.0/12", False) in {(known.cidr, known.inferred) for known in found.ranges}
    assert "dry run" in next(known.source for known in found.ranges if known.cidr == "10.96.0.0/12")


def test_a_pod_only_reads(tmp_path: Path) -> None:
    """A pod tries no dry run, which its rights would refuse: no range is known to it."""
    with apiserver.running(tmp_path) as api:
        api.absent.add("servicecidrs")
        found = in_pod(api)
        assert {method for method, _ in api.requests} == {"GET"}
    services = [known for known in found.ranges if known.what == "services"]
    assert services == []


def test_older_version_of_endpoint_slices(tmp_path: Path) -> None:
    """A server that knows EndpointSlices as v1beta1 alone still tells where it listens."""
    endpoints = [{"addresses": ["10.99.0.1"]}]
    older = {"metadata": {}, "items": [{"endpoints": endpoints}]}
    with apiserver.running(tmp_path) as api:
        api.absent.add("endpointslices")
        path = "/apis/discovery.k8s.io/v1beta1/"
        api.bad_days.append(BadDay(path, status=200, body=json.dumps(older).encode()))
        found = in_pod(api)
    assert "10.99.0.1" in found.api_server_addresses


def test_range_comes_from_kubeadm(tmp_path: Path) -> None:
    """kubeadm's ConfigMap names Service range, pod range and domain, of both families."""
    networking = (
        "networking:\n  dnsDomain: kube.test\n  podSubnet: 10.244.0.0/16,fd00:77:1::/56\n"
        "  serviceSubnet: 10.100.0.0/16\n"
    )
    with apiserver.running(tmp_path) as api:
        api.absent.add("servicecidrs")
        api.add(
            "configmaps", "kubeadm-config", "kube-system", data={"ClusterConfiguration": networking}
        )
        found = in_pod(api)
    named = {(known.cidr, known.what) for known in found.ranges if "kubeadm-config" in known.source}
    assert named == {
        ("10.100.0.0/16", "services"),
        ("10.244.0.0/16", "pods"),
        ("fd00:77:1::/56", "pods"),
    }
    assert found.cluster_domain == "kube.test"


class _Deep:
    """An API whose every answer is nested deeper than anyone reads."""

    async def get(self, path: str) -> bytes:
        return b'{"a":' * 200_000 + b"1" + b"}" * 200_000


def test_answers_without_a_floor_are_told() -> None:
    """An answer that no decoder reads to its bottom is a failure and notes, never an exception;
    found by tests.hostile.fuzz."""
    collected = Collected("the API")

    async def read_all() -> None:
        await read_services(_Deep(), collected)
        await read_surroundings(_Deep(), collected)

    asyncio.run(read_all())
    assert collected.failure is not None
    assert collected.failure.kind is FailureKind.HTTP_MALFORMED
    assert len(collected.notes) == 4
    assert refusal(b'{"a":' * 200_000) == ""
