"""The judge of the skip range: what is uncovered, what is too broad, what is malformed; one broken
thing, one judgement."""

from __future__ import annotations

import msgspec
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
    f"{DOCUMENTED},management.azure.com,localhost,127.0.0.1": ["cluster-traffic-bypasses"],
    f"{DOCUMENTED},0.0.0.0/0": ["skip-range-too-broad"],
    f"::/0,0.0.0.0/1,{NAMES}": ["skip-range-too-broad"],
    f"0.0.0.0/0,{NAMES}": ["skip-range-too-broad"],
    f"10.0.0.1,10.0.0.10,10.0.77.3,{NAMES}": ["service-range-unknown"],
    f"10.0.0.0/21,10.0.77.3,{NAMES}": ["service-range-unknown"],
    f"10.0.0.0/8,{NAMES}": ["cluster-traffic-bypasses"],
    f"{DOCUMENTED},*.corp.example,intra:8443": ["cluster-traffic-bypasses"],
    "": ["services-uncovered"],
    " , ": ["services-uncovered"],
    NAMES: ["services-uncovered"],
    f"10.0.0.0/24,{NAMES}": ["services-uncovered"],
    f"10.0.0.2/31,10.0.0.10,10.0.77.3,{NAMES}": ["api-server-uncovered"],
    f"10.0.0.1:443,10.0.0.10,10.0.77.3,{NAMES}": ["service-range-unknown"],
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
    assert value_of(only, "corrected") == f"{DOCUMENTED},fd00:10::/112"


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
        "`.azure.com` bypasses the proxy for: management.azure.com:443",
        "`.windows.net` bypasses the proxy for: *.servicebus.windows.net:443",
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


def remedy_of(judgement: Judgement) -> str:
    """The judge's own advice in English."""
    assert judgement.remedy is not None
    return language().say(judgement.remedy)


def nine(prefix: str) -> str:
    """A list of nine entries that begin alike."""
    return ",".join(f"{prefix}{number}" for number in range(9))


@pytest.mark.parametrize(
    ("skip_range", "setting", "told", "due"),
    [
        (
            None,
            "",
            None,
            (
                "A proxy is set, and --proxy-skip-range is not set.",
                "The Service range is not known here: add it to the list (`kubectl get svc -A`"
                " shows the addresses).",
            ),
        ),
        (
            "",
            "NO_PROXY",
            cluster(),
            (
                "A proxy is set, and NO_PROXY is empty.",
                "Requests to all 3 Services of the cluster would go through the proxy.",
            ),
        ),
        (
            None,
            "",
            cluster(
                services=(),
                addresses=(),
                ranges=(Range(cidr="10.0.0.0/16", what="services", source="x"),),
            ),
            ("A proxy is set, and --proxy-skip-range is not set.",),
        ),
    ],
)
def test_the_words_without_a_list(
    skip_range: str | None, setting: str, told: Cluster | None, due: tuple[str, ...]
) -> None:
    """Which setting lacks, how many Services are concerned, and whether their range is known."""
    given = Settings(proxy_http=PROXY, skip_range=skip_range, skip_range_setting=setting)
    only = judge(CHECK, told, given, AZURE)[0]
    assert said(only) == due


def test_what_is_missing_without_a_list() -> None:
    """The Services by name; where none is known, that there is no list."""
    assert value_of(judged(None, cluster())[0], "missing") == (
        "default/kubernetes (10.0.0.1), kube-system/dns (10.0.0.10), shop/cart (10.0.77.3)"
    )
    assert value_of(judged(None, None)[0], "missing") == "no bypass list is set"


def test_the_advice_where_the_services_are_unknown() -> None:
    """The Service range cannot be written for a cluster that nobody asked: the user adds it."""
    assert remedy_of(judged(NAMES, None)[0]) == (
        "Put the cluster's Service range (`kubectl get svc -A` shows its addresses) before the rest"
        f" of the list: {NAMES}"
    )
    assert judged("10.0.0.0/24," + NAMES, cluster())[0].remedy is None


def test_the_words_of_malformed_entries() -> None:
    """Each entry with its place, its problem and what was meant; eight of them; and which Services
    go to the proxy now."""
    found = judged(f"10.0.0.0/16;a,,{NAMES}", cluster())[0]
    assert said(found) == (
        "Entry 1 `10.0.0.0/16;a`: `;` separates entries only on Windows; use `,`;"
        " write 10.0.0.0/16,a",
        "Entry 2 ``: nothing between two commas",
        "With the list as it stands these Services go to the proxy: default/kubernetes (10.0.0.1),"
        " kube-system/dns (10.0.0.10), shop/cart (10.0.77.3)",
    )
    assert value_of(found, "entry") == "`10.0.0.0/16;a`"
    assert value_of(found, "entries") == "10.0.0.0/16;a, ,,"
    assert value_of(found, "reason") == "`;` separates entries only on Windows; use `,`"
    many = judged(f"{DOCUMENTED},{nine('<x')}", cluster())[0]
    assert len(said(many)) == 8
    assert value_of(many, "entries") == "<x0, <x1, <x2, <x3, <x4, <x5, <x6, <x7 and 1 more"


def test_the_words_of_uncovered_services() -> None:
    """Who goes to the proxy, which ranges are not covered, which are only guessed, which entries do
    not help."""
    told = cluster(
        ranges=(
            Range(cidr="10.0.0.0/16", what="services", source="ServiceCIDR"),
            Range(cidr="10.0.0.0/12", what="services", source="addresses", inferred=True),
        )
    )
    found = judged(f"10.0.0.0/17,10.0.*.*,{NAMES}", told)[0]
    assert said(found) == (
        "Service range 10.0.0.0/16 (ServiceCIDR): uncovered 10.0.128.0-10.0.255.255; all current"
        " Services are covered, later ones will not be",
        "The Service range looks like 10.0.0.0/12 (addresses); confirm with --service-cidr",
        "`10.0.*.*` does not help: `*` matches no part of an address in any client",
    )
    assert value_of(found, "missing") == "10.0.0.0/16"
    found = judged(f"10.0.0.0/24,{NAMES}", told)[0]
    assert said(found)[:2] == (
        "Sent to the proxy by Go clients: shop/cart (10.0.77.3)",
        "Service range 10.0.0.0/16 (ServiceCIDR): uncovered 10.0.1.0-10.0.255.255",
    )
    assert value_of(found, "missing") == "10.0.77.3"


def test_the_words_of_a_list_of_names() -> None:
    """A list of names alone is told so, and only where it holds nothing else."""
    found = judged(NAMES, None)[0]
    assert said(found) == (
        "The list holds only names. Clients use Services by address too, as in"
        " KUBERNETES_SERVICE_HOST: no entry covers these.",
    )
    assert value_of(found, "missing") == "it holds no address range"
    for other in ("10.0.0.1", "10.0.0.0/8", "*", "10.*", "<x>"):
        assert Code.SERVICES_UNCOVERED not in codes(f"{NAMES},{other}", None)


def test_the_words_of_an_api_server() -> None:
    """How clients name it, and where that is known from."""
    found = judged(DOCUMENTED, cluster(api_servers=("api.corp.example:6443",)))[0]
    assert said(found) == (
        "Sent to the proxy by Go clients: api.corp.example:6443 (known from: api)",
    )


def test_the_words_of_suffixes() -> None:
    """Which name goes to the proxy, and which suffix would cover it."""
    found = judged("10.0.0.0/16", cluster())[0]
    assert said(found) == (
        "service.namespace.svc goes to the proxy: no entry covers .svc",
        "service.namespace.svc.cluster.local goes to the proxy: no entry covers .svc.cluster.local",
    )
    assert value_of(found, "missing") == ".svc, .svc.cluster.local"
    only = judged("10.0.0.0/16,namespace.svc,.svc.cluster.local", cluster())[0]
    assert value_of(only, "missing") == "kubernetes.default.svc"


def test_the_words_of_pods_and_nodes() -> None:
    """Addresses of nodes first, then each range with what of it is uncovered; eight lines."""
    told = cluster(
        nodes=("192.0.2.50", "10.0.0.9"),
        ranges=(
            Range(cidr="10.244.0.0/16", what="pods", source="nodes"),
            Range(cidr="192.0.2.0/24", what="nodes", source="nodes"),
            Range(cidr="10.0.0.0/16", what="nodes", source="nodes"),
        ),
    )
    pods, nodes = judged(f"{DOCUMENTED},10.244.0.0/17", told)
    assert said(pods) == ("Pod range 10.244.0.0/16 (nodes): uncovered 10.244.128.0-10.244.255.255",)
    assert value_of(pods, "missing") == "10.244.0.0/16"
    assert said(nodes) == (
        "Nodes: 192.0.2.50",
        "Node range 192.0.2.0/24 (nodes): uncovered 192.0.2.0-192.0.2.255",
    )
    assert value_of(nodes, "missing") == "192.0.2.50, 192.0.2.0/24"
    ranges = tuple(
        Range(cidr=f"10.{200 + number}.0.0/16", what=what, source="nodes")
        for what in ("pods", "nodes")
        for number in range(9)
    )
    pods, nodes = judged(DOCUMENTED, cluster(ranges=ranges, nodes=("192.0.2.50",)))
    assert (len(said(pods)), len(said(nodes))) == (8, 8)


def test_the_words_of_useless_entries() -> None:
    """Each with its place and its problem; who does not take them."""
    found = judged(f"{DOCUMENTED},172.*,x.", cluster())[0]
    assert said(found) == (
        "Entry 5 `172.*`: `*` matches no part of an address in any client",
        "Entry 6 `x.`: with a trailing dot it matches only names that have one too",
    )
    assert value_of(found, "entries") == "172.*, x."
    assert value_of(found, "entry") == "172.*, x."
    assert value_of(found, "client") == "Go, the agents' language"
    dotted = ",".join(f"x{number}." for number in range(9))
    many = judged(f"{DOCUMENTED},{dotted}", cluster())[0]
    assert len(said(many)) == 8


UNREAD = [
    (
        FailureKind.FORBIDDEN,
        'Add to the ClusterRole of this ServiceAccount: {apiGroups: [""], resources: ["services"],'
        ' verbs: ["list"]} (`arcprobe job` prints the whole role)',
    ),
    (
        FailureKind.UNAUTHORIZED,
        "The API server refused this token: sign in again, or mount the ServiceAccount's token",
    ),
    (
        FailureKind.TLS_OTHER,
        "The given CA is not the API server's: mount this cluster's ServiceAccount, or"
        " renew the kubeconfig; an inspecting proxy before the API server looks the same: put the"
        " API server's address and name into NO_PROXY",
    ),
    (
        FailureKind.HTTP_MALFORMED,
        "A proxy answered instead of the API server: put the API server's address and name into"
        " NO_PROXY",
    ),
    (
        FailureKind.TIMED_OUT,
        "Allow the connection to the API server: NetworkPolicies, kube-proxy or the CNI, firewall",
    ),
    (
        FailureKind.REFUSED,
        "Check the connection to the API server: its address and port, kube-proxy or the CNI",
    ),
    (FailureKind.UNAVAILABLE, "Run where `kubectl` works, or in a pod with a ServiceAccount"),
    (FailureKind.OTHER, "Check that the API server answers here"),
]
BY_HAND = (
    "; or `kubectl get svc -A -o json > services.json` and --services services.json; or"
    " --service-cidr RANGE."
)


@pytest.mark.parametrize(("kind", "due"), UNREAD)
def test_how_services_become_readable(kind: FailureKind, due: str) -> None:
    """Each reason has its fix, and there is always the way by hand."""
    told = cluster(failure=Failure(kind=kind, detail="x"))
    only = judged(DOCUMENTED, told)[0]
    assert remedy_of(only) == due + BY_HAND
    assert dict(only.values).keys() == {"reason"}


def test_the_words_of_unread_services() -> None:
    """The reason, what else could not be read, and that the list was judged all the same."""
    nobody = judged(DOCUMENTED, None)[0]
    assert said(nobody) == (
        "Reason: no cluster was asked",
        "The rest of the list was still checked.",
    )
    assert remedy_of(nobody) == "Run where `kubectl` works" + BY_HAND
    empty = judged(DOCUMENTED, cluster(services=(), addresses=(), api_servers=()))[0]
    assert said(empty)[0] == "Reason: what was read holds no Service with an address"
    assert remedy_of(empty) == "Run where `kubectl` works" + BY_HAND
    notes = tuple(f"note {number}" for number in range(9))
    noted = Cluster(
        source="api", notes=notes, failure=Failure(kind=FailureKind.FORBIDDEN, detail="y" * 400)
    )
    words = said(judged(DOCUMENTED, noted)[0])
    assert words[0] == "Reason: forbidden: " + "y" * 288 + "…"
    assert words[1:] == (*notes[:8], "The rest of the list was still checked.")


def test_the_words_of_a_pass() -> None:
    """What was compared; what other clients make of it; that the proxy's own address stands in the
    list."""
    only = judged(f"{DOCUMENTED},192.0.2.9", cluster(api_servers=("127.0.0.1:6443",)))[0]
    assert said(only) == (
        "Covered: the addresses of 3 Services, 1 of the API server",
        "The Service range is not known; the list covers 10.0.0.0/16, which is as wide as such"
        " ranges usually are. Confirm with --service-cidr.",
        "clusterconnect-agent is .NET, which ignores ranges before .NET 11: it uses"
        " default/kubernetes by its address, so put 10.0.0.1 into the list by itself",
        "`10.0.0.0/16`: not understood by python-urllib, dotnet",
        "The proxy's own address 192.0.2.9 is in the list (`192.0.2.9`), which changes nothing.",
    )
    known = cluster(
        api_servers=(), ranges=(Range(cidr="10.0.0.0/16", what="services", source="ServiceCIDR"),)
    )
    assert said(judged(f"10.0.0.1,{DOCUMENTED}", known)[0]) == (
        "Covered: the addresses of 3 Services",
        "`10.0.0.0/16`: not understood by python-urllib, dotnet",
    )
    assert said(judged(f"{DOCUMENTED},{nine('10.9.9.')}/32", cluster())[0])[0].startswith("Covered")


def test_either_proxy_is_enough() -> None:
    """A proxy for http, or one that is only assumed, is a proxy as well."""
    assumed = msgspec.structs.replace(CHECK, proxy=PROXY)
    for asked, set_to in (
        (CHECK, Settings(proxy_http=PROXY)),
        (CHECK, Settings(proxy_https=PROXY)),
        (assumed, Settings()),
    ):
        assert judge(asked, cluster(), set_to, AZURE)[0].code is Code.SERVICES_UNCOVERED
    by_http = Settings(proxy_http=PROXY, skip_range=f"{DOCUMENTED},192.0.2.9")
    assert "own address" in said(judge(CHECK, cluster(), by_http, AZURE)[0])[-1]


def test_who_acts() -> None:
    """The list is the user's own setting; what cannot be read is the cluster's."""
    assert judged("", cluster())[0].owner is Owner.YOU
    assert judged(DOCUMENTED, None)[0].owner is Owner.CLUSTER


def with_flux(skip_range: str) -> list[tuple[str, str, str]]:
    """Code, verdict and subject of what is said where the feature gitops is on."""
    settings = Settings(proxy_https=PROXY, skip_range=skip_range, features=("gitops",))
    words = judge(CHECK, cluster(), settings, AZURE)
    return [(word.code.value, str(word.verdict), word.subject) for word in words]


def test_flux_needs_the_suffix_with_a_dot() -> None:
    """A warning where the list has the suffix without the dot alone; where it has neither, one
    fault says so."""
    missing = "cluster-suffix-missing"
    assert (missing, "warn", "flux") in with_flux(DOCUMENTED)
    assert codes(DOCUMENTED, cluster()) == ["cluster-traffic-bypasses"]
    assert missing not in [code for code, *_ in with_flux(f"{DOCUMENTED},.cluster.local.")]
    assert [subject for code, _, subject in with_flux("10.0.0.0/16") if code == missing] != ["flux"]
    (flux,) = [
        word
        for word in judge(
            CHECK,
            cluster(),
            Settings(proxy_https=PROXY, skip_range=DOCUMENTED, features=("gitops",)),
            AZURE,
        )
        if word.subject == "flux"
    ]
    assert dict(flux.values)["missing"] == ".cluster.local."
    assert said(flux) == (
        "source-controller.flux-system.svc.cluster.local. goes to the proxy: Flux (gitops) uses "
        "Service names with a trailing dot, and no entry covers .cluster.local.",
    )


def test_a_list_that_is_right_before_the_cluster_was_read() -> None:
    """Ranges that are given by hand are enough: no count of Services is invented."""
    known = Cluster(
        source="flags",
        ranges=(Range(cidr="10.0.0.0/16", what="services", source="--service-cidr"),),
    )
    words = judged(DOCUMENTED, known)
    assert [word.code.value for word in words] == ["cluster-traffic-bypasses"]
