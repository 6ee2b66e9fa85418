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

PLAIN_LIMIT = 256 * 1024  # bytes of readable JSON; a compressed report is about a tenth of it
LINE_LIMIT = 16_000  # bytes of one line (CRI: 16384 with the timestamp)
REPORT_LIMIT = 64 * 1024 * 1024  # bytes of a report that ``unwrap`` takes
TERMINATION_LIMIT = 4096  # bytes (Kubernetes documentation, "Determine the Reason for Pod Failure")

_WIDTH = 4000
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
    if lines is None:
        form = "zlib+base64"
        packed = base64.b64encode(zlib.compress(data, 9)).decode()
        lines = [packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH)]
    else:
        data = "\n".join(lines).encode()
    head = f"-----BEGIN ARCPROBE REPORT {form} {len(data)} sha256:{hashlib.sha256(data).hexdigest()}-----"
    return "\n".join([head, *lines, _END, ""])


def _readable(data: bytes) -> list[str] | None:
    """The JSON in lines that a log keeps whole; None when it is too long for that."""
    if len(data) > PLAIN_LIMIT:
        return None
    text = data.decode().strip("\n")
    if any(len(line.encode()) > LINE_LIMIT for line in text.split("\n")):
        try:
            text = msgspec.json.format(data, indent=1).decode()
        except msgspec.DecodeError:
            return None
    lines = text.split("\n")
    fits = len(text.encode()) <= PLAIN_LIMIT and all(
        len(line.encode()) <= LINE_LIMIT for line in lines
    )
    # a line that looks like the mark, or one that a log would change, cannot stand there as it is
    return (
        lines
        if fits and not any(_END in line or line != line.rstrip("\r") for line in lines)
        else None
    )


def unwrap(log_text: str) -> str:
    """The last whole report in a pod's log, also with ``kubectl``'s timestamps or prefixes.
    ``ValueError``: why there is none."""
    problem = "the log holds no report"
    # not splitlines: JSON may hold U+2028 and others that it would take for an end of line
    lines = [line.removesuffix("\r") for line in log_text.split("\n")]
    for index in range(len(lines) - 1, -1, -1):
        if "-----BEGIN ARCPROBE" in lines[index] and (match := _BEGIN.match(lines[index])):
            try:
                return _opened(match, lines[index + 1 :])
            except ValueError as error:
                problem = str(error)
    raise ValueError(problem)


def _opened(match: re.Match[str], following: Iterable[str]) -> str:
    content: list[str] = []
    for line in following:
        bare = _without(line, match["prefix"])
        if bare.rstrip() == _END:
            break
        content.append(bare)
    else:
        raise ValueError("the report in the log is cut off")
    size = int(match["size"])
    if size > REPORT_LIMIT:
        raise ValueError(f"the report in the log is larger than {REPORT_LIMIT >> 20} MiB")
    if match["form"] == "json":
        data = "\n".join(content).encode()
    else:
        try:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(
                base64.b64decode("".join(line.strip() for line in content), validate=True), size + 1
            )
        except (zlib.error, binascii.Error, ValueError) as error:
            raise ValueError(f"the report in the log is damaged: {error}") from None
    if len(data) != size or hashlib.sha256(data).hexdigest() != match["digest"]:
        raise ValueError(
            "the report in the log is damaged: other lines stand between its own, or some are missing"
        )
    return data.decode("utf-8", "replace")


def _without(line: str, prefix: str) -> str:
    if prefix and line.startswith(prefix):
        return line[len(prefix) :]
    return _TIMESTAMP.sub("", line, count=1) if _TIMESTAMP.match(prefix) else line


def termination_message(verdict: str, causes: Iterable[tuple[str, str]]) -> str:
    """Verdict and causes (code and headline) in at most 4096 bytes of UTF-8; what has no room is
    counted."""
    lines = [f"arcprobe: {verdict}"]
    rest = [f"{code}: {' '.join(headline.split())}" for code, headline in causes]
    room = TERMINATION_LIMIT - len(lines[0].encode()) - 40
    for index, line in enumerate(rest):
        room -= len(line.encode()) + 1
        if room < 0:
            lines.append(f"and {len(rest) - index} more causes")
            break
        lines.append(line)
    return "\n".join(lines)
