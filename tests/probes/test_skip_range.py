"""The cluster is asked where there is a bypass list to judge, and only there."""

from __future__ import annotations

import asyncio

import msgspec

from arcprobe.model import Attempt, Check, Cluster, ClusterSource, Kind, Route
from arcprobe.probes import skip_range
from tests.probes import peers

CHECK = Check(
    id="skip-range",
    kind=Kind.SKIP_RANGE,
    target="cluster",
    route=Route.DIRECT,
    required=True,
    feature="core",
)


def probed(*, has_proxy: bool) -> tuple[Attempt, ...]:
    source = ClusterSource(service_cidrs=("10.96.0.0/12",), environ={"PATH": ""})
    context = msgspec.structs.replace(peers.context(), cluster=source, has_proxy=has_proxy)
    return asyncio.run(skip_range.probe(CHECK, context))


def test_without_a_proxy_nothing_is_asked() -> None:
    """Where no proxy is set there is nothing to bypass, and no attempt is made."""
    assert probed(has_proxy=False) == ()


def test_with_a_proxy_the_cluster_is_one_step() -> None:
    """One attempt holds what the cluster and the settings tell, and why it could not be read."""
    (attempt,) = probed(has_proxy=True)
    (step,) = attempt.steps
    assert attempt.label == "cluster"
    assert isinstance(step, Cluster)
    assert [known.cidr for known in step.ranges] == ["10.96.0.0/12"]
    assert step.failure is not None
