"""SOCKS over a connection that stands already: PySocks negotiates, what the server answered is
kept."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import msgspec
import socks

from arcprobe.model import Credentials, Failure, FailureKind, Proxy, Tunnel
from arcprobe.model.text import heard, host_port, is_address
from arcprobe.probes.wire.failure import classify, words
from arcprobe.probes.wire.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.probes.wire.clock import Clock
    from arcprobe.probes.wire.stream import Stream, TcpStream

_TRANSCRIPT_LIMIT = 600  # bytes; a SOCKS5 dialogue is at most 2 + 2 + 262 from the server
_FIRST_SHOWN = 400  # characters of it, where it is no SOCKS
_SOCKS5 = 5
_USERNAME_METHOD = 2  # RFC 1928 section 3
_NAME_LIMIT = 255  # bytes of a name, a user, a password: one byte of length
_GREETING = b"\x05\x02\x00\x02"  # no authentication, or user name and password


async def negotiate(
    tcp: TcpStream,
    proxy: Proxy,
    credentials: Credentials | None,
    host: str,
    port: int,
    clock: Clock,
) -> Tunnel:
    """Asks a SOCKS server for ``host:port``, by name (RFC 1928, RFC 1929). Never raises."""
    step = Tunnel(
        started=clock.now(),
        target=host_port(host, port),
        protocol="socks5",
        credentials="username" if credentials else "",
    )
    try:
        patches = fix_pysocks_lengths(host, credentials)
    except ValueError as error:
        failed = Failure(kind=FailureKind.SOCKS_AUTH, detail=words(error))
        return msgspec.structs.replace(step, failure=failed)
    sock = _recording_socket(tcp, patches)
    sock.settimeout(clock.timeout)
    _set_proxy(sock, proxy, credentials)
    failure = await _negotiated(
        sock, tcp, lambda: sock._negotiate_SOCKS5(host, port), clock.timeout
    )
    received = bytes(sock.received)
    tcp.bytes_in += len(received)
    if failure is None and _has_reserved(received):
        failure = Failure(kind=FailureKind.SOCKS_MALFORMED, detail="non-zero reserved field")
    step = msgspec.structs.replace(
        step, took=clock.now() - step.started, failure=failure, bytes_in=len(received)
    )
    return _with_reply(step, received)


def _set_proxy(sock: Any, proxy: Proxy, credentials: Credentials | None) -> None:
    user = credentials.user if credentials else None
    password = credentials.password.reveal() if credentials else None
    sock.set_proxy(
        socks.SOCKS5, proxy.host, proxy.port, rdns=True, username=user, password=password
    )


def _with_reply(step: Tunnel, received: bytes) -> Tunnel:
    is_malformed = step.failure is not None and step.failure.kind is FailureKind.SOCKS_MALFORMED
    return msgspec.structs.replace(
        step,
        socks_method=_method(received),
        socks_reply=_reply5(received),
        first_bytes=_shown(received) if is_malformed else "",
    )


def _recording_socket(tcp: TcpStream, patches: dict[bytes, bytes]) -> Any:
    """PySocks' socket over a copy of ours, so that its time-out and its end are not ours.
    ``received`` is what the server sent."""

    class Recorded(socks.socksocket):  # type: ignore[misc]  # PySocks has no types
        received = bytearray()

        def recv_into(self, buffer: Any, *args: Any) -> int:
            size: int = super().recv_into(buffer, *args)
            if len(self.received) < _TRANSCRIPT_LIMIT:
                self.received.extend(memoryview(buffer)[:size])
            return size

        def makefile(self, mode: Any = "r", *args: Any, **more: Any) -> Any:
            file = super().makefile(mode, *args, **more)
            return file if mode == "rb" else PatchedWriter(file, patches)

    copy = tcp.sock.dup()
    return Recorded(copy.family, socket.SOCK_STREAM, copy.proto, fileno=copy.detach())


async def _negotiated(
    sock: Any, tcp: TcpStream, negotiation: Callable[[], object], timeout: float
) -> Failure | None:
    def work() -> None:
        # The negotiation alone: ``connect`` would dial as well, and the address that is
        # dialled is ours to choose and record.
        try:
            negotiation()
        finally:
            # here and not outside: the number of a closed socket may be another
            # connection's a moment later
            sock.close()

    try:
        await in_thread(work, timeout)
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(OSError):
            tcp.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread, whose copy of the socket it is
        if isinstance(error, asyncio.CancelledError):
            raise
        return classify(error)
    except socks.ProxyError as error:
        return Failure(kind=_kind(error), detail=words(error))
    except Exception as error:
        return classify(error)
    finally:
        tcp.sock.setblocking(False)
    return None


class PatchedWriter:
    """A writer that puts right what PySocks 1.7 packs wrongly: a length above 127 goes out as the
    two bytes of a character."""

    def __init__(self, file: Any, patches: dict[bytes, bytes]) -> None:
        self._file = file
        self._patches = patches

    def write(self, data: bytes) -> None:
        self._file.write(self._patches.get(data, data))

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def fix_pysocks_lengths(host: str, credentials: Credentials | None) -> dict[bytes, bytes]:
    """The messages of PySocks in which a length does not fit, and what is right. ValueError for
    what SOCKS5 cannot carry."""
    found: dict[bytes, bytes] = {}
    name = b"" if is_address(host) else _wire_name(host)
    if 127 < len(name) <= _NAME_LIMIT:
        found[b"\x03" + _as_character(name)] = b"\x03" + _as_byte(name)
    if credentials is not None:
        user, password = credentials.user.encode(), credentials.password.reveal().encode()
        if max(len(user), len(password)) > _NAME_LIMIT:
            raise ValueError(
                "user or password is longer than the 255 bytes that SOCKS5 can carry"
                " (RFC 1929 section 2)"
            )
        wrong = b"\x01" + _as_character(user) + _as_character(password)
        found[wrong] = b"\x01" + _as_byte(user) + _as_byte(password)
    return found


def _wire_name(host: str) -> bytes:
    try:
        return host.encode("idna")
    except UnicodeError:
        return b""  # PySocks will say so


def _as_character(text: bytes) -> bytes:
    return chr(len(text)).encode() + text


def _as_byte(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _kind(error: socks.ProxyError) -> FailureKind:
    if isinstance(error, socks.SOCKS5AuthError):
        return FailureKind.SOCKS_AUTH
    if isinstance(error, socks.SOCKS5Error):
        return FailureKind.SOCKS_REFUSED
    is_end = "closed unexpectedly" in str(error)
    return FailureKind.CLOSED if is_end else FailureKind.SOCKS_MALFORMED


def _at(received: bytes, position: int) -> int | None:
    return received[position] if len(received) > position else None


def _has_reserved(received: bytes) -> bool:
    """Whether RSV of the reply is not zero, which Go refuses (net/http, socks_bundle.go)."""
    return _at(received, 4 + _authentication_size(received)) not in (None, 0)


def _authentication_size(received: bytes) -> int:
    """Bytes of RFC 1929 between method and reply."""
    return 2 if _at(received, 1) == _USERNAME_METHOD else 0


def _method(received: bytes) -> int | None:
    return _at(received, 1) if received[:1] == bytes([_SOCKS5]) else None


def _reply5(received: bytes) -> int | None:
    """REP of RFC 1928 section 6: where in the transcript it stands depends on the method that was
    chosen."""
    return _at(received, 3 + _authentication_size(received))


def _shown(received: bytes) -> str:
    return heard(received, _FIRST_SHOWN, keep="\n\t")


async def greet(stream: Stream, clock: Clock) -> Tunnel:
    """A greeting alone (RFC 1928 section 3): does this port speak SOCKS5? Never raises."""
    started, before = clock.now(), stream.bytes_in
    failure: Failure | None = None
    answer = b""
    try:
        async with asyncio.timeout(clock.timeout):
            await stream.send(_GREETING)
            while len(answer) < 2 and (data := await stream.receive()):
                answer += data
    except Exception as error:
        failure = classify(error)
    return Tunnel(
        started=started,
        took=clock.now() - started,
        failure=failure,
        target="",
        protocol="socks5",
        socks_method=_method(answer) if len(answer) == 2 else None,
        first_bytes=_shown(answer[:100]),
        bytes_in=stream.bytes_in - before,
    )
