"""HTTP/1.1 as the rehearsed peers speak it: heads read within bounds, answers written whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec

HEAD_LIMIT = 32 * 1024  # bytes of a head; also the buffer limit of the servers' streams
BODY_LIMIT = 1024 * 1024
IDLE = 30.0  # seconds that a peer waits for a client that says nothing
SHUTDOWN = 1.0  # seconds that a peer waits for a client's close_notify

HOP_BY_HOP = frozenset(
    {
        "connection",
        "proxy-connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "proxy-authorization",
    }
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Headers = tuple[tuple[str, str], ...]


class MalformedError(Exception):
    """What came is not HTTP/1.x."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request; ``raw`` is its head as it came."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""
    raw: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a header, empty where it is missing."""
        return find_header(self.headers, name)

    @property
    def host(self) -> str:
        """The name in the Host header, lower case, without port."""
        return split_authority(self.header("host"), 443)[0]

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of a rehearsed peer. ``reason`` empty: the standard phrase."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""

    def wire(self) -> bytes:
        """The bytes of the whole answer, framed by Content-Length."""
        lines = [f"HTTP/1.1 {self.status} {self.reason or phrase(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status >= 200 and not find_header(self.headers, "content-length"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def phrase(status: int) -> str:
    """The registered reason phrase of a status, or nothing."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def find_header(headers: Headers, name: str) -> str:
    """The first value of a header, whatever the case of its name."""
    return next((value for key, value in headers if key.lower() == name), "")


def split_authority(authority: str, default_port: int) -> tuple[str, int]:
    """``host:port`` or ``[v6]:port`` as lower-case host and port."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]") or not port.isdecimal():
        host, port = authority, str(default_port)
    return host.strip("[]").rstrip(".").lower(), int(port)


def _parse(head: bytes) -> tuple[str, str, str, Headers]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    parts = first.split(" ", 2)
    if len(parts) < 2:
        raise MalformedError(first)
    headers = tuple(
        (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
    )
    return parts[0], parts[1], parts[2] if len(parts) > 2 else "", headers


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    first = await reader.read(1)
    if not first:
        return b""
    # 0x16 opens a TLS record (RFC 8446 section 5.1): answered at once, not waited for
    if not first.isalpha():
        raise MalformedError(repr(first))
    try:
        return first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise MalformedError("head too large") from error


async def _read_body(reader: asyncio.StreamReader, headers: Headers) -> bytes:
    length = find_header(headers, "content-length") or "0"
    if not length.isdecimal() or int(length) > BODY_LIMIT:
        raise MalformedError("content-length")
    return await reader.readexactly(int(length))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, None at its end."""
    head = await _read_head(reader)
    if not head:
        return None
    method, target, version, headers = _parse(head)
    if not version.startswith("HTTP/1."):
        raise MalformedError(version)
    return Request(
        method=method,
        target=target,
        headers=headers,
        body=await _read_body(reader, headers),
        raw=head,
    )


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The answer of another rehearsed peer, which frames its bodies by Content-Length."""
    head = await _read_head(reader)
    if not head:
        raise MalformedError("no answer")
    version, status, reason, headers = _parse(head)
    if not version.startswith("HTTP/1.") or not status.isdecimal():
        raise MalformedError(version)
    body = b"" if int(status) < 200 else await _read_body(reader, headers)
    return Answer(status=int(status), reason=reason, headers=headers, body=body)


async def serve_requests(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    reply: Callable[[Request], Awaitable[Answer | None]],
    malformed: Answer,
) -> None:
    """Answer the requests of one connection in turn until it ends, the client asks to close, or
    ``reply`` took it over (None)."""
    while True:
        try:
            async with asyncio.timeout(IDLE):
                request = await read_request(reader)
        except MalformedError:
            writer.write(malformed.wire())
            return
        if request is None:
            return
        answer = await reply(request)
        if answer is None:
            return
        writer.write(answer.wire())
        await writer.drain()
        closes = "close" in (
            request.header("connection").lower(),
            find_header(answer.headers, "connection").lower(),
        )
        if closes:
            return


def request_head(request: Request, target: str, *, strips_upgrade: bool) -> bytes:
    """A request as a proxy sends it on: hop-by-hop headers gone (RFC 9110 section 7.6.1), the
    upgrade too where it strips it."""
    upgrades = bool(request.header("upgrade")) and not strips_upgrade
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [
        f"{name}: {value}" for name, value in request.headers if name.lower() not in HOP_BY_HOP
    ]
    lines += (
        [f"Upgrade: {request.header('upgrade')}", "Connection: Upgrade"]
        if upgrades
        else ["Connection: keep-alive"]
    )
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until their end, and hand the end on."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()  # TLS knows no half-closed connection in asyncio


async def join(first: Streams, second: Streams) -> None:
    """Carry bytes both ways until both ends are done; trouble of one side ends the other."""
    pumps = [
        asyncio.ensure_future(pump(first[0], second[1])),
        asyncio.ensure_future(pump(second[0], first[1])),
    ]
    try:
        await asyncio.gather(*pumps)
    finally:
        for carrying in pumps:
            carrying.cancel()
