"""Judges a WebSocket upgrade: did it reach the endpoint, and if not, what became of it on the way?
(RFC 6455 section 4)"""

from __future__ import annotations

import re

from arcprobe.findings import _way
from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_answers.answer import code_of_page, proven_by
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Head,
    Observation,
    Upgrade,
    Verdict,
)

# What Azure Relay says where it saw no Upgrade header (azure-relay-dotnet#135), and what other
# servers say (RFC 9110 15.5.22)
_NOT_SEEN = re.compile(
    r"only for web-?socket|upgrade required|expected a web-?socket|not a web-?socket|websocket request",
    re.IGNORECASE,
)
_TRACKED = re.compile(r"TrackingId:\S+", re.IGNORECASE)
_ORIGIN_STATUS = frozenset({401, 404})
_ORIGIN_ERRORS = frozenset({502, 503, 504})
_SWITCHING = 101
_NEGOTIATED = ("sec-websocket-extensions", "sec-websocket-protocol")  # the probe asks for neither


def upgrade_of(attempt: Attempt | None) -> Upgrade | None:
    """The upgrade that was asked for, if the way got that far."""
    return (
        next((step for step in attempt.steps if isinstance(step, Upgrade)), None)
        if attempt
        else None
    )


def judge(check: Check, observation: Observation, *, genuine: bool) -> Judgement | None:
    """None where the upgrade was not asked for."""
    step = upgrade_of(_way.main_attempt(observation))
    if step is None:
        return None
    if step.head is None:
        return _unanswered(observation, step, genuine)
    head = step.head
    first = (f"upgrade {check.target}{step.path} → {_way.status_line(head)} in {step.took:.2f} s",)
    if head.status == _SWITCHING:
        return _switched(step, first, genuine)
    return _answered(check, head, first, genuine)


def _switched(step: Upgrade, first: tuple[str, ...], genuine: bool) -> Judgement:
    if step.accept != step.accept_due or not step.upgrade_headers:
        missing = (
            "Sec-WebSocket-Accept does not fit the key that was sent"
            if step.accept != step.accept_due
            else "no Upgrade header"
        )
        return Judgement(
            code=Code.WEBSOCKET_FAKED,
            evidence=(*first, missing, f"came: {step.accept!r}, due: {step.accept_due!r}"),
        )
    if unasked := [
        name for name in _NEGOTIATED if step.head is not None and _way.value(step.head, name)
    ]:
        line = f"{', '.join(unasked)} came, which nobody asked for: a client must fail the connection (RFC 6455 section 4.1)"
        return Judgement(code=Code.WEBSOCKET_FAKED, evidence=(*first, line))
    if step.failure is not None and step.close_code is not None and genuine:
        line = f"the endpoint itself ended it with close code {step.close_code}: its frames came through"
        return Judgement(code=Code.WEBSOCKET_REACHES_ORIGIN, evidence=(*first, line))
    if step.failure is not None and step.failure.kind is FailureKind.HTTP_MALFORMED:
        return Judgement(
            code=Code.WEBSOCKET_FAKED, evidence=(*first, f"after 101: {step.failure.detail}")
        )
    if step.failure is not None:
        silent = step.failure.kind in (FailureKind.TIMED_OUT, FailureKind.TOO_LARGE)
        line = (
            "a ping got no pong"
            if silent
            else f"after 101: {step.failure.detail or step.failure.kind.value}"
        )
        return Judgement(
            code=Code.WEBSOCKET_SILENT if silent else Code.WEBSOCKET_DROPPED,
            evidence=(*first, line),
            fields=(("seconds", f"{step.took:.1f}"),),
        )
    if step.cut and step.close_code is not None and genuine:
        # a close frame inside the endpoint's own session is the endpoint's own; a device
        # on the way can only cut
        line = f"the endpoint itself ended it with close code {step.close_code} after {step.held:.1f} s"
        return Judgement(
            code=Code.WEBSOCKET_UPGRADED,
            evidence=(*first, "a ping was answered by its pong", line),
            fields=(("detail", "ping and pong"),),
        )
    if step.cut:
        return Judgement(
            code=Code.WEBSOCKET_IDLE_CUT,
            evidence=(*first, f"held open without traffic, {step.cut} after {step.held:.1f} s"),
            fields=(("seconds", f"{step.held:.0f}"),),
        )
    held = (f"held for {step.held:.0f} s",) if step.held else ()
    return Judgement(
        code=Code.WEBSOCKET_UPGRADED,
        evidence=(*first, "a ping was answered by its pong", *held),
        fields=(("detail", "ping and pong"),),
    )


def _answered(check: Check, head: Head, first: tuple[str, ...], genuine: bool) -> Judgement:
    """An answer that is no 101: kept whole, and read."""
    product = _way.author_of(head)
    evidence = (
        *first,
        *_way.head_evidence(
            head, "the endpoint" if genuine else "inside the inspected session, somebody"
        ),
    )
    fields = [
        ("status", f"{head.status} {head.reason}".strip()),
        ("location", _way.value(head, "location")),
    ]
    if product and not genuine:
        fields.append(("product", product.name))
    words = f"{head.reason}\n{head.body}"

    def judged(code: str, *lines: str, verdict: Verdict | None = None) -> Judgement:
        # who wrote an answer stands in it; who removed the upgrade is whoever passed it on
        acting = _way.product_of(head) if code == Code.WEBSOCKET_STRIPPED else product
        name = acting.name if acting and (not genuine or code == Code.WEBSOCKET_STRIPPED) else ""
        # as in http.py: a page of the proxy's own is the same fault, whatever was asked
        own = code in (Code.BLOCK_PAGE, Code.ANSWER_REDIRECTED) or code.startswith("proxy-")
        subject = check.proxy.url if own and check.proxy else ""
        return Judgement(
            code=code,
            evidence=(*evidence, *lines),
            fields=tuple(fields),
            product=name,
            verdict=verdict,
            subject=subject,
        )

    if head.status == 426 or (head.status == 400 and _NOT_SEEN.search(words)):
        return judged(
            Code.WEBSOCKET_STRIPPED,
            "the endpoint says that it saw no upgrade; it was sent: something removed it on the way",
        )
    tracked = _TRACKED.search(words)
    if genuine:
        if head.status in _ORIGIN_ERRORS and not tracked:
            return judged(
                Code.ORIGIN_ERROR,
                "the TLS session is with the endpoint itself",
                verdict=Verdict.WARN,
            )
        return judged(
            Code.WEBSOCKET_REACHES_ORIGIN,
            "the TLS session is with the endpoint itself: its answer proves the way",
        )
    if (token := _way.value(head, "x-squid-error")) and not token.startswith("ERR_INVALID_RESP"):
        # ERR_INVALID_RESP: the endpoint's 101 came, and Squid's rules do not let it pass
        # (http_upgrade_request_protocols)
        return judged(code_of_page(head), "the inspecting proxy wrote this answer itself")
    if token or (product is not None and product.proves and head.status >= 500):
        return judged(Code.WEBSOCKET_REFUSED, "the inspecting proxy wrote this answer itself")
    if tracked:
        return judged(Code.WEBSOCKET_REACHES_ORIGIN, f"the endpoint's own mark: {tracked[0][:80]}")
    mark = proven_by(check, head)
    if head.status in _ORIGIN_STATUS and (mark or head.status == 401):
        return judged(
            Code.WEBSOCKET_REACHES_ORIGIN,
            f"the endpoint's own mark: {mark}" if mark else "401: the upgrade was seen",
        )
    if head.status == 400 and mark:
        # with Squid, measured: a rewritten 400 is what Azure Relay says when the Upgrade
        # header is gone, its 401 when it is there
        return judged(
            Code.WEBSOCKET_STRIPPED,
            "400 of the endpoint where 401 is due: the upgrade was removed on the way",
        )
    if head.version == "1.0":
        return judged(Code.WEBSOCKET_REFUSED, "the answer is HTTP/1.0, which has no upgrade")
    return judged(Code.WEBSOCKET_REFUSED, "nothing in it proves that the endpoint wrote it")


def _unanswered(observation: Observation, step: Upgrade, genuine: bool) -> Judgement:
    kind = step.failure.kind if step.failure else FailureKind.OTHER
    detail = step.failure.detail if step.failure else ""
    evidence = [
        f"upgrade {step.path}: {detail or kind.value} after {step.took:.2f} s, {step.bytes_in} bytes of answer"
    ]
    fields = (("seconds", f"{step.took:.1f}"), ("alert", detail))
    small = upgrade_of(_way.experiment(observation, Experiment.SMALL_SEGMENTS))
    if kind is FailureKind.TIMED_OUT and small is not None and small.head is not None:
        return Judgement(
            code=Code.PATH_MTU,
            evidence=(*evidence, "with TCP segments of 536 bytes the same request is answered"),
            fields=fields,
        )
    if step.first_bytes:
        evidence.append(f"what came: {step.first_bytes[:120]!r}")
    match kind:
        case FailureKind.TIMED_OUT:
            code = Code.WEBSOCKET_SILENT
        case FailureKind.TLS_ALERT:
            code = Code.TLS_REJECTED
        case FailureKind.HTTP_MALFORMED | FailureKind.TOO_LARGE:
            code = Code.ORIGIN_ERROR if genuine else Code.WEBSOCKET_REFUSED
        case _:
            code = Code.WEBSOCKET_DROPPED
    return Judgement(code=code, evidence=tuple(evidence), fields=fields)
