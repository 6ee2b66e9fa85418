"""Certificates out of date, clocks that are wrong, and times that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from arcprobe.findings import judge
from arcprobe.findings.comparison import Clock, Comparison
from arcprobe.findings.rungs import dates
from arcprobe.knowledge.language import language
from arcprobe.model import (
    AnyStep,
    Exchange,
    Handshake,
    Head,
    Kind,
    Store,
    Trust,
    Tunnel,
    Upgrade,
    VerifyCode,
)
from arcprobe.probes.trust.stores import Stores
from tests.findings.seen import said, value_of
from tests.findings.sessions import (
    HOST,
    MCR,
    STS,
    Sessions,
    certificate,
    check,
    exchange,
    handshake,
    shown,
)
from tests.findings.test_judge import ASKED, CHECKS, RUN, explained, good, recorded
from tests.support.chains import NOW, Authority, public_web

WEB = public_web()
DAY = 86_400.0
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAF = certificate("CN=host", "CN=below")  # October 2026 to March 2027
ENDED = certificate("CN=old", "CN=below", not_after="2026-11-23T11:59:59Z")
COMING = certificate("CN=new", "CN=below", not_before="2026-11-23T12:00:01Z")
NO_TIMES = """yesterday 2026-13-40T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-14:00
2026-01-01T25:00Z ²""".split()
ODD_TIMES = [
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00Z",
]
HUGE = [1e308, -1e308, 1e12, -1e12, 1e15]


def at_noon(step: Handshake, *offsets: float) -> Sessions:
    """A run at noon: this chain, and answers of other hosts with these offsets of their Date."""
    seen = Sessions(now=NOON).add(check(), step)
    for number, offset in enumerate(offsets):
        seen.add(check(f"{number}.example"), exchange(offset))
    return seen


def test_dates_in_order() -> None:
    """Nothing is said of a chain that is valid, nor of one that did not come, nor of another
    server's."""
    assert at_noon(shown(LEAF)).code(dates.judge) == ""
    assert Sessions().add(check(), exchange()).code(dates.judge) == ""
    wrong = shown(ENDED, anchor="CN=r", name_matches=False)
    assert at_noon(wrong).code(dates.judge) == ""


@pytest.mark.parametrize(
    ("leaf", "code", "line"),
    [
        (
            ENDED,
            "certificate-expired",
            "its certificate expired on 2026-11-23T11:59:59Z; "
            "this host's clock says 2026-11-23T12:00:00Z",
        ),
        (
            COMING,
            "certificate-not-yet-valid",
            "its certificate becomes valid on 2026-11-23T12:00:01Z; "
            "this host's clock says 2026-11-23T12:00:00Z",
        ),
    ],
)
def test_a_leaf_out_of_date(leaf: Any, code: str, line: str) -> None:
    """By the second; what ends or begins now is valid."""
    seen = at_noon(shown(leaf))
    judgement = seen.judged(dates.judge)
    assert judgement is not None
    assert (judgement.code, judgement.subject) == (code, leaf.subject)
    assert said(judgement) == (line,)
    limit = leaf.not_after if leaf is ENDED else leaf.not_before
    assert value_of(judgement, "value") == limit
    exact = msgspec.structs.replace(leaf, not_after="2026-11-23T12:00:00Z")
    exact = msgspec.structs.replace(exact, not_before="2026-11-23T12:00:00Z")
    assert at_noon(shown(exact)).code(dates.judge) == ""


def test_a_ca_out_of_date() -> None:
    """The CA is named; under a public root a cross-certificate may be replaced, and the stores
    know."""
    old = certificate(
        "CN=below", "CN=root", not_after="2026-11-01T00:00:00Z", common_name="Below CA"
    )
    assert "the CA Below CA expired" in at_noon(shown(LEAF, old)).told(dates.judge)[0]
    assert at_noon(shown(LEAF, old, anchor="CN=r")).code(dates.judge) == ""
    refusing = Trust(
        store=Store.PUBLIC, accepted=False, anchor="CN=r", code=VerifyCode.CERT_HAS_EXPIRED
    )
    seen = at_noon(shown(LEAF, old, trust=(refusing,)))
    assert seen.code(dates.judge) == "certificate-expired"
    early = msgspec.structs.replace(refusing, code=VerifyCode.CERT_NOT_YET_VALID)
    seen = at_noon(shown(LEAF, old, trust=(early,)))
    assert seen.code(dates.judge) == "certificate-not-yet-valid"
    assert seen.told(dates.judge)[0].startswith("the chain ends in CN=r; OpenSSL says of it")


def test_expired_root_of_the_bundle_is_told() -> None:
    """An inspection CA that is out of date breaks the path though its name is trusted."""
    old = Authority("C=NL; O=Contoso; CN=Contoso Root", end=NOW - timedelta(days=1))
    stores = Stores(WEB.roots, None, old.pem)
    for chain in ((old.leaf(HOST),), (old.leaf(HOST), old.der)):
        judgement = Sessions().add(check(), handshake(chain, stores=stores)).judged(dates.judge)
        assert judgement is not None
        assert judgement.code == "certificate-expired"
        assert "CN=Contoso Root" in judgement.subject


# ------------------------------------------------------------------------------------------- clocks


def test_one_expired_certificate_is_not_the_clock() -> None:
    """With other clocks agreeing, an expired leaf is the server's fault alone."""
    seen = at_noon(shown(ENDED), 0.4, -0.6)
    assert seen.code(dates.judge) == "certificate-expired"
    assert seen.told(dates.judge)[1] == (
        "this host's clock agrees with the clocks on the wire (0 s apart)"
    )


@pytest.mark.parametrize(
    ("offset", "code"), [(-300.0, "certificate-expired"), (-301.0, "clock-skewed")]
)
def test_a_clock_within_five_minutes_is_right(offset: float, code: str) -> None:
    """A certificate that ended a second ago is blamed on the clock beyond 300 s, where it is valid
    by the clocks on the wire."""
    assert at_noon(shown(ENDED), offset, offset).code(dates.judge) == code
    assert at_noon(shown(ENDED), offset).code(dates.judge) == code
    assert at_noon(shown(ENDED), -offset, -offset).code(dates.judge) == "certificate-expired"


@pytest.mark.parametrize(("offset", "code"), [(86_399.0, ""), (86_400.0, "clock-skewed")])
def test_a_clock_that_is_a_day_off_is_told_by_itself(offset: float, code: str) -> None:
    """Also where no certificate suffers, if it is valid by the other clocks too."""
    seen = at_noon(shown(LEAF), offset, offset)
    assert seen.code(dates.judge) == code
    if code:
        assert seen.told(dates.judge) == (
            f"the certificate of {HOST} is valid at both times",
            "0.example: Date 86400 s from this host's clock",
            "1.example: Date 86400 s from this host's clock",
        )


@pytest.mark.parametrize("days", [400, -400], ids=["ahead", "behind"])
def test_wrong_clock_is_one_cause(days: int) -> None:
    """A clock that is wrong by more than certificates live: every endpoint says so, under one
    subject."""
    now = NOW + timedelta(days=days)
    seen = Sessions(now=now)
    for host in (HOST, MCR, STS):
        step = handshake(WEB.chain(host=host), host, when=now)
        seen.add(check(host), step, exchange(-days * DAY))
    for host in (HOST, MCR, STS):
        judgement = seen.judged(dates.judge, host)
        assert judgement is not None
        assert (judgement.code, judgement.subject) == ("clock-skewed", "clock")
        assert value_of(judgement, "seconds") == "34560000"
        assert said(judgement)[1] == "it is valid at the time that the other clocks show"


@pytest.mark.parametrize(("others", "code"), [(1, "certificate-expired"), (2, "clock-skewed")])
def test_wrong_clock_without_any_date(others: int, code: str) -> None:
    """Without a Date header, this and at least two more public certificates out of date on the same
    side tell the clock."""
    now = NOW + timedelta(days=400)
    seen = Sessions(now=now)
    for host in (HOST, MCR, STS)[: others + 1]:
        seen.add(check(host), handshake(WEB.chain(host=host), host, when=now))
    assert seen.code(dates.judge) == code
    if others == 2:
        assert seen.told(dates.judge)[1] == "so are the certificates of all 3 endpoints"
        seen.add(check("x.example"), shown(LEAF, anchor="CN=r", host="x.example"))
        forged = Sessions(now=now).add(check(), handshake((Authority("CN=a").leaf(HOST),)))
        for host in (MCR, STS):
            forged.add(check(host), handshake(WEB.chain(host=host), host, when=now))
        assert forged.code(dates.judge) == "certificate-expired"


def test_one_valid_neighbour_acquits_the_clock() -> None:
    """A public certificate that is valid shows that the clock is right."""
    public = {"anchor": "CN=r"}
    seen = at_noon(shown(ENDED, **public))
    for host in (MCR, STS):
        old = certificate(f"CN={host}", "CN=below", not_after="2026-11-01T00:00:00Z")
        seen.add(check(host), shown(old, host=host, **public))
    assert seen.code(dates.judge) == "clock-skewed"
    seen.add(check("x.example"), shown(LEAF, host="x.example", **public))
    assert seen.code(dates.judge) == "certificate-expired"


def test_date_of_the_proxy_tells_the_clock_before_any_tls() -> None:
    """The Date of the proxy's own answer counts: its clock is compared with this host's at that
    moment."""
    now = NOW + timedelta(days=400)
    head = Head(status=200, headers=(("Date", "Mon, 23 Nov 2026 11:59:56 GMT"),))
    tunnel = Tunnel(target=f"{HOST}:443", head=head)
    seen = Sessions(now=now).add(check(), tunnel, handshake(WEB.chain(), when=now))
    assert seen.code(dates.judge) == "clock-skewed"


def test_canned_dates_accuse_no_clock() -> None:
    """Answers with a Date at which the certificate did not exist yet say nothing of this host's
    clock."""
    assert at_noon(shown(LEAF), -900 * DAY, -900 * DAY).code(dates.judge) == ""


@pytest.mark.parametrize(
    ("offset", "due"),
    [
        (300.0, ()),
        (301.0, ("hint: this host's clock is 301 s behind the clocks on the wire",)),
        (-600.0, ("hint: this host's clock is 600 s ahead of the clocks on the wire",)),
        (86_399.0, ("hint: this host's clock is 86399 s behind the clocks on the wire",)),
        (86_400.0, ()),
    ],
)
def test_clock_a_little_wrong_is_evidence_only(offset: float, due: tuple[str, ...]) -> None:
    """Between five minutes and a day: a line for whatever else is said."""
    clocks = tuple(Clock(source=name, offset=offset) for name in ("a", "b"))
    lines = dates.clock_lines(Comparison(clocks=clocks))
    told = tuple(language().say(line).partition(";")[0] for line in lines)
    assert told == due
    assert dates.clock_lines(Comparison()) == ()


def test_four_clocks_are_quoted() -> None:
    """Each once."""
    seen = at_noon(shown(LEAF), *(90_000.0 + number for number in range(5)))
    assert len(seen.told(dates.judge)) == 5
    same = Sessions(now=NOON).add(check(), shown(LEAF), exchange(90_000.1), exchange(90_000.2))
    same.add(check(STS), exchange(90_000.0))
    assert len(same.told(dates.judge)) == 3


# ---------------------------------------------------------------------------------- no times at all


def broken(step: AnyStep, when: str, offset: float) -> AnyStep:
    """The step, with nonsense for each time in it."""
    changes: dict[str, Any] = {}
    if isinstance(step, Handshake):
        chain = tuple(
            msgspec.structs.replace(item, not_before=when, not_after=when) for item in step.chain
        )
        changes = {"chain": chain}
    elif isinstance(step, Exchange):
        changes = {"date_offset": offset}
    elif isinstance(step, Tunnel | Upgrade) and step.head is not None:
        headers = (("Date", f"Mon, 23 Nov {10 ** int(abs(offset)).bit_length()} 12:00:00 GMT"),)
        changes = {"head": Head(status=step.head.status, headers=headers), "took": offset}
    return msgspec.structs.replace(step, **changes)


@pytest.mark.parametrize("offset", HUGE[:3])
@pytest.mark.parametrize("when", [*NO_TIMES, *ODD_TIMES])
@pytest.mark.parametrize("started", ["2026-11-23T12:00:00Z", "9999-12-31T23:59:59Z", "never"])
def test_nonsense_for_times_is_judged(started: str, when: str, offset: float) -> None:
    """A recording whose every time is nonsense is judged without raising, and every fault in it has
    its cause."""
    observations = list(recorded())
    for number, observation in enumerate(observations):
        attempts = tuple(
            msgspec.structs.replace(
                attempt, steps=tuple(broken(step, when, offset) for step in attempt.steps)
            )
            for attempt in observation.attempts
        )
        observations[number] = msgspec.structs.replace(observation, attempts=attempts)
    run = msgspec.structs.replace(RUN, started=started)
    findings = judge(CHECKS, observations, run)
    assert {finding.check for finding in findings} == {check.id for check in CHECKS}
    explained(findings, CHECKS, run)


@pytest.mark.parametrize("offset", HUGE)
def test_a_huge_offset_does_not_hide_an_expired_certificate(offset: float) -> None:
    """Answers from beyond any calendar explain no certificate that is out of date."""
    observations = list(recorded())
    for number, asked in enumerate(ASKED):
        if asked.kind is not Kind.DNS:
            steps: list[AnyStep] = []
            for step in good(asked):
                if isinstance(step, Handshake):
                    step = broken(step, "2020-01-01T00:00:00Z", 0.0)
                elif isinstance(step, Exchange):
                    step = broken(step, "", offset)
                steps.append(step)
            attempt = msgspec.structs.replace(observations[number].attempts[0], steps=tuple(steps))
            observations[number] = msgspec.structs.replace(
                observations[number], attempts=(attempt,)
            )
    codes = {
        finding.code
        for finding in judge(CHECKS, observations, RUN)
        if finding.check == "tls management.azure.com direct"
    }
    assert codes == {"certificate-expired"}
