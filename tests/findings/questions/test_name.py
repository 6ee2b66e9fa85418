"""Names: each code of the DNS layer from what resolvers answer. Behind a proxy, and where all is
well, nobody is accused."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.questions.name import Circumstances, judge
from arcprobe.findings.reading import Reading, read
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Judgement,
    Kind,
    Lookup,
    Observation,
    Owner,
    Proxy,
    SkipReason,
    Surroundings,
    Verdict,
)
from tests.findings.seen import ADDRESS, HOST, PROXY, check, failed, said as evidence_of, value_of

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
    return Attempt(label=Experiment.NAME_SERVER.of(address), steps=lookups)


def search(*lookups: Lookup) -> Attempt:
    """What the search list's names gave."""
    return Attempt(label=Experiment.SEARCH_LIST, steps=lookups)


def reading_of(*attempts: Attempt, asked: Check = NAME) -> Reading:
    """These answers, read."""
    return read(asked, Observation(check=asked.id, attempts=attempts))


def judged(*attempts: Attempt, asked: Check = NAME, **known: Any) -> Judgement:
    """The judgement of these answers."""
    return judge(reading_of(*attempts, asked=asked), Circumstances(**known))


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
        ((system("0.0.0.0", "2603:1030::1"), GOOD), "name-resolves"),
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
    assert judged(*private, is_gateway=True).code == Code.GATEWAY_PRIVATE_LINK
    assert (
        judged(*private, is_gateway=True, asked=check(Kind.DNS, custom=True)).code
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
    found = judged()
    assert (found.verdict, found.skip) == (Verdict.SKIP, SkipReason.NOT_ASKED)


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


def test_a_denied_name_of_an_endpoint_stands_for_itself() -> None:
    """Of a name that is asked past any proxy the cause is its own, and no proxy's."""
    found = judged(system(kind=FailureKind.NAME_UNKNOWN), asked=check(Kind.DNS))
    assert (found.code, found.subject) == ("name-unknown", "")


def test_a_good_name_has_no_fault() -> None:
    """Nothing is to be healed, and the verdict is the code's own."""
    found = judged(system(ADDRESS), GOOD)
    assert (found.subject, found.verdict, found.product) == ("", None, "")


@pytest.mark.parametrize(("took", "due"), [(1.99, "name-resolves"), (2.0, "lookup-slow")])
def test_slow_is_two_seconds(took: float, due: str) -> None:
    """A lookup of two seconds is slow."""
    assert judged(system(ADDRESS, took=took), GOOD).code == due


def test_a_hosts_file_is_this_machines_own() -> None:
    """Where name servers give other addresses than the system, no DNS team is accused; where one of
    them gives the same, or all were silent, it is the filter."""
    own = judged(system("0.0.0.0"), GOOD)
    assert (own.code, own.owner) == (Code.NAME_SINKHOLED, Owner.YOU)
    assert own.remedy is not None
    assert own.remedy.key == "name.hosts-file-remedy"
    assert value_of(own, "filter") == "This host's own hosts file"
    for heard in (server(said("0.0.0.0")), server(said(kind=FailureKind.TIMED_OUT))):
        filtered = judged(system("0.0.0.0"), heard)
        assert (filtered.code, filtered.owner) == (Code.NAME_SINKHOLED, Owner.NOBODY)
        assert filtered.remedy is None
        assert value_of(filtered, "filter") == "A DNS filter"


def test_custom_names() -> None:
    """A name of --endpoint may be this host, private, or completed by the search list; not so where
    nothing answers there."""
    mine = check(Kind.DNS, custom=True)
    here = (system("127.0.0.1"), server(said("127.0.0.1")))
    assert judged(*here, asked=mine).code == Code.NAME_RESOLVES
    assert judged(*here, asked=mine, fails_beyond=True).code == Code.NAME_SINKHOLED
    suffixed = search(said("198.51.100.9", name=f"{HOST}.corp.example"))
    unknown = server(said(kind=FailureKind.NAME_UNKNOWN))
    caught = (system("198.51.100.9"), unknown, suffixed)
    assert judged(*caught, asked=mine).code == Code.NAME_RESOLVES
    assert judged(*caught).code == Code.NAME_HIJACKED_BY_SEARCH
    assert judged(system("198.51.100.9"), GOOD, suffixed, asked=mine).code == (
        Code.NAME_HIJACKED_BY_SEARCH
    )


def test_a_name_that_is_answered_both_ways_is_not_caught() -> None:
    """Where a server gives the same for the name itself, the search list changes nothing."""
    both = search(said(ADDRESS, name=f"{HOST}.corp.example"))
    assert judged(system(ADDRESS), GOOD, both).code == Code.NAME_RESOLVES


def test_the_words_of_a_caught_name() -> None:
    """Which name of the search list answers, with what, and by which list."""
    caught = search(said("198.51.100.9", name=f"{HOST}.corp.example"))
    found = judged(system("198.51.100.9"), GOOD, caught)
    assert evidence_of(found) == (
        "a wildcard in the search list answers eastus.his.arc.azure.com.corp.example with"
        " 198.51.100.9",
        "search list: corp.example, ndots 5",
        "this system: 198.51.100.9 in 0.01 s",
        "resolver 10.0.0.53: A UDP: 20.49.97.1; AAAA UDP: no address (NODATA)",
    )
    assert value_of(found, "domain") == "corp.example"
    assert value_of(found, "resolver") == "10.0.0.53"


def test_the_words_of_answers() -> None:
    """Each server has a line, with the words of what failed; of many addresses four are shown; the
    aliases stand at the end."""
    many = ("20.0.0.1", "20.0.0.2", "20.0.0.3", "20.0.0.4", "20.0.0.5")
    found = judged(
        system(*many, took=0.126),
        server(said(*many[:4], cnames=("a.example", "b.example")), AAAA_SILENT),
        server(said(kind=FailureKind.NAME_UNKNOWN), address=OTHER),
    )
    assert evidence_of(found)[2:] == (
        "this system: 20.0.0.1, 20.0.0.2, 20.0.0.3, 20.0.0.4, … in 0.13 s",
        "resolver 10.0.0.53: A UDP: 20.0.0.1, 20.0.0.2, 20.0.0.3, 20.0.0.4; AAAA UDP: no answer",
        "resolver 10.0.0.54: A UDP: does not exist (NXDOMAIN)",
        "aliases: a.example → b.example",
    )
    assert value_of(found, "addresses") == "20.0.0.1, 20.0.0.2, 20.0.0.3, 20.0.0.4"
    assert value_of(found, "seconds") == "0.1"


def test_the_words_of_a_disagreement() -> None:
    """What each server says, in one word."""
    found = judged(
        system(ADDRESS),
        GOOD,
        server(said("10.1.2.3"), address=OTHER),
        server(said(kind=FailureKind.RESOLVER_FAILED), address="10.0.0.55"),
        server(said(kind=FailureKind.TIMED_OUT), address="10.0.0.56"),
        server(
            said(kind=FailureKind.NAME_EMPTY), said("2603::1", record="AAAA"), address="10.0.0.57"
        ),
    )
    assert evidence_of(found)[:3] == (
        "10.0.0.53 says: public addresses",
        "10.0.0.54 says: private addresses",
        "10.0.0.55 says: resolver-failed",
    )
    assert not any(" says: " in words for words in evidence_of(found)[3:])
    assert value_of(found, "detail") == "10.0.0.53 says: public addresses"


def test_nobodys_addresses_are_another_answer() -> None:
    """A server that gives an address of nobody, or one that it alone gives to unrelated names,
    disagrees with one that knows the name."""
    sunk = server(said("0.0.0.0"), address=OTHER)
    found = judged(system(ADDRESS), GOOD, sunk)
    assert found.code == Code.RESOLVERS_DISAGREE
    assert evidence_of(found)[1] == "10.0.0.54 says: addresses where this name is not served"
    page = server(said("20.9.9.9"), address=OTHER)
    assert judged(system(ADDRESS), GOOD, page).code == Code.NAME_RESOLVES
    lies = {OTHER: frozenset({"20.9.9.9"})}
    assert judged(system(ADDRESS), GOOD, page, lies=lies).code == Code.RESOLVERS_DISAGREE


@pytest.mark.parametrize(("took", "due"), [(4.9, "resolver-failed"), (5.0, "resolver-silent")])
def test_an_answer_that_comes_too_late(took: float, due: str) -> None:
    """A name server that answers, and later than resolv.conf lets the system wait, is silent for
    the system."""
    late = server(said(ADDRESS, took=took))
    assert judged(system(kind=FailureKind.LOOKUP_FAILED), late).code == due
    quick = server(said(ADDRESS), address=OTHER)
    either = judged(system(kind=FailureKind.LOOKUP_FAILED), late, quick)
    assert either.code == Code.RESOLVER_FAILED


def test_what_tcp_gave_counts() -> None:
    """Where the answer over UDP was truncated, the one over TCP is what a server says."""
    cut = said(ADDRESS, truncated=True)
    long = server(cut, said("10.1.2.3", transport="tcp"), address=OTHER)
    assert judged(system(ADDRESS), GOOD, long).code == Code.RESOLVERS_DISAGREE


def test_a_private_address_past_the_proxy() -> None:
    """What the bypass list already leads to is not to be added to it."""
    asked = check(Kind.DNS, via_bypass=".his.arc.azure.com")
    word = judged(system("10.1.2.3"), server(said("10.1.2.3", cnames=(LINKED,))), asked=asked)
    assert word.code == Code.NAME_PRIVATE
    assert word.remedy is not None
    assert language().say(word.remedy) == (
        "Network and DNS team: if a private endpoint for Azure Arc is intended, no change is needed"
        ": .his.arc.azure.com bypasses the proxy for it; if not, remove the private zone that"
        " answers for eastus.his.arc.azure.com."
    )


def test_the_words_of_a_private_address() -> None:
    """A private address is told with the alias that means it, or that there is none."""
    bare = judged(system("10.1.2.3"), server(said("10.1.2.3")))
    assert evidence_of(bare)[0] == "private: 10.1.2.3; no Private Link alias points there"
    assert value_of(bare, "name") == "eastus.his.arc.azure.com"
    linked = judged(system("10.1.2.3"), server(said("10.1.2.3", cnames=("x.example", LINKED))))
    assert evidence_of(linked)[0] == (
        "private: 10.1.2.3; alias his.privatelink.azure.com: a private endpoint is intended"
    )
    assert value_of(linked, "name") == "his.privatelink.azure.com"


@pytest.mark.parametrize(
    ("attempts", "known", "due"),
    [
        (
            (system("0.0.0.0"), server(said("0.0.0.0"))),
            {},
            "not a usable address: it is this host's own, or nobody's",
        ),
        (
            (system(ADDRESS), GOOD),
            {"fails_beyond": True, "shared": frozenset({ADDRESS})},
            "unrelated names get the same address here, and none of them answers there",
        ),
        (
            (system(ADDRESS), server(said(ADDRESS), AAAA_SILENT)),
            {},
            "A queries are answered, AAAA queries never",
        ),
        (
            (system(ADDRESS), GOOD, server(said(kind=FailureKind.REFUSED), address=OTHER)),
            {},
            "another resolver answers, so names resolve",
        ),
    ],
)
def test_the_reason_comes_first(
    attempts: tuple[Attempt, ...], known: dict[str, Any], due: str
) -> None:
    """Before the answers stands what is wrong with them."""
    assert evidence_of(judged(*attempts, **known))[0] == due


def test_the_words_of_a_slow_lookup() -> None:
    """Who did not answer is named: servers, and names of the search list."""
    found = judged(
        system(ADDRESS, took=4.0),
        GOOD,
        server(said(kind=FailureKind.TIMED_OUT), address=OTHER),
        search(
            said(kind=FailureKind.TIMED_OUT, name="a.corp.example"),
            said(kind=FailureKind.NAME_UNKNOWN, name="b.corp.example"),
        ),
    )
    assert found.code == Code.LOOKUP_SLOW
    assert evidence_of(found)[:3] == (
        "resolver 10.0.0.54 does not answer",
        "a.corp.example: no answer (search list)",
        "this system: 20.49.97.1 in 4.00 s",
    )


def test_an_unreachable_server_beside_one_that_answers_is_a_warning() -> None:
    """As with a silent one; the silent one is told before."""
    told = server(said(kind=FailureKind.REFUSED), address=OTHER)
    found = judged(system(ADDRESS), GOOD, told)
    assert (found.code, found.verdict, found.subject) == (
        Code.RESOLVER_UNREACHABLE,
        Verdict.WARN,
        OTHER,
    )
    assert value_of(found, "resolver") == "the resolver 10.0.0.54"
    assert value_of(found, "server") == "10.0.0.54"
    silent = server(said(kind=FailureKind.TIMED_OUT), address="10.0.0.55")
    assert judged(system(ADDRESS), GOOD, told, silent).subject == "10.0.0.55"


def test_only_the_system_needed_tcp() -> None:
    """arcprobe takes long answers over UDP, the system does not: that TCP is lost is then the only
    sign."""
    lost = said(kind=FailureKind.TIMED_OUT, transport="tcp", rcode="")
    found = judged(system(kind=FailureKind.LOOKUP_FAILED), server(said(ADDRESS), lost))
    assert (found.code, value_of(found, "server")) == (Code.DNS_TCP_BLOCKED, "10.0.0.53")
    assert value_of(found, "resolver") == "the resolver 10.0.0.53"
    stands = server(said(ADDRESS))
    assert judged(system(kind=FailureKind.LOOKUP_FAILED), stands).code == Code.RESOLVER_FAILED


def test_a_lost_answer_decides_before_a_denial() -> None:
    """A server whose long answer was lost tells more than one that denies the name."""
    lost = said(kind=FailureKind.TIMED_OUT, transport="tcp", rcode="")
    denies = server(said(kind=FailureKind.NAME_UNKNOWN), address=OTHER)
    found = judged(system(kind=FailureKind.LOOKUP_FAILED), denies, server(TRUNCATED, lost))
    assert (found.code, value_of(found, "server")) == (Code.DNS_TCP_BLOCKED, "10.0.0.53")


def test_the_words_of_a_denial() -> None:
    """The server that decided is named, with its words and the last alias."""
    refused = Lookup(
        name=HOST,
        engine=SERVER,
        record="A",
        transport="udp",
        rcode=NX,
        cnames=("a.example", LINKED),
        failure=failed(FailureKind.NAME_UNKNOWN, "NXDOMAIN"),
    )
    found = judged(system(kind=FailureKind.NAME_UNKNOWN, took=0.26), server(refused))
    assert found.code == Code.PRIVATE_LINK_UNRESOLVED
    assert value_of(found, "name") == "his.privatelink.azure.com"
    assert value_of(found, "reason") == "NXDOMAIN"
    assert value_of(found, "seconds") == "0.3"
    plain = judged(
        system(kind=FailureKind.NAME_UNKNOWN), server(said(kind=FailureKind.NAME_UNKNOWN))
    )
    assert value_of(plain, "name") == "eastus.his.arc.azure.com"


def test_the_words_of_unknown_names() -> None:
    """Each name and what came for it; where names are rewritten, to which addresses and by whom."""
    found = judged(server(said("203.0.113.9", "203.0.113.8")), asked=UNKNOWN)
    assert evidence_of(found) == ("eastus.his.arc.azure.com: 203.0.113.9, 203.0.113.8",)
    assert value_of(found, "addresses") == "203.0.113.8, 203.0.113.9"
    second = said("203.0.113.9", engine=OTHER)
    both = judged(server(said("203.0.113.9")), server(second, address=OTHER), asked=UNKNOWN)
    assert value_of(both, "resolver") == "10.0.0.53"
    assert value_of(found, "resolver") == "10.0.0.53"
