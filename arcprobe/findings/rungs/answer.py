"""Rung: the request is answered, and by the endpoint.

Inside a session whose certificate is genuine the answer is the endpoint's, whatever it says: nobody
else can have written it. Inside an inspected session the inspector may have written it; the marks
of the endpoint and of products tell which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from arcprobe.findings.alerts import alert_line, alert_named_in
from arcprobe.findings.pages import ORIGIN_ERRORS, Answer, code_of_page, read_answer, unanswered
from arcprobe.findings.reading import Reading, head_lines, status_line
from arcprobe.findings.scene import Scene
from arcprobe.model import Code, Exchange, FailureKind, Judgement, Verdict, line
from arcprobe.model.text import registered_domain

_FORBIDDEN = 403
# 451: RFC 7725; 470: Azure Firewall (https://http.dev/470); 511: RFC 6585 section 6
_BLOCKING = frozenset({_FORBIDDEN, 451, 470, 511})
_PAGE_WORDS = re.compile(
    r"access (?:to this (?:page|site|web ?site) )?(?:is |has been )?(?:denied|blocked)"
    r"|web ?page blocked|web ?site blocked|blocked by|policy violation|url category|category[:=]"
    r"|content filter|request was blocked|acceptable use|block ?page",
    re.IGNORECASE,
)
_UNANSWERED = {
    FailureKind.TIMED_OUT: Code.ANSWER_SILENT,
    FailureKind.TLS_ALERT: Code.TLS_REJECTED,
    FailureKind.HTTP_MALFORMED: Code.ANSWER_FROM_MIDDLEBOX,
    FailureKind.TOO_LARGE: Code.ANSWER_FROM_MIDDLEBOX,
    FailureKind.OTHER: Code.ANSWER_CLOSED,
}
_NO_HTTP = (Code.ANSWER_FROM_MIDDLEBOX, Code.ORIGIN_ERROR)


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What came back for the request; None where none was sent."""
    check, exchange = reading.check, reading.speaks.exchange
    if exchange is None:
        return None
    is_genuine = scene.is_genuine(reading)
    if exchange.head is None:
        return _unanswered(reading, exchange, is_genuine)
    first = line(
        "answer.request",
        method=exchange.method,
        target=check.target,
        path=exchange.path,
        status=status_line(exchange.head),
        seconds=exchange.took,
    )
    answer = read_answer(check, exchange.path, exchange.head, first)
    return _genuine(answer) if is_genuine else _inspected(answer)


def _genuine(answer: Answer) -> Judgement:
    if answer.head.status not in ORIGIN_ERRORS:
        return answer.says(Code.ENDPOINT_ANSWERS, answer.first)
    shown = head_lines(answer.head, line("answer.endpoint"))
    own = line("answer.own-session")
    return answer.says(Code.ORIGIN_ERROR, answer.first, own, *shown, verdict=Verdict.WARN)


def _inspected(answer: Answer) -> Judgement:
    for suspicion in _SUSPICIONS:
        if (judgement := suspicion(answer)) is not None:
            return judgement
    return answer.says(Code.ENDPOINT_ANSWERS, answer.first, line("answer.inspected"))


def _blamed(answer: Answer, code: Code, *reasons: str, subject: str = "") -> Judgement:
    """Somebody on the way wrote it. ``reasons``: keys of further evidence."""
    evidence = (*answer.shown("answer.somebody"), *(line(key) for key in reasons))
    return answer.says(code, *evidence, product=answer.author, subject=subject)


def _page_of_proxy(answer: Answer) -> Judgement | None:
    """A product's own error. Squid's header stands in nobody else's answer, whatever is beside
    it."""
    author = answer.author
    is_product = author is not None and author.proves and answer.mark is None
    if not answer.header("x-squid-error") and not (is_product and answer.head.status >= 400):
        return None
    return _blamed(answer, code_of_page(answer.head), subject=answer.proxy)


def _marked(answer: Answer) -> Judgement | None:
    """The endpoint's own answer, as its mark shows."""
    if answer.mark is None:
        return None
    if answer.head.status not in ORIGIN_ERRORS:
        own = line("answer.own-mark", mark=answer.mark)
        return answer.says(Code.ENDPOINT_ANSWERS, answer.first, own)
    shown = answer.shown("answer.somebody")
    return answer.says(Code.ORIGIN_ERROR, *shown, answer.mark, verdict=Verdict.WARN)


def _block_page(answer: Answer) -> Judgement | None:
    if not _is_refusal(answer):
        return None
    return _blamed(answer, Code.BLOCK_PAGE, "answer.unproven", subject=answer.proxy)


def _is_refusal(answer: Answer) -> bool:
    body = answer.head.body
    is_blocking, is_page = answer.head.status in _BLOCKING, _is_page(answer)
    if _PAGE_WORDS.search(body):
        return is_page or is_blocking
    # a 403 with words that are no page is how services refuse whom they do not know
    is_of_service = answer.head.status == _FORBIDDEN and answer.author is None and not is_page
    return is_blocking and not (is_of_service and body.strip())


def _is_page(answer: Answer) -> bool:
    return "html" in answer.header("content-type").lower()


def _redirect(answer: Answer) -> Judgement | None:
    """A redirect away from the endpoint's domain. A registry may keep blobs elsewhere (OCI
    distribution specification, "Pulling blobs")."""
    location = answer.header("location")
    if answer.head.status // 100 != 3 or not location or "/blobs/" in answer.path:
        return None
    host = answer.check.host
    try:
        aim = urlsplit(location).hostname or host
    except ValueError:
        aim = ""
    if registered_domain(aim) == registered_domain(host):
        return None
    return _blamed(answer, Code.ANSWER_REDIRECTED)


def _doubtful(answer: Answer) -> Judgement | None:
    """An answer that is hardly the endpoint's own."""
    if answer.head.status in ORIGIN_ERRORS:
        return _blamed(answer, Code.ANSWER_FROM_MIDDLEBOX, "answer.likelier-inspector")
    sends_json = any(where == "body" for where, _name, _pattern in answer.check.marks)
    if sends_json and answer.head.status == 200 and _is_page(answer):
        return _blamed(answer, Code.ANSWER_FROM_MIDDLEBOX, "answer.page-for-json")
    return None


_SUSPICIONS: tuple[Callable[[Answer], Judgement | None], ...] = (
    _page_of_proxy,
    _marked,
    _block_page,
    _redirect,
    _doubtful,
)


def _unanswered(reading: Reading, exchange: Exchange, is_genuine: bool) -> Judgement:
    asked = line("answer.asked", method=exchange.method, path=exchange.path)
    word = unanswered(reading, exchange, asked, _UNANSWERED, is_genuine=is_genuine)
    values: dict[str, Any] = {**dict(word.values), "detail": exchange.first_bytes[:60]}
    evidence = word.evidence
    if word.code in _NO_HTTP:
        values["status"] = line("answer.no-http")
    alert = alert_named_in(values["alert"])
    if alert and word.code is Code.TLS_REJECTED:
        evidence = (*evidence, alert_line(alert))
    return msgspec.structs.replace(word, evidence=evidence, values=tuple(values.items()))
