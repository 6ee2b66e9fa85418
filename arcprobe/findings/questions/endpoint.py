"""Question: does the endpoint answer, by this route? What came back over the connection that the check made."""

from __future__ import annotations

from arcprobe.findings.case import Case
from arcprobe.findings.interception import ChainKind
from arcprobe.findings.proxies import limit_of_connections
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.codes import passes, row
from arcprobe.model import Check, Code, Judgement, Kind, Line, Lookup, SkipReason, Verdict, line

# The name is known, and what it leads to is not what was meant.
_LED_ASTRAY = frozenset({Code.NAME_SINKHOLED, Code.NAME_HIJACKED_BY_SEARCH})


def judge(check: Check, case: Case) -> Judgement:
    """The word on a connection; where it would be left to a certificate check that is filtered out, what that would say."""
    answer = judge_connection(check, case)
    session = case.session_of(check)
    if answer.verdict is not Verdict.SKIP or session is None or not session.supporting:
        return answer
    return answer if hidden_below(check, case) else _told_for_session(check, case) or answer


def _told_for_session(check: Check, case: Case) -> Judgement | None:
    climb = case.climbs.get(check.id)
    failed = [word for word in climb.session if not passes(word.code)] if climb else []
    broken = (word for word in failed if row(word.code).verdict is Verdict.FAIL)
    return next(broken, failed[0] if failed else None)


def judge_connection(check: Check, case: Case) -> Judgement:
    """What came back over the connection."""
    if why := hidden_below(check, case):
        return skip(check, *why)
    reading = case.reading(check)
    if not reading.is_asked:
        return skip(check, SkipReason.NOT_ASKED, line("skip.not-asked"))
    climb = case.climbs[check.id]
    if climb.below is not None:
        alike = [case.reading(other) for other in _through_the_same_proxy(check, case)]
        return limit_of_connections(reading, climb.below, alike) or climb.below
    if any(word.code is Code.CERTIFICATE_WRONG_NAME for word in climb.session):
        return skip(check, SkipReason.OTHER_SERVER, line("skip.other-server"))
    if _is_inside_inspected(check, case):
        return skip(check, SkipReason.TOLD_BY_OTHERS, line("skip.inspected"))
    if climb.answer is None and case.session_of(check) is None:
        # no question about the certificate is judged from this connection: nobody else would tell how it ended
        failed = next((word for word in climb.session if not passes(word.code)), None)
        return failed or skip(check, SkipReason.NO_TLS, line("skip.no-tls"))
    return climb.answer or skip(check, SkipReason.NO_TLS, line("skip.no-tls"))


def _is_inside_inspected(check: Check, case: Case) -> bool:
    """A second connection to a host, whose TLS is intercepted like the first: the host's certificate check says so, and
    what else the inspector does inside is its doing (the upgrade to an Arc gateway's host)."""
    state = case.scene.state(case.reading(check))
    if state is None or state.kind is not ChainKind.INTERCEPTED:
        return False
    return case.session_of(check) is None and any(
        other.kind is Kind.TLS and (other.target, other.route) == (check.target, check.route)
        for other in case.checks.values()
    )


def _through_the_same_proxy(check: Check, case: Case) -> list[Check]:
    return case.through(check.proxy.url) if check.proxy is not None else []


def hidden_below(check: Check, case: Case) -> tuple[SkipReason, Line] | None:
    """Why a check above a broken layer was not answered; None where the connection came as far as its own way."""
    proxy = check.proxy
    if proxy is not None and proxy.url in case.proxy_faults:
        return SkipReason.PROXY_BROKEN, line("skip.proxy-broken", proxy=proxy.url)
    asked = proxy.host if proxy is not None else check.host
    name = case.names.get(asked)
    if name is None or row(name.code).verdict is not Verdict.FAIL:
        return None
    if name.code not in _LED_ASTRAY and not _ended_at_name(check, case):
        return None
    key = "skip.name-of-endpoint" if proxy is None else "skip.name-of-proxy"
    return SkipReason.NAME_BROKEN, line(key, host=asked)


def _ended_at_name(check: Check, case: Case) -> bool:
    return isinstance(case.reading(check).speaks.last, Lookup)
