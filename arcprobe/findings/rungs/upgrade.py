"""Rung: the WebSocket upgrade reaches the endpoint, and frames come through (RFC 6455)."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from arcprobe.findings.pages import ORIGIN_ERRORS, Answer, code_of_page, read_answer, unanswered
from arcprobe.findings.reading import Reading, failure_kind, failure_words, status_line
from arcprobe.findings.scene import Scene
from arcprobe.knowledge.proxy_errors import product_of
from arcprobe.model import Code, FailureKind, Head, Judgement, Line, Upgrade, Verdict, line

_SWITCHING = 101
_NEGOTIATED = ("sec-websocket-extensions", "sec-websocket-protocol")  # the probe asks for neither
_SILENT = (FailureKind.TIMED_OUT, FailureKind.TOO_LARGE)
# What Azure Relay says where it saw no Upgrade header
# (https://github.com/Azure/azure-relay-dotnet/issues/135), and what other servers say.
_NOT_SEEN = re.compile(
    r"only for web-?socket|upgrade required|expected a web-?socket|not a web-?socket"
    r"|websocket request",
    re.IGNORECASE,
)
_TRACKED = re.compile(r"TrackingId:\S+", re.IGNORECASE)  # in every refusal of Azure Relay
_LONGEST_MARK = 80  # characters
_UNANSWERED = {
    FailureKind.TIMED_OUT: Code.WEBSOCKET_SILENT,
    FailureKind.TLS_ALERT: Code.TLS_REJECTED,
    FailureKind.HTTP_MALFORMED: Code.WEBSOCKET_REFUSED,
    FailureKind.TOO_LARGE: Code.WEBSOCKET_REFUSED,
    FailureKind.OTHER: Code.WEBSOCKET_DROPPED,
}


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What became of the upgrade; None where none was asked for."""
    check, upgrade = reading.check, reading.speaks.upgrade
    if upgrade is None:
        return None
    is_genuine = scene.is_genuine(reading)
    if upgrade.head is None:
        asked = line("upgrade.asked", path=upgrade.path)
        return unanswered(reading, upgrade, asked, _UNANSWERED, is_genuine=is_genuine)
    first = line(
        "upgrade.request",
        target=check.target,
        path=upgrade.path,
        status=status_line(upgrade.head),
        seconds=upgrade.took,
    )
    if upgrade.head.status == _SWITCHING:
        return _switched(upgrade, upgrade.head, first, is_genuine)
    answer = read_answer(check, upgrade.path, upgrade.head, first)
    return _not_seen(answer, is_genuine) or (_genuine if is_genuine else _inspected)(answer)


# ------------------------------------------------------------------------------------ 101: upgraded


def _switched(upgrade: Upgrade, head: Head, first: Line, is_genuine: bool) -> Judgement:
    if forged := _forged(upgrade, head):
        return Judgement(code=Code.WEBSOCKET_FAKED, evidence=(first, *forged))
    is_own_close = is_genuine and upgrade.close_code is not None
    if upgrade.failure is not None:
        return _ended(upgrade, first, is_own_close)
    if upgrade.cut and not is_own_close:
        cut = line("upgrade.cut", how=upgrade.cut, seconds=upgrade.held)
        seconds = (("seconds", f"{upgrade.held:.0f}"),)
        return Judgement(code=Code.WEBSOCKET_IDLE_CUT, evidence=(first, cut), values=seconds)
    evidence = [first, line("upgrade.pong")]
    if upgrade.cut:
        # a close frame inside the endpoint's own session is the endpoint's own; a device on the way
        # can only cut
        evidence.append(line("upgrade.closed", code=upgrade.close_code or 0, seconds=upgrade.held))
    elif upgrade.held:
        evidence.append(line("upgrade.held", seconds=upgrade.held))
    return Judgement(
        code=Code.WEBSOCKET_UPGRADED,
        evidence=tuple(evidence),
        values=(("detail", line("upgrade.ping-and-pong")),),
    )


def _forged(upgrade: Upgrade, head: Head) -> tuple[Line, ...]:
    """What shows that the 101 was not written for this request."""
    accepts = line("upgrade.accepts", accept=repr(upgrade.accept), due=repr(upgrade.accept_due))
    if upgrade.accept != upgrade.accept_due:
        return (line("upgrade.wrong-accept"), accepts)
    if not upgrade.upgrade_headers:
        return (line("upgrade.no-header"), accepts)
    unasked = tuple(name for name in _NEGOTIATED if head.header(name))
    return (line("upgrade.unasked", names=unasked),) if unasked else ()


def _ended(upgrade: Upgrade, first: Line, is_own_close: bool) -> Judgement:
    """A connection that ended before the pong."""
    if is_own_close:
        closed = line("upgrade.closed-at-once", code=upgrade.close_code or 0)
        return Judgement(code=Code.WEBSOCKET_REACHES_ORIGIN, evidence=(first, closed))
    kind = failure_kind(upgrade.failure)
    after = line("upgrade.after", failure=failure_words(upgrade.failure))
    if kind is FailureKind.HTTP_MALFORMED:
        return Judgement(code=Code.WEBSOCKET_FAKED, evidence=(first, after))
    seconds = (("seconds", f"{upgrade.took:.1f}"),)
    if kind in _SILENT:
        silent = (first, line("upgrade.no-pong"))
        return Judgement(code=Code.WEBSOCKET_SILENT, evidence=silent, values=seconds)
    return Judgement(code=Code.WEBSOCKET_DROPPED, evidence=(first, after), values=seconds)


# -------------------------------------------------------------------- another answer than 101, read


def _not_seen(answer: Answer, is_genuine: bool) -> Judgement | None:
    """The endpoint says that no upgrade came, and one was sent. Who is to act is not who wrote the
    answer but whoever passed it on."""
    says_so = answer.head.status == 400 and _NOT_SEEN.search(_words(answer))
    if answer.head.status != 426 and not says_so:
        return None
    return _stripped(answer, "upgrade.not-seen", is_genuine)


def _stripped(answer: Answer, reason: str, is_genuine: bool) -> Judgement:
    who, author = ("answer.endpoint", None) if is_genuine else ("answer.somebody", answer.author)
    shown = (*answer.shown(who), line(reason))
    word = answer.says(Code.WEBSOCKET_STRIPPED, *shown, product=author)
    acting = product_of(answer.head)
    return msgspec.structs.replace(word, product=acting.name if acting is not None else "")


def _words(answer: Answer) -> str:
    return f"{answer.head.reason}\n{answer.head.body}"


def _genuine(answer: Answer) -> Judgement:
    shown = answer.shown("answer.endpoint")
    if answer.head.status in ORIGIN_ERRORS and not _TRACKED.search(_words(answer)):
        own = line("answer.own-session")
        return answer.says(Code.ORIGIN_ERROR, *shown, own, verdict=Verdict.WARN)
    proved = line("upgrade.proved")
    return answer.says(Code.WEBSOCKET_REACHES_ORIGIN, *shown, proved)


def _inspected(answer: Answer) -> Judgement:
    for suspicion in _SUSPICIONS:
        if (judgement := suspicion(answer)) is not None:
            return judgement
    reason = "upgrade.http-1-0" if answer.head.version == "1.0" else "answer.unproven"
    return _blamed(answer, Code.WEBSOCKET_REFUSED, line(reason))


def _blamed(answer: Answer, code: Code, reason: Line, subject: str = "") -> Judgement:
    shown = answer.shown("answer.somebody")
    return answer.says(code, *shown, reason, product=answer.author, subject=subject)


def _page_of_proxy(answer: Answer) -> Judgement | None:
    token, author = answer.header("x-squid-error"), answer.author
    own = line("upgrade.own-page")
    if token and not token.startswith("ERR_INVALID_RESP"):
        return _blamed(answer, code_of_page(answer.head), own, subject=answer.proxy)
    # ERR_INVALID_RESP: the endpoint's 101 came, and Squid's rules do not let it pass
    # (http_upgrade_request_protocols)
    is_error = author is not None and author.proves and answer.head.status >= 500
    return _blamed(answer, Code.WEBSOCKET_REFUSED, own) if token or is_error else None


def _tracked(answer: Answer) -> Judgement | None:
    tracked = _TRACKED.search(_words(answer))
    if tracked is None:
        return None
    mark = line("upgrade.mark", mark=tracked[0][:_LONGEST_MARK])
    return _blamed(answer, Code.WEBSOCKET_REACHES_ORIGIN, mark)


def _of_origin(answer: Answer) -> Judgement | None:
    """A status with which Azure Relay refuses an upgrade that it saw."""
    if answer.mark is not None and answer.head.status in (401, 404):
        mark = line("upgrade.mark", mark=answer.mark)
        return _blamed(answer, Code.WEBSOCKET_REACHES_ORIGIN, mark)
    if answer.head.status == 401:
        return _blamed(answer, Code.WEBSOCKET_REACHES_ORIGIN, line("upgrade.seen"))
    return None


def _rewritten(answer: Answer) -> Judgement | None:
    # with Squid, measured: a rewritten 400 is what Azure Relay says when the Upgrade header is
    # gone, its 401 when it is there
    if answer.mark is None or answer.head.status != 400:
        return None
    return _stripped(answer, "upgrade.rewritten", is_genuine=False)


_SUSPICIONS: tuple[Callable[[Answer], Judgement | None], ...] = (
    _page_of_proxy,
    _tracked,
    _of_origin,
    _rewritten,
)
