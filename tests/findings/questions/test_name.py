"""Names: each code of the DNS layer from what resolvers answer. Behind a proxy, and where all is
well, nobody is accused."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.questions import name as dns
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Kind,
    Lookup,
    Observation,
    Proxy,
    Surroundings,
    Verdict,
)
from tests.findings.seen import ADDRESS, HOST, PROXY, check, failed

SERVER, OTHER = "10.0.0.53", "10.0.0.54"
NAME = check(Kind.DNS)
OF_PROXY = check(Kind.DNS, host=PROXY.host, port=PROXY.port, proxy=PROXY)
UNKNOWN = check(Kind.DNS, host="")
PLACE = Surroundings(name_servers=(SERVER,), search=("corp.example",), ndots=5)
LINKED = "his.privatelink.azure.com"
OK, NX = "NOERROR", "NXDOMAIN"


def system(*addresses: str, kind: FailureKind | None = None, took: float = 0.01) -> Attempt:
    """What the system's resolver said."""
    failure = failed(kind) if kind else None
    return Attempt(
        label=Experiment.SYSTEM,
        steps=(PLACE, Lookup(name=HOST, addresses=addresses, failure=failure, took=took)),
    )


def said(*addresses: str, kind: FailureKind | None = None, **more: Any) -> Lookup:
    """What a name server said of A over UDP, unless told otherwise."""
    codes = {
        FailureKind.NAME_UNKNOWN: NX,
        FailureKind.NAME_EMPTY: OK,
        FailureKind.RESOLVER_FAILED: "SERVFAIL",
    }
    codes |= {FailureKind.RESOLVER_REFUSED: "REFUSED"}
    rcode = OK if kind is None else codes.get(kind, "")
    given = {
        "name": HOST,
        "engine": SERVER,
        "record": "A",
        "transport": "udp",
        "rcode": rcode,
        **more,
    }
    return Lookup(addresses=addresses, failure=failed(kind) if kind else None, **given)


def server(*lookups: Lookup, address: str = SERVER) -> Attempt:
    """One name server's answers."""
    return Attempt(label=f"name server {address}", steps=lookups)


def search(*lookups: Lookup) -> Attempt:
    """What the search list's names gave."""
    return Attempt(label=Experiment.SEARCH_LIST, steps=lookups)


def judged(*attempts: Attempt, asked: Check = NAME, **known: Any) -> Judgement:
    """The judgement of these answers."""
    given: dict[str, Any] = {
        "gateway": False,
        "fails_beyond": False,
        "shared": frozenset(),
        **known,
    }
    return dns.judge(asked, Observation(check=asked.id, attempts=attempts), **given)


AAAA_SILENT = said(kind=FailureKind.TIMED_OUT, record="AAAA")
TRUNCATED = said(kind=FailureKind.NAME_EMPTY, truncated=True)


@pytest.mark.parametrize(
    ("kind", "lookups", "due"),
    [
        (FailureKind.NAME_UNKNOWN, (said(kind=FailureKind.NAME_UNKNOWN),), "name-unknown"),
        (FailureKind.NAME_EMPTY, (said(kind=FailureKind.NAME_EMPTY),), "name-empty"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.RESOLVER_FAILED),), "resolver-failed"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.RESOLVER_REFUSED),), "resolver-refused"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.TIMED_OUT),), "resolver-silent"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.REFUSED),), "resolver-unreachable"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.UNREACHABLE),), "resolver-unreachable"),
        (FailureKind.LOOKUP_FAILED, (said(kind=FailureKind.PROHIBITED),), "resolver-unreachable"),
        # FORMERR comes out of getaddrinfo as "unknown", A=SERVFAIL with AAAA=NODATA as
        # "empty": the server knows better
        (FailureKind.NAME_UNKNOWN, (said(kind=FailureKind.RESOLVER_FAILED),), "resolver-failed"),
        (FailureKind.NAME_EMPTY, (said(kind=FailureKind.RESOLVER_FAILED),), "resolver-failed"),
        (
            FailureKind.NAME_UNKNOWN,
            (said(kind=FailureKind.NAME_UNKNOWN, cnames=(LINKED,)),),
            "private-link-unresolved",
        ),
        (
            FailureKind.NAME_EMPTY,
            (said(kind=FailureKind.NAME_EMPTY, cnames=(LINKED,)),),
            "private-link-unresolved",
        ),
        (
            FailureKind.LOOKUP_FAILED,
            (TRUNCATED, said(kind=FailureKind.REFUSED, transport="tcp", rcode="")),
            "dns-tcp-blocked",
        ),
        (
            FailureKind.LOOKUP_FAILED,
            (TRUNCATED, said(kind=FailureKind.TIMED_OUT, transport="tcp", rcode="")),
            "dns-tcp-blocked",
        ),
        (FailureKind.LOOKUP_FAILED, (), "resolver-failed"),
        (FailureKind.TIMED_OUT, (), "resolver-silent"),
        (FailureKind.NAME_UNKNOWN, (), "name-unknown"),
    ],
)
def test_a_name_that_does_not_resolve(
    kind: FailureKind, lookups: tuple[Lookup, ...], due: str
) -> None:
    """What the system says of a failed lookup is little: the name server's own answer names the
    reason."""
    attempts = (server(*lookups),) if lookups else ()
    found = judged(system(kind=kind), *attempts)
    assert found.code == due
    assert found.evidence


@pytest.mark.parametrize("kind", [FailureKind.NAME_UNKNOWN, FailureKind.NAME_EMPTY])
def test_the_proxys_name(kind: FailureKind) -> None:
    """The proxy's own name must resolve; that it is unknown is the setting's matter, that the
    resolver fails is DNS's."""
    assert (
        judged(system(kind=kind), server(said(kind=kind)), asked=OF_PROXY).code
        == Code.PROXY_NAME_UNKNOWN
    )
    assert judged(system(kind=kind), asked=OF_PROXY).code == Code.PROXY_NAME_UNKNOWN
    failing = server(said(kind=FailureKind.RESOLVER_FAILED))
    assert (
        judged(system(kind=FailureKind.LOOKUP_FAILED), failing, asked=OF_PROXY).code
        == Code.RESOLVER_FAILED
    )


def test_the_first_server_that_answers_decides() -> None:
    """A silent server beside one that denies the name is not the reason."""
    denies = server(said(kind=FailureKind.NAME_UNKNOWN), address=OTHER)
    silent = server(said(kind=FailureKind.TIMED_OUT))
    assert judged(system(kind=FailureKind.NAME_UNKNOWN), silent, denies).code == Code.NAME_UNKNOWN


def test_told_once_is_told() -> None:
    """Routers limit how often they say "unreachable": a server that said so once, and never
    answered, is not merely silent."""
    silent = (system(kind=FailureKind.LOOKUP_FAILED), server(said(kind=FailureKind.TIMED_OUT)))
    assert judged(*silent, unreachable=frozenset({SERVER})).code == Code.RESOLVER_UNREACHABLE
    assert judged(*silent, unreachable=frozenset({OTHER})).code == Code.RESOLVER_SILENT
    told = Observation(check="a", attempts=(server(said(kind=FailureKind.UNREACHABLE)),))
    answered = Observation(check="b", attempts=(server(said(ADDRESS)),))
    assert dns.unreachable_servers((told,)) == {SERVER}
    assert dns.unreachable_servers((told, answered)) == frozenset()


GOOD = server(said(ADDRESS), said(kind=FailureKind.NAME_EMPTY, record="AAAA"))


@pytest.mark.parametrize(
    ("attempts", "due"),
    [
        ((system(ADDRESS), GOOD), "name-resolves"),
        ((system(ADDRESS),), "name-resolves"),
        (
            (
                system(ADDRESS, "2603:1030::1"),
                server(said(ADDRESS), said("2603:1030::1", record="AAAA")),
            ),
            "name-resolves",
        ),
        ((system("0.0.0.0"), server(said("0.0.0.0"))), "name-sinkholed"),
        ((system("127.0.0.1"), server(said("127.0.0.1"))), "name-sinkholed"),
        ((system("::"), server(said("::", record="AAAA"))), "name-sinkholed"),
        ((system("0.0.0.0", ADDRESS), GOOD), "name-resolves"),
        ((system("10.1.2.3"), server(said("10.1.2.3"))), "name-private"),
        ((system("100.64.0.9"), server(said("100.64.0.9", cnames=(LINKED,)))), "name-private"),
        (
            (
                system("198.51.100.9"),
                GOOD,
                search(said("198.51.100.9", name=f"{HOST}.corp.example")),
            ),
            "name-hijacked-by-search",
        ),
        (
            (system(ADDRESS), GOOD, search(said("198.51.100.9", name=f"{HOST}.corp.example"))),
            "name-resolves",
        ),
        (
            (
                system(ADDRESS),
                GOOD,
                search(said(kind=FailureKind.NAME_UNKNOWN, name=f"{HOST}.corp.example")),
            ),
            "name-resolves",
        ),
        (
            (
                system(ADDRESS),
                server(
                    said(ADDRESS, truncated=True),
                    said(kind=FailureKind.TIMED_OUT, transport="tcp", rcode=""),
                ),
            ),
            "dns-tcp-blocked",
        ),
        (
            (
                system(ADDRESS),
                server(said(ADDRESS, truncated=True), said(ADDRESS, transport="tcp")),
            ),
            "name-resolves",
        ),
        (
            (system(ADDRESS), GOOD, server(said(kind=FailureKind.NAME_UNKNOWN), address=OTHER)),
            "resolvers-disagree",
        ),
        ((system(ADDRESS), GOOD, server(said("10.1.2.3"), address=OTHER)), "resolvers-disagree"),
        ((system(ADDRESS), GOOD, server(said("20.49.97.2"), address=OTHER)), "name-resolves"),
        ((system(ADDRESS, took=6.0), server(said(ADDRESS), AAAA_SILENT)), "ipv6-lookup-dropped"),
        (
            (
                system(ADDRESS, took=4.0),
                GOOD,
                search(said(kind=FailureKind.TIMED_OUT, name=f"{HOST}.corp.example")),
            ),
            "lookup-slow",
        ),
        (
            (system(ADDRESS), GOOD, server(said(kind=FailureKind.TIMED_OUT), address=OTHER)),
            "resolver-silent",
        ),
    ],
)
def test_a_name_that_resolves(attempts: tuple[Attempt, ...], due: str) -> None:
    """What is wrong with a name that resolves, or that nothing is."""
    assert judged(*attempts).code == due


def test_a_silent_server_beside_one_that_answers_is_a_warning() -> None:
    """Names resolve, only slowly now and then: warn, whatever the code table says of a resolver
    that is silent."""
    found = judged(system(ADDRESS), GOOD, server(said(kind=FailureKind.TIMED_OUT), address=OTHER))
    assert (found.code, found.verdict, found.subject) == ("resolver-silent", Verdict.WARN, OTHER)


@pytest.mark.parametrize("address", ["0.0.0.0", "10.20.0.8", "127.0.0.1"])
def test_the_proxys_address_may_be_any(address: str) -> None:
    """A proxy's own name may well lead to a private address, or to this very host."""
    assert judged(system(address), server(said(address)), asked=OF_PROXY).code == Code.NAME_RESOLVES


def test_the_gateways_private_address() -> None:
    """With an Arc gateway a private address is a fault of its own, but not of an endpoint that a
    person added."""
    private = (system("10.1.2.3"), server(said("10.1.2.3", cnames=(LINKED,))))
    assert judged(*private, gateway=True).code == Code.GATEWAY_PRIVATE_LINK
    assert (
        judged(*private, gateway=True, asked=check(Kind.DNS, custom=True)).code
        == Code.NAME_RESOLVES
    )


@pytest.mark.parametrize(
    ("fails_beyond", "shared", "due"),
    [
        (True, frozenset({ADDRESS}), "name-sinkholed"),
        (False, frozenset({ADDRESS}), "name-resolves"),
        (True, frozenset(), "name-resolves"),
    ],
)
def test_one_address_for_all(fails_beyond: bool, shared: frozenset[str], due: str) -> None:
    """One address for unrelated names is a sinkhole only where nobody answers there: front doors
    share addresses too."""
    assert judged(system(ADDRESS), GOOD, fails_beyond=fails_beyond, shared=shared).code == due


@pytest.mark.parametrize(
    ("lookups", "due"),
    [
        ((said("203.0.113.9"), said("203.0.113.9")), "unknown-names-rewritten"),
        ((said("203.0.113.9"), said(kind=FailureKind.NAME_UNKNOWN)), "name-resolves"),
        (
            (said(kind=FailureKind.NAME_UNKNOWN), said(kind=FailureKind.NAME_UNKNOWN)),
            "name-resolves",
        ),
        ((said(kind=FailureKind.TIMED_OUT), said(kind=FailureKind.TIMED_OUT)), "name-resolves"),
        ((), "name-resolves"),
    ],
)
def test_unknown_names(lookups: tuple[Lookup, ...], due: str) -> None:
    """Answers to names that do not exist are rewriting only if none of them stays unknown."""
    found = judged(server(*lookups), asked=UNKNOWN)
    assert found.code == due
    assert (found.verdict is Verdict.SKIP) is (not lookups)


def test_a_name_that_was_not_looked_up_is_skipped() -> None:
    """No answer of the system's resolver, no verdict."""
    assert judged().verdict is Verdict.SKIP


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.127.0.1",
        "169.254.1.1",
        "fd00::1",
        "fe80::1",
    ],
)
def test_private(address: str) -> None:
    """RFC 1918, 6598, 3927 and 4193 addresses are private."""
    assert dns.is_private(address)


@pytest.mark.parametrize(
    "address",
    ["20.49.97.1", "172.32.0.1", "100.128.0.1", "192.0.2.1", "2603:1030::1", "nonsense", ""],
)
def test_public(address: str) -> None:
    """Others are not, and what is no address is none."""
    assert not dns.is_private(address)


def test_proxies_of_any_scheme() -> None:
    """The name of a SOCKS proxy is judged as that of any other."""
    asked = check(
        Kind.DNS,
        host="socks.example",
        port=1080,
        proxy=Proxy(scheme="socks5h", host="socks.example", port=1080),
    )
    found = judged(system(kind=FailureKind.NAME_UNKNOWN), asked=asked)
    assert (found.code, found.subject) == ("proxy-name-unknown", "socks5h://socks.example:1080")
