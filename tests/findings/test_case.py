"""A run as those see it who tell its findings: climbs, names, and whose connection is whose."""

from __future__ import annotations

import msgspec

from arcprobe.model import Code, Exchange, Experiment, FailureKind, Kind, Lookup, Observation
from tests.findings.seen import (
    DIRECT,
    PROXY,
    THROUGH,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
)
from tests.findings.test_telling import case_of

OK = Exchange(method="GET", path="/", head=head(200, "OK"))
SESSION = msgspec.structs.replace(DIRECT, id="tls", kind=Kind.TLS, observed_with=DIRECT.id)
WELL = observed(DIRECT, *to_target(), shaken(), OK)


def test_only_usable_connections_are_climbed() -> None:
    """What crashed, was cut short or was not asked has no climb; what connects and ended has
    one."""
    crashed = check(host="a.example")
    unfinished = check(host="b.example")
    case = case_of(
        (DIRECT, WELL),
        (crashed, Observation(check=crashed.id, crash="ValueError")),
        (unfinished, Observation(check=unfinished.id, unfinished=True)),
        (check(host="c.example"), None),
        (SESSION, None),
    )
    assert list(case.climbs) == [DIRECT.id]
    assert case.climbs[DIRECT.id].check == DIRECT.id


def test_sessions_and_their_connections() -> None:
    """A check of a certificate and the check that connects find each other."""
    case = case_of((DIRECT, WELL), (SESSION, None))
    assert case.session_of(DIRECT) == SESSION
    assert case.carrier(SESSION) == DIRECT
    assert case.carrier(DIRECT) is None
    assert case.session_of(THROUGH) is None
    assert case.reading(SESSION).speaks == case.reading(DIRECT).speaks


def test_what_goes_through_a_proxy() -> None:
    """The connections through a proxy, without its own checks."""
    own = check(Kind.PROXY, host=PROXY.host, port=PROXY.port, proxy=PROXY)
    seen = observed(THROUGH, *to_proxy(), answer(head(200)), shaken(), OK)
    case = case_of((THROUGH, seen), (DIRECT, WELL), (own, None))
    assert case.through(PROXY.url) == [THROUGH]


def test_names_that_were_looked_up() -> None:
    """Each name has its word, by host; one that was not asked has none."""
    name = msgspec.structs.replace(DIRECT, id="dns x", kind=Kind.DNS)
    other = check(Kind.DNS, host="management.azure.com")
    unknown = Lookup(name=name.host, failure=failed(FailureKind.NAME_UNKNOWN))
    seen = Observation(check=name.id, attempts=(attempt(unknown, label=Experiment.SYSTEM),))
    case = case_of((name, seen), (other, None))
    assert {host: word.code for host, word in case.names.items()} == {name.host: Code.NAME_UNKNOWN}


def test_lost_beyond_its_address() -> None:
    """A host whose address is known and that nobody answers at is lost; one that answers is not."""
    lost = observed(DIRECT, *to_target(failure=failed(FailureKind.REFUSED)))
    assert case_of((DIRECT, lost)).is_lost_beyond(DIRECT.host)
    assert not case_of((DIRECT, WELL)).is_lost_beyond(DIRECT.host)
