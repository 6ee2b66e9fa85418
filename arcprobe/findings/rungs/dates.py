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


_CODES = {
    VerifyCode.CERT_HAS_EXPIRED: Code.CERTIFICATE_EXPIRED,
    VerifyCode.CERT_NOT_YET_VALID: Code.CERTIFICATE_NOT_YET_VALID,
}


class _Problem(msgspec.Struct, frozen=True):
    """A certificate out of date, and on which side, in OpenSSL's words."""

    certificate: Certificate
    code: VerifyCode

    @property
    def is_late(self) -> bool:
        return self.code is VerifyCode.CERT_HAS_EXPIRED

    @property
    def limit(self) -> str:
        """The date that is past, or to come."""
        return self.certificate.not_after if self.is_late else self.certificate.not_before


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What the dates of a chain say at the time of the run by this host's clock. None where they
    are in order, and where the certificate is another server's."""
    shown, state = reading.speaks.handshake, scene.state(reading)
    if shown is None or state is None or state.kind is ChainKind.ELSEWHERE:
        return None
    problem = _problem(shown, scene.started)
    if problem is not None:
        word = _judge_problem(shown, problem, scene.comparison, scene.started)
        return _with_bundle(word, shown, scene)
    # Date headers for which the certificate is out of date are themselves wrong: canned answers, a
    # box with a dead clock
    offset = scene.comparison.clock_offset or 0.0
    if abs(offset) >= CLOCK_WRONG and _is_in_date(shown, scene.started, offset):
        words = line("dates.valid-at-both", host=reading.check.host)
        return _clock(offset, (words,), scene.comparison)
    late = _root_out_of_date(shown)
    return None if late is None else _with_bundle(late, shown, scene)


def _with_bundle(word: Judgement, shown: Handshake, scene: Scene) -> Judgement:
    """The same; where the root that is out of date stands in the bundle of --proxy-cert, that is
    said too."""
    outdated = (said.store for said in chains.outdated_roots(shown))
    is_given = Store.BUNDLE in outdated and not chains.reaches(shown, Store.PUBLIC)
    if not is_given or word.code not in _CODES.values():
        return word
    file = scene.settings.proxy_cert or "--proxy-cert"
    renewed = line("certificate.bundle-expired", file=file)
    return msgspec.structs.replace(word, evidence=(*word.evidence, renewed))


def clock_lines(comparison: Comparison) -> tuple[Line, ...]:
    """A line for a clock that is wrong by more than tokens allow, while nothing else shows it
    yet."""
    offset = comparison.clock_offset or 0.0
    if not TOKENS_BREAK < abs(offset) < CLOCK_WRONG:
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
    evidence = [_words(shown, problem, now)]
    if offset is None and _are_all_out_of_date(shown, problem, comparison, now):
        count = len(_neighbours(shown, comparison)) + 1
        return _clock(None, (*evidence, line("dates.so-are-all", count=count)), comparison)
    if offset is not None and abs(offset) > TOKENS_BREAK and _is_in_date(shown, now, offset):
        return _clock(offset, (*evidence, line("dates.valid-by-others")), comparison)
    if offset is not None:
        evidence.append(line("dates.clock-agrees", seconds=round(offset)))
    certificate = problem.certificate
    return Judgement(
        code=_CODES[problem.code],
        evidence=tuple(evidence),
        values=(("value", problem.limit), ("issuer", certificate.issuer)),
        subject=certificate.subject,
    )


def _words(shown: Handshake, problem: _Problem, now: datetime) -> Line:
    certificate = problem.certificate
    who = line("dates.ca", name=certificate.common_name or certificate.subject)
    if certificate is shown.chain[0]:
        who = line("dates.leaf")
    key = "dates.expired" if problem.is_late else "dates.not-yet-valid"
    return line(key, who=who, when=problem.limit, clock=now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _problem(shown: Handshake, now: datetime) -> _Problem | None:
    """The first certificate out of date, of those that the chain needs, as far as they were
    sent."""
    # A cross-certificate may be out of date while a root of the public store stands in its place:
    # then the store knows.
    is_public = chains.reaches(shown, Store.PUBLIC)
    told = {said.code for said in chains.outdated_roots(shown)}
    for certificate in chains.path(shown):
        code = _out_of_date(certificate, now)
        is_needed = not is_public or certificate is shown.chain[0]
        if code is not None and (is_needed or code in told):
            return _Problem(certificate, code)
    return None


def _out_of_date(certificate: Certificate, now: datetime) -> VerifyCode | None:
    begin, end = chains.moment(certificate.not_before), chains.moment(certificate.not_after)
    if end is not None and end < now:
        return VerifyCode.CERT_HAS_EXPIRED
    if begin is not None and begin > now:
        return VerifyCode.CERT_NOT_YET_VALID
    return None


def _is_in_date(shown: Handshake, now: datetime, offset: float) -> bool:
    """Whether the chain is valid by a clock that is ``offset`` seconds ahead of ``now``."""
    then = chains.shifted(now, offset)
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
    others = _neighbours(shown, comparison)
    if len(others) < _NEIGHBOURS_NEEDED or not chains.reaches(shown, Store.PUBLIC):
        return False
    return all(
        _problem(other, now) == _Problem(other.chain[0], problem.code) for other in (shown, *others)
    )


def _root_out_of_date(shown: Handshake) -> Judgement | None:
    """A root that was not sent, and that every store that has it holds to be out of date."""
    said = next(iter(chains.outdated_roots(shown)), None)
    if said is None:
        return None
    code, depth = said.code, said.depth
    words = line("dates.root", root=said.anchor, words=said.words, code=code, depth=depth)
    return Judgement(
        code=_CODES[VerifyCode(code)],
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
