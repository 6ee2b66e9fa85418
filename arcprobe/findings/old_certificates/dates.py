"""Certificates out of date, or a clock that is wrong: one host tells the first, all hosts and every
Date header the second."""

from __future__ import annotations

from datetime import datetime

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_certificates import chains as _chains
from arcprobe.findings.old_certificates.comparison import Comparison
from arcprobe.model import Certificate, Check, Code, Handshake

TOKENS_BREAK = 300.0  # seconds: Microsoft Entra ID and Kerberos refuse beyond five minutes
CLOCK_WRONG = 86_400.0  # a day: nobody's Date header is that far off by itself
_HAS_EXPIRED, _NOT_YET_VALID = 10, 9  # X509_V_ERR_*


def judge_dates(
    check: Check, handshake: Handshake, comparison: Comparison, now: datetime
) -> Judgement | None:
    """What the dates of a chain say at ``now``, this host's clock when it was seen; None where they
    are in order."""
    offset = comparison.clock_offset
    problem = _problem(handshake, now)
    if problem is None:
        # Date headers for which the certificate is out of date are themselves wrong:
        # canned answers, a box with a dead clock
        if offset is not None and abs(offset) >= CLOCK_WRONG and _fits(handshake, now, offset):
            return _clock(
                offset, (f"the certificate of {check.host} is valid at both times",), comparison
            )
        return _root_out_of_date(handshake)
    if offset is None:
        # one Date alone may be wrong; one Date with which the certificate is valid is no accident
        offset = comparison.clock_hint
    certificate, late = problem
    when = certificate.not_after if late else certificate.not_before
    which = (
        "its certificate"
        if certificate is handshake.chain[0]
        else f"the CA {certificate.common_name or certificate.subject}"
    )
    words = f"{which} {'expired' if late else 'becomes valid'} on {when}; this host's clock says {_shown(now)}"
    if offset is not None and abs(offset) > TOKENS_BREAK and _fits(handshake, now, offset):
        return _clock(offset, (words, "at the time that the others tell it is valid"), comparison)
    leaf = handshake.chain[0]
    # public leaves only: those that a box on the way makes all have its own clock in them
    others = [
        comparison.handshakes[key]
        for key in comparison.anchored
        if comparison.handshakes[key].chain[0].sha256 != leaf.sha256
    ]
    alike = (
        certificate is leaf
        and len(others) >= 2
        and all(_same_side(item, now, late=late) for item in others)
    )
    if offset is None and alike and _chains.reaches(handshake, "public"):
        return _clock(
            None,
            (words, f"so is the certificate of every one of {len(others) + 1} endpoints"),
            comparison,
        )
    agrees = (
        ()
        if offset is None
        else (f"this host's clock agrees with the clocks on the wire ({_seconds(offset)} s apart)",)
    )
    return Judgement(
        code=Code.CERTIFICATE_EXPIRED if late else Code.CERTIFICATE_NOT_YET_VALID,
        evidence=(words, *agrees),
        fields=(("value", when), ("issuer", certificate.issuer)),
        subject=certificate.subject,
    )


def clock_evidence(comparison: Comparison) -> tuple[str, ...]:
    """A line for a clock that is wrong by more than tokens allow, while nothing else shows it
    yet."""
    offset = comparison.clock_offset
    if offset is None or not TOKENS_BREAK < abs(offset) < CLOCK_WRONG:
        return ()
    side = "behind" if offset > 0 else "ahead of"
    return (
        f"weak: this host's clock is {_seconds(abs(offset))} s {side} the clocks on the wire; tokens are refused beyond 300 s",
    )


def _problem(handshake: Handshake, now: datetime) -> tuple[Certificate, bool] | None:
    """The first certificate out of date and whether it is too old; of those that the chain needs,
    as far as they were sent."""
    leaf = handshake.chain[0]
    public = _chains.reaches(handshake, "public")
    for item in _chains.path(handshake):
        begin, end = _chains.moment(item.not_before), _chains.moment(item.not_after)
        # a cross-certificate may be out of date while a root of the public store stands
        # in its place: then the store knows
        counts = item is leaf or not public
        if end is not None and end < now and (counts or _stores_say(handshake, _HAS_EXPIRED)):
            return item, True
        if begin is not None and begin > now and (counts or _stores_say(handshake, _NOT_YET_VALID)):
            return item, False
    return None


def _fits(handshake: Handshake, now: datetime, offset: float) -> bool:
    """Whether the chain is valid by a clock that is ``offset`` seconds ahead of ``now``."""
    then = _chains.shifted(now, offset)
    return then is not None and _problem(handshake, then) is None


def _root_out_of_date(handshake: Handshake) -> Judgement | None:
    """A root that was not sent, and that every store that has it holds to be out of date."""
    anchored = [item for item in handshake.trust if item.anchor]
    dated = next((item for item in anchored if item.code in (_HAS_EXPIRED, _NOT_YET_VALID)), None)
    if dated is None or any(item.accepted for item in anchored):
        return None
    return Judgement(
        code=Code.CERTIFICATE_EXPIRED
        if dated.code == _HAS_EXPIRED
        else Code.CERTIFICATE_NOT_YET_VALID,
        evidence=(
            f"the chain ends in {dated.anchor}; OpenSSL says of it: {dated.words} (code {dated.code}, depth {dated.depth})",
        ),
        fields=(("issuer", dated.anchor),),
        subject=dated.anchor,
    )


def _stores_say(handshake: Handshake, code: int) -> bool:
    anchored = [item for item in handshake.trust if item.anchor]
    return any(item.code == code for item in anchored) and not any(
        item.accepted for item in anchored
    )


def _same_side(handshake: Handshake, now: datetime, *, late: bool) -> bool:
    problem = _problem(handshake, now)
    return problem is not None and problem[0] is handshake.chain[0] and problem[1] is late


def _clock(offset: float | None, evidence: tuple[str, ...], comparison: Comparison) -> Judgement:
    dates = [
        f"{clock.source}: Date {_seconds(clock.offset)} s from this host's clock"
        for clock in comparison.clocks[:4]
    ]
    fields = (("seconds", _seconds(abs(offset))),) if offset is not None else ()
    return Judgement(
        code=Code.CLOCK_SKEWED,
        evidence=(*evidence, *dict.fromkeys(dates)),
        fields=fields,
        subject="clock",
    )


def _seconds(value: float) -> str:
    return f"{value:.0f}"


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
