"""What the chains, the answers and the clocks of a run say together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from arcprobe.findings.comparison import Clock, Comparison, Shown, compare
from arcprobe.findings.reading import read
from arcprobe.model import (
    AnyStep,
    Attempt,
    Certificate,
    Check,
    Experiment,
    Failure,
    FailureKind,
    Head,
    Observation,
    Role,
    Route,
    Settings,
    Tunnel,
    Upgrade,
)
from tests.findings.sessions import CONTOSO, HOST, MCR, STS, certificate, check, exchange, shown

STARTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
BELOW = certificate("CN=below", CONTOSO, ski="below", is_ca=True)


def leaf(host: str, issuer: str = "CN=below", **more: Any) -> Certificate:
    return certificate(f"CN={host}", issuer, **more)


def seen(*asked: tuple[Check, tuple[AnyStep, ...]], settings: Settings | None = None) -> Comparison:
    """The comparison of checks and the steps of their only connection."""
    readings = [
        read(one, Observation(check=one.id, attempts=(Attempt(label="agents", steps=steps),)))
        for one, steps in asked
    ]
    return compare(readings, settings or Settings(), STARTED)


def test_chains_are_sorted_by_where_they_end() -> None:
    """A chain that ends in a public root tells its authorities; all others tell who signs there."""
    public = shown(leaf(HOST), BELOW, anchor="CN=public")
    private = shown(leaf(STS), BELOW, host=STS)
    own = shown(certificate("CN=self", "CN=self"), host=MCR)
    found = seen((check(HOST), (public,)), (check(STS), (private,)), (check(MCR), (own,)))
    ids = [check(host).id for host in (HOST, STS, MCR)]
    assert list(found.handshakes) == ids
    assert found.anchored == (ids[0],)
    assert found.authorities == {"CN=below": frozenset({"below"})}
    assert list(found.private) == ids[1:]
    assert found.private[ids[1]] == leaf(STS)
    assert list(found.signed) == [ids[1]]
    assert found.tops == {"CN=below": CONTOSO}
    assert found.hosts(found.private) == (STS, MCR)


def test_the_connection_that_speaks_is_compared() -> None:
    """Where a peer rejected the padded hello and took the small one, its chain is compared; the
    rejected handshake is another one."""
    asked = check()
    rejected = shown(failure=Failure(kind=FailureKind.TLS_ALERT), client_hello=1700)
    taken = shown(leaf(HOST), anchor="CN=public", client_hello=320)
    attempts = (
        Attempt(label=Experiment.AGENTS, steps=(rejected,)),
        Attempt(label=Experiment.SMALL_HELLO, steps=(taken,)),
    )
    reading = read(asked, Observation(check=asked.id, attempts=attempts))
    found = compare([reading], Settings(), STARTED)
    assert found.handshakes == {asked.id: taken}
    assert found.others == {asked.id: (rejected,)}


def test_a_handshake_without_a_chain_is_not_compared() -> None:
    """Nor is one with the proxy."""
    failed = shown(failure=Failure(kind=FailureKind.RESET))
    proxy = shown(leaf("proxy"), peer=Role.PROXY)
    found = seen((check(), (failed,)), (check(STS), (proxy,)))
    assert found.handshakes == {}
    assert found.checks.keys() == {check().id, check(STS).id}


def test_what_the_same_issuer_signed() -> None:
    """An issuer is a name and a key; certificates that are their own issuer have none in common."""
    made = {host: shown(leaf(host, CONTOSO, aki="k"), host=host) for host in (HOST, STS)}
    other = shown(leaf(MCR, CONTOSO, aki="another"), host=MCR)
    found = seen(
        *((check(host), (handshake,)) for host, handshake in made.items()), (check(MCR), (other,))
    )
    first = Shown(check(), made[HOST], found)
    assert first.signed_by_same == (check().id, check(STS).id)
    assert Shown(check(MCR), other, found).signed_by_same == (check(MCR).id,)


def test_the_direct_twin() -> None:
    """The same endpoint without the proxy; a direct check has none, nor has one on another port."""
    direct = check(route=Route.DIRECT, compare=True)
    elsewhere = check(STS, route=Route.DIRECT, compare=True)
    twin, stranger = shown(leaf(HOST), anchor="CN=public"), shown(leaf(STS), host=STS)
    found = seen((check(), ()), (elsewhere, (stranger,)), (direct, (twin,)))
    assert found.direct_twin(check()) is twin
    assert Shown(check(), stranger, found).direct_twin is twin
    assert found.direct_twin(direct) is None
    assert found.direct_twin(check(port=8443)) is None


def test_public_authorities_are_known_by_name_and_key() -> None:
    """A key that neither names decides nothing; another key is another authority."""
    found = Comparison(authorities={"CN=a": frozenset({"k"}), "CN=b": frozenset({""})})
    assert found.is_public_authority("CN=a", "k")
    assert found.is_public_authority("CN=a", "")
    assert not found.is_public_authority("CN=a", "other")
    assert found.is_public_authority("CN=b", "any")
    assert not found.is_public_authority("CN=c", "k")


def test_unrelated_hosts() -> None:
    """Two hosts whose issuers have nothing in common; a person's endpoint expects nothing."""
    microsoft, other = check(HOST), check("dl.k8s.io")
    own = check("own.example", custom=True, issuers=("other",))
    found = Comparison(checks={one.id: one for one in (microsoft, other, own, check(STS))})
    assert found.unrelated_hosts([microsoft.id, other.id]) == (HOST, "dl.k8s.io")
    assert found.unrelated_hosts([microsoft.id, check(STS).id]) is None
    assert found.unrelated_hosts([microsoft.id, own.id]) is None


def test_answers_inside_tls_only() -> None:
    """The first answer inside TLS with the target is kept, of an upgrade too; one before it is the
    proxy's."""
    inside, upgraded = exchange(status=403), Upgrade(path="/", head=Head(status=101))
    found = seen(
        (check(HOST), (shown(leaf(HOST)), inside, exchange(status=200))),
        (check(STS), (shown(leaf(STS), host=STS), upgraded)),
        (check(MCR), (exchange(status=407),)),
    )
    statuses = {key: head.status for key, head in found.answers.items()}
    assert statuses == {check(HOST).id: 403, check(STS).id: 101}


# ------------------------------------------------------------------------------------------- clocks


def clocks(*offsets: float) -> Comparison:
    told = (Clock(source=str(number), offset=offset) for number, offset in enumerate(offsets))
    return Comparison(clocks=tuple(told))


@pytest.mark.parametrize(
    ("offsets", "due"),
    [
        ((), None),
        ((500.0,), None),
        ((0.0, 240.0), 120.0),  # 120 s from their middle: the same clock
        ((0.0, 241.0), None),
        ((10.0, 20.0, 9000.0), 20.0),
        ((0.0, 1000.0, 2000.0, 3000.0), None),
        ((0.0, 10.0, 2000.0, 3000.0), None),  # no majority
    ],
)
def test_two_sources_must_agree(offsets: tuple[float, ...], due: float | None) -> None:
    """The clock is what most sources tell, at least two, within 120 s of their middle."""
    assert clocks(*offsets).clock_offset == due


def test_one_source_is_a_hint() -> None:
    """The last that each source told counts."""
    told = (Clock(source="a", offset=1.0), Clock(source="a", offset=500.0))
    assert Comparison(clocks=told).clock_hint == 500.0
    assert Comparison(clocks=told).clock_offset is None
    assert Comparison().clock_hint is None


def test_who_tells_the_time() -> None:
    """The proxy by its answer to CONNECT, the endpoint by its answers: a Date against this host's
    clock when it came."""
    date = (("Date", "Mon, 23 Nov 2026 12:00:12 GMT"),)
    tunnel = Tunnel(target=f"{HOST}:443", head=Head(status=200, headers=date), started=1, took=1)
    upgrade = Upgrade(path="/", head=Head(status=101, headers=date), started=4, took=1)
    found = seen((check(), (tunnel, shown(leaf(HOST)), exchange(7.0), upgrade)))
    assert found.clocks == (
        Clock(source="http://proxy.contoso.example:3128", offset=10.0),
        Clock(source=HOST, offset=7.0),
        Clock(source=HOST, offset=7.0),
    )


@pytest.mark.parametrize(
    "date", ["", "noon", "Mon, 23 Nov 2026 12:00:12 -0000", "Mon, 23 Nov 99999 12:00:00 GMT"]
)
def test_what_is_no_date_tells_nothing(date: str) -> None:
    """A Date is in GMT (RFC 9110 section 5.6.7), or is none."""
    tunnel = Tunnel(target=f"{HOST}:443", head=Head(status=200, headers=(("Date", date),)))
    assert seen((check(), (tunnel,))).clocks == ()
    assert seen((check(route=Route.DIRECT), (tunnel,))).clocks == ()
    late = Tunnel(
        target="x", head=Head(headers=(("Date", "Mon, 23 Nov 2026 12:00:12 GMT"),)), took=1e300
    )
    assert seen((check(), (late,))).clocks == ()


def test_roots_that_the_person_gave_are_remembered() -> None:
    """With --public-roots names of roots count."""
    assert seen(settings=Settings(public_roots_given=True)).roots_given
    assert not seen().roots_given
