"""SOCKS over a connection that stands already: PySocks negotiates, what the server answered is
kept."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

from arcprobe.model import Failure, FailureKind, Proxy, Tunnel
from arcprobe.probes.wire.failure import classify, words
from arcprobe.probes.wire.http import printable
from arcprobe.probes.wire.resolver import in_thread, is_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.probes.connection import Credentials
    from arcprobe.probes.wire.stream import TcpStream

_TRANSCRIPT_LIMIT = 600  # a SOCKS5 dialogue is at most 2 + 2 + 262 bytes from the server
_SOCKS5 = 5
_USERNAME_METHOD = 2  # RFC 1928 section 3


async def negotiate(
    tcp: TcpStream,
    proxy: Proxy,
    credentials: Credentials | None,
    host: str,
    port: int,
    *,
    timeout: float,
    now: Callable[[], float],
) -> Tunnel:
    """Asks a SOCKS server for ``host:port``, by name (RFC 1928, RFC 1929; SOCKS 4A for socks4).
    Never raises."""
    import socks

    received = bytearray()

    class Recorded(socks.socksocket):  # type: ignore[misc]  # PySocks has no types
        """Keeps what the server sends."""

        def recv_into(self, buffer: Any, *args: Any) -> int:
            size: int = super().recv_into(buffer, *args)
            if len(received) < _TRANSCRIPT_LIMIT:
                received.extend(memoryview(buffer)[:size])
            return size

        def makefile(self, mode: Any = "r", *args: Any, **more: Any) -> Any:
            file = super().makefile(mode, *args, **more)
            return file if mode == "rb" else _Lengths(file, mended)

    five = proxy.scheme.startswith("socks5")
    try:
        mended = _mended(host, credentials) if five else {}
    except ValueError as error:
        failed = Failure(kind=FailureKind.SOCKS_AUTH, detail=words(error))
        return Tunnel(
            started=now(),
            failure=failed,
            target=f"{host}:{port}",
            protocol="socks5",
            credentials="username",
        )
    copy = tcp.sock.dup()
    recorded = Recorded(copy.family, socket.SOCK_STREAM, copy.proto, fileno=copy.detach())
    recorded.settimeout(timeout)
    recorded.set_proxy(
        socks.SOCKS5 if five else socks.SOCKS4,
        proxy.host,
        proxy.port,
        rdns=True,
        username=credentials.user if credentials else None,
        password=credentials.password.reveal() if credentials and five else None,
    )

    def work() -> None:
        # The negotiation alone: ``connect`` would dial as well, and the address that is
        # dialled is ours to choose and record.
        try:
            (recorded._negotiate_SOCKS5 if five else recorded._negotiate_SOCKS4)(host, port)
        finally:
            # here and not outside: the number of a closed socket may be another
            # connection's a moment later
            recorded.close()

    started = now()
    failure: Failure | None = None
    try:
        await in_thread(work, timeout)
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(OSError):
            tcp.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread, whose copy of the socket it is
        if isinstance(error, asyncio.CancelledError):
            raise
        failure = classify(error)
    except socks.ProxyError as error:
        failure = Failure(kind=_kind(error, bytes(received), five), detail=words(error))
    except Exception as error:
        failure = classify(error)
    tcp.sock.setblocking(False)
    tcp.bytes_in += len(received)
    return Tunnel(
        started=started,
        took=now() - started,
        failure=failure,
        target=f"{host}:{port}",
        protocol="socks5" if five else "socks4",
        credentials="username" if credentials else "",
        socks_method=received[1] if five and len(received) > 1 and received[0] == _SOCKS5 else None,
        socks_reply=_reply(bytes(received), five),
        first_bytes=printable(bytes(received))
        if failure is not None and failure.kind is FailureKind.SOCKS_MALFORMED
        else "",
        bytes_in=len(received),
    )


class _Lengths:
    """A writer that puts right what PySocks 1.7 packs wrongly: a length above 127 goes out as the
    two bytes of a character."""

    def __init__(self, file: Any, mended: dict[bytes, bytes]) -> None:
        self._file = file
        self._mended = mended

    def write(self, data: bytes) -> None:
        self._file.write(self._mended.get(data, data))

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _mended(host: str, credentials: Credentials | None) -> dict[bytes, bytes]:
    """The messages of PySocks in which a length does not fit, and what is right. ValueError for
    what SOCKS5 cannot carry."""
    found: dict[bytes, bytes] = {}
    try:
        name = host.encode("idna") if not is_address(host) else b""
    except UnicodeError:
        name = b""  # PySocks will say so
    if 127 < len(name) < 256:
        found[b"\x03" + chr(len(name)).encode() + name] = b"\x03" + bytes([len(name)]) + name
    if credentials is not None:
        user, password = credentials.user.encode(), credentials.password.reveal().encode()
        if max(len(user), len(password)) > 255:
            raise ValueError(
                "user or password is longer than the 255 bytes that SOCKS5 can carry (RFC 1929 section 2)"
            )
        sizes = chr(len(user)).encode(), chr(len(password)).encode()
        found[b"\x01" + sizes[0] + user + sizes[1] + password] = (
            b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password
        )
    return found


def _kind(error: Exception, received: bytes, five: bool) -> FailureKind:
    import socks

    match error:
        case socks.SOCKS5AuthError():
            return FailureKind.SOCKS_AUTH
        case socks.SOCKS5Error() | socks.SOCKS4Error():
            return FailureKind.SOCKS_REFUSED
        case _ if "closed unexpectedly" in str(error):
            return FailureKind.CLOSED
        case _ if received and received[0] != (_SOCKS5 if five else 0):
            return FailureKind.SOCKS_MALFORMED
        case _:
            return FailureKind.SOCKS_MALFORMED


def _reply(received: bytes, five: bool) -> int | None:
    """REP of RFC 1928 section 6, or CD of SOCKS 4: where in the transcript it stands depends on the
    method that was chosen."""
    if not five:
        return received[1] if len(received) > 1 else None
    at = 2 + (2 if len(received) > 1 and received[1] == _USERNAME_METHOD else 0) + 1
    return received[at] if len(received) > at else None
