"""SOCKS5 over a connection that stands already, as Go's net/http speaks it (net/http,
socks_bundle.go), which reads no byte more than the dialogue has."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING

from arcprobe.model import Credentials, Failure, FailureKind, Proxy, Tunnel
from arcprobe.model.text import heard, host_port, is_address
from arcprobe.probes.wire.failure import PeerClosed, classify

if TYPE_CHECKING:
    from arcprobe.probes.wire.clock import Clock
    from arcprobe.probes.wire.stream import Stream, TcpStream

_FIRST_SHOWN = 400  # characters of what came, where it is no SOCKS
_SOCKS5 = 5
_PASSWORD_VERSION = 1  # RFC 1929 section 2
_NO_AUTHENTICATION, _PASSWORD, _NONE_ACCEPTABLE = 0, 2, 255  # methods, RFC 1928 section 3
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4  # RFC 1928 section 5
_ADDRESS_SIZES = {_IPV4: 4, _IPV6: 16}
_PORT_SIZE = 2
_NAME_LIMIT = 255  # bytes of a name, a user, a password: one byte of length
_GREETING = bytes((_SOCKS5, 2, _NO_AUTHENTICATION, _PASSWORD))
_ANONYMOUS = bytes((_SOCKS5, 1, _NO_AUTHENTICATION))


class _Stop(Exception):
    """The dialogue does not go on."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(kind=kind, detail=detail)


class Dialogue:
    """One negotiation. ``method`` and ``reply`` are what the server said, None before it did;
    ``received`` is all that came."""

    def __init__(self, tcp: TcpStream, credentials: Credentials | None) -> None:
        self._tcp = tcp
        self._login = _login(credentials)
        self.method: int | None = None
        self.reply: int | None = None
        self.received = b""

    async def negotiate(self, host: str, port: int) -> None:
        """Asks for ``host:port``; ``_Stop``, PeerClosed or OSError where it is not given."""
        request = _request(host, port)
        await self._authenticate()
        await self._tcp.send(request)
        await self._read_reply()

    def named(self, failure: Failure) -> Failure:
        """The failure; where the server chose user and password, which was not offered and which
        Go does not heed, that is its reason."""
        if self.method != _PASSWORD or self._login is not None:
            return failure
        return Failure(kind=FailureKind.SOCKS_AUTH, detail="user and password are asked for")

    async def _authenticate(self) -> None:
        login = self._login
        await self._tcp.send(_ANONYMOUS if login is None else _GREETING)
        version, method = await self._exactly(2)
        _due(version, _SOCKS5, "version")
        self.method = method
        if method == _NONE_ACCEPTABLE:
            raise _Stop(FailureKind.SOCKS_AUTH, "no acceptable authentication methods")
        if login is None or method == _NO_AUTHENTICATION:
            return
        if method != _PASSWORD:
            raise _Stop(FailureKind.SOCKS_AUTH, f"unsupported authentication method {method}")
        if not login:
            raise _Stop(
                FailureKind.SOCKS_AUTH,
                "the user is empty, or user or password is longer than the 255 bytes that SOCKS5"
                " can carry (RFC 1929 section 2)",
            )
        await self._tcp.send(login)
        version, status = await self._exactly(2)
        _due(version, _PASSWORD_VERSION, "version of the authentication")
        if status:
            raise _Stop(FailureKind.SOCKS_AUTH, "user and password are refused")

    async def _read_reply(self) -> None:
        version, reply, reserved, kind = await self._exactly(4)
        _due(version, _SOCKS5, "version")
        self.reply = reply
        if reply:
            raise _Stop(FailureKind.SOCKS_REFUSED, _meaning(reply))
        if reserved:
            raise _Stop(FailureKind.SOCKS_MALFORMED, "non-zero reserved field")
        size = _ADDRESS_SIZES.get(kind)
        if size is None:
            _due(kind, _NAME, "address type")
            size = (await self._exactly(1))[0]
        await self._exactly(size + _PORT_SIZE)

    async def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            data = await self._tcp.receive(size - len(found))
            if not data:
                raise PeerClosed
            self.received += data
            found += data
        return found


def _due(found: int, due: int, what: str) -> None:
    if found != due:
        raise _Stop(FailureKind.SOCKS_MALFORMED, f"{what} {found} instead of {due}")


def _meaning(reply: int) -> str:
    """A reply in the words of PySocks, as people search for it."""
    from socks import SOCKS5_ERRORS

    return f"{reply:#04x}: {SOCKS5_ERRORS.get(reply, 'not assigned')}"


def _login(credentials: Credentials | None) -> bytes | None:
    """The message of RFC 1929; empty where it cannot carry them, None where none are given."""
    if credentials is None:
        return None
    texts = credentials.user, credentials.password.reveal()
    user, password = (text.encode(errors="surrogateescape") for text in texts)
    if not user or max(len(user), len(password)) > _NAME_LIMIT:
        return b""
    return bytes((_PASSWORD_VERSION, len(user))) + user + bytes((len(password),)) + password


def _request(host: str, port: int) -> bytes:
    """CONNECT: to an address as what it is, to a name by name (RFC 1928 section 4)."""
    head, tail = bytes((_SOCKS5, _CONNECT, 0)), port.to_bytes(_PORT_SIZE, "big")
    if is_address(host):
        packed = ip_address(host.partition("%")[0]).packed
        kind = _IPV4 if len(packed) == _ADDRESS_SIZES[_IPV4] else _IPV6
        return head + bytes((kind,)) + packed + tail
    name = host.encode()
    if len(name) > _NAME_LIMIT:
        raise _Stop(FailureKind.SOCKS_MALFORMED, "a name of more than 255 bytes")
    return head + bytes((_NAME, len(name))) + name + tail


async def negotiate(
    tcp: TcpStream,
    proxy: Proxy,
    credentials: Credentials | None,
    host: str,
    port: int,
    clock: Clock,
) -> Tunnel:
    """Asks a SOCKS server for ``host:port``, by name (RFC 1928, RFC 1929). Never raises."""
    started = clock.now()
    dialogue = Dialogue(tcp, credentials)
    failure: Failure | None = None
    try:
        async with asyncio.timeout(clock.timeout):
            await dialogue.negotiate(host, port)
    except _Stop as stop:
        failure = dialogue.named(stop.failure)
    except Exception as error:
        failure = dialogue.named(classify(error))
    is_malformed = failure is not None and failure.kind is FailureKind.SOCKS_MALFORMED
    return Tunnel(
        started=started,
        took=clock.now() - started,
        target=host_port(host, port),
        protocol="socks5",
        credentials="username" if credentials else "",
        failure=failure,
        socks_method=dialogue.method,
        socks_reply=dialogue.reply,
        first_bytes=_shown(dialogue.received) if is_malformed else "",
        bytes_in=len(dialogue.received),
    )


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
        socks_method=answer[1] if len(answer) == 2 and answer[0] == _SOCKS5 else None,
        first_bytes=_shown(answer[:100]),
        bytes_in=stream.bytes_in - before,
    )
