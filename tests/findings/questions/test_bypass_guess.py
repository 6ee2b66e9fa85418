"""The Service range where nobody names it: what it may be, and which lists are a copy of what is in
use."""

from __future__ import annotations

import pytest

from arcprobe.findings.questions.bypass_guess import likely_ranges, narrowly_covered
from arcprobe.model import Cluster, Range, Service


def cluster(kubernetes: str, *others: str, ranges: tuple[Range, ...] = ()) -> Cluster:
    """A cluster with these addresses in use; the first, unless empty, is default/kubernetes."""
    services: tuple[Service, ...] = ()
    if kubernetes:
        own = tuple(kubernetes.split())
        services = (Service(namespace="default", name="kubernetes", addresses=own),)
    addresses = (*kubernetes.split(), *others)
    return Cluster(source="file", services=services, addresses=addresses, ranges=ranges)


DEFAULTS: dict[tuple[str, ...], tuple[str, str]] = {
    ("10.96.0.1", "10.96.0.10"): ("10.96.0.0/12", "kubeadm"),
    ("10.96.0.1", "10.111.255.254"): ("10.96.0.0/12", "kubeadm"),
    ("10.43.0.1", "10.43.0.10"): ("10.43.0.0/16", "k3s and RKE2"),
    ("172.30.0.1", "172.30.0.10"): ("172.30.0.0/16", "OpenShift"),
    ("10.152.183.1", "10.152.183.10"): ("10.152.183.0/24", "MicroK8s"),
    ("10.0.0.1", "10.0.0.10"): ("10.0.0.0/16", "AKS"),
    ("10.100.0.1", "10.100.0.10"): ("10.100.0.0/16", "EKS"),
    ("172.20.0.1", "172.20.0.10"): ("172.20.0.0/16", "EKS"),
    ("10.233.0.1", "10.233.0.3"): ("10.233.0.0/18", "kubespray"),
    ("34.118.224.1", "34.118.224.10"): ("34.118.224.0/20", "GKE"),
    ("fd00:10:96::1", "fd00:10:96::a"): ("fd00:10:96::/112", "kind"),
    ("", "10.100.0.7"): ("10.96.0.0/12", "kubeadm"),
}


@pytest.mark.parametrize("used", DEFAULTS)
def test_the_default_that_fits(used: tuple[str, ...]) -> None:
    """A distribution's own range, where it holds all addresses and begins right before that of
    default/kubernetes; the widest of several."""
    (likely,) = likely_ranges(cluster(*used))
    assert (likely.cidr, likely.name) == DEFAULTS[used]


OWN: dict[tuple[str, ...], str | None] = {
    ("10.77.0.1", "10.77.0.10"): "10.77.0.0/16",
    ("10.78.0.1", "10.78.0.10"): "10.78.0.0/16",
    ("10.77.16.1", "10.77.16.10"): "10.77.16.0/20",
    ("10.77.5.1", "10.77.5.10"): "10.77.5.0/24",
    ("10.77.5.1", "10.77.9.10"): "10.77.0.0/20",
    ("10.64.0.1", "10.79.3.10"): "10.64.0.0/12",
    ("10.96.0.1", "10.112.0.1"): None,
    ("10.96.128.1", "10.96.128.10"): "10.96.128.0/17",
    ("", "10.77.3.5"): "10.77.0.0/20",
    ("", "10.77.3.5", "10.77.200.9"): "10.77.0.0/16",
    ("fd00:77:96::1", "fd00:77:96::a"): "fd00:77:96::/112",
    ("fd00:77:96::1", "fd00:77:96::f:1"): "fd00:77:96::/108",
}


@pytest.mark.parametrize("used", OWN)
def test_a_range_of_ones_own(used: tuple[str, ...]) -> None:
    """A range that no distribution has: as wide as its beginning and the addresses allow, a /16 at
    most unless they need more; none that kube-apiserver would refuse."""
    found = [likely.cidr for likely in likely_ranges(cluster(*used))]
    assert found == [cidr for cidr in (OWN[used],) if cidr]


def test_both_families_apart() -> None:
    """A known range of one IP version says nothing of the other; an inferred one is not known."""
    both = cluster("10.96.0.1 fd00:10:96::1", "10.96.0.10")
    assert [likely.cidr for likely in likely_ranges(both)] == ["10.96.0.0/12", "fd00:10:96::/112"]
    four = Range(cidr="10.96.0.0/12", what="services", source="ServiceCIDR")
    told = cluster("10.96.0.1 fd00:10:96::1", ranges=(four,))
    assert [likely.cidr for likely in likely_ranges(told)] == ["fd00:10:96::/112"]
    inferred = Range(cidr="10.96.0.0/12", what="services", source="x", inferred=True)
    assert [each.cidr for each in likely_ranges(cluster("10.96.0.1", ranges=(inferred,)))] == [
        "10.96.0.0/12"
    ]
    assert likely_ranges(None) == ()


@pytest.mark.parametrize(
    ("used", "skip_range", "is_narrow"),
    [
        (("10.96.0.1", "10.96.0.10"), "10.96.0.1,10.96.0.10", True),
        (("10.96.0.1", "10.96.0.10"), "10.96.0.0/24", True),
        (("10.96.0.1", "10.96.0.10"), "10.96.0.0/21", True),
        (("10.96.0.1", "10.96.0.10"), "10.96.0.0/20", False),
        (("10.96.0.1", "10.96.0.10"), "10.96.0.0/16", False),
        (("10.96.0.1", "10.96.0.10"), "10.96.0.0/12", False),
        (("10.96.0.1", "10.96.0.10"), "10.0.0.0/8", False),
        (("10.96.0.1", "10.96.0.10"), "*", False),
        (("10.152.183.1", "10.152.183.10"), "10.152.183.0/24", False),
        (("10.152.183.1", "10.152.183.10"), "10.152.183.0/25", True),
        (("10.77.5.1", "10.77.5.10"), "10.77.5.0/24", False),
        (("10.77.0.1", "10.77.0.10"), "10.77.0.0/24", True),
        (("fd00:10:96::1", "fd00:10:96::a"), "fd00:10:96::1,fd00:10:96::a", True),
        (("fd00:10:96::1", "fd00:10:96::a"), "fd00:10:96::/112", False),
    ],
)
def test_a_copy_of_what_is_in_use(used: tuple[str, ...], skip_range: str, is_narrow: bool) -> None:
    """A list is narrow where it covers neither a default that fits nor a network of a usual
    width."""
    assert bool(narrowly_covered(cluster(*used), skip_range)) is is_narrow


def test_a_service_of_that_name_elsewhere() -> None:
    """Only default/kubernetes has the first address of the range, whatever else stands before it in
    the list."""
    other = Service(namespace="shop", name="kubernetes", addresses=("10.96.0.77",))
    own = Service(namespace="default", name="kubernetes", addresses=("10.96.0.1",))
    both = Cluster(source="file", services=(other, own), addresses=("10.96.0.77", "10.96.0.1"))
    (likely,) = likely_ranges(both)
    assert likely.cidr == "10.96.0.0/12"
    six = Service(namespace="default", name="kubernetes", addresses=("fd00:10:96::1",))
    mixed = Cluster(source="file", services=(six,), addresses=("10.96.0.77", "fd00:10:96::1"))
    assert "fd00:10:96::/112" in {likely.cidr for likely in likely_ranges(mixed)}
