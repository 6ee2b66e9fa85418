"""A name that did not become an address, by what the system's resolver said alone."""

from __future__ import annotations

import pytest

from arcprobe.findings.lookups import (
    all_failed,
    has_lost_tcp,
    lookup_failed,
    lookups_of,
    unreachable_servers,
    what_came,
)
from arcprobe.findings.reading import Reading, read
from arcprobe.knowledge.language import language
from arcprobe.model import (
    Attempt,
    Code,
    Experiment,
    Failure,
    FailureKind,
    Kind,
    Lookup,
    Observation,
)
from tests.findings.seen import HOST, PROXY, check

NAME = check(Kind.DNS)
OF_PROXY = check(Kind.DNS, host=PROXY.host, port=PROXY.port, proxy=PROXY)
CODES = [
    (FailureKind.NAME_UNKNOWN, Code.NAME_UNKNOWN),
    (FailureKind.NAME_EMPTY, Code.NAME_EMPTY),
    (FailureKind.RESOLVER_FAILED, Code.RESOLVER_FAILED),
    (FailureKind.RESOLVER_REFUSED, Code.RESOLVER_REFUSED),
    (FailureKind.TIMED_OUT, Code.RESOLVER_SILENT),
    (FailureKind.REFUSED, Code.RESOLVER_UNREACHABLE),
    (FailureKind.UNREACHABLE, Code.RESOLVER_UNREACHABLE),
    (FailureKind.PROHIBITED, Code.RESOLVER_UNREACHABLE),
    (FailureKind.LOOKUP_FAILED, Code.RESOLVER_FAILED),
    (FailureKind.OTHER, Code.RESOLVER_FAILED),
]


def failed(kind: FailureKind, detail: str = "") -> Lookup:
    """A lookup of the endpoint's name that failed."""
    return Lookup(name=HOST, failure=Failure(kind=kind, detail=detail))


@pytest.mark.parametrize(("kind", "due"), CODES)
def test_each_failure_has_its_code(kind: FailureKind, due: Code) -> None:
    """What the resolver did names the fault of an endpoint's name."""
    found = lookup_failed(NAME, failed(kind))
    assert (found.code, found.subject) == (due, "")


@pytest.mark.parametrize(("kind", "due"), CODES)
def test_the_proxys_name(kind: FailureKind, due: Code) -> None:
    """That the proxy's name is not known is the setting's fault; all else is DNS's."""
    found = lookup_failed(OF_PROXY, failed(kind))
    if kind in (FailureKind.NAME_UNKNOWN, FailureKind.NAME_EMPTY):
        assert (found.code, found.subject) == (Code.PROXY_NAME_UNKNOWN, "http://proxy.example:3128")
    else:
        assert (found.code, found.subject) == (due, "")


def test_the_words() -> None:
    """The evidence has the system's own words, else the kind of failure; the summary names who
    said it."""
    found = lookup_failed(NAME, failed(FailureKind.LOOKUP_FAILED, "Try again"))
    assert language().say(found.evidence[0]) == (
        "this system's resolver, asked for eastus.his.arc.azure.com: Try again"
    )
    values = {**dict(found.values), "host": HOST}
    assert language().code(found.code, "summary", values) == (
        "this system's resolver failed to look up eastus.his.arc.azure.com (Try again)"
    )
    silent = lookup_failed(NAME, failed(FailureKind.TIMED_OUT))
    assert language().say(silent.evidence[0]).endswith(": timed-out")


SERVER, OTHER = "10.0.0.53", "10.0.0.54"


def asked(
    kind: FailureKind | None, *, engine: str = SERVER, transport: str = "udp", rcode: str = ""
) -> Attempt:
    """One question to a name server."""
    failure = Failure(kind=kind) if kind is not None else None
    lookup = Lookup(
        name=HOST, engine=engine, record="A", transport=transport, failure=failure, rcode=rcode
    )
    return Attempt(label=Experiment.NAME_SERVER.of(engine), steps=(lookup,))


def reading_of(*attempts: Attempt) -> Reading:
    """These questions, read."""
    return read(NAME, Observation(check=NAME.id, attempts=attempts))


def test_servers_that_cannot_be_reached() -> None:
    """A server of which an error was heard over UDP, and that never answered, cannot be
    reached."""
    told = reading_of(asked(FailureKind.UNREACHABLE))
    answered = reading_of(asked(None, rcode="NOERROR"))
    by_tcp = reading_of(asked(FailureKind.REFUSED, transport="tcp"))
    silent = reading_of(asked(FailureKind.TIMED_OUT))
    assert unreachable_servers((told,)) == {"10.0.0.53"}
    assert unreachable_servers((silent, told)) == {"10.0.0.53"}
    assert unreachable_servers((told, answered)) == frozenset()
    assert unreachable_servers((by_tcp,)) == frozenset()
    assert unreachable_servers((silent,)) == frozenset()
    assert unreachable_servers(()) == frozenset()


@pytest.mark.parametrize(
    ("took", "kind", "second", "due"),
    [
        (0.89, FailureKind.LOOKUP_FAILED, FailureKind.TIMED_OUT, {SERVER, OTHER}),
        (0.9, FailureKind.LOOKUP_FAILED, FailureKind.TIMED_OUT, set()),
        (0.1, FailureKind.NAME_UNKNOWN, FailureKind.TIMED_OUT, set()),
        (0.1, None, FailureKind.TIMED_OUT, set()),
        (0.1, FailureKind.LOOKUP_FAILED, FailureKind.RESOLVER_FAILED, set()),
    ],
)
def test_servers_that_the_system_gave_up_at_once(
    took: float, kind: FailureKind | None, second: FailureKind, due: set[str]
) -> None:
    """Who waits for silence waits a second at least: the system was told, though arcprobe heard
    nothing of any server."""
    failure = Failure(kind=kind) if kind is not None else None
    system = Attempt(
        label=Experiment.SYSTEM, steps=(Lookup(name=HOST, failure=failure, took=took),)
    )
    first, other = asked(FailureKind.TIMED_OUT), asked(second, engine=OTHER)
    assert unreachable_servers((reading_of(system, first, other),)) == due


@pytest.mark.parametrize(
    ("transport", "kind", "rcode", "due"),
    [
        ("tcp", FailureKind.TIMED_OUT, "", True),
        ("tcp", FailureKind.NAME_EMPTY, "NOERROR", False),
        ("tcp", None, "", False),
        ("udp", FailureKind.TIMED_OUT, "", False),
    ],
)
def test_lost_over_tcp(transport: str, kind: FailureKind | None, rcode: str, due: bool) -> None:
    """A question over TCP is lost where no answer came at all."""
    failure = Failure(kind=kind) if kind is not None else None
    lookup = Lookup(name=HOST, transport=transport, failure=failure, rcode=rcode)
    assert has_lost_tcp(lookup) is due


def test_four_addresses_are_shown() -> None:
    """Of more than four addresses the first four, and that there are more."""
    four = ("20.0.0.1", "20.0.0.2", "20.0.0.3", "20.0.0.4")
    assert what_came(Lookup(name=HOST, addresses=four)) == four
    assert what_came(Lookup(name=HOST, addresses=(*four, "20.0.0.5"))) == (*four, "…")
    assert what_came(failed(FailureKind.OTHER, "its own words")) == "its own words"


def test_all_of_a_record() -> None:
    """Only questions over UDP count, and of a record only those for it; none asked, none failed."""
    silent = Failure(kind=FailureKind.TIMED_OUT)
    dead = Lookup(name=HOST, record="A", transport="udp", failure=silent)
    alive = Lookup(name=HOST, record="AAAA", transport="udp", addresses=("2603::1",))
    by_tcp = Lookup(name=HOST, record="A", transport="tcp", addresses=("20.0.0.1",))
    kinds = (FailureKind.TIMED_OUT,)
    assert all_failed((dead, alive, by_tcp), kinds, "A")
    assert not all_failed((dead, alive), kinds)
    assert not all_failed((dead,), (FailureKind.REFUSED,), "A")
    assert not all_failed((by_tcp,), kinds, "A")


def test_nothing_was_asked() -> None:
    """A reading without lookups has nothing to show."""
    seen = lookups_of(reading_of())
    assert (seen.system, seen.servers, seen.evidence, seen.silent) == (None, {}, (), ())
