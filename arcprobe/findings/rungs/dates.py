"""Certificates out of date, or a clock that is wrong: one host tells the first, all hosts and every
Date header the second."""

from __future__ import annotations

from datetime import datetime

import msgspec

from arcprobe.findings import chains
from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind
from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene
from arcprobe.model import Certificate, Code, Handshake, Judgement, Line, Store, VerifyCode, line

TOKENS_BREAK = 300.0
"""Seconds. Beyond them tokens are refused: Kerberos (RFC 4120 section 1.6) and, for Microsoft Entra
ID's, ``TokenValidationParameters.DefaultClockSkew``. Too few blames clocks that hurt nobody."""

CLOCK_WRONG = 86_400.0
"""Seconds, a day: no Date header that is right is that far off. Too few would let a canned Date
accuse the clock, too many leave certificates to speak of it."""

_NEIGHBOURS_NEEDED = 2
"""Other public certificates, out of date on the same side, that make it the clock where no Date
came: one more host may simply have an old certificate too."""

_MOST_CLOCKS = 4  # in the evidence


class _Problem(msgspec.Struct, frozen=True):
    """A certificate out of date; ``late``: its end is past, else its begin is to come."""

    certificate: Certificate
    late: bool


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What the dates of a chain say at the time of the run by this host's clock. None where they
    are in order, and where the certificate is another server's."""
    shown, state = reading.speaks.handshake, scene.state(reading)
    if shown is None or not shown.chain or state is None:
        return None
    if state.kind is ChainKind.ELSEWHERE:
        return None
    problem = _problem(shown, scene.started)
    if problem is not None:
        return _judge_problem(shown, problem, scene.comparison, scene.started)
    offset = scene.comparison.clock_offset
    # Date headers for which the certificate is out of date are themselves wrong: canned answers, a
    # box with a dead clock
    is_far_off = offset is not None and abs(offset) >= CLOCK_WRONG
    if is_far_off and _is_in_date(shown, scene.started, offset):
        words = line("dates.valid-at-both", host=reading.check.host)
        return _clock(offset, (words,), scene.comparison)
    return _root_out_of_date(shown)


def clock_lines(comparison: Comparison) -> tuple[Line, ...]:
    """A line for a clock that is wrong by more than tokens allow, while nothing else shows it
    yet."""
    offset = comparison.clock_offset
    if offset is None or not TOKENS_BREAK < abs(offset) < CLOCK_WRONG:
        return ()
    key = "dates.clock-behind" if offset > 0 else "dates.clock-ahead"
    return (line(key, seconds=abs(offset), most=TOKENS_BREAK),)


def _judge_problem(
    shown: Handshake, problem: _Problem, comparison: Comparison, now: datetime
) -> Judgement:
    offset = comparison.clock_offset
    if offset is None:
        # one Date alone may be wrong; one Date with which the certificate is valid is no accident
        offset = comparison.clock_hint
    words = _words(shown, problem, now)
    is_far_off = offset is not None and abs(offset) > TOKENS_BREAK
    if is_far_off and _is_in_date(shown, now, offset):
        return _clock(offset, (words, line("dates.valid-by-others")), comparison)
    if offset is None and _are_all_out_of_date(shown, problem, comparison, now):
        count = len(_neighbours(shown, comparison)) + 1
        return _clock(None, (words, line("dates.so-are-all", count=count)), comparison)
    certificate, late = problem.certificate, problem.late
    agrees = () if offset is None else (line("dates.clock-agrees", seconds=round(offset)),)
    return Judgement(
        code=Code.CERTIFICATE_EXPIRED if late else Code.CERTIFICATE_NOT_YET_VALID,
        evidence=(words, *agrees),
        values=(("value", _limit(problem)), ("issuer", certificate.issuer)),
        subject=certificate.subject,
    )


def _words(shown: Handshake, problem: _Problem, now: datetime) -> Line:
    certificate = problem.certificate
    who = line("dates.ca", name=certificate.common_name or certificate.subject)
    if certificate is shown.chain[0]:
        who = line("dates.leaf")
    key = "dates.expired" if problem.late else "dates.not-yet-valid"
    clock = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return line(key, who=who, when=_limit(problem), clock=clock)


def _limit(problem: _Problem) -> str:
    certificate = problem.certificate
    return certificate.not_after if problem.late else certificate.not_before


def _problem(shown: Handshake, now: datetime) -> _Problem | None:
    """The first certificate out of date, of those that the chain needs, as far as they were
    sent."""
    # A cross-certificate may be out of date while a root of the public store stands in its place:
    # then the store knows.
    refused = {said.code for said in chains.outdated_roots(shown)}
    is_public = chains.reaches(shown, Store.PUBLIC)
    for number, certificate in enumerate(chains.path(shown)):
        begin, end = chains.moment(certificate.not_before), chains.moment(certificate.not_after)
        counts = number == 0 or not is_public
        if end is not None and end < now and (counts or VerifyCode.CERT_HAS_EXPIRED in refused):
            return _Problem(certificate, late=True)
        is_early = begin is not None and begin > now
        if is_early and (counts or VerifyCode.CERT_NOT_YET_VALID in refused):
            return _Problem(certificate, late=False)
    return None


def _is_in_date(shown: Handshake, now: datetime, offset: float | None) -> bool:
    """Whether the chain is valid by a clock that is ``offset`` seconds ahead of ``now``."""
    then = chains.shifted(now, offset) if offset is not None else None
    return then is not None and _problem(shown, then) is None


def _neighbours(shown: Handshake, comparison: Comparison) -> list[Handshake]:
    """The other public certificates of the run. Those that a box on the way makes all have its own
    clock in them."""
    public = [comparison.handshakes[key] for key in comparison.anchored]
    return [other for other in public if other.chain[0].sha256 != shown.chain[0].sha256]


def _are_all_out_of_date(
    shown: Handshake, problem: _Problem, comparison: Comparison, now: datetime
) -> bool:
    """Whether this leaf and every other public one are out of date on the same side."""
    leaf, others = shown.chain[0], _neighbours(shown, comparison)
    if problem.certificate is not leaf or not chains.reaches(shown, Store.PUBLIC):
        return False
    problems = [_problem(other, now) for other in others]
    due = [_Problem(other.chain[0], problem.late) for other in others]
    return len(others) >= _NEIGHBOURS_NEEDED and problems == due


def _root_out_of_date(shown: Handshake) -> Judgement | None:
    """A root that was not sent, and that every store that has it holds to be out of date."""
    said = next(iter(chains.outdated_roots(shown)), None)
    if said is None:
        return None
    is_late = said.code == VerifyCode.CERT_HAS_EXPIRED
    words = line("dates.root", root=said.anchor, words=said.words, code=said.code, depth=said.depth)
    return Judgement(
        code=Code.CERTIFICATE_EXPIRED if is_late else Code.CERTIFICATE_NOT_YET_VALID,
        evidence=(words,),
        values=(("issuer", said.anchor),),
        subject=said.anchor,
    )


def _clock(offset: float | None, evidence: tuple[Line, ...], comparison: Comparison) -> Judgement:
    told = comparison.clocks[:_MOST_CLOCKS]
    dates = [line("dates.date", source=clock.source, seconds=round(clock.offset)) for clock in told]
    return Judgement(
        code=Code.CLOCK_SKEWED,
        evidence=(*evidence, *dict.fromkeys(dates)),
        values=() if offset is None else (("seconds", f"{abs(offset):.0f}"),),
        subject="clock",
    )
