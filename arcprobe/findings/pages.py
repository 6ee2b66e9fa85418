"""What came back inside a session for a request or an upgrade, and the signs of who wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from arcprobe.findings.reading import Reading, failure_kind, failure_words, head_lines, status
from arcprobe.knowledge.catalogue import patterns
from arcprobe.knowledge.products import Found
from arcprobe.knowledge.proxy_errors import author_of, code_of, product_of
from arcprobe.model import (
    Check,
    Code,
    Exchange,
    Experiment,
    FailureKind,
    Head,
    Judgement,
    Line,
    Upgrade,
    Verdict,
    line,
)

ORIGIN_ERRORS = frozenset({502, 503, 504})
"""Of a gateway before the service (RFC 9110 section 15.6), or of a proxy that gets no further."""

_PAGE_CODES = {
    Code.PROXY_CANNOT_RESOLVE: Code.PROXY_CANNOT_RESOLVE,
    Code.PROXY_CANNOT_CONNECT: Code.PROXY_CANNOT_CONNECT,
    Code.PROXY_OVERLOADED: Code.PROXY_OVERLOADED,
    Code.PROXY_REDIRECTS: Code.ANSWER_REDIRECTED,
}
_NO_HTTP = (FailureKind.HTTP_MALFORMED, FailureKind.TOO_LARGE)
_MOST_SHOWN = 120  # characters of what came where an answer was due


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. ``first``: what was asked, and what came. ``mark``: what only the endpoint writes.
    ``author``: a product that writes such answers."""

    check: Check
    head: Head
    path: str
    first: Line
    mark: Line | None
    author: Found | None

    def header(self, name: str) -> str:
        """All values of a header, its name in lower case."""
        return self.head.header(name)

    @property
    def proxy(self) -> str:
        """The proxy that it came through."""
        return self.check.proxy.url if self.check.proxy is not None else ""

    def shown(self, who: str) -> tuple[Line, ...]:
        """What was asked, and all that tells who wrote the answer."""
        return (self.first, *head_lines(self.head, line(who)))

    def says(
        self,
        code: Code,
        *evidence: Line,
        verdict: Verdict | None = None,
        product: Found | None = None,
        subject: str = "",
    ) -> Judgement:
        """A judgement of this answer. ``product``: who is to act."""
        name = product.name if product is not None else ""
        return Judgement(
            code=code,
            evidence=evidence,
            verdict=verdict,
            values=(
                ("status", status(self.head)),
                ("location", self.header("location")),
                ("product", name),
            ),
            product=name,
            subject=subject,
        )


def read_answer(check: Check, path: str, head: Head, first: Line) -> Answer:
    """An answer with the signs of who wrote it."""
    return Answer(
        check=check,
        head=head,
        path=path,
        first=first,
        mark=_mark_of_endpoint(check, head),
        author=author_of(head),
    )


def code_of_page(head: Head) -> Code:
    """What a proxy tells inside the session that it inspects. It could not before: a proxy that
    inspects says 200 to every CONNECT."""
    return _PAGE_CODES.get(code_of(head, product_of(head)), Code.BLOCK_PAGE)


def _mark_of_endpoint(check: Check, head: Head) -> Line | None:
    for where, name, pattern in check.marks:
        parts = {"header": head.header(name.lower()), "body": head.body, "reason": head.reason}
        text = parts.get(where, "")
        if text and pattern in patterns() and re.search(pattern, text, re.IGNORECASE):
            return line("answer.mark", where=where, header=name, pattern=repr(pattern))
    return None


def unanswered(
    reading: Reading,
    step: Exchange | Upgrade,
    asked: Line,
    codes: Mapping[FailureKind, Code],
    *,
    is_genuine: bool,
) -> Judgement:
    """What was sent and got no head, by how that ended. Inside a genuine session nobody but the
    endpoint can have written what came instead. ``codes``: ``OTHER`` for all that it lacks."""
    kind = failure_kind(step.failure)
    evidence = [
        line(
            "answer.unanswered",
            asked=asked,
            failure=failure_words(step.failure),
            seconds=step.took,
            bytes=step.bytes_in,
        )
    ]
    values: tuple[tuple[str, Any], ...] = (
        ("seconds", f"{step.took:.1f}"),
        ("alert", step.failure.detail if step.failure is not None else ""),
    )
    if kind is FailureKind.TIMED_OUT and _is_cured(reading):
        evidence.append(line("answer.small-segments"))
        return Judgement(code=Code.PATH_MTU, evidence=tuple(evidence), values=values)
    if step.first_bytes:
        evidence.append(line("answer.came", text=repr(step.first_bytes[:_MOST_SHOWN])))
    code = codes.get(kind, codes[FailureKind.OTHER])
    if is_genuine and kind in _NO_HTTP:
        code = Code.ORIGIN_ERROR
    return Judgement(code=code, evidence=tuple(evidence), values=values)


def _is_cured(reading: Reading) -> bool:
    """Whether the same was answered when it was asked in small segments."""
    made = reading.experiment(Experiment.SMALL_SEGMENTS)
    steps = (made.exchange, made.upgrade) if made is not None else ()
    return any(step is not None and step.head is not None for step in steps)
