"""Which certificates Go finds in PEM text: encoding/pem, Decode, as crypto/x509's
AppendCertsFromPEM asks it. BEGIN stands at the start of a line, and nothing follows END.

https://github.com/golang/go/blob/go1.27.0/src/encoding/pem/pem.go; compared with Go over generated
bundles by tests/agents.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_END = re.compile(rb"\n-----END ")
_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def certificates_in_pem(data: bytes) -> tuple[bytes, ...]:
    """The DER of the blocks CERTIFICATE without headers, in order. Whether Go can read that DER is
    another question."""
    return tuple(
        der for label, headers, der in _blocks(data) if label == b"CERTIFICATE" and not headers
    )


def _blocks(data: bytes) -> Iterator[tuple[bytes, bool, bytes]]:
    """Label, whether it has headers, and content of each block. What is none is passed over up to
    the END that was tried."""
    start = 0
    for end in _END.finditer(data):
        if end.start() < start:
            continue
        found = _block(data, start, end)
        if found is None:
            start = end.end()
            continue
        label, headers, content, start = found
        yield label, headers, content


def _block(data: bytes, start: int, end: re.Match[bytes]) -> tuple[bytes, bool, bytes, int] | None:
    """The block that this END closes: its last BEGIN begins it. The last number is where the next
    may start."""
    begin = data.rfind(_BEGIN, start, end.start())
    if begin < 0 or (begin > start and data[begin - 1 : begin] != b"\n"):
        return None
    first, at = _line(data, begin + len(_BEGIN))
    if not first.endswith(_DASHES):
        return None
    label = first.removesuffix(_DASHES)
    body = at
    while body < len(data) and b":" in (header := _line(data, body))[0]:
        body = header[1]
    has_headers = body > at
    if body >= len(data) or (has_headers and end.start() < body):
        return None
    closing = label + _DASHES
    tail, _next = _line(data, end.end() + len(closing))
    if not data.startswith(closing, end.end()) or tail:
        return None
    content = _decoded(data[body : max(body, end.start())])
    if content is None:
        return None
    return label, has_headers, content, _line(data, end.end())[1]


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """getLine: a line without blanks at its end, and where the next begins."""
    end = data.find(b"\n", at)
    if end < 0:
        return data[at:].rstrip(b" \t"), len(data)
    return data[at:end].removesuffix(b"\r").rstrip(b" \t"), end + 1


def _decoded(text: bytes) -> bytes | None:
    """encoding/base64: line breaks are nothing, and pem takes blanks and tabs out before."""
    plain = text.translate(None, b" \t\r\n")
    if not _BASE64.fullmatch(plain):
        return None
    try:
        return base64.b64decode(plain)
    except binascii.Error:
        return None
