"""The ladder: no failure of any rung is let pass, and a judge that raises costs its check alone."""

from __future__ import annotations

import pytest

from arcprobe.findings import ladder
from arcprobe.findings.ladder import LADDER, Climb, climb
from arcprobe.findings.reading import Reading, Rung
from arcprobe.findings.scene import Scene
from arcprobe.model import AnyStep, Check, Code, Exchange, FailureKind, Judgement, Lookup, Role
from tests.findings.seen import (
    DIRECT,
    SOCKS_PROXY,
    THROUGH,
    TLS_PROXY,
    answer,
    check,
    ended_at,
    failed,
    head,
    observed,
    reading,
    scene,
    shaken,
    to_proxy,
    to_target,
    unshaken,
)


def test_rungs_are_climbed_in_order() -> None:
    """The ladder goes from the lowest rung to the highest, and no rung is left out."""
    rungs = [rung for rung, _judge in LADDER]
    assert rungs == sorted(rungs)
    assert set(rungs) == set(Rung)


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_of_every_rung_has_a_code(kind: FailureKind) -> None:
    """Whatever the failure, each rung below the tunnel's answer says something; none is let
    pass."""
    assert ended_at(DIRECT, Lookup(name=DIRECT.host, failure=failed(kind)))
    assert ended_at(THROUGH, *to_proxy(failure=failed(kind))).startswith("proxy-")
    assert ended_at(DIRECT, *to_target(failure=failed(kind)))
    assert ended_at(THROUGH, *to_proxy(), answer(None, failure=failed(kind))).startswith("proxy-")
    over_tls = check(proxy=TLS_PROXY)
    handshake = unshaken(kind, Role.PROXY)
    assert ended_at(over_tls, *to_proxy(TLS_PROXY), handshake).startswith("proxy-")
    over_socks = check(proxy=SOCKS_PROXY)
    tunnel = answer(None, protocol="socks5", failure=failed(kind))
    assert ended_at(over_socks, *to_proxy(SOCKS_PROXY), tunnel).startswith("proxy-")


def climbed(*steps: AnyStep, asked: Check = DIRECT) -> Climb:
    """How far a connection with these steps came."""
    seen = observed(asked, *steps)
    return climb(reading(asked, *steps), scene((asked, seen)))


def test_a_broken_rung_ends_the_climb() -> None:
    """Above what broke nothing is said."""
    end = climbed(*to_target(failure=failed(FailureKind.REFUSED)))
    assert [(rung, word.code) for rung, word in end.said] == [(Rung.DIAL, Code.TARGET_REFUSED)]
    assert end.below is not None
    assert end.session == ()
    assert end.answer is None


def test_a_session_that_is_well_says_so_once() -> None:
    """A genuine chain is the word on the session; the answer inside it is judged too."""
    exchange = Exchange(method="GET", path="/", head=head(200, "OK"))
    end = climbed(*to_target(), shaken(), exchange)
    assert end.below is None
    assert [word.code for word in end.session] == [Code.CERTIFICATE_GENUINE]
    assert end.answer is not None
    assert end.answer.code is Code.ENDPOINT_ANSWERS


def test_a_session_with_a_fault_goes_on() -> None:
    """An old TLS version is a fault of the session, and the answer inside it is judged all the
    same."""
    exchange = Exchange(method="GET", path="/", head=head(200, "OK"))
    end = climbed(*to_target(), shaken(version="TLSv1.1"), exchange)
    assert [word.code for word in end.session] == [Code.TLS_TOO_OLD]
    assert end.answer is not None


def test_another_server_ends_the_climb() -> None:
    """What another server answers is not judged."""
    exchange = Exchange(method="GET", path="/", head=head(200, "OK"))
    end = climbed(*to_target(), shaken(name_matches=False), exchange)
    assert [word.code for word in end.session] == [Code.CERTIFICATE_WRONG_NAME]
    assert end.answer is None


def test_a_rung_that_raises_is_a_fault_and_ends_the_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge with a fault of its own costs the check that it was met at."""

    def raising(reading: Reading, scene: Scene) -> Judgement | None:
        raise ValueError("broken judge")

    rows = tuple((rung, raising if rung is Rung.CERTIFICATE else judge) for rung, judge in LADDER)
    monkeypatch.setattr(ladder, "LADDER", rows)
    end = climbed(*to_target(), shaken(), Exchange(method="GET", path="/", head=head(200)))
    assert [word.code for word in end.session] == [Code.ARCPROBE_FAULT]
    assert end.answer is None
