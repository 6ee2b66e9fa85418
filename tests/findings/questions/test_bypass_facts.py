"""What a cluster asks of a bypass list, and what of it goes to the proxy."""

from __future__ import annotations

import pytest

from arcprobe import no_proxy
from arcprobe.findings.questions.bypass_facts import (
    api_targets,
    bypasses,
    has_flux,
    is_unknown,
    known_ranges,
    networks_possibly_meant,
    ranges_of,
    required,
    services_in,
    split_target,
    suggest,
    traffic_of,
    with_names,
)
from arcprobe.model import Cluster, Range, Service, Settings

NAMES = ".svc,.svc.cluster.local"
KUBERNETES = Service(namespace="default", name="kubernetes", addresses=("10.0.0.1",))
DNS = Service(namespace="kube-system", name="dns", addresses=("10.0.0.10", "fd00::a"))


def network(cidr: str, what: str = "services", *, inferred: bool = False) -> Range:
    """A range of the cluster."""
    return Range(cidr=cidr, what=what, source="x", inferred=inferred)


@pytest.mark.parametrize(
    ("skip_range", "target", "due"),
    [
        ("10.0.0.1", "10.0.0.1:443", True),
        ("10.0.0.1:443", "10.0.0.1:443", True),
        ("10.0.0.1:443", "10.0.0.1:6443", False),
        ("10.0.0.1:443", "10.0.0.1", True),
        ("10.0.0.1:6443", "10.0.0.1", True),
        ("10.0.0.1:8443", "10.0.0.1", True),
        ("10.0.0.2", "10.0.0.1", False),
        ("", "10.0.0.1", False),
        ("a.svc", "a.svc:x", False),
    ],
)
def test_what_goes_direct(skip_range: str, target: str, due: bool) -> None:
    """Where the port is not known, an entry for any port of the host counts."""
    assert bypasses(skip_range, target) is due


def test_targets_come_apart() -> None:
    """Host and port; a text with a bad port is a host as it stands."""
    assert split_target("[fd00::1]:6443") == ("fd00::1", 6443)
    assert split_target("a.svc:x") == ("a.svc:x", None)


@pytest.mark.parametrize(
    ("skip_range", "due"),
    [
        ("10.0.0.0/33", ("10.0.0.0/8",)),
        ("172.16.0.0/33;a", ("172.0.0.0/8",)),
        ("fd00::/129", ("fd00::/16",)),
        ("010.96.0.0/12", ("10.0.0.0/8",)),
        ("000.0.0.0/33", ("0.0.0.0/8",)),
        ("<range>", ("0.0.0.0/0", "::/0")),
        ("$RANGE a", ("0.0.0.0/0", "::/0")),
        ("10.0.0.0/16;.svc", ()),
        ("10.0.0.0/255.255.0.0", ()),
        ("10.0.0.0/33;<local>", ("10.0.0.0/8",)),  # a word of Windows' lists means no address
    ],
)
def test_what_a_malformed_entry_may_have_meant(skip_range: str, due: tuple[str, ...]) -> None:
    """What begins like the address that it was written with; what is certain is not guessed."""
    assert networks_possibly_meant(no_proxy.lint(skip_range)) == due


def test_ranges() -> None:
    """Ranges by kind; certain are those that are networks and not inferred."""
    told = Cluster(
        source="api",
        ranges=(
            network("10.0.0.0/16"),
            network("10.0.0.0/8", inferred=True),
            network("x"),
            network("10.244.0.0/16", "pods"),
        ),
    )
    assert [known.cidr for known in ranges_of(told, "services")] == [
        "10.0.0.0/16",
        "10.0.0.0/8",
        "x",
    ]
    assert [known.cidr for known in known_ranges(told, "services")] == ["10.0.0.0/16"]
    assert [known.cidr for known in known_ranges(told, "pods")] == ["10.244.0.0/16"]


@pytest.mark.parametrize(
    ("cluster", "due"),
    [
        (None, True),
        (Cluster(source="api"), True),
        (Cluster(source="api", ranges=(network("10.0.0.0/8", inferred=True),)), True),
        (Cluster(source="api", ranges=(network("10.244.0.0/16", "pods"),)), True),
        (Cluster(source="api", ranges=(network("10.0.0.0/16"),)), False),
        (Cluster(source="api", addresses=("10.0.0.1",)), False),
    ],
)
def test_unknown_services(cluster: Cluster | None, due: bool) -> None:
    """An address in use or a certain range is knowledge, an inferred range is none."""
    assert is_unknown(cluster) is due


def test_how_clients_name_the_api_server() -> None:
    """Each name once; names below .svc are the suffixes' business."""
    told = Cluster(
        source="api",
        cluster_domain="k8s.corp",
        api_servers=("10.0.0.1:443", "kubernetes.default.svc", "api.corp:6443"),
        api_server_addresses=("192.0.2.5:6443", "10.0.0.1:443", "x.svc.k8s.corp:443"),
    )
    assert api_targets(told) == ("10.0.0.1:443", "api.corp:6443", "192.0.2.5:6443")


def test_what_a_list_must_do() -> None:
    """Certain ranges, addresses in use and of nodes, the API server's names, the suffixes; more
    than sixteen ranges of a kind are joined."""
    many = tuple(network(f"10.{number}.0.0/24", "pods") for number in range(17))
    few = tuple(network(f"192.0.2.{number}/32", "nodes") for number in range(16))
    told = Cluster(
        source="api",
        addresses=("10.0.0.1",),
        nodes=("192.0.2.50", "node-a", "fe80::1%eth0"),
        api_servers=("api.corp:6443",),
        cluster_domain="k8s.corp",
        ranges=(network("10.96.0.0/12"), network("10.0.0.0/8", inferred=True), *many, *few),
    )
    found = required(told, (("*.servicebus.windows.net", 443),))
    assert found.ranges == ("10.96.0.0/12", *(known.cidr for known in few))
    assert found.guesses == ("10.0.0.0/8",)
    assert found.groups == (("10.0.0.1",), ("192.0.2.50",), tuple(known.cidr for known in many))
    assert found.hosts == ("api.corp:6443",)
    assert found.suffixes == ("kubernetes.default.svc", ".svc.k8s.corp", ".svc")
    assert found.proxied == (("name.servicebus.windows.net", 443),)


def test_without_a_cluster_there_are_the_suffixes() -> None:
    """What no cluster told of cannot be asked for."""
    found = required(None, (("a", 1),))
    assert (found.ranges, found.groups, found.hosts) == ((), (), ())
    assert found.suffixes == ("kubernetes.default.svc", ".svc.cluster.local", ".svc")
    assert suggest("x", None).skip_range == ("x,kubernetes.default.svc,.svc.cluster.local,.svc")


def test_wildcards_are_asked_by_a_name() -> None:
    """A host without a star stays."""
    assert with_names((("*.a.b", 443), ("c", 80))) == (("name.a.b", 443), ("c", 80))


TWO = Cluster(
    source="api",
    services=(KUBERNETES, DNS),
    addresses=("10.0.0.1", "10.0.0.10"),
    api_servers=("10.0.0.1:443", "api.corp:6443"),
)


@pytest.mark.parametrize(
    ("skip_range", "addresses", "api"),
    [
        ("10.0.0.0/16", (), ("api.corp:6443",)),
        ("10.0.0.10", (), ("10.0.0.1", "api.corp:6443")),
        ("10.0.0.10,10.0.0.1:443", (), ("api.corp:6443",)),
        ("10.0.0.10,10.0.0.1:6443", (), ("10.0.0.1:443", "api.corp:6443")),
        ("10.0.0.10,10.0.0.1:80", (), ("10.0.0.1", "api.corp:6443")),
        ("10.0.0.1", ("10.0.0.10",), ("api.corp:6443",)),
        ("api.corp", ("10.0.0.1", "10.0.0.10"), ()),
        ("", ("10.0.0.1", "10.0.0.10"), ("api.corp:6443",)),
    ],
)
def test_what_goes_to_the_proxy(
    skip_range: str, addresses: tuple[str, ...], api: tuple[str, ...]
) -> None:
    """The API server's Service address alone is the API server's; together with others it is the
    Services'."""
    traffic = traffic_of(TWO, skip_range)
    assert (traffic.addresses, traffic.api) == (addresses, api)


def test_ranges_that_go_to_the_proxy() -> None:
    """A certain range that is not covered wholly is the Services' too, with the addresses in it."""
    told = Cluster(
        source="api",
        services=(KUBERNETES,),
        addresses=("10.0.0.1",),
        ranges=(network("10.0.0.0/16"), network("10.96.0.0/16", inferred=True)),
        api_servers=("10.0.0.1:443", "10.0.7.7:443", "10.96.0.1:443", "192.0.2.5:6443"),
    )
    traffic = traffic_of(told, NAMES)
    assert [known.cidr for known in traffic.service_ranges] == ["10.0.0.0/16"]
    assert (traffic.addresses, traffic.api) == (("10.0.0.1",), ("192.0.2.5:6443",))
    assert traffic_of(told, "10.0.0.0/16").service_ranges == ()


def test_a_malformed_entry_is_blamed_once() -> None:
    """What a malformed entry may have meant counts as covered, and not as meant."""
    traffic = traffic_of(TWO, f"10.0.0.0/33,{NAMES}")
    assert traffic.addresses == ()
    assert traffic.meant == ".svc,.svc.cluster.local"
    assert traffic.lenient == ".svc,.svc.cluster.local,10.0.0.0/8"


def test_entries_that_would_help() -> None:
    """A useless entry is to blame where what it meant covers what goes to the proxy."""
    traffic = traffic_of(TWO, f"10.*,172.*,svc.,{NAMES}")
    helpful = [problem.entry.text for problem in traffic.problems if traffic.would_help(problem)]
    assert helpful == ["10.*"]
    covered = traffic_of(TWO, "10.0.0.0/8,10.*")
    assert not any(map(covered.would_help, covered.problems))


def test_services_by_name() -> None:
    """Services whose addresses are in the runs, with these; without names the runs; of very many
    Services both."""
    assert services_in(TWO, ("10.0.0.10", "fd00::/64")) == ("kube-system/dns (10.0.0.10, fd00::a)",)
    assert services_in(TWO, ("10.9.9.9",)) == ("10.9.9.9",)
    assert services_in(None, ("10.9.9.9",)) == ("10.9.9.9",)
    nine = tuple(
        Service(namespace="n", name=str(number), addresses=(f"10.0.1.{number}",))
        for number in range(9)
    )
    runs = ("10.0.1.0/24",)
    assert services_in(Cluster(source="api", services=nine[:8]), runs)[-1] == "n/7 (10.0.1.7)"
    assert services_in(Cluster(source="api", services=nine), runs)[-2:] == (
        "n/8 (10.0.1.8)",
        "10.0.1.0/24",
    )


def test_what_az_itself_appends_is_kept() -> None:
    """Entries that az writes for private endpoints stay in the corrected list; a slip goes."""
    hosts = (("eastus.his.arc.azure.com", 443), ("management.azure.com", 443))
    kept = suggest(f".his.arc.azure.com,azure.com,{NAMES}", None, hosts).skip_range
    assert kept == f".his.arc.azure.com,{NAMES}"


@pytest.mark.parametrize(
    ("features", "due"), [((), False), (("core", "gitops"), True), (("monitor",), False)]
)
def test_flux_runs_where_gitops_is_wanted(features: tuple[str, ...], due: bool) -> None:
    """The feature of that name brings Flux, no other does."""
    assert has_flux(Settings(features=features)) is due


def test_flux_asks_with_a_dot_at_the_end() -> None:
    """Where it runs, the corrected list has the cluster's domain in that form as well."""
    told = Cluster(source="api", cluster_domain="corp.local")
    for cluster, dotted in ((told, ".corp.local."), (None, ".cluster.local.")):
        with_flux = suggest(NAMES, cluster, has_flux=True).skip_range.split(",")
        without = suggest(NAMES, cluster).skip_range.split(",")
        assert dotted in with_flux
        assert dotted not in without
        again = ",".join(with_flux)
        assert suggest(again, cluster, has_flux=True).skip_range == again
