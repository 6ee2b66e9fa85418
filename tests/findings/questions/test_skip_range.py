"""The judge of the skip range: what is uncovered, what is too broad, what is malformed; one broken
thing, one judgement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from arcprobe.findings.questions.skip_range import judge
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Check,
    Cluster,
    Code,
    Failure,
    FailureKind,
    Judgement,
    Kind,
    Owner,
    Proxy,
    Range,
    Route,
    Service,
    Settings,
    SkipReason,
    Verdict,
)
from tests.findings.seen import said, value_of

DOCUMENTED = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"
NAMES = ".svc,.svc.cluster.local"
PROXY = Proxy(scheme="http", host="192.0.2.9", port=3128)
CHECK = Check(
    id="skip-range",
    kind=Kind.SKIP_RANGE,
    target="cluster",
    route=Route.DIRECT,
    required=True,
    feature="core",
)
AZURE = (
    ("management.azure.com", 443),
    ("mcr.microsoft.com", 443),
    ("*.servicebus.windows.net", 443),
)
SERVICES = (
    Service(namespace="default", name="kubernetes", addresses=("10.0.0.1",)),
    Service(namespace="kube-system", name="dns", addresses=("10.0.0.10",)),
    Service(namespace="shop", name="cart", addresses=("10.0.77.3",)),
)
ADDRESSES = ("10.0.0.1", "10.0.0.10", "10.0.77.3")


def cluster(
    *,
    services: tuple[Service, ...] = SERVICES,
    addresses: tuple[str, ...] = ADDRESSES,
    ranges: tuple[Range, ...] = (),
    api_servers: tuple[str, ...] = ("10.0.0.1:443", "kubernetes.default.svc"),
    api_server_addresses: tuple[str, ...] = (),
    nodes: tuple[str, ...] = (),
    cluster_domain: str = "cluster.local",
    failure: Failure | None = None,
) -> Cluster:
    return Cluster(
        source="api",
        services=services,
        service_count=len(services),
        addresses=addresses,
        ranges=ranges,
        api_servers=api_servers,
        api_server_addresses=api_server_addresses,
        nodes=nodes,
        cluster_domain=cluster_domain,
        failure=failure,
    )


def judged(skip_range: str | None, told: Cluster | None) -> tuple[Judgement, ...]:
    return judge(CHECK, told, Settings(proxy_https=PROXY, skip_range=skip_range), AZURE)


def codes(skip_range: str | None, told: Cluster | None) -> list[str]:
    return [judgement.code for judgement in judged(skip_range, told)]


CODES: dict[str, list[str]] = {
    DOCUMENTED: ["cluster-traffic-bypasses"],
    "10.0.0.0/16, .svc , .svc.cluster.local,": ["cluster-traffic-bypasses"],
    "10.0.0.0/17,svc,cluster.local": ["cluster-traffic-bypasses"],
    f"Arc,{DOCUMENTED}": ["cluster-traffic-bypasses"],
    f"{DOCUMENTED},management.azure.com,localhost,127.0.0.1,0.0.0.0/0": [
        "cluster-traffic-bypasses"
    ],
    f"{DOCUMENTED},*.corp.example,intra:8443": ["cluster-traffic-bypasses"],
    "": ["services-uncovered"],
    " , ": ["services-uncovered"],
    NAMES: ["services-uncovered"],
    f"10.0.0.0/24,{NAMES}": ["services-uncovered"],
    f"10.0.0.2/31,10.0.0.10,10.0.77.3,{NAMES}": ["api-server-uncovered"],
    f"10.0.0.1:443,10.0.0.10,10.0.77.3,{NAMES}": ["cluster-traffic-bypasses"],
    "10.0.0.0/16": ["cluster-suffix-missing"],
    "10.0.0.0/16,.svc": ["cluster-suffix-missing"],
    "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local": ["cluster-suffix-missing"],
    "10.1.0.0/16": ["services-uncovered", "cluster-suffix-missing"],
    f"10.0.0.0/33,{NAMES}": ["entry-malformed"],
    "10.0.0.0/16;.svc;.svc.cluster.local": ["entry-malformed"],
    "10.0.0.0/16 .svc .svc.cluster.local": ["entry-malformed"],
    f"<service range>,{NAMES}": ["entry-malformed"],
    f"172.16.0.0/33,{NAMES}": ["entry-malformed", "services-uncovered"],
    "10.0.0.0/16;.svc": ["entry-malformed", "cluster-suffix-missing"],
    f"{DOCUMENTED},,x": ["entry-malformed"],
    f"10.*,{NAMES}": ["services-uncovered"],
    f"{DOCUMENTED},10.*": ["entry-ineffective"],
    f"{DOCUMENTED},[fd00::1]": ["entry-ineffective"],
    f"{DOCUMENTED},*": ["skip-range-too-broad"],
    f"{DOCUMENTED},.com": ["skip-range-too-broad"],
    f"{DOCUMENTED},mcr.microsoft.com,.microsoft.com": ["skip-range-too-broad"],
    f"{DOCUMENTED},.servicebus.windows.net": ["skip-range-too-broad"],
}


@pytest.mark.parametrize("skip_range", CODES)
def test_codes(skip_range: str) -> None:
    """Each list gets exactly the judgements that its faults deserve, and a sound list gets none."""
    assert codes(skip_range, cluster()) == CODES[skip_range]


@pytest.mark.parametrize(
    "skip_range", [text for text, due in CODES.items() if due != ["cluster-traffic-bypasses"]]
)
def test_the_corrected_list_is_right(skip_range: str) -> None:
    """The list that the remedy prints passes when it is judged in its turn, without a warning."""
    corrected = value_of(judged(skip_range, cluster())[0], "corrected")
    again = judged(corrected, cluster())
    assert [one.code for one in again] == [Code.CLUSTER_TRAFFIC_BYPASSES]


def test_verdicts() -> None:
    """What concerns pods and nodes warns, what breaks Services fails; a check that is not required
    never fails."""
    told = cluster(
        ranges=(Range(cidr="10.244.0.0/16", what="pods", source="nodes"),), nodes=("192.0.2.50",)
    )
    found = {one.code: one.verdict for one in judged(f"10.1.0.0/16,{NAMES},10.*", told)}
    assert found == {
        "services-uncovered": Verdict.FAIL,
        "pods-uncovered": Verdict.WARN,
        "nodes-uncovered": Verdict.WARN,
    }
    optional = Check(
        id="x",
        kind=Kind.SKIP_RANGE,
        target="cluster",
        route=Route.DIRECT,
        required=False,
        feature="core",
    )
    assert {
        one.verdict
        for one in judge(optional, told, Settings(proxy_https=PROXY, skip_range=""), AZURE)
    } == {Verdict.WARN}


def test_without_a_proxy_nothing_is_judged() -> None:
    """Without any proxy the check is skipped, with the reason."""
    (only,) = judge(CHECK, cluster(), Settings(skip_range="10.0.0.0/33"), AZURE)
    assert (only.verdict, only.skip) == (Verdict.SKIP, SkipReason.UNNEEDED)
    assert only.summary is not None
    assert language().say(only.summary) == "No proxy is set, so there is nothing to bypass"
    assert said(only) == ("No proxy is set, so there is nothing to bypass.",)


def test_without_a_list_there_is_one_judgement() -> None:
    """A proxy and no list: one cause, with the whole corrected list, however much else it lacks."""
    told = cluster(ranges=(Range(cidr="10.0.0.0/16", what="services", source="ServiceCIDR"),))
    (only,) = judged(None, told)
    assert (only.code, only.verdict) == ("services-uncovered", Verdict.FAIL)
    assert value_of(only, "corrected") == DOCUMENTED


def test_uncovered_services_are_named() -> None:
    """The evidence names the Services that go to the proxy, and only those."""
    (only,) = judged(f"10.0.0.0/24,{NAMES}", cluster())
    assert "shop/cart (10.0.77.3)" in said(only)[0]
    assert "kubernetes" not in said(only)[0]
    assert value_of(only, "missing") == "10.0.77.3"


def test_every_family_counts() -> None:
    """An uncovered IPv6 ClusterIP of a dual-stack Service is uncovered, and its range is
    offered."""
    (only,) = judged(DOCUMENTED, cluster(addresses=(*ADDRESSES, "fd00:10::1-fd00:10::f")))
    assert only.code == Code.SERVICES_UNCOVERED
    assert value_of(only, "corrected") == f"{DOCUMENTED},fd00:10::/124"


def test_a_known_range_must_be_covered_wholly() -> None:
    """A range of which only the part in use is covered breaks the Services of tomorrow, and the
    evidence says so."""
    told = cluster(ranges=(Range(cidr="10.0.0.0/12", what="services", source="ServiceCIDR"),))
    (only,) = judged(DOCUMENTED, told)
    assert only.code == Code.SERVICES_UNCOVERED
    assert "10.1.0.0-10.15.255.255" in said(only)[0]
    assert "later ones will not be" in said(only)[0]


def test_an_inferred_range_accuses_nobody() -> None:
    """A range that was only deduced decides nothing while every address in use is covered."""
    guessed = tuple(
        Range(cidr="10.0.0.0/8", what=what, source="addresses", inferred=True)
        for what in ("services", "pods", "nodes")
    )
    assert codes(DOCUMENTED, cluster(ranges=guessed)) == ["cluster-traffic-bypasses"]


def test_the_api_servers_own_address() -> None:
    """The endpoint of default/kubernetes and the server's host are judged; a node that is that
    endpoint is not accused again."""
    told = cluster(
        api_server_addresses=("192.0.2.5:6443",),
        nodes=("192.0.2.5",),
        api_servers=("api.corp.example:6443",),
    )
    (only,) = judged(DOCUMENTED, told)
    assert only.code == Code.API_SERVER_UNCOVERED
    assert value_of(only, "missing") == "api.corp.example:6443, 192.0.2.5:6443"
    assert codes(
        f"{DOCUMENTED},192.0.2.5:6443,.corp.example",
        cluster(api_server_addresses=("192.0.2.5",), api_servers=()),
    ) == ["cluster-traffic-bypasses"]
    assert codes(DOCUMENTED, cluster(api_servers=("127.0.0.1:6443", "localhost:6443"))) == [
        "cluster-traffic-bypasses"
    ]


def test_another_cluster_domain() -> None:
    """The suffix that is asked for is that of this cluster's own domain."""
    (only,) = judged(DOCUMENTED, cluster(cluster_domain="k8s.corp.example"))
    assert only.code == Code.CLUSTER_SUFFIX_MISSING
    assert value_of(only, "missing") == ".svc.k8s.corp.example"


UNREADABLE = {
    FailureKind.FORBIDDEN: 'resources: ["services"], verbs: ["list"]',
    FailureKind.UNAVAILABLE: "kubectl",
    FailureKind.TIMED_OUT: "--services",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_services_warn_with_reason_and_fix(kind: FailureKind) -> None:
    """Services that cannot be read are a warning that gives the reason and the fix, and the rest of
    the list is judged."""
    told = cluster(services=(), addresses=(), failure=Failure(kind=kind, detail="said so"))
    (only,) = judged(DOCUMENTED, told)
    assert (only.code, only.verdict) == (Code.SERVICES_UNREADABLE, Verdict.WARN)
    assert only.owner is Owner.CLUSTER
    assert only.remedy is not None
    assert UNREADABLE[kind] in language().say(only.remedy)
    assert value_of(only, "reason") == f"{kind}: said so"
    assert codes(f"{DOCUMENTED},*", told) == ["skip-range-too-broad", "services-unreadable"]


def test_nothing_known_is_never_a_pass() -> None:
    """Neither a cluster that was not asked nor one without any ClusterIP passes; a given range
    stands for Services unread."""
    assert codes(DOCUMENTED, None) == ["services-unreadable"]
    assert codes(DOCUMENTED, cluster(services=(), addresses=(), api_servers=())) == [
        "services-unreadable"
    ]
    given_range = (Range(cidr="10.0.0.0/16", what="services", source="--service-cidr"),)
    unread = cluster(
        services=(), addresses=(), ranges=given_range, failure=Failure(kind=FailureKind.FORBIDDEN)
    )
    assert codes(DOCUMENTED, unread) == ["cluster-traffic-bypasses"]
    told_range = (Range(cidr="10.0.0.0/16", what="services", source="ServiceCIDR"),)
    unread = cluster(
        services=(), addresses=(), ranges=told_range, failure=Failure(kind=FailureKind.FORBIDDEN)
    )
    assert codes(DOCUMENTED, unread) == ["services-unreadable"]


def test_a_list_of_names_alone_covers_no_service() -> None:
    """Even where the Services are unknown: a list without any address covers none of theirs."""
    assert codes(NAMES, None) == ["services-uncovered", "services-unreadable"]


def test_other_clients_are_evidence_not_warnings() -> None:
    """What other clients do not understand stands as evidence on the pass, and so does the proxy's
    own address."""
    (only,) = judged(f"{DOCUMENTED},192.0.2.0/24", cluster())
    assert only.code is Code.CLUSTER_TRAFFIC_BYPASSES
    assert any("python-urllib, dotnet" in line for line in said(only))
    assert any("192.0.2.9" in line for line in said(only))


def test_too_broad_names_entry_and_endpoint() -> None:
    """The evidence says which entry takes which endpoint past the proxy; the corrected list has it
    no more."""
    (only,) = judged(f"{DOCUMENTED},.azure.com,.windows.net", cluster())
    assert said(only) == (
        "`.azure.com` takes past the proxy: management.azure.com:443",
        "`.windows.net` takes past the proxy: *.servicebus.windows.net:443",
    )
    assert value_of(only, "corrected") == DOCUMENTED


def test_large_clusters_make_short_judgements() -> None:
    """Tens of thousands of scattered addresses give bounded evidence and a list of few entries."""
    runs = tuple(
        f"10.{high}.{middle}.{low}"
        for high in range(2)
        for middle in range(256)
        for low in range(1, 80, 2)
    )
    (only,) = judged(f"10.0.0.0/17,{NAMES}", cluster(addresses=runs, services=()))
    assert sum(map(len, said(only))) < 1500
    assert len(value_of(only, "corrected").split(",")) < 6


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.text(max_size=30), max_size=3),
    st.lists(st.text(max_size=30), max_size=3),
)
def test_hostile_facts_never_raise(skip_range: str, texts: list[str], others: list[str]) -> None:
    """Whatever the list, the addresses or the names of a cluster hold, there is a judgement."""
    told = cluster(
        addresses=tuple(texts),
        api_servers=tuple(others),
        nodes=tuple(texts),
        ranges=tuple(
            Range(cidr=text, what=what, source="x")
            for text in others
            for what in ("services", "pods", "nodes")
        ),
        cluster_domain=(texts or ["x"])[0],
    )
    found = judged(skip_range, told)
    assert found
    words = [line for one in found for line in said(one)]
    assert all(line.isprintable() and len(line) <= 1000 for line in words)
