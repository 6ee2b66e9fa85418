"""Question: with whom is the TLS session? Judged from the connection of another check."""

from __future__ import annotations

import msgspec

from arcprobe.findings.case import Case
from arcprobe.findings.ladder import Climb
from arcprobe.findings.questions.endpoint import (
    PAGES,
    hidden_below,
    judge_connection,
    lost_in_refused_session,
)
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.codes import passes
from arcprobe.model import Check, Code, Judgement, SkipReason, line


def judge(check: Check, case: Case) -> tuple[Judgement, ...]:
    """What is said of the session; several judgements where several independent things are
    wrong."""
    if why := hidden_below(check, case):
        return (skip(check, *why),)
    carrier = case.carrier(check)
    if carrier is None or not _has_handshake(carrier, case):
        told = told_for_supporting(carrier, case)
        return (told or skip(check, SkipReason.NO_TLS, line("skip.below-tls")),)
    if page := _error_page(carrier, case):
        forged = skip(check, SkipReason.PAGE_CERTIFICATE, line("skip.page-certificate"))
        return (page if carrier.supporting else forged,)
    unclear = skip(check, SkipReason.NO_TLS, line("skip.certificate-unclear"))
    return _with_what_is_lost(carrier, case) or (unclear,)


def _with_what_is_lost(carrier: Check, case: Case) -> tuple[Judgement, ...]:
    """The session's words; beside an interception that the agents refuse, what it does to the
    answer: to trust the CA would not be enough."""
    words = case.climbs[carrier.id].session
    lost = lost_in_refused_session(carrier, case)
    if lost is None:
        return words
    also = line("certificate.also-lost", target=carrier.target, code=lost.code.value)
    return tuple(
        msgspec.structs.replace(word, evidence=(word.evidence[0], also, *word.evidence[1:]))
        if word.code in _INTERCEPTED
        else word
        for word in words
    )


_INTERCEPTED = frozenset({Code.TLS_INTERCEPTED, Code.GATEWAY_INSPECTED})


def told_for_supporting(carrier: Check | None, case: Case) -> Judgement | None:
    """How the connection of a filtered check failed: what is judged from it tells that in its
    place."""
    if carrier is None or not carrier.supporting:
        return None
    climb = case.climbs.get(carrier.id)
    return judge_connection(carrier, case) if climb is not None and climb.below else None


def _has_handshake(carrier: Check, case: Case) -> bool:
    """Whether a handshake with the target was tried."""
    climb = case.climbs.get(carrier.id)
    if climb is None or climb.below is not None:
        return False
    return case.reading(carrier).speaks.handshake is not None


def _error_page(carrier: Check, case: Case) -> Judgement | None:
    """What a bumping proxy says inside a session that it forged only to say so: it does that also
    where it inspects nothing else (measured with Squid 5.7: ssl_bump peek and splice, a denied
    host)."""
    climb = case.climbs[carrier.id]
    if all(word.code is not Code.TLS_INTERCEPTED for word in climb.session):
        return None
    answer = climb.answer
    if answer is None or answer.code not in PAGES:
        return None
    others = (other for check_id, other in case.climbs.items() if check_id != carrier.id)
    spared = (other for other in others if _is_spared(other, carrier, case))
    return answer if next(spared, None) is not None else None


def _is_spared(climb: Climb, carrier: Check, case: Case) -> bool:
    """Whether another connection by the same route shows a session that is well."""
    if not climb.session or case.checks[climb.check].route is not carrier.route:
        return False
    return all(passes(word.code) for word in climb.session)
