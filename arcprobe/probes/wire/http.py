"""HTTP/1.1 on a probe's own stream, by h11: a request out, a bounded answer in, everything that
came kept for evidence."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

import h11
import msgspec

from arcprobe.model import Failure, Head
from arcprobe.model.text import heard
from arcprobe.probes.wire.failure import Malformed, PeerClosed, TooLarge, classify

if TYPE_CHECKING:
    from arcprobe.probes.wire.stream import Stream

HEAD_LIMIT = 64 * 1024  # bytes; a head that is larger is recorded as too large
BODY_KEPT = 4096  # characters of a body that are recorded, where no more is asked for
FIRST_BYTES = 300  # bytes of a peer that speaks another protocol: a status line, some headers

# Seconds for a body whose content no one needs: a page that says who blocks comes at once, and
# a body that stalls must not cost the time-out of every endpoint.
_BODY_PATIENCE = 3.0

_BEGINNING = b"HTTP/1."  # RFC 9112 section 2.3
INFORMATIONAL_LIMIT = 100  # 1xx answers; whoever sends more never comes to the point
INFORMATIONAL_KEPT = 16
_HEADERS_LIMIT = 40
VALUE_LIMIT = 400  # characters of a header, or of first bytes

# Seconds; a Date a century off is no clock, and years beyond 9999 cannot be computed with.
_DATE_LIMIT = 100 * 366 * 86_400.0

# What an answer may tell about who sent it (RFC 9110, RFC 9209, and the products of
# knowledge/products); never a cookie.
_HEADERS = frozenset(
    """
    server via proxy-agent proxy-authenticate proxy-connection proxy-status www-authenticate
    location content-type content-length content-encoding transfer-encoding date retry-after
    connection upgrade allow age warning cf-ray cf-mitigated
    sec-websocket-accept sec-websocket-extensions sec-websocket-protocol sec-websocket-version
    docker-distribution-api-version docker-content-digest mise-correlation-id request-context
    strict-transport-security x-cache x-cache-lookup x-squid-error x-powered-by x-azure-ref
    x-msedge-ref x-azure-fdid x-aspnet-version
    """.split()
)
_PREFIXES = tuple(
    "x-ms- x-envoy- x-zscaler- x-bluecoat- x-mcafee- x-iboss- x-fortinet x-netskope- x-wss-".split()
)


def header(head: Head, name: str) -> str:
    """The first value of a header in a recorded head, or empty."""
    return next((value for key, value in head.headers if key.lower() == name.lower()), "")


class Dialogue:
    """One client side of HTTP/1.1 over a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self.informational: list[int] = []
        # the first bytes of the answer that is waited for; None once they are known to be HTTP
        self._start: bytes | None = b""

    async def request(self, method: str, target: str, headers: list[tuple[str, str]]) -> None:
        """Sends a request without a body."""
        wire = self._h11.send(h11.Request(method=method, target=target, headers=headers))
        end = self._h11.send(h11.EndOfMessage())
        await self._stream.send((wire or b"") + (end or b""))

    async def head(self) -> Head:
        """Waits for the final answer's head. Malformed, TooLarge, PeerClosed, OSError."""
        for _number in range(INFORMATIONAL_LIMIT + 1):
            event = await self._event()
            if isinstance(event, h11.Response):
                return self._recorded(event)
            if isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    return self._recorded(event)
                if len(self.informational) < INFORMATIONAL_KEPT:
                    self.informational.append(event.status_code)
                continue
            raise PeerClosed("the peer closed the connection before an answer")
        raise TooLarge(
            f"more than {INFORMATIONAL_LIMIT} informational answers (1xx) and no final one"
        )

    async def body(self, limit: int, patience: float) -> tuple[bytes, str]:
        """Up to ``limit`` bytes of the body, waiting no longer than ``patience`` seconds; and why
        it is short, if it is."""
        data = bytearray()
        try:
            async with asyncio.timeout(patience):
                while len(data) < limit:
                    event = await self._event()
                    if not isinstance(event, h11.Data):
                        return bytes(data), ""
                    data += event.data
        except TimeoutError:
            short = f"the body stalled after {len(data)} bytes"
        except (Malformed, TooLarge, PeerClosed, OSError) as error:
            short = f"the body ended after {len(data)} bytes: {error}"
        else:
            short = f"more than {limit} bytes"
        return bytes(data[:limit]), short

    @property
    def is_reusable(self) -> bool:
        """Whether a further request may be sent: the answer ended, and neither side has said that
        it will close."""
        _data, closed = self._h11.trailing_data
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE and not closed

    def next(self) -> None:
        """Makes ready for a further request on the same connection; h11.LocalProtocolError where it
        is not reusable."""
        self._h11.start_next_cycle()
        self._start = b""

    def resume(self, received: bytes) -> bool:
        """Goes on after a head that somebody else has read. Whether there is a body to be read."""
        self._start = None
        try:
            self._h11.receive_data(received)
            return isinstance(self._h11.next_event(), h11.Response)
        except h11.RemoteProtocolError:
            return False

    @property
    def first(self) -> bytes:
        """The first bytes that the peer ever sent on this stream."""
        return self._stream.first

    @property
    def ahead(self) -> bytes:
        """Bytes that came after the head of a 101."""
        data, _closed = self._h11.trailing_data
        return bytes(data)

    async def _event(self) -> object:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise _told_apart(error) from None
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
        return Head(
            version=event.http_version.decode("latin-1"),
            status=event.status_code,
            reason=heard(bytes(event.reason), VALUE_LIMIT),
            headers=kept_headers(event.headers.raw_items()),
            informational=tuple(self.informational),
        )


def kept_headers(fields: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Of all headers, those that a recording keeps."""
    kept: list[tuple[str, str]] = []
    for raw_name, raw_value in fields:
        name = raw_name.decode("latin-1").strip()
        lower = name.lower()
        if (lower in _HEADERS or lower.startswith(_PREFIXES)) and len(kept) < _HEADERS_LIMIT:
            kept.append((name, heard(raw_value.decode("latin-1"), VALUE_LIMIT)))
    return tuple(kept)


def _told_apart(error: h11.RemoteProtocolError) -> Exception:
    """h11 has one exception for a large head, FIN in the middle, and what is no HTTP."""
    words = str(error)
    if error.error_status_hint == 431:
        return TooLarge(f"the head is larger than {HEAD_LIMIT} bytes")
    if "closed connection" in words or "ConnectionClosed" in words:
        return PeerClosed(words)
    return Malformed(words)


class Answer(NamedTuple):
    """What came of a request. No ``head``: no HTTP answer came, and ``failure`` says why."""

    head: Head | None = None
    failure: Failure | None = None
    first_bytes: str = ""  # of the peer, where no answer came
    body_bytes: int = 0
    body_short: str = ""
    date_offset: float | None = None


async def ask(
    dialogue: Dialogue,
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    *,
    timeout: float,
    body_limit: int = BODY_KEPT,
    patience: float | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> Answer:
    """One request and its answer. Never raises. A head that came is an answer, whatever follows.

    ``timeout``: seconds until its head is there; ``patience``: seconds for the body.
    """
    try:
        async with asyncio.timeout(timeout):
            await dialogue.request(method, target, headers)
            head = await dialogue.head()
    except Exception as error:
        first = heard(dialogue.first[:FIRST_BYTES], VALUE_LIMIT, keep="\n\t")
        return Answer(failure=classify(error), first_bytes=first)
    offset = date_offset(head, wall_clock())
    data, short = await dialogue.body(body_limit, min(timeout, patience or _BODY_PATIENCE))
    return Answer(
        head=msgspec.structs.replace(head, body=body_text(head, data, body_limit)),
        body_bytes=len(data),
        body_short=short,
        date_offset=offset,
    )


_CHARSET = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
# Python knows codecs that are no character sets (zip, idna, undefined), and looks up any name as
# a module: these and no others.
_CHARSETS = frozenset(
    """
    us-ascii ascii iso-8859-1 iso-8859-2 iso-8859-15 latin1 utf-16 utf-16le utf-16be
    windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256
    shift_jis euc-jp euc-kr gb2312 gbk gb18030 big5 koi8-r
    """.split()
)


def body_text(head: Head, data: bytes, limit: int) -> str:
    """The body as text for the recording. Compressed bodies are not asked for (Accept-Encoding:
    identity) and not unpacked."""
    match = _CHARSET.search(header(head, "content-type"))
    charset = match[1].lower() if match else ""
    if charset not in _CHARSETS:
        charset = "utf-8"
    return heard(data.decode(charset, "backslashreplace"), limit, keep="\n\t")


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
