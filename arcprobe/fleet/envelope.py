"""A report through a pod's log: JSON in, marked lines out, and back. Pure.

Container runtimes cut log lines at 16 KiB (CRI), the kubelet rotates a log at 10 MiB by default and
``kubectl logs`` shows the newest file alone. So the report is compressed, to a tenth, and stands
before the text for people, which a log then ends with. ``base64 -d | gunzip`` reads it without
arcprobe. Earlier forms (JSON as it is, zlib) are still read.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable

from arcprobe.report.words import Words

REPORT_LIMIT = 64 * 1024 * 1024  # bytes of a report that ``unwrap`` takes
TERMINATION_LIMIT = 4096  # bytes (Kubernetes documentation, "Determine the Reason for Pod Failure")

_WIDTH = 4000  # bytes of a line of base64; CRI keeps 16384 with the timestamp
_COUNT_OF_REST = 40  # bytes kept for the line that counts what has no room
_MOST_TRIED = 20  # reports of one log, from its end: more begins than that are no reports
_BEGIN = re.compile(
    r"^(?P<prefix>.*?)-----BEGIN ARCPROBE REPORT (?P<form>json|zlib\+base64|gzip\+base64)"
    r" (?P<size>\d{1,9})"
    r" sha256:(?P<digest>[0-9a-f]{64})-----\s*$"
)
_FORM = "gzip+base64"
_FORMS = {"zlib+base64": zlib.MAX_WBITS, _FORM: zlib.MAX_WBITS | 16}  # zlib's wbits
_END = "-----END ARCPROBE REPORT-----"
# What `kubectl logs --prefix --timestamps` puts before each line; the time's digits vary in number.
_ADDED = re.compile(
    r"(?P<pod>\[[^\]]{1,600}\] )?(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) )?"
)


def wrap(json_text: str) -> str:
    """The report between marked lines, compressed, in lines that a log keeps whole."""
    data = json_text.encode()
    head = f"-----BEGIN ARCPROBE REPORT {_FORM} {len(data)} sha256:{_digest(data)}-----"
    return "\n".join([head, *_compressed(data), _END, ""])


def _compressed(data: bytes) -> list[str]:
    packed = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
    return [packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH)]


def _digest(data: bytes) -> str:
    import hashlib  # loads OpenSSL, which a report in a file does without

    return hashlib.sha256(data).hexdigest()


def unwrap(log_text: str) -> str:
    """The last whole report in a pod's log, also with ``kubectl``'s timestamps or prefixes.
    ``ValueError``: why there is none."""
    problem = _none(log_text)
    # not splitlines: JSON may hold U+2028 and others that it would take for an end of line
    lines = [line.removesuffix("\r") for line in log_text.split("\n")]
    marked = [number for number, line in enumerate(lines) if "-----BEGIN ARCPROBE" in line]
    for number in marked[: -_MOST_TRIED - 1 : -1]:
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


def _none(log_text: str) -> ValueError:
    if log_text.strip():
        return ValueError("the log holds no report")
    return ValueError(
        "the log is empty: the pod has printed nothing yet, or the node has rotated the log "
        "(containerLogMaxSize)"
    )


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
    if head["form"] in _FORMS:
        try:
            packed = base64.b64decode(b"".join(data.split()), validate=True)
            data = zlib.decompressobj(_FORMS[head["form"]]).decompress(packed, size + 1)
        except (zlib.error, binascii.Error) as error:
            raise ValueError(f"the report in the log is damaged: {error}") from None
    if len(data) != size or _digest(data) != head["digest"]:
        raise ValueError(
            "the report in the log is damaged: other lines stand between its own, or some are "
            "missing"
        )
    return data.decode("utf-8", "replace")


def _content(prefix: str, following: Iterable[str]) -> list[str]:
    """The lines up to the end of the report, without what kubectl added, and without those of other
    containers."""
    added = _ADDED.fullmatch(prefix) if prefix else None
    content: list[str] = []
    for line in following:
        bare = _without(line, prefix, added)
        if bare is None:
            continue
        if bare.rstrip() == _END:
            return content
        content.append(bare)
    raise ValueError("the report in the log is cut off")


def _without(line: str, prefix: str, added: re.Match[str] | None) -> str | None:
    """The line as it was printed; None where another container printed it."""
    if added is None:
        return line.removeprefix(prefix)
    own = _ADDED.match(line)
    if own is None or own["pod"] != added["pod"]:
        return None
    return line[own.end() :]


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
