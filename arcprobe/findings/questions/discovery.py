"""Question: which hosts stand behind a wildcard? Judged from the answer of the endpoint that names
them."""

from __future__ import annotations

from arcprobe.findings.case import Case
from arcprobe.findings.questions import endpoint
from arcprobe.findings.reading import discovered_hosts, status_line
from arcprobe.findings.skipping import skip
from arcprobe.knowledge.codes import passes
from arcprobe.model import Check, Code, Judgement, SkipReason, Verdict, line
from arcprobe.model.told import about


def found_hosts(check: Check, case: Case) -> tuple[str, ...]:
    """The hosts in the recorded answer, whether or not they were then asked."""
    reading = case.reading(check)
    if not check.observed_with or not reading.is_asked:
        return ()
    return discovered_hosts(check, reading)


def judge(check: Check, case: Case) -> Judgement:
    """The hosts that were named; or why none was."""
    if not check.observed_with:
        note = line("discovery.note", note=check.note)
        return Judgement(
            code=Code.WILDCARD_UNPROVEN,
            verdict=Verdict.SKIP,
            skip=SkipReason.NO_PUBLIC_SOURCE,
            summary=note,
            evidence=(note,),
        )
    carrier = case.carrier(check)
    if carrier is None or not case.reading(carrier).is_asked:
        return skip(check, SkipReason.NOT_ASKED, line("skip.question-not-asked"))
    if hosts := found_hosts(check, case):
        return Judgement(
            code=Code.HOSTS_DISCOVERED,
            evidence=(
                line("discovery.named", target=carrier.target, path=carrier.path, hosts=hosts),
            ),
            values=(("hosts", hosts), ("pattern", check.pattern)),
        )
    return _nothing_found(check, carrier, endpoint.judge(carrier, case), case)


def _nothing_found(check: Check, carrier: Check, answer: Judgement, case: Case) -> Judgement:
    is_skipped = answer.verdict is Verdict.SKIP
    if carrier.supporting and not is_skipped and not passes(answer.code):
        return about(carrier, answer)
    if is_skipped or not passes(answer.code):
        why = line("skip.no-answer", target=carrier.target, pattern=check.pattern)
        return skip(check, SkipReason.NO_ANSWER, why)
    exchange = case.reading(carrier).speaks.exchange
    head = exchange.head if exchange is not None else None
    status = status_line(head) if head is not None else line("discovery.no-answer")
    return Judgement(
        code=Code.WILDCARD_UNPROVEN,
        evidence=(
            line("discovery.answered", target=carrier.target, path=carrier.path, status=status),
            line("discovery.names-nothing"),
        ),
        values=(
            ("pattern", check.pattern),
            ("reason", line("discovery.reason", host=carrier.host, status=status)),
        ),
    )
