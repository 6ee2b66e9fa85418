"""Addresses in use and named ranges in, ranges with their source out."""

from __future__ import annotations

import ipaddress

import pytest

from arcprobe.probes.cluster.ranges import (
    domain_of,
    inferred_ranges,
    joined,
    kubeadm_domain,
    kubeadm_ranges,
    ranges_in_refusal,
)


@pytest.mark.parametrize(
    ("addresses", "what", "ranges"),
    [
        ((), "services", ()),
        (("10.96.0.1",), "services", ("10.96.0.0/24",)),
        (("10.96.0.1", "10.96.1.1"), "services", ("10.96.0.0/23",)),
        (("10.0.0.1", "10.255.0.1"), "services", ("10.0.0.0/8",)),
        (("10.0.0.1", "11.0.0.1"), "services", ("10.0.0.0/24", "11.0.0.0/24")),
        (("fd00::1",), "services", ("fd00::/112",)),
        (("fd00::1",), "nodes", ("fd00::/64",)),
        (("fd00::1", "fd01::1"), "nodes", ("fd00::/64", "fd01::/64")),
    ],
)
def test_the_smallest_range_that_clusters_have(
    addresses: tuple[str, ...], what: str, ranges: tuple[str, ...]
) -> None:
    """Addresses give the narrowest range that holds them, never below /24, /112 and /64; above /8
    and /48 each neighbourhood is one of its own."""
    found = inferred_ranges([ipaddress.ip_address(text) for text in addresses], what, "test")
    assert tuple(known.cidr for known in found) == ranges
    assert all(known.inferred for known in found)


def test_neighbours_are_joined() -> None:
    """Named ranges that touch become one, of either IP version; what is no range is passed over."""
    found = joined(["10.0.0.0/25", "10.0.0.128/25", "nonsense", "fd00::/64"], "pods", "Nodes")
    assert [(known.cidr, known.inferred) for known in found] == [
        ("10.0.0.0/24", False),
        ("fd00::/64", False),
    ]


@pytest.mark.parametrize(("count", "kept", "inferred"), [(32, 32, False), (33, 1, True)])
def test_too_many_ranges_become_one(count: int, kept: int, inferred: bool) -> None:
    """Thirty-two ranges of one source are listed; of more the range that holds them is told, as
    inferred."""
    found = joined([f"10.{2 * number}.0.0/16" for number in range(count)], "pods", "Nodes")
    assert len(found) == kept
    assert all(known.inferred is inferred for known in found)


@pytest.mark.parametrize(
    "text", ["", "networking: [", "networking: 5", "- a", "a: !!python/object:os.system {}"]
)
def test_a_configuration_of_another_shape_names_nothing(text: str) -> None:
    """kubeadm's ConfigMap of any shape gives ranges or none, never an error."""
    assert kubeadm_ranges(text) == ()
    assert kubeadm_domain(text) == ""


def test_a_refusal_names_the_range() -> None:
    """The API server's refusal of a ClusterIP out of range names the range."""
    words = 'provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/12"'
    assert [known.cidr for known in ranges_in_refusal(words)] == ["10.96.0.0/12"]
    assert ranges_in_refusal("no ServiceCIDR available") == ()


@pytest.mark.parametrize(
    ("search", "domain"),
    [
        (("a.svc.corp.internal", "svc.corp.internal", "corp.internal"), "corp.internal"),
        (("SVC.Cluster.Local.",), "cluster.local"),
        (("svc.",), ""),
        (("corp.example",), ""),
    ],
)
def test_the_domain_is_in_the_search_list(search: tuple[str, ...], domain: str) -> None:
    """A pod's search list holds svc.DOMAIN; one without it names none."""
    assert domain_of(search) == domain
