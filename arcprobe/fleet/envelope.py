"""A report through a pod's log: JSON in, marked lines out, and back. Pure.

Container runtimes cut log lines at 16 KiB (CRI), the kubelet rotates a log at 10 MiB by default and
``kubectl logs`` shows the newest file alone. So a report that is small stays readable JSON, and a
larger one is compressed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Iterable

import msgspec

from arcprobe.report.words import Words

PLAIN_LIMIT = 256 * 1024  # bytes of readable JSON; a compressed report is about a tenth of it
LINE_LIMIT = 16_000  # bytes of one line (CRI: 16384 with the timestamp)
REPORT_LIMIT = 64 * 1024 * 1024  # bytes of a report that ``unwrap`` takes
TERMINATION_LIMIT = 4096  # bytes (Kubernetes documentation, "Determine the Reason for Pod Failure")

_WIDTH = 4000  # bytes of a line of base64
_COUNT_OF_REST = 40  # bytes kept for the line that counts what has no room
_BEGIN = re.compile(
    r"^(?P<prefix>.*?)-----BEGIN ARCPROBE REPORT (?P<form>json|zlib\+base64) (?P<size>\d{1,9})"
    r" sha256:(?P<digest>[0-9a-f]{64})-----\s*$"
)
_END = "-----END ARCPROBE REPORT-----"
# What `kubectl logs --timestamps` puts before each line; its digits vary in number.
_TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d) ")


def wrap(json_text: str) -> str:
    """The report between marked lines, ready to be printed last; compressed when it would pass a
    log's limits."""
    data = json_text.encode()
    form, lines = "json", _readable(data)
    if lines:
        data = "\n".join(lines).encode()
    else:
        form, lines = "zlib+base64", _compressed(data)
    digest = hashlib.sha256(data).hexdigest()
    head = f"-----BEGIN ARCPROBE REPORT {form} {len(data)} sha256:{digest}-----"
    return "\n".join([head, *lines, _END, ""])


def _readable(data: bytes) -> list[str]:
    """The JSON in lines that a log keeps whole; none when it is too long for that."""
    if len(data) > PLAIN_LIMIT:
        return []
    text = data.decode().strip("\n")
    if not _fits(text.split("\n")):
        try:
            text = msgspec.json.format(data, indent=1).decode()
        except msgspec.DecodeError:
            return []
    lines = text.split("\n")
    whole = len(text.encode()) <= PLAIN_LIMIT and _fits(lines)
    return lines if whole and not any(map(_is_changed, lines)) else []


def _fits(lines: Iterable[str]) -> bool:
    return all(len(line.encode()) <= LINE_LIMIT for line in lines)


def _is_changed(line: str) -> bool:
    """Whether a log would change the line, or it looks like the mark."""
    return _END in line or line.endswith("\r")


def _compressed(data: bytes) -> list[str]:
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    return [packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH)]


def unwrap(log_text: str) -> str:
    """The last whole report in a pod's log, also with ``kubectl``'s timestamps or prefixes.
    ``ValueError``: why there is none."""
    problem = ValueError("the log holds no report")
    # not splitlines: JSON may hold U+2028 and others that it would take for an end of line
    lines = [line.removesuffix("\r") for line in log_text.split("\n")]
    marked = [number for number, line in enumerate(lines) if "-----BEGIN ARCPROBE" in line]
    for number in reversed(marked):
        match = _BEGIN.match(lines[number])
        if match is not None:
            try:
                return _unpacked(match, lines[number + 1 :])
            except ValueError as error:
                problem = error
    if not marked and any(line.endswith(_END) for line in lines):
        raise ValueError(
            "the log holds the report's end alone: the node has rotated the log "
            "(containerLogMaxSize)"
        )
    raise problem


def bare(data: bytes) -> bytes:
    """A report as it is, or unwrapped from a pod's log. ``ValueError``: the log holds none that is
    whole."""
    if data.lstrip().startswith(b"{") or b"ARCPROBE REPORT" not in data:
        return data
    return unwrap(data.decode("utf-8", "replace")).encode()


def _unpacked(head: re.Match[str], following: Iterable[str]) -> str:
    size = int(head["size"])
    content = _content(head["prefix"], following)
    if size > REPORT_LIMIT:
        raise ValueError(f"the report in the log is larger than {REPORT_LIMIT >> 20} MiB")
    data = "\n".join(content).encode()
    if head["form"] != "json":
        try:
            packed = base64.b64decode(b"".join(data.split()), validate=True)
            data = zlib.decompressobj().decompress(packed, size + 1)
        except (zlib.error, binascii.Error) as error:
            raise ValueError(f"the report in the log is damaged: {error}") from None
    if len(data) != size or hashlib.sha256(data).hexdigest() != head["digest"]:
        raise ValueError(
            "the report in the log is damaged: other lines stand between its own, or some are "
            "missing"
        )
    return data.decode("utf-8", "replace")


def _content(prefix: str, following: Iterable[str]) -> list[str]:
    """The lines up to the end of the report, without what kubectl added."""
    content: list[str] = []
    for line in following:
        bare = _without(line, prefix)
        if bare.rstrip() == _END:
            return content
        content.append(bare)
    raise ValueError("the report in the log is cut off")


def _without(line: str, prefix: str) -> str:
    if prefix and line.startswith(prefix):
        return line[len(prefix) :]
    return _TIMESTAMP.sub("", line, count=1) if _TIMESTAMP.match(prefix) else line


def termination_message(verdict: str, causes: Iterable[tuple[str, str]]) -> str:
    """Verdict and causes (code and headline) in at most 4096 bytes of UTF-8; what has no room is
    counted."""
    words = Words()
    lines = [words("fleet.termination", verdict=verdict)]
    rest = [f"{code}: {' '.join(headline.split())}" for code, headline in causes]
    room = TERMINATION_LIMIT - len(lines[0].encode()) - _COUNT_OF_REST
    for number, line in enumerate(rest):
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join([*lines, words("fleet.more-causes", count=len(rest) - number)])
        lines.append(line)
    return "\n".join(lines)
