"""Which words a check is told in: named rules in order, the first that speaks; then the question of
its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from arcprobe.findings import loopback, overlap, sent_past, unknown_region, unproxied
from arcprobe.findings.case import Case
from arcprobe.findings.crash_barrier import guarded
from arcprobe.findings.ladder import climb
from arcprobe.findings.questions import (
    discovery,
    endpoint,
    gateway,
    onboarding,
    proxy,
    session,
    skip_range,
)
from arcprobe.findings.reading import Reading, failure_words, has_ended
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.bypass_keywords import is_documented, keyword_for
from arcprobe.knowledge.codes import passing
from arcprobe.model import Check, Code, Duty, Judgement, Kind, Line, SkipReason, Verdict, line

Words = tuple[Judgement, ...]
Rule = Callable[[Check, Case], Words]
"""What a rule says of a check; nothing where it does not concern it."""


def tell(check: Check, case: Case) -> Words:
    """The judgements on a check, one or more."""
    for rule in RULES:
        said = guarded(rule, check, case)
        if isinstance(said, Judgement):
            return (said,)
        if said:
            return said
    return (skip(check, SkipReason.NOT_ASKED, line("skip.not-asked")),)


# ----------------------------------------------------------------------------------------- the rule


def filtered(check: Check, case: Case) -> Words:
    """Left out by --only or --skip; what a discovery found is said all the same, for hosts that
    were asked because of it."""
    if check.duty is not Duty.SUPPORTING:
        return ()
    if check.kind is Kind.DISCOVERY and discovery.found_hosts(check, case):
        return ()
    return (skip(check, SkipReason.FILTERED, line("skip.filtered")),)


def crashed(check: Check, case: Case) -> Words:
    """A probe of arcprobe's own failed."""
    crash = case.reading(check).crash
    evidence = (line("skip.crash", words=crash),)
    return (Judgement(code=Code.ARCPROBE_FAULT, evidence=evidence),) if crash else ()


def cut_short(check: Check, case: Case) -> Words:
    """The deadline or a signal came before the answer."""
    reading = case.reading(check)
    if not reading.unfinished:
        return ()
    return (Judgement(code=Code.NOT_FINISHED, evidence=(_seen_until_then(reading),)),)


def starved(check: Check, case: Case) -> Words:
    """This host gave no more sockets, threads, ports or memory: nothing was asked of the
    network."""
    words = case.reading(check).local_limit
    if not words:
        return ()
    return (
        Judgement(
            code=Code.NOT_FINISHED,
            summary=line("skip.starved", target=check.target, words=words),
            evidence=(line("skip.starved-evidence", words=words),),
            remedy=line("skip.starved-remedy"),
            subject="this host",
            values=(("reason", line("skip.starved-reason", words=words)),),
        ),
    )


def unseen(check: Check, case: Case) -> Words:
    """A recording that holds neither the answer to a required question nor why there is none: a
    probe records one or the other."""
    reading = case.reading(check)
    if not check.required or check.duty is not Duty.JUDGED or has_ended(reading):
        return ()
    return (
        Judgement(
            code=Code.NOT_FINISHED,
            summary=line("skip.unseen", target=check.target),
            evidence=(_seen_until_then(reading),),
            remedy=line("skip.unseen-remedy"),
            subject="the recording",
            values=(("reason", line("skip.unseen-reason")),),
        ),
    )


def compared(check: Check, case: Case) -> Words:
    """--direct: what the route without the proxy shows is information, never a fault."""
    if check.duty is not Duty.COMPARED:
        return ()
    why = _shown_without_proxy(check, case)
    return (
        Judgement(
            code=passing(check.kind),
            verdict=Verdict.SKIP,
            skip=SkipReason.COMPARISON,
            summary=why,
            evidence=(why,),
        ),
    )


def gateway_misnamed(check: Check, case: Case) -> Words:
    """A gateway URL that is none: what its host does says nothing."""
    settings = case.scene.settings
    is_host = bool(settings.gateway_host) and check.host == settings.gateway_host
    if check.kind is Kind.GATEWAY or not is_host or gateway.is_usable_url(settings):
        return ()
    return (skip(check, SkipReason.GATEWAY_URL, line("skip.gateway-url")),)


def question(check: Check, case: Case) -> Words:
    """The question of its kind."""
    words = QUESTIONS[check.kind](check, case)
    for retold in (
        unknown_region.retold,
        unproxied.retold,
        sent_past.retold,
        overlap.retold,
        loopback.retold,
    ):
        words = retold(check, words, case)
    return words


RULES: tuple[Rule, ...] = (
    filtered,
    crashed,
    cut_short,
    starved,
    unseen,
    compared,
    gateway_misnamed,
    question,
)


# -------------------------------------------------------------------------- the question of each ki


def _name(check: Check, case: Case) -> Words:
    word = case.names.get(check.host)
    return (word or skip(check, SkipReason.NOT_ASKED, line("skip.not-asked")),)


def _endpoint(check: Check, case: Case) -> Words:
    return (endpoint.judge(check, case),)


def _discovery(check: Check, case: Case) -> Words:
    return (discovery.judge(check, case),)


def _gateway(check: Check, case: Case) -> Words:
    others = (
        other
        for other in case.checks.values()
        if other.host == check.host and other.kind is not Kind.GATEWAY and not other.compare
    )
    found = {other: tell(other, case) for other in others}
    return (gateway.judge(check, case.scene.settings, found),)


def _skip_range(check: Check, case: Case) -> Words:
    is_private = _has_private_endpoints(case)
    hosts = tuple(
        (other.host, other.port)
        for other in case.checks.values()
        if other.connects
        and other.required
        and not _goes_direct_on_purpose(other, case)
        and not (is_private and is_documented(other.host))
    )
    cluster = next(filter(None, (made.cluster for made in case.reading(check).connections)), None)
    closed = sent_past.closed_entries(case)
    return skip_range.judge(check, cluster, case.scene.settings, hosts, closed)


def _goes_direct_on_purpose(check: Check, case: Case) -> bool:
    """What the user named, what is only compared, and a private endpoint that answers may go past
    the proxy; so may what a keyword of az sends past it."""
    if check.custom or check.compare or _is_private_endpoint(check, case):
        return True
    settings = case.scene.settings
    return bool(keyword_for(check.host, settings.proxy_bypass, settings.cloud))


def _has_private_endpoints(case: Case) -> bool:
    """Whether one of the names that az sends past the proxy is a private endpoint that answers:
    then that is the design, also for its neighbours."""
    direct = (check for check in case.checks.values() if check.connects and check.via_bypass)
    return any(is_documented(check.host) and _is_private_endpoint(check, case) for check in direct)


def _is_private_endpoint(check: Check, case: Case) -> bool:
    name = case.names.get(check.host)
    if check.proxy is not None or name is None or name.code is not Code.NAME_PRIVATE:
        return False
    return not case.is_lost_beyond(check.host)


def _merged(check: Check, case: Case) -> Words:
    return (skip(check, SkipReason.MERGED, line("skip.when-merged")),)


QUESTIONS: Mapping[Kind, Rule] = {
    Kind.DNS: _name,
    Kind.PROXY: proxy.judge,
    Kind.HTTPS: _endpoint,
    Kind.WEBSOCKET: _endpoint,
    Kind.TLS: session.judge,
    Kind.SKIP_RANGE: _skip_range,
    Kind.DISCOVERY: _discovery,
    Kind.GATEWAY: _gateway,
    Kind.ONBOARDING: onboarding.judge,
    Kind.CLUSTER: _merged,
}


# -------------------------------------------------------------------------------- words of one step


def _seen_until_then(reading: Reading) -> Line:
    """The steps of a check that was cut short."""
    steps: list[Line] = []
    for step in reading.all_steps():
        name = type(step).__name__.lower()
        if step.failure is None:
            steps.append(line("skip.step", name=name))
        else:
            steps.append(line("skip.step-failed", name=name, kind=step.failure.kind.value))
    return line("skip.seen-until-then", steps=tuple(steps)) if steps else line("skip.seen-nothing")


def _shown_without_proxy(check: Check, case: Case) -> Line:
    reading = case.reading(check)
    below = climb(reading, case.scene).below if check.connects else None
    if below is not None:
        return line("skip.direct-failed", what=below.code.value)
    if reading.speaks.broken is not None:
        words = failure_words(reading.speaks.broken.failure)
        return line("skip.direct-failed", what=words)
    handshake = reading.speaks.handshake
    if handshake is None or not handshake.chain:
        return line("skip.direct-reached", issuer=line("skip.issuer-unknown"))
    return line("skip.direct-reached", issuer=handshake.chain[0].issuer)
