"""Judges an HTTP answer: did it come from the endpoint, or from something on the way?

Inside a session whose certificate is genuine the answer is the endpoint's, whatever it says: nobody
else can have written it. Inside an inspected session the inspector may have written it; the marks
of the endpoint and of products tell which.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from arcprobe.findings import _way
from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_certificates.handshake import alert_words
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Exchange,
    Experiment,
    FailureKind,
    Handshake,
    Head,
    Observation,
    Role,
    Verdict,
)

_ORIGIN_ERRORS = frozenset({502, 503, 504})
_BLOCKING = frozenset({403, 451, 470, 511})
_PAGE_WORDS = re.compile(
    r"access (?:to this (?:page|site|web ?site) )?(?:is |has been )?(?:denied|blocked)|web ?page blocked|web ?site blocked"
    r"|blocked by|policy violation|url category|category[:=]|content filter|request was blocked|acceptable use|block ?page",
    re.IGNORECASE,
)


def last_exchange(attempt: Attempt | None) -> Exchange | None:
    """The last request of a connection that was answered; where none was, the last."""
    asked = [step for step in attempt.steps if isinstance(step, Exchange)] if attempt else []
    return next(
        (step for step in reversed(asked) if step.head is not None), asked[-1] if asked else None
    )


def proven_by(check: Check, head: Head) -> str:
    """The mark of the endpoint that stands in its answer, in words; empty where none does."""
    for where, name, pattern in check.marks:
        text = {
            "header": _way.value(head, name.lower()),
            "body": head.body,
            "reason": head.reason,
        }.get(where, "")
        if text and re.search(pattern, text, re.IGNORECASE):
            return f"{where} {name or ''} matches {pattern!r}".replace("  ", " ")
    return ""


def judge(check: Check, observation: Observation, *, genuine: bool) -> Judgement | None:
    """None where no request was sent."""
    attempt = _way.main_attempt(observation)
    step = last_exchange(attempt)
    if attempt is None or step is None:
        return None
    if step.head is None:
        return unanswered(observation, step, genuine=genuine)
    head = step.head
    status = f"{head.status} {head.reason}".strip()
    fields = (("status", status), ("location", _way.value(head, "location")))
    first = (
        f"{step.method} {check.target}{step.path} → {_way.status_line(head)} in {step.took:.2f} s",
    )
    if genuine:
        if head.status in _ORIGIN_ERRORS:
            return Judgement(
                code=Code.ORIGIN_ERROR,
                verdict=Verdict.WARN,
                evidence=(
                    *first,
                    "the TLS session is with the endpoint itself",
                    *_way.head_evidence(head, "the endpoint"),
                ),
                fields=fields,
            )
        return Judgement(code=Code.ENDPOINT_ANSWERS, evidence=first, fields=fields)
    return _inspected(check, step, head, first, fields)


def _inspected(
    check: Check,
    step: Exchange,
    head: Head,
    first: tuple[str, ...],
    fields: tuple[tuple[str, str], ...],
) -> Judgement:
    """An answer that an inspector may have written."""
    mark = proven_by(check, head)
    product = _way.author_of(head)
    evidence = (*first, *_way.head_evidence(head, "inside the inspected session, somebody"))
    named = (*fields, ("product", product.name)) if product else fields
    squid = _way.value(head, "x-squid-error")
    if squid or (product is not None and product.proves and head.status >= 400 and not mark):
        code = code_of_page(head)
        return Judgement(
            code=code,
            evidence=evidence,
            fields=named,
            product=product.name if product else "",
            subject=check.proxy.url if check.proxy else "",
        )
    if mark:
        if head.status in _ORIGIN_ERRORS:
            return Judgement(
                code=Code.ORIGIN_ERROR,
                verdict=Verdict.WARN,
                evidence=(*evidence, mark),
                fields=fields,
            )
        return Judgement(
            code=Code.ENDPOINT_ANSWERS,
            evidence=(*first, f"the endpoint's own mark came through: {mark}"),
            fields=fields,
        )
    page = "html" in _way.value(head, "content-type").lower()
    refusal = head.status in _BLOCKING and (
        page or head.status != 403 or product is not None or not head.body.strip()
    )
    if refusal or (_PAGE_WORDS.search(head.body) and (page or head.status in _BLOCKING)):
        return Judgement(
            code=Code.BLOCK_PAGE,
            subject=check.proxy.url if check.proxy else "",
            evidence=(*evidence, "nothing in it proves that the endpoint wrote it"),
            fields=named,
            product=product.name if product else "",
        )
    if (
        head.status // 100 == 3
        and (location := _way.value(head, "location"))
        and _leads_away(check, step, location)
    ):
        return Judgement(
            code=Code.ANSWER_REDIRECTED,
            evidence=evidence,
            fields=named,
            product=product.name if product else "",
        )
    if doubt := _not_of_the_endpoint(check, head):
        return Judgement(
            code=Code.ANSWER_FROM_MIDDLEBOX,
            evidence=(*evidence, doubt),
            fields=named,
            product=product.name if product else "",
        )
    return Judgement(
        code=Code.ENDPOINT_ANSWERS,
        evidence=(
            *first,
            "inspected: that the endpoint wrote it cannot be proved, and nothing says otherwise",
        ),
        fields=fields,
    )


def _not_of_the_endpoint(check: Check, head: Head) -> str:
    """Why an answer without any mark is hardly the endpoint's own, in words; empty where nothing
    says so."""
    if head.status in _ORIGIN_ERRORS:
        return "who wrote it cannot be told for certain; an error of the inspector's way to the endpoint is likelier"
    html = "html" in _way.value(head, "content-type").lower()
    if (
        html
        and head.status == 200
        and any(where == "body" for where, _name, _pattern in check.marks)
    ):
        return "an HTML page came with 200 where the endpoint sends JSON, and none of its marks is in it"
    return ""


def code_of_page(head: Head) -> str:
    """The error that a proxy tells inside the session that it inspects: it could not before
    (facts/faults.md section 0)."""
    code = _way.code_of(head, _way.product_of(head))
    if code in (Code.PROXY_CANNOT_RESOLVE, Code.PROXY_CANNOT_CONNECT, Code.PROXY_OVERLOADED):
        return code
    return Code.ANSWER_REDIRECTED if code == Code.PROXY_REDIRECTS else Code.BLOCK_PAGE


def _leads_away(check: Check, step: Exchange, location: str) -> bool:
    """Whether a redirect leaves the endpoint's registered domain, by its last two labels. A
    registry may keep blobs elsewhere."""
    try:
        host = urlsplit(location).hostname or check.host
    except ValueError:
        return True
    return (
        host.lower().split(".")[-2:] != check.host.lower().split(".")[-2:]
        and "/blobs/" not in step.path
    )


def unanswered(observation: Observation, step: Exchange, *, genuine: bool) -> Judgement:
    """A request that got no head. Inside a genuine session nobody but the endpoint can have written
    what came instead."""
    kind = step.failure.kind if step.failure else FailureKind.OTHER
    detail = step.failure.detail if step.failure else ""
    evidence = [
        f"{step.method} {step.path}: {detail or kind.value} after {step.took:.2f} s, {step.bytes_in} bytes of answer"
    ]
    small = _way.experiment(observation, Experiment.SMALL_SEGMENTS)
    answer = last_exchange(small)
    fields: tuple[tuple[str, str], ...] = (
        ("seconds", f"{step.took:.1f}"),
        ("detail", step.first_bytes[:60]),
    )
    if answer is not None and answer.head is not None and kind is FailureKind.TIMED_OUT:
        evidence.append("with TCP segments of 536 bytes the same request is answered")
        return Judgement(code=Code.PATH_MTU, evidence=tuple(evidence), fields=fields)
    if step.first_bytes:
        evidence.append(f"what came: {step.first_bytes[:120]!r}")
    match kind:
        case FailureKind.TIMED_OUT:
            code = Code.ANSWER_SILENT
        case FailureKind.TLS_ALERT:
            code = Code.TLS_REJECTED
            evidence.append(alert_words(detail))
        case FailureKind.HTTP_MALFORMED | FailureKind.TOO_LARGE:
            code = Code.ORIGIN_ERROR if genuine else Code.ANSWER_FROM_MIDDLEBOX
            fields = (*fields, ("status", "with something that is no HTTP answer"))
        case _:
            code = Code.ANSWER_CLOSED
    return Judgement(code=code, evidence=tuple(evidence), fields=(*fields, ("alert", detail)))


def handshake_of(attempt: Attempt | None) -> Handshake | None:
    """The handshake with the target."""
    steps = attempt.steps if attempt else ()
    return next(
        (step for step in steps if isinstance(step, Handshake) and step.peer == Role.TARGET), None
    )
