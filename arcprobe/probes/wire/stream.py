"""Byte streams: TCP on a non-blocking socket, and TLS over any stream by memory BIOs.

Own streams rather than asyncio's, because a diagnosis needs what those hide: the raw first bytes of
a peer that does not speak TLS, how many bytes came before silence, and RST told apart from FIN.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from abc import ABC, abstractmethod
from typing import Any

from arcprobe.probes.wire.failure import PeerClosed

_CHUNK = 16 * 1024
_KEPT = 512  # bytes of the peer's first flight that are kept for evidence
_TURN = 64 * 1024  # bytes after which a stream that is always ready lets others have their turn


class Stream(ABC):
    """What a probe speaks over. It counts what it carries and keeps the first bytes that came."""

    def __init__(self) -> None:
        self.bytes_in = 0
        self.bytes_out = 0
        self.first = b""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Sends all of ``data``; OSError as the kernel says."""

    @abstractmethod
    async def receive(self) -> bytes:
        """Some bytes, or b"" at FIN; OSError as the kernel says."""

    @abstractmethod
    def close(self) -> None:
        """Closes without waiting."""

    def _received(self, data: bytes) -> bytes:
        self.bytes_in += len(data)
        if len(self.first) < _KEPT:
            self.first = (self.first + data)[:_KEPT]
        return data


class TcpStream(Stream):
    """A connected TCP socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self.sock = sock
        self._since_turn = 0

    @classmethod
    async def connect(cls, address: str, port: int, *, mss: int | None = None) -> TcpStream:
        """Connects to an IP address. ``mss``: largest segment in bytes that either side will send
        (RFC 9293 3.7.1)."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if mss is not None and hasattr(socket, "TCP_MAXSEG"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
            await asyncio.get_running_loop().sock_connect(sock, socket_address(address, port))
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    @property
    def source(self) -> str:
        """The local address, or empty where the socket is gone."""
        try:
            return str(self.sock.getsockname()[0])
        except OSError:
            return ""

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)
        self.bytes_out += len(data)

    async def receive(self, most: int = _CHUNK) -> bytes:
        """At most so many bytes."""
        data = await asyncio.get_running_loop().sock_recv(self.sock, most)
        self._since_turn += len(data)
        if self._since_turn >= _TURN:
            # sock_recv does not suspend while data is there: a peer that floods would
            # keep every clock of the run from ringing
            self._since_turn = 0
            await asyncio.sleep(0)
        return self._received(data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.close()


def socket_address(address: str, port: int) -> Any:
    """As the system wants it: for IPv6 with flow and scope, without which asyncio on Windows takes
    it for IPv4 (overlapped.c, parse_address), and which a link-local address (fe80::1%eth0) needs
    everywhere. No look-up is made."""
    if ":" not in address:
        return address, port
    return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[
        0
    ][4]


class Inner(Stream):
    """What goes through a tunnel, counted by itself."""

    def __init__(self, below: Stream) -> None:
        super().__init__()
        self._below = below

    async def send(self, data: bytes) -> None:
        await self._below.send(data)
        self.bytes_out += len(data)

    async def receive(self) -> bytes:
        return self._received(await self._below.receive())

    def close(self) -> None:
        self._below.close()


class TlsStream(Stream):
    """TLS over any stream. The handshake is explicit, so that its bytes can be counted."""

    def __init__(self, below: Stream, context: ssl.SSLContext, server_name: str | None) -> None:
        super().__init__()
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self.client_hello = 0

    async def handshake(self) -> None:
        """Runs the handshake to its end. SSLError, OSError, or PeerClosed when FIN came before its
        end."""
        before = self._below.bytes_out
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not self.client_hello:
                    self.client_hello = self._below.bytes_out - before
                await self._fill()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # our own alert
                raise
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        self.session.write(data)
        try:
            await self._flush()
        except OSError:
            await self._hear_alert()
            raise
        self.bytes_out += len(data)

    async def receive(self) -> bytes:
        while True:
            try:
                return self._received(self.session.read(_CHUNK))
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLZeroReturnError:
                return b""
            try:
                await self._fill()
            except PeerClosed:
                return b""  # FIN without close_notify: common on the web, and no fault of the way

    async def _hear_alert(self) -> None:
        """What the peer said before it closed: under TLS 1.3 it may refuse a client after the
        handshake (RFC 8446 4.4.2.4)."""
        with contextlib.suppress(OSError, PeerClosed):
            await self._fill()
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            self.session.read(1)

    def close(self) -> None:
        self._below.close()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._below.send(data)

    async def _fill(self) -> None:
        data = await self._below.receive()
        if not data:
            raise PeerClosed("the peer closed the connection")
        self._incoming.write(data)
