"""Question: does the endpoint answer, by this route? What came back over the connection that the
check made."""

from __future__ import annotations

from collections.abc import Callable

from arcprobe.findings.case import Case
from arcprobe.findings.proxies import limit_of_connections
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.codes import passes, row
from arcprobe.model import Check, Code, Judgement, Kind, Line, Lookup, SkipReason, Verdict, line

# What a proxy says in a page of its own, also inside a session that it forged to say so.
PAGES = frozenset(
    {
        Code.PROXY_DENIED,
        Code.PROXY_CANNOT_RESOLVE,
        Code.PROXY_CANNOT_CONNECT,
        Code.ANSWER_REDIRECTED,
        Code.BLOCK_PAGE,
    }
)
# The name is known, and what it leads to is not what was meant.
_LED_ASTRAY = frozenset({Code.NAME_SINKHOLED, Code.NAME_HIJACKED_BY_SEARCH})

_PRIVATE = frozenset({Code.NAME_PRIVATE, Code.GATEWAY_PRIVATE_LINK})


def judge(check: Check, case: Case) -> Judgement:
    """The word on a connection; where it would be left to a certificate check that is filtered out,
    what that would say."""
    answer = judge_connection(check, case)
    session = case.session_of(check)
    if answer.verdict is not Verdict.SKIP or session is None or not session.supporting:
        return answer
    return answer if hidden_below(check, case) else _told_for_session(check, case) or answer


def _told_for_session(check: Check, case: Case) -> Judgement | None:
    failed = _faults_of_session(check, case)
    broken = (word for word in failed if row(word.code).verdict is Verdict.FAIL)
    return next(broken, failed[0] if failed else None)


def _faults_of_session(check: Check, case: Case) -> list[Judgement]:
    climb = case.climbs.get(check.id)
    return [word for word in climb.session if not passes(word.code)] if climb else []


# ------------------------------------------------------------------- the connection, by named rules


def judge_connection(check: Check, case: Case) -> Judgement:
    """What came back over the connection: the first rule that speaks."""
    words = (rule(check, case) for rule in RULES)
    found = next((word for word in words if word is not None), None)
    return found or skip(check, SkipReason.NO_TLS, line("skip.no-tls"))


def hidden(check: Check, case: Case) -> Judgement | None:
    """A broken layer below hides the endpoint."""
    why = hidden_below(check, case)
    return skip(check, *why) if why else None


def not_asked(check: Check, case: Case) -> Judgement | None:
    """There is no observation."""
    is_asked = case.reading(check).is_asked
    return None if is_asked else skip(check, SkipReason.NOT_ASKED, line("skip.not-asked"))


def ended_below(check: Check, case: Case) -> Judgement | None:
    """The connection ended below TLS: why, or that the proxy limits connections."""
    ended = case.climbs[check.id].below
    if ended is None or check.proxy is None:
        return ended
    alike = [case.reading(other) for other in case.through(check.proxy.url)]
    return limit_of_connections(case.reading(check), ended, alike) or ended


def other_server(check: Check, case: Case) -> Judgement | None:
    """Another server answered; what it said is nothing about the endpoint."""
    codes = [word.code for word in case.climbs[check.id].session]
    if Code.CERTIFICATE_WRONG_NAME not in codes:
        return None
    return skip(check, SkipReason.OTHER_SERVER, line("skip.other-server"))


def inspected_elsewhere(check: Check, case: Case) -> Judgement | None:
    """A second connection to a host (the upgrade to an Arc gateway's), inspected like the first:
    the host's certificate check says so, and what else the inspector does inside is its doing."""
    if not case.scene.is_intercepted(case.reading(check)) or case.session_of(check):
        return None
    told = any(
        other.kind is Kind.TLS and (other.target, other.route) == (check.target, check.route)
        for other in case.checks.values()
    )
    return skip(check, SkipReason.TOLD_BY_OTHERS, line("skip.inspected")) if told else None


def inside_refused_session(check: Check, case: Case) -> Judgement | None:
    """The agents refuse the interceptor's certificates: what he does inside the session is the same
    fault. A page of a policy that denies the host is a fault of its own."""
    answer = lost_in_refused_session(check, case)
    why = line("skip.inspected")
    return None if answer is None else skip(check, SkipReason.TOLD_BY_OTHERS, why)


def lost_in_refused_session(check: Check, case: Case) -> Judgement | None:
    """What is wrong with the answer in a session that the agents refuse, but for a policy's
    page."""
    answer = case.climbs[check.id].answer
    if answer is None or passes(answer.code) or answer.code in PAGES:
        return None
    return answer if case.scene.is_refused(case.reading(check)) else None


def answered(check: Check, case: Case) -> Judgement | None:
    """What the answer is, whoever wrote it."""
    return case.climbs[check.id].answer


def ended_in_tls(check: Check, case: Case) -> Judgement | None:
    """No question about the certificate is judged from this connection: nobody else would tell how
    it ended."""
    if case.session_of(check) is not None:
        return None
    return next(iter(_faults_of_session(check, case)), None)


RULES: tuple[Callable[[Check, Case], Judgement | None], ...] = (
    hidden,
    not_asked,
    ended_below,
    other_server,
    inspected_elsewhere,
    inside_refused_session,
    answered,
    ended_in_tls,
)


# ------------------------------------------------------------------------------ what hides an answe


def hidden_below(check: Check, case: Case) -> tuple[SkipReason, Line] | None:
    """Why a check above a broken layer was not answered; None where the connection came as far as
    its own way."""
    proxy = check.proxy
    if proxy is not None and proxy.url in case.proxy_faults:
        return SkipReason.PROXY_BROKEN, line("skip.proxy-broken", proxy=proxy.url)
    asked = proxy.host if proxy is not None else check.host
    name = case.names.get(asked)
    if name is None or not _leads_astray(name, check, case):
        return None
    key = "skip.name-of-endpoint" if proxy is None else "skip.name-of-proxy"
    return SkipReason.NAME_BROKEN, line(key, host=asked)


def _leads_astray(name: Judgement, check: Check, case: Case) -> bool:
    """Whether what DNS says is why the connection does not lead to the endpoint, or to the
    proxy."""
    if (name.verdict or row(name.code).verdict) is not Verdict.FAIL:
        return False
    if name.code in _PRIVATE:
        return case.is_lost_beyond(check.host)
    return name.code in _LED_ASTRAY or _ended_at_name(check, case)


def _ended_at_name(check: Check, case: Case) -> bool:
    return isinstance(case.reading(check).speaks.last, Lookup)
