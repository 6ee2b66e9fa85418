"""SOCKS over a connection that stands already: version 5 (RFC 1928, RFC 1929), version 4 with its
extension 4A for names (https://www.openssh.com/txt/socks4a.protocol). What the server answered is
kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Credentials, Failure, FailureKind, Proxy, Tunnel
from arcprobe.model.text import host_port, parse_address, printable
from arcprobe.probes.wire.failure import PeerClosed, classify

if TYPE_CHECKING:
    from arcprobe.probes.wire.clock import Clock
    from arcprobe.probes.wire.stream import TcpStream

_FIRST_SHOWN = 400  # characters of what came, where it is no SOCKS
_LONGEST = 255  # bytes of a user, or a password: one byte of length (RFC 1929 section 2)

_NO_LOGIN, _PASSWORD, _NO_METHOD = 0, 2, 0xFF  # methods, RFC 1928 section 3
_GRANTED_5, _GRANTED_4 = 0, 0x5A

_REFUSALS_5 = {  # RFC 1928 section 6
    1: "General SOCKS server failure",
    2: "Connection not allowed by ruleset",
    3: "Network unreachable",
    4: "Host unreachable",
    5: "Connection refused",
    6: "TTL expired",
    7: "Command not supported, or protocol error",
    8: "Address type not supported",
}
_REFUSALS_4 = {
    0x5B: "Request rejected or failed",
    0x5C: "Request rejected because SOCKS server cannot connect to identd on the client",
    0x5D: "Request rejected because the client program and identd report different user-ids",
}


class _Ended(Exception):
    """The server said no, or what is no SOCKS."""

    def __init__(self, kind: FailureKind, words: str) -> None:
        super().__init__(words)
        self.failure = Failure(kind=kind, detail=words)


def _malformed(version: int) -> _Ended:
    words = f"SOCKS{version} proxy server sent invalid data"
    return _Ended(FailureKind.SOCKS_MALFORMED, words)


def _refused(reply: int, meanings: dict[int, str]) -> _Ended:
    words = f"{reply:#04x}: {meanings.get(reply, 'Unknown error')}"
    return _Ended(FailureKind.SOCKS_REFUSED, words)


class _Server:
    """The server's side: no byte more is read than the protocol asks for."""

    def __init__(self, stream: TcpStream) -> None:
        self.stream = stream
        self.received = b""

    async def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = await self.stream.receive(size - len(data))
            if not more:
                raise PeerClosed("Connection closed unexpectedly")
            data += more
            self.received += more
        return data

    async def answer(self, size: int, version: int) -> bytes:
        """An answer that begins with its version."""
        data = await self.exactly(size)
        if data[0] != version:
            raise _malformed(4 if version == 0 else 5)
        return data


async def negotiate(
    tcp: TcpStream,
    proxy: Proxy,
    credentials: Credentials | None,
    host: str,
    port: int,
    clock: Clock,
) -> Tunnel:
    """Asks a SOCKS server for ``host:port``, by name where it is one. Never raises."""
    version = 5 if proxy.scheme.startswith("socks5") else 4
    speak = _speak_5 if version == 5 else _speak_4
    server = _Server(tcp)
    started, failure = clock.now(), None
    try:
        async with asyncio.timeout(clock.timeout):
            await speak(server, credentials, host, port)
    except _Ended as ended:
        failure = ended.failure
    except Exception as error:
        failure = classify(error)
    step = _recorded(server, version, failure)
    return msgspec.structs.replace(
        step,
        started=started,
        took=clock.now() - started,
        target=host_port(host, port),
        credentials="username" if credentials else "",
    )


async def greet(tcp: TcpStream, clock: Clock) -> Tunnel:
    """A greeting alone: does this port speak SOCKS5? Never raises."""
    server = _Server(tcp)
    started, failure = clock.now(), None
    try:
        async with asyncio.timeout(clock.timeout):
            await tcp.send(_greeting(_NO_LOGIN, _PASSWORD))
            await server.exactly(2)
    except PeerClosed:
        pass  # no answer is one here
    except Exception as error:
        failure = classify(error)
    shown = printable(server.received, _FIRST_SHOWN, keep="\n\t")
    step = _recorded(server, 5, failure)
    return msgspec.structs.replace(
        step, started=started, took=clock.now() - started, first_bytes=shown
    )


def _recorded(server: _Server, version: int, failure: Failure | None) -> Tunnel:
    """What the server's bytes say, also where they broke off."""
    received, method, reply, shown = server.received, None, _at(server.received, 1), ""
    if version == 5:
        authentication = 2 if reply == _PASSWORD else 0
        method = reply if received[:1] == b"\x05" else None
        reply = _at(received, 2 + authentication + 1)
    if failure is not None and failure.kind is FailureKind.SOCKS_MALFORMED:
        shown = printable(received, _FIRST_SHOWN, keep="\n\t")
    return Tunnel(
        target="",
        protocol=f"socks{version}",
        failure=failure,
        socks_method=method,
        socks_reply=reply,
        first_bytes=shown,
        bytes_in=len(received),
    )


def _at(received: bytes, position: int) -> int | None:
    return received[position] if len(received) > position else None


# --------------------------------------------------------------------------------------- version 5


async def _speak_5(server: _Server, login: Credentials | None, host: str, port: int) -> None:
    pair = _pair(login)
    methods = (_NO_LOGIN, _PASSWORD) if pair else (_NO_LOGIN,)
    await server.stream.send(_greeting(*methods))
    method = (await server.answer(2, version=5))[1]
    if method == _PASSWORD:
        await _log_in(server, pair)
    elif method == _NO_METHOD:
        words = "All offered SOCKS5 authentication methods were rejected"
        raise _Ended(FailureKind.SOCKS_AUTH, words)
    elif method != _NO_LOGIN:
        raise _malformed(5)
    await server.stream.send(b"\x05\x01\x00" + _address(host) + port.to_bytes(2, "big"))
    reply = (await server.answer(3, version=5))[1]
    if reply != _GRANTED_5:
        raise _refused(reply, _REFUSALS_5)
    await _bound_address(server)


async def _log_in(server: _Server, pair: bytes) -> None:
    """User name and password, RFC 1929."""
    if not pair:
        words = "No username/password supplied. Server requested username/password authentication"
        raise _Ended(FailureKind.SOCKS_AUTH, words)
    await server.stream.send(b"\x01" + pair)
    if (await server.answer(2, version=1))[1] != 0:
        raise _Ended(FailureKind.SOCKS_AUTH, "SOCKS5 authentication failed")


async def _bound_address(server: _Server) -> None:
    """The end of the answer, which says whence the server connected."""
    kind = (await server.exactly(1))[0]
    sizes = {1: 4, 4: 16}
    if kind == 3:
        sizes[3] = (await server.exactly(1))[0]
    if kind not in sizes:
        raise _malformed(5)
    await server.exactly(sizes[kind] + 2)


def _greeting(*methods: int) -> bytes:
    return b"\x05" + _counted(bytes(methods))


def _pair(login: Credentials | None) -> bytes:
    """User and password as they go out; empty where there are none."""
    user = login.user.encode() if login else b""
    password = login.password.reveal().encode() if login else b""
    if max(len(user), len(password)) > _LONGEST:
        words = (
            "user or password is longer than the 255 bytes that SOCKS5 can carry"
            " (RFC 1929 section 2)"
        )
        raise _Ended(FailureKind.SOCKS_AUTH, words)
    return _counted(user) + _counted(password) if user and password else b""


def _address(host: str) -> bytes:
    if address := parse_address(host):
        return (b"\x01" if address.version == 4 else b"\x04") + address.packed
    return b"\x03" + _counted(host.encode("idna"))


def _counted(text: bytes) -> bytes:
    return bytes([len(text)]) + text


# --------------------------------------------------------------------------------------- version 4


async def _speak_4(server: _Server, login: Credentials | None, host: str, port: int) -> None:
    address = parse_address(host)
    is_address = address is not None and address.version == 4
    where = address.packed if address is not None and is_address else b"\x00\x00\x00\x01"
    name = b"" if is_address else host.encode("idna") + b"\x00"
    user = login.user.encode() if login else b""
    request = b"\x04\x01" + port.to_bytes(2, "big") + where + user + b"\x00" + name
    await server.stream.send(request)
    reply = (await server.answer(8, version=0))[1]
    if reply != _GRANTED_4:
        raise _refused(reply, _REFUSALS_4)
