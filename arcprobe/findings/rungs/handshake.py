"""A handshake with the target that ended without a chain: reset, closed, silent, rejected by an
alert, plain text, too old; and what the experiments prove of its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from arcprobe.findings.alerts import alert_line
from arcprobe.findings.comparison import Comparison
from arcprobe.findings.reading import Reading, failure_words
from arcprobe.findings.scene import Scene
from arcprobe.knowledge import go
from arcprobe.model import (
    Code,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Judgement,
    Line,
    Value,
    line,
)

_OF_A_FILTER = frozenset({Code.TLS_RESET, Code.TLS_SILENT})

_CODES = {
    FailureKind.RESET: Code.TLS_RESET,
    FailureKind.CLOSED: Code.TLS_CLOSED,
    FailureKind.TIMED_OUT: Code.TLS_SILENT,
    FailureKind.TLS_ALERT: Code.TLS_REJECTED,
    FailureKind.TLS_PLAINTEXT: Code.TLS_PLAINTEXT_ANSWER,
    FailureKind.TLS_VERSION: Code.TLS_TOO_OLD,
    FailureKind.TLS_OTHER: Code.TLS_REJECTED,
    FailureKind.TOO_LARGE: Code.TLS_REJECTED,
    FailureKind.OTHER: Code.TLS_REJECTED,
}
_CUT = (FailureKind.RESET, FailureKind.CLOSED, FailureKind.TIMED_OUT)

_ALERTS_OF_AGE = frozenset({"protocol_version", "insufficient_security"})

_LONGEST_FIELD = 120  # characters of a failure's words, or of first bytes, in a summary
_LONGEST_LINE = 200  # … in a line of evidence

_Proof: TypeAlias = tuple[Code, tuple[Line, ...], tuple[tuple[str, Value], ...]]
"""What further connections prove: its code, the lines that show it, values for its sentences."""


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """Why the handshake with the target gave no chain; None where it gave one, or none was
    tried."""
    shown = reading.speaks.handshake
    if shown is None or shown.chain or shown.failure is None:
        return None
    proved = _proved(reading, shown, shown.failure)
    if proved is not None:
        return proved
    if shown.failure.kind in _CODES:
        return _named(reading, shown, shown.failure, scene.comparison)
    # an end that has no name of its own (ICMP in the middle of it, …) is an end all the same
    target, words = reading.check.target, failure_words(shown.failure)
    return Judgement(
        code=Code.TLS_CLOSED, evidence=(line("handshake.ended", target=target, words=words),)
    )


# --------------------------------------------------------------------- what the experiments prove


def _proved(reading: Reading, shown: Handshake, failure: Failure) -> Judgement | None:
    """What the further connections prove; None where they prove nothing, and the failure speaks for
    itself."""
    words = line(
        "handshake.failed",
        target=reading.check.target,
        words=failure_words(failure),
        seconds=shown.took,
    )
    for prove in (_path_mtu, _large_hello, _only_old, _transparent_proxy):
        proved = prove(reading, shown, failure.kind)
        if proved is not None:
            code, lines, values = proved
            return Judgement(code=code, evidence=(words, *lines), values=values)
    return None


def _is_size_in_question(reading: Reading, kind: FailureKind) -> bool:
    """The control: another name, in a hello and in segments of the same size. Where that is
    answered, no size is to blame."""
    return kind in _CUT and reading.succeeded(Experiment.OTHER_NAME) is None


def _path_mtu(reading: Reading, shown: Handshake, kind: FailureKind) -> _Proof | None:
    if kind is not FailureKind.TIMED_OUT or not _is_size_in_question(reading, kind):
        return None
    if reading.succeeded(Experiment.SMALL_SEGMENTS) is None:
        return None
    lines = (line("handshake.bytes-came", bytes=shown.bytes_in), line("handshake.small-segments"))
    return Code.PATH_MTU, lines, _measures(shown)


def _large_hello(reading: Reading, shown: Handshake, kind: FailureKind) -> _Proof | None:
    small = reading.succeeded(Experiment.SMALL_HELLO)
    if small is None or not _is_size_in_question(reading, kind):
        return None
    if small.client_hello >= shown.client_hello:
        return None
    lines = (
        line("handshake.large-hello", bytes=shown.client_hello),
        line("handshake.small-hello", bytes=small.client_hello, version=small.version),
    )
    return Code.LARGE_HELLO_DROPPED, lines, _measures(shown)


def _measures(shown: Handshake) -> tuple[tuple[str, Value], ...]:
    return (("seconds", f"{shown.took:.1f}"), ("size", str(shown.client_hello)))


def _only_old(reading: Reading, shown: Handshake, kind: FailureKind) -> _Proof | None:
    old = reading.succeeded(Experiment.OLD_TLS)
    if old is None:
        return None
    lines = (line("handshake.speaks-old", version=old.version, cipher=old.cipher),)
    if go.speaks_too_old(old.version):
        return Code.TLS_TOO_OLD, lines, (("versions", old.version),)
    if kind is FailureKind.CLOSED:
        return None  # a cipher that agents refuse is refused by an alert, not by an end
    ciphers = line("handshake.refused-ciphers", cipher=old.cipher)
    return Code.TLS_TOO_OLD, lines, (("versions", ciphers),)


def _transparent_proxy(reading: Reading, shown: Handshake, kind: FailureKind) -> _Proof | None:
    """A connection to TEST-NET-1 (RFC 5737) that somebody accepted."""
    if kind not in (*_CUT, FailureKind.TLS_PLAINTEXT):
        return None
    control = reading.experiment(Experiment.CONTROL)
    dials = control.dials if control is not None else ()
    if not dials or dials[0].failure is not None:
        return None
    taken = dials[0]
    lines = [
        line(
            "handshake.control-taken", address=taken.address, port=taken.port, ms=taken.took * 1000
        )
    ]
    if shown.first_bytes:
        lines.append(line("handshake.first-bytes", bytes=repr(shown.first_bytes[:_LONGEST_FIELD])))
    return Code.TRANSPARENT_PROXY, tuple(lines), (("detail", line("handshake.takes-all")),)


# --------------------------------------------------------------------- the end, by its own name


def _named(
    reading: Reading, shown: Handshake, failure: Failure, comparison: Comparison
) -> Judgement:
    alert = shown.alert.strip().lower().replace(" ", "_").replace("-", "_")
    code = _code(shown, failure, alert)
    evidence = (*_seen(shown, failure, code, alert), *_compared(reading, shown, comparison))
    values: list[tuple[str, Value]] = [("seconds", f"{shown.took:.1f}")]
    if alert:
        values.append(("alert", alert))
    elif code is Code.TLS_REJECTED:
        values.append(("alert", failure.detail[:_LONGEST_FIELD] or line("handshake.no-words")))
    if shown.first_bytes:
        values.append(("detail", shown.first_bytes[:_LONGEST_FIELD]))
    if code in _OF_A_FILTER and (proxy := reading.check.proxy):
        values.append(("seen_as", line("proxy.address", proxy=proxy.url)))
    return Judgement(code=code, evidence=evidence, values=tuple(values))


def _code(shown: Handshake, failure: Failure, alert: str) -> Code:
    if alert in _ALERTS_OF_AGE:
        return Code.TLS_TOO_OLD
    if shown.first_bytes and failure.kind is FailureKind.TLS_OTHER:
        return Code.TLS_PLAINTEXT_ANSWER
    return _CODES[failure.kind]


def _seen(shown: Handshake, failure: Failure, code: Code, alert: str) -> Iterator[Line]:
    if shown.client_hello:
        yield line("handshake.hello-sent", name=shown.server_name, bytes=shown.client_hello)
    if alert:
        yield alert_line(alert)
    if code is Code.TLS_PLAINTEXT_ANSWER:
        first = shown.first_bytes[:_LONGEST_LINE] or line("handshake.not-kept")
        yield line("handshake.no-tls", bytes=first)
    elif code is Code.TLS_SILENT:
        yield from _silence(shown)
    else:
        yield from _end(shown, failure, code)


def _silence(shown: Handshake) -> Iterator[Line]:
    if not shown.bytes_in:
        yield line("handshake.nothing-within", seconds=shown.took)
        return
    yield line("handshake.bytes-within", bytes=shown.bytes_in, seconds=shown.took)
    yield line("handshake.half-an-answer")


def _end(shown: Handshake, failure: Failure, code: Code) -> Iterator[Line]:
    if code in (Code.TLS_RESET, Code.TLS_CLOSED):
        how = "RST" if code is Code.TLS_RESET else "FIN"
        key = "handshake.cut-after" if shown.bytes_in else "handshake.cut-before"
        yield line(key, how=how, bytes=shown.bytes_in, ms=shown.took * 1000)
    if failure.detail:
        yield line("handshake.openssl", words=failure.detail[:_LONGEST_LINE])


def _compared(reading: Reading, shown: Handshake, comparison: Comparison) -> Iterator[Line]:
    check = reading.check
    for other in comparison.others.get(check.id, ()):
        if other.server_name != shown.server_name:
            yield _another_name(shown, other)
    twin = comparison.direct_twin(check)
    if twin is not None:
        yield line("handshake.direct-succeeds", version=twin.version or "TLS")
    alike = [key for key in comparison.handshakes if comparison.checks[key].route == check.route]
    if alike:
        yield line("handshake.others-succeed", count=len(alike))


def _another_name(shown: Handshake, other: Handshake) -> Line:
    if other.chain or other.alert:
        return line("handshake.name-decides", name=other.server_name)
    ended = other.failure
    if ended and shown.failure and ended.kind is not shown.failure.kind:
        words = failure_words(ended)
        return line("handshake.name-differs", name=other.server_name, words=words)
    return line("handshake.name-no-better", name=other.server_name)
