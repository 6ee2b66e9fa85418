"""What the readers fill in becomes the noun, with the ranges of nodes inferred."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.probes.cluster.collect import Collected


def raw(*objects: object) -> list[msgspec.Raw]:
    return [msgspec.Raw(msgspec.json.encode(found)) for found in objects]


def with_service(address: str) -> Collected:
    collected = Collected(source="api")
    collected.services.add_items(raw({"spec": {"clusterIP": address}}))
    return collected


def test_no_service_range_is_guessed() -> None:
    """ClusterIPs in use are told as they are: what range they are of is the judge's to say."""
    cluster = with_service("10.96.0.1").cluster(0.5, 1.5)
    assert (cluster.addresses, cluster.ranges) == (("10.96.0.1",), ())
    assert (cluster.started, cluster.took) == (0.5, 1.5)


def test_nodes_give_addresses_and_pod_ranges() -> None:
    """Addresses of a Node are kept, its host name is not; podCIDR stands in for podCIDRs."""
    collected = Collected(source="api")
    addresses = [
        {"type": "InternalIP", "address": "10.77.1.10"},
        {"type": "InternalIP", "address": "no address"},
        {"type": "Hostname", "address": "10.9.9.9"},
    ]
    collected.take_nodes(
        raw(
            {"spec": {"podCIDR": "10.244.0.0/24"}, "status": {"addresses": addresses}},
            {"spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.244.1.0/24"]}},
            {},
        )
    )
    cluster = collected.cluster(0, 0)
    assert cluster.nodes == ("10.77.1.10",)
    assert [known.cidr for known in cluster.ranges if known.what == "pods"] == ["10.244.0.0/23"]


@pytest.mark.parametrize(("count", "noted"), [(10_000, False), (10_001, True)])
def test_node_addresses_are_bounded(count: int, noted: bool) -> None:
    """Ten thousand node addresses are kept; that there are more is noted."""
    collected = Collected(source="api")
    for number in range(count):
        collected.node_addresses[f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"] = (
            None
        )
    cluster = collected.cluster(0, 0)
    assert len(cluster.nodes) == 10_000
    assert any("node addresses" in note for note in cluster.notes) is noted


def test_a_guessed_range_is_no_known_one() -> None:
    """Only a named range of Services spares the question to the API server."""
    collected = Collected(source="api")
    assert not collected.has_service_range()
    collected.give(("10.244.0.0/16",), "pods", "--pod-cidr")
    assert not collected.has_service_range()
    collected.give(("10.96.0.0/12",), "services", "--service-cidr")
    assert collected.has_service_range()
