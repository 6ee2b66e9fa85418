"""A request for a tunnel by HTTP CONNECT, its answer read as net/http of Go reads it: one head, by
textproto's rules, and what came together with that head is dropped.

https://github.com/golang/go/blob/go1.27.0/src/net/http/response.go (ReadResponse) and transport.go
(dialConn); compared with Go over generated answers by tests/agents.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Head
from arcprobe.model.text import heard
from arcprobe.probes.wire.failure import Malformed, PeerClosed, TooLarge
from arcprobe.probes.wire.http import (
    FIRST_BYTES,
    HEAD_LIMIT,
    INFORMATIONAL_KEPT,
    INFORMATIONAL_LIMIT,
    VALUE_LIMIT,
    Answer,
    Dialogue,
    ask,
    kept_headers,
)

if TYPE_CHECKING:
    from arcprobe.probes.wire.stream import Stream

_BEGINNING = b"HTTP/"
_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) +([+\d]\d\d)(?: (.*))?", re.DOTALL)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z ]+")  # with a blank it is another name, and taken
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LENGTH = re.compile(rb"[0-9]+")
_MOST_LENGTH = (1 << 63) - 1
_NO_TRAILER = frozenset({b"transfer-encoding", b"trailer", b"content-length"})

_Fields = list[tuple[bytes, bytes]]


async def ask_for_tunnel(
    stream: Stream, target: str, headers: list[tuple[str, str]], *, timeout: float
) -> Answer:
    """CONNECT and its answer, of a refusal with its body; ``first_bytes`` of an open tunnel are
    those that came with its head. Never raises."""
    dialogue = _Dialogue(stream)
    answer = await ask(dialogue, "CONNECT", target, headers, timeout=timeout)
    if not dialogue.dropped:
        return answer
    dropped = heard(dialogue.dropped[:FIRST_BYTES], VALUE_LIMIT, keep="\n\t")
    return answer._replace(first_bytes=dropped)


class _Dialogue(Dialogue):
    """One CONNECT. Only the body of a refusal is left to h11."""

    _has_body = False
    dropped = b""

    async def head(self) -> Head:
        """The answer's head; of informational ones, each a refusal to Go, the final one that
        follows."""
        ahead = b""
        while len(self.informational) <= INFORMATIONAL_LIMIT:
            head, fields, ahead = await self._next(ahead)
            if head.status == 101 or head.status // 100 != 1:
                self._begin_body(head, fields, ahead)
                seen = tuple(self.informational[:INFORMATIONAL_KEPT])
                return msgspec.structs.replace(head, informational=seen)
            self.informational.append(head.status)
        raise TooLarge(f"more than {INFORMATIONAL_LIMIT} informational answers (1xx)")

    async def body(self, limit: int, patience: float) -> tuple[bytes, str]:
        """The body of a refusal; of an open tunnel nothing is read."""
        return await super().body(limit, patience) if self._has_body else (b"", "")

    async def _next(self, ahead: bytes) -> tuple[Head, _Fields, bytes]:
        while (found := read_head(ahead)) is None:
            if len(ahead) > HEAD_LIMIT:
                raise TooLarge(f"the head is larger than {HEAD_LIMIT} bytes")
            data = await self._stream.receive()
            if not data:
                raise PeerClosed("the peer closed the connection before an answer")
            ahead += data
        return found

    def _begin_body(self, head: Head, fields: _Fields, ahead: bytes) -> None:
        """Hands over to h11 what frames the body, and what has come of it."""
        if head.status // 100 <= 2:
            self.dropped = ahead
            return
        framing = [b"%s: %s\r\n" % field for field in fields if field[0].lower() in _FRAMING]
        start = b"HTTP/%s %d \r\n" % (head.version.encode(), head.status)
        self._has_body = self.resume(b"%s%s\r\n%s" % (start, b"".join(framing), ahead))


_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection"})


def read_head(data: bytes) -> tuple[Head, _Fields, bytes] | None:
    """The first head of the bytes, its fields, and what follows it; None while it is not all there.
    Malformed as soon as Go would say so."""
    if not _BEGINNING.startswith(data[: len(_BEGINNING)]):
        raise Malformed("the answer does not begin as HTTP does")
    lines: list[bytes] = []
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        text = data[at:end].removesuffix(b"\r")
        at = end + 1
        if not lines:
            _status_line(text)
        elif not text:
            return _head(lines, data[at:])
        lines.append(text)
    return None


def _status_line(text: bytes) -> re.Match[bytes]:
    match = _STATUS_LINE.fullmatch(text)
    if match is None:
        raise Malformed(f"no status line of HTTP: {heard(text[:80], VALUE_LIMIT)!r}")
    return match


def _head(lines: list[bytes], rest: bytes) -> tuple[Head, _Fields, bytes]:
    version, status, reason = _status_line(lines[0]).groups()
    fields = _fields(lines[1:])
    _check_framing(fields, version)
    head = Head(
        version=version.decode(),
        status=int(status),
        reason=heard(reason or b"", VALUE_LIMIT),
        headers=kept_headers(fields),
    )
    return head, fields, rest


def _fields(lines: list[bytes]) -> _Fields:
    """textproto, readMIMEHeader: a line that begins with a blank continues the one before it."""
    joined: list[bytes] = []
    for text in lines:
        if text[:1] not in (b" ", b"\t"):
            if b":" not in text:
                raise Malformed("a header without a colon")
            joined.append(text.strip(b" \t"))
        elif joined:
            joined[-1] += b" " + text.strip(b" \t")
        else:
            raise Malformed("a blank begins the first header")
    fields = []
    for text in joined:
        name, _, value = text.partition(b":")
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Malformed(f"no header of HTTP: {heard(text[:80], VALUE_LIMIT)!r}")
        fields.append((name, value.lstrip(b" \t")))
    return fields


def _check_framing(fields: _Fields, version: bytes) -> None:
    """transfer.go, readTransfer: Go refuses the whole answer for a length, or a coding, that it
    does not know."""
    is_chunked = _is_chunked(fields, version)
    lengths = {length.strip(b" \t\r\n") for length in _values(fields, b"content-length")}
    if len(lengths) > 1:
        raise Malformed("several values of Content-Length")
    for length in lengths:
        if not _LENGTH.fullmatch(length) or int(length) > _MOST_LENGTH:
            raise Malformed("no number in Content-Length")
    trailers = b",".join(_values(fields, b"trailer")).lower().split(b",")
    if is_chunked and not _NO_TRAILER.isdisjoint(name.strip() for name in trailers):
        raise Malformed("a Trailer that frames the message")


def _is_chunked(fields: _Fields, version: bytes) -> bool:
    codings = [coding.lower() for coding in _values(fields, b"transfer-encoding")]
    if not codings or b"0.0" < version < b"1.1":
        return False
    if codings != [b"chunked"]:
        raise Malformed("an unsupported Transfer-Encoding")
    return True


def _values(fields: _Fields, name: bytes) -> list[bytes]:
    return [value for key, value in fields if key.lower() == name]
