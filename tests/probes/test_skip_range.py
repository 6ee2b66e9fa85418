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


def probed(check: Check) -> tuple[Attempt, ...]:
    source = ClusterSource(service_cidrs=("10.96.0.0/12",), environ={"PATH": ""})
    context = msgspec.structs.replace(peers.context(), cluster=source)
    return asyncio.run(skip_range.probe(check, context))


def test_without_a_proxy_nothing_is_asked() -> None:
    """Where no proxy is set there is nothing to bypass, and no attempt is made."""
    assert probed(CHECK) == ()


def test_with_a_proxy_the_cluster_is_one_step() -> None:
    """One attempt holds what the cluster and the settings tell, and why it could not be read."""
    (attempt,) = probed(msgspec.structs.replace(CHECK, asks_cluster=True))
    (step,) = attempt.steps
    assert attempt.label == "cluster"
    assert isinstance(step, Cluster)
    assert [known.cidr for known in step.ranges] == ["10.96.0.0/12"]
    assert step.failure is not None
