"""HTTP/1.1 on a probe's own stream, by h11: a request out, a bounded answer in, everything that
came kept for evidence."""

from __future__ import annotations

import asyncio
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import h11

from arcprobe.model import Head
from arcprobe.probes.wire.failure import Malformed, PeerClosed, TooLarge

if TYPE_CHECKING:
    from arcprobe.probes.wire.stream import Stream

HEAD_LIMIT = 64 * 1024  # bytes; a head that is larger is recorded as too large
BODY_LIMIT = 256 * 1024  # bytes that are read of a body at most
BODY_KEPT = 4096  # characters of it that go into the recording, where no more is asked for
_BEGINNING = b"HTTP/1."  # RFC 9112 section 2.3
_DATE_LIMIT = (
    100 * 366 * 86_400.0
)  # seconds; a Date a century off is no clock, and years beyond 9999 cannot be computed with
_INFORMATIONAL_LIMIT = 100  # 1xx answers; whoever sends more never comes to the point
_HEADERS_LIMIT = 40
_VALUE_LIMIT = 400

# What an answer may tell about who sent it (RFC 9110, RFC 9209, and the products of
# data/middleboxes.toml); never a cookie.
_HEADERS = frozenset(
    """server via proxy-agent proxy-authenticate proxy-connection proxy-status www-authenticate location content-type
    content-length content-encoding transfer-encoding date retry-after connection upgrade allow age warning cf-ray cf-mitigated
    sec-websocket-accept sec-websocket-extensions sec-websocket-protocol sec-websocket-version
    docker-distribution-api-version docker-content-digest mise-correlation-id request-context strict-transport-security
    x-cache x-cache-lookup x-squid-error x-powered-by x-azure-ref x-msedge-ref x-azure-fdid x-aspnet-version""".split()
)
_PREFIXES = (
    "x-ms-",
    "x-envoy-",
    "x-zscaler-",
    "x-bluecoat-",
    "x-mcafee-",
    "x-iboss-",
    "x-fortinet",
    "x-netskope-",
    "x-wss-",
)


def printable(data: bytes | str, limit: int = _VALUE_LIMIT) -> str:
    """Bytes from outside as text: bounded, what is not printable as an escape."""
    text = data.decode("utf-8", "backslashreplace") if isinstance(data, bytes) else data
    return "".join(
        char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}"
        for char in text[: limit + 1]
    )[:limit]


def header(head: Head, name: str) -> str:
    """The first value of a header in a recorded head, or empty."""
    return next((value for key, value in head.headers if key.lower() == name.lower()), "")


class Dialogue:
    """One client side of HTTP/1.1 over a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self.informational: list[int] = []
        self._start: bytes | None = (
            # the first bytes of the answer that is waited for; None once they are
            # known to be HTTP
            b""
        )

    async def request(self, method: str, target: str, headers: list[tuple[str, str]]) -> None:
        """Sends a request without a body."""
        wire = self._h11.send(h11.Request(method=method, target=target, headers=headers))
        end = self._h11.send(h11.EndOfMessage())
        await self._stream.send((wire or b"") + (end or b""))

    async def head(self) -> Head:
        """Waits for the final answer's head. Malformed, TooLarge, PeerClosed, OSError."""
        for _number in range(_INFORMATIONAL_LIMIT + 1):
            event = await self._event()
            if isinstance(event, h11.Response):
                return self._recorded(event)
            if isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    return self._recorded(event)
                if len(self.informational) < 16:
                    self.informational.append(event.status_code)
                continue
            raise PeerClosed("the peer closed the connection before an answer")
        raise TooLarge(
            f"more than {_INFORMATIONAL_LIMIT} informational answers (1xx) and no final one"
        )

    async def body(self, limit: int, patience: float) -> tuple[bytes, str]:
        """Up to ``limit`` bytes of the body, waiting no longer than ``patience`` seconds; and why
        it is short, if it is."""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(patience):
                while size < limit:
                    event = await self._event()
                    if isinstance(event, h11.Data):
                        parts.append(bytes(event.data))
                        size += len(event.data)
                    else:
                        return b"".join(parts)[:limit], ""
        except TimeoutError:
            return b"".join(parts)[:limit], f"the body stalled after {size} bytes"
        except (Malformed, TooLarge, PeerClosed, OSError) as error:
            return b"".join(parts)[:limit], f"the body ended after {size} bytes: {error}"
        return b"".join(parts)[:limit], f"more than {limit} bytes"

    @property
    def reusable(self) -> bool:
        """Whether a further request may be sent: the answer ended, and neither side has said that
        it will close."""
        _data, closed = self._h11.trailing_data
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE and not closed

    def next(self) -> None:
        """Makes ready for a further request on the same connection; h11.LocalProtocolError where it
        is not ``reusable``."""
        self._h11.start_next_cycle()
        self._start = b""

    @property
    def ahead(self) -> bytes:
        """Bytes that came after the head of a 101, or of a 2xx to CONNECT."""
        data, _closed = self._h11.trailing_data
        return bytes(data)

    async def _event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                if error.error_status_hint == 431:
                    raise TooLarge(f"the head is larger than {HEAD_LIMIT} bytes") from None
                if "closed connection" in str(error) or "ConnectionClosed" in str(
                    error
                ):  # h11's words for FIN in the middle
                    raise PeerClosed(str(error)) from None
                raise Malformed(str(error)) from None
            if event is not h11.NEED_DATA:
                return event
            data = await self._stream.receive()
            self._look_at(data)
            try:
                self._h11.receive_data(data)
            except (h11.RemoteProtocolError, RuntimeError) as error:
                raise Malformed(str(error)) from None

    def _look_at(self, data: bytes) -> None:
        """Malformed as soon as an answer cannot be HTTP/1 any more: h11 waits for an empty line,
        which SSH or SMTP never send."""
        if self._start is not None:
            self._start = (self._start + data)[: len(_BEGINNING)]
            if not _BEGINNING.startswith(self._start):
                raise Malformed("the answer does not begin as HTTP/1 does")
            if self._start == _BEGINNING:
                self._start = None

    def _recorded(self, event: h11.Response | h11.InformationalResponse) -> Head:
        kept: list[tuple[str, str]] = []
        for raw_name, raw_value in event.headers.raw_items():
            name = raw_name.decode("latin-1")
            lower = name.lower()
            if (lower in _HEADERS or lower.startswith(_PREFIXES)) and len(kept) < _HEADERS_LIMIT:
                kept.append((name, printable(raw_value.decode("latin-1"))))
        return Head(
            version=event.http_version.decode("latin-1"),
            status=event.status_code,
            reason=printable(bytes(event.reason)),
            headers=tuple(kept),
            informational=tuple(self.informational),
        )


_CHARSET = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
# Python knows codecs that are no character sets (zip, idna, undefined), and looks up any name as
# a module: these and no others.
_CHARSETS = frozenset(
    """us-ascii ascii iso-8859-1 iso-8859-2 iso-8859-15 latin1 utf-16 utf-16le utf-16be windows-1250 windows-1251 windows-1252
    windows-1253 windows-1254 windows-1255 windows-1256 shift_jis euc-jp euc-kr gb2312 gbk gb18030 big5 koi8-r""".split()
)


def body_text(head: Head, data: bytes, limit: int) -> str:
    """The body as text for the recording. Compressed bodies are not asked for (Accept-Encoding:
    identity) and not unpacked."""
    match = _CHARSET.search(header(head, "content-type"))
    charset = match[1].lower() if match else ""
    return printable(
        data.decode(charset if charset in _CHARSETS else "utf-8", "backslashreplace"), limit
    )


def date_offset(head: Head, wall_clock: float) -> float | None:
    """Seconds by which the answer's ``Date`` (RFC 9110 section 6.6.1) is ahead of ``wall_clock``;
    None without one."""
    text = header(head, "date")
    if not text:
        return None
    try:
        offset = round(parsedate_to_datetime(text).timestamp() - wall_clock, 1)
    except (ValueError, TypeError, OverflowError):
        return None
    return offset if abs(offset) <= _DATE_LIMIT else None
