"""Rung: a TCP connection, to the proxy or to the target."""

from __future__ import annotations

from arcprobe.findings.reading import Connection, Reading, failure_kind, failure_words
from arcprobe.findings.scene import Scene
from arcprobe.model import Code, Dial, Failure, FailureKind, Judgement, Line, Role, line
from arcprobe.model.text import host_port

_PROXY = {
    FailureKind.REFUSED: Code.PROXY_REFUSED,
    FailureKind.TIMED_OUT: Code.PROXY_SILENT,
    FailureKind.RESET: Code.PROXY_RESET,
}
_TARGET = {
    FailureKind.REFUSED: Code.TARGET_REFUSED,
    FailureKind.TIMED_OUT: Code.TARGET_SILENT,
    FailureKind.RESET: Code.TLS_RESET,
}
# Of several addresses, silence tells more than a route that this vantage lacks (an IPv6 address
# where there is no IPv6).
_WEAKER = frozenset({FailureKind.UNREACHABLE, FailureKind.NO_ADDRESS})


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """How the last of the addresses that were dialled refused, where none took the connection."""
    match reading.speaks.last:
        case Dial(failure=Failure()) as dial:
            return _failed(reading, dial)
        case _:
            return None


def _failed(reading: Reading, last: Dial) -> Judgement:
    proxy = reading.check.proxy
    to_proxy = last.role is Role.PROXY
    kind = _strongest(reading.speaks, failure_kind(last.failure))
    if to_proxy:
        code = _PROXY.get(kind, Code.PROXY_UNREACHABLE)
    else:
        code = _TARGET.get(kind, Code.TARGET_UNREACHABLE)
    dials = reading.speaks.dials
    return Judgement(
        code=code,
        evidence=tuple(_told(dial) for dial in dials if dial.failure),
        subject=proxy.url if to_proxy and proxy is not None else "",
        values=(
            ("address", last.address),
            ("seconds", f"{sum(dial.took for dial in dials):.1f}"),
            ("reason", last.failure.detail if last.failure else ""),
        ),
    )


def _strongest(connection: Connection, last: FailureKind) -> FailureKind:
    if last not in _WEAKER:
        return last
    kinds = (dial.failure.kind for dial in connection.dials if dial.failure)
    return next((kind for kind in kinds if kind not in _WEAKER), last)


def _told(dial: Dial) -> Line:
    where = host_port(dial.address, dial.port)
    if failure_kind(dial.failure) is FailureKind.TIMED_OUT:
        return line("dial.silent", address=where, seconds=dial.took)
    return line("dial.failed", address=where, reason=failure_words(dial.failure), seconds=dial.took)
