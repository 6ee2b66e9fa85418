"""One connection from nothing: look up, dial, open a tunnel, shake hands, exchange. Each records
one step; a failure ends it.

async with Connection(place, "agents' way") as connection:
    await connection.reach(check)
    await connection.handshake(check.host)
    await connection.exchange("GET", check.path, check.host)
connection.attempt
"""

from __future__ import annotations

import asyncio
import base64
import errno
import ipaddress
import ssl
import time
import warnings
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    ClusterSource,
    Dial,
    Exchange,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Lookup,
    Proxy,
    Role,
    Secret,
    Store,
    Tunnel,
)
from arcprobe.probes.wire import http as _http
from arcprobe.probes.wire.failure import PeerClosed, alert_of, classify
from arcprobe.probes.wire.http import Dialogue, body_text, date_offset, printable
from arcprobe.probes.wire.resolver import Resolver, is_address
from arcprobe.probes.wire.stream import Replayed, Stream, TcpStream, TlsStream

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from arcprobe.probes.trust.stores import Stores

USER_AGENT = "arcprobe"
SMALL_SEGMENTS = 536  # bytes; the segment every IPv4 path must carry (RFC 9293 section 3.7.1)
# seconds for one of several addresses, as Go's net.Dialer has it (net/dial.go, partialDeadline)
_MINIMUM_DIAL = 2.0
_ADDRESSES_TRIED = 8
_BODY_PATIENCE = 3.0  # seconds for a body whose content no one needs
_TLS_RECORDS = frozenset({20, 21, 22, 23, 24})  # content types, RFC 8446 section 5.1, RFC 6520
_RECORD_HEADER = 3

# The agents are Go programs; since 1.24 Go's ClientHello carries an ML-KEM key share and is
# larger than one TCP segment (facts/faults.md section 6). OpenSSL does the same from 3.5 on;
# below, unknown ALPN names (RFC 7301) fill it up to that size.
_PADDING = (
    []
    if ssl.OPENSSL_VERSION_INFO >= (3, 5)
    else [f"arcprobe-padding-{number}-".ljust(200, "x") for number in range(6)]
)


# What the agents, Go programs, offer below TLS 1.3: crypto/tls/cipher_suites.go of Go 1.25,
# defaults. OpenSSL's own defaults would take finite fields, which Go never had, and Python's
# would refuse CBC with SHA-1, which Go takes.
_CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in (
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "CHACHA20-POLY1305",
        "AES128-SHA",
        "AES256-SHA",
    )
    for key in ("ECDSA", "RSA")
)


class Credentials(msgspec.Struct, frozen=True):
    """User and password for one proxy."""

    user: str
    password: Secret


class Place(msgspec.Struct, kw_only=True):
    """What every probe of a run shares: its clock, its limits, its resolver, its trust, its
    credentials.

    ``dial_map`` leads (name or address, port) elsewhere at the very bottom: only a rehearsal on
    loopback sets it.
    """

    now: Callable[[], float]
    timeout: float
    resolver: Resolver
    stores: Stores
    credentials: dict[str, Credentials] = {}  # by Proxy.url
    resolve: dict[tuple[str, int], tuple[str, ...]] = {}  # --resolve
    dial_map: dict[tuple[str, int], tuple[str, int]] = {}
    websocket_hold: float = 0.0
    cluster: ClusterSource = ClusterSource()
    wall_clock: Callable[[], float] = time.time


class Stopped(Exception):
    """The last recorded step failed: nothing is left to build on."""


S = TypeVar("S", bound=AnyStep)


# The connections of the check that is being asked, so that one that is cut short keeps what it saw.
begun: ContextVar[list[Connection] | None] = ContextVar("begun", default=None)


class Connection:
    """Records the steps of one connection. Leaving the ``async with`` closes it and swallows
    ``Stopped``."""

    def __init__(
        self, place: Place, label: str, *, mss: int | None = None, names_at_proxy: bool = True
    ) -> None:
        """``mss``: bytes, for smaller segments. ``names_at_proxy`` False: the proxy is given an
        address (SOCKS 4 without 4A)."""
        self.place = place
        self.label = label
        self.steps: list[AnyStep] = []
        self._mss = mss
        self._names_at_proxy = names_at_proxy
        self._stream: Stream | None = None
        self._tcp: TcpStream | None = None
        self._dialogue: Dialogue | None = None
        if (connections := begun.get()) is not None:
            connections.append(self)
        self._unsafe = False  # the proxy's certificate vouches for nothing: no credentials over it

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self._stream is not None:
            self._stream.close()
        return isinstance(error, Stopped)

    @property
    def attempt(self) -> Attempt:
        """What was recorded so far."""
        return Attempt(label=self.label, steps=tuple(self.steps))

    @property
    def stream(self) -> Stream:
        """The innermost stream that stands."""
        if self._stream is None:
            raise RuntimeError("nothing is connected")
        return self._stream

    @property
    def reusable(self) -> bool:
        """Whether an exchange, or a further one, may follow on this connection."""
        return self._dialogue is None or self._dialogue.reusable

    # ----------------------------------------------------------------------------------------------

    async def reach(self, check: Check, *, host: str = "", port: int = 0) -> None:
        """To the check's target by its route: dial it, or dial its proxy and have the proxy open
        the way."""
        host, port = host or check.host, port or check.port
        if check.proxy is None:
            await self.dial(await self.addresses(host, port), port, role=Role.TARGET)
            return
        if not self._names_at_proxy:
            host = (await self.addresses(host, port))[0]
        await self.reach_proxy(check.proxy)
        if check.protocol != "http" or check.proxy.is_socks:
            await self.tunnel(check.proxy, host, port)

    async def reach_proxy(self, proxy: Proxy, *, tls: bool | None = None) -> None:
        """Dials the proxy and, where its scheme is https, shakes hands with it. ``tls`` overrides
        the scheme."""
        await self.dial(
            await self.addresses(proxy.host, proxy.port),
            proxy.port,
            role=Role.PROXY,
            whole=not proxy.is_socks,
        )
        if proxy.scheme == "https" if tls is None else tls:
            await self.handshake(proxy.host, peer=Role.PROXY)

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of ``host``: itself, --resolve's, or the resolver's (recorded)."""
        if is_address(host):
            return (host.strip("[]"),)
        if fixed := self.place.resolve.get((host, port)):
            self._keep(
                Lookup(started=self.place.now(), name=host, engine="--resolve", addresses=fixed)
            )
            return fixed
        # glibc waits 5 s for a first name server that is silent before it asks the
        # second: give that a chance to be seen
        lookup = await self.place.resolver.lookup(host, max(self.place.timeout, 6.0))
        return self._done(lookup).addresses

    async def dial(
        self, addresses: tuple[str, ...], port: int, *, role: Role, whole: bool = True
    ) -> None:
        """Tries the addresses in order, one at a time; each is a step. Stopped when none took the
        connection."""
        left = addresses[:_ADDRESSES_TRIED]
        end = self.place.now() + self.place.timeout
        while left:
            address, *rest = left
            left = tuple(rest)
            started = self.place.now()
            share = max((end - started) / (1 + len(left)), _MINIMUM_DIAL if left else 0.05)
            step = Dial(started=started, address=address, port=port, role=role, mss=self._mss)
            try:
                async with asyncio.timeout(share):
                    self._tcp = await TcpStream.connect(*self._mapped(address, port), mss=self._mss)
            except Exception as error:
                step = msgspec.structs.replace(
                    step, took=self.place.now() - started, failure=classify(error)
                )
                self._keep(step)
                if left and self.place.now() < end:
                    continue
                raise Stopped from None
            self._stream = self._tcp
            self._keep(
                msgspec.structs.replace(
                    step, took=self.place.now() - started, source=self._tcp.source
                )
            )
            return
        self._done(
            Dial(
                started=self.place.now(),
                address="",
                port=port,
                role=role,
                failure=Failure(kind=FailureKind.NO_ADDRESS, detail="no address to dial"),
            )
        )

    def _mapped(self, address: str, port: int) -> tuple[str, int]:
        """Where the bottom of a dial leads: to the address itself; in a rehearsal to loopback, and
        to nowhere else."""
        table = self.place.dial_map
        if not table:
            return address, port
        found = table.get((address, port)) or table.get(("*", port))
        if found is None and not ipaddress.ip_address(address).is_loopback:
            raise OSError(errno.EHOSTUNREACH, "nobody is there in this rehearsal")
        return found or (address, port)

    async def tunnel(self, proxy: Proxy, host: str, port: int, *, anonymous: bool = False) -> None:
        """Asks the proxy for a way to ``host:port``, by name: CONNECT (RFC 9110 section 9.3.6) or
        SOCKS (RFC 1928).

        ``anonymous``: without credentials, where they could be read on the way.
        """
        credentials = None if anonymous or self._unsafe else self.place.credentials.get(proxy.url)
        if proxy.is_socks:
            from arcprobe.probes.wire.socks import negotiate

            assert self._tcp is not None
            step = await negotiate(
                self._tcp,
                proxy,
                credentials,
                host,
                port,
                timeout=self.place.timeout,
                now=self.place.now,
            )
            self._done(step)
            return
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = [("Host", target), ("User-Agent", USER_AGENT)]
        if credentials is not None:
            # RFC 7617; sent at once and in UTF-8, as Go's net/http sends it
            pair = f"{credentials.user}:{credentials.password.reveal()}".encode()
            headers.append(
                ("Proxy-Authorization", "Basic " + base64.b64encode(pair).decode("ascii"))
            )
        started, before = self.place.now(), self.stream.bytes_in
        dialogue = Dialogue(self.stream)
        head: Head | None = None
        failure: Failure | None = None
        try:
            async with asyncio.timeout(self.place.timeout):
                await dialogue.request("CONNECT", target, headers)
                head = await dialogue.head()
                if head.status // 100 != 2:
                    data, _short = await dialogue.body(_http.BODY_KEPT, _BODY_PATIENCE)
                    head = msgspec.structs.replace(
                        head, body=body_text(head, data, _http.BODY_KEPT)
                    )
        except Exception as error:
            failure = classify(error)
        self._keep(
            Tunnel(
                started=started,
                took=self.place.now() - started,
                failure=failure,
                target=target,
                head=head,
                credentials="basic" if credentials is not None else "",
                first_bytes="" if head is not None else printable(self.stream.first[:200]),
                bytes_in=self.stream.bytes_in - before,
            )
        )
        if failure is not None or head is None or head.status // 100 != 2:
            raise Stopped
        self._stream = Replayed(self.stream, dialogue.ahead)

    async def greet(self) -> None:
        """A SOCKS5 greeting (RFC 1928 section 3) to a port that answered nothing else: does it
        speak SOCKS?"""
        started, before = self.place.now(), self.stream.bytes_in
        failure: Failure | None = None
        answer = b""
        try:
            async with asyncio.timeout(self.place.timeout):
                await self.stream.send(
                    b"\x05\x02\x00\x02"
                )  # no authentication, or user name and password
                while len(answer) < 2 and (data := await self.stream.receive()):
                    answer += data
        except Exception as error:
            failure = classify(error)
        self._done(
            Tunnel(
                started=started,
                took=self.place.now() - started,
                failure=failure,
                target="",
                protocol="socks5",
                socks_method=answer[1] if len(answer) == 2 and answer[0] == 5 else None,
                first_bytes=printable(answer[:100]),
                bytes_in=self.stream.bytes_in - before,
            )
        )

    # ----------------------------------------------------------------------------------------------

    async def handshake(
        self,
        host: str,
        *,
        peer: Role = Role.TARGET,
        padded: bool = True,
        oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    ) -> None:
        """A handshake that accepts any certificate; what the stores say about the chain stands
        beside it in the step."""
        offered = ("http/1.1",)
        stream = TlsStream(
            self.stream, _context(padded, oldest), None if is_address(host) else host.rstrip(".")
        )
        started, before = self.place.now(), (self.stream.bytes_in, self.stream.bytes_out)
        below, failure, alert = self.stream, None, ""
        try:
            async with asyncio.timeout(self.place.timeout):
                await stream.handshake()
        except Exception as error:
            failure = classify(error)
            if isinstance(error, ssl.SSLError):
                alert = alert_of(error)
            elif isinstance(error, PeerClosed) and not below.first:
                failure = msgspec.structs.replace(
                    failure, detail="the peer closed the connection before its first byte of TLS"
                )
        first = below.first
        if (
            failure is not None
            and first
            and (first[0] not in _TLS_RECORDS or (len(first) >= _RECORD_HEADER and first[1] != 3))
        ):
            failure = Failure(kind=FailureKind.TLS_PLAINTEXT, detail=failure.detail)
        step = Handshake(
            started=started,
            took=self.place.now() - started,
            failure=failure,
            server_name=host,
            peer=peer,
            alpn_offered=offered,
            alert=alert,
            first_bytes=printable(first[:300])
            if failure is not None and failure.kind is FailureKind.TLS_PLAINTEXT
            else "",
            bytes_in=below.bytes_in - before[0],
            bytes_out=below.bytes_out - before[1],
            client_hello=stream.client_hello,
        )
        if failure is None:
            step = self._with_chain(step, stream)
        self._done(step)
        self._stream = stream
        if peer == "proxy":
            self._unsafe = step.name_matches is not True or not any(
                trust.accepted for trust in step.trust
            )

    def _with_chain(self, step: Handshake, stream: TlsStream) -> Handshake:
        from arcprobe.probes.trust.certificates import describe, name_matches, unverified_chain

        chain = unverified_chain(stream.session)
        moment = datetime.fromtimestamp(self.place.wall_clock(), UTC)
        trust = self.place.stores.examine(chain, moment)
        # the top of an unknown chain is what a person may want to look at, or to trust
        unknown = not any(each.accepted for each in trust if each.store == Store.PUBLIC)
        described = tuple(describe(der, keep_pem=unknown and der is chain[-1]) for der in chain)
        cipher = stream.session.cipher()
        return msgspec.structs.replace(
            step,
            version=stream.session.version() or "",
            cipher=cipher[0] if cipher else "",
            alpn=stream.session.selected_alpn_protocol() or "",
            chain=described,
            trust=trust,
            name_matches=name_matches(described[0], step.server_name) if described else None,
        )

    # ----------------------------------------------------------------------------------------------

    async def exchange(
        self,
        method: str,
        path: str,
        host: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body_limit: int = _http.BODY_KEPT,
        keep_alive: bool = False,
        patience: float | None = None,
    ) -> Exchange:
        """One request and its answer. A head that came is an answer, whatever follows it."""
        if self._dialogue is None:
            self._dialogue = Dialogue(self.stream)
        else:
            self._dialogue.next()
        dialogue = self._dialogue
        request = [
            ("Host", host),
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "identity"),
            *headers,
        ]
        request.append(("Connection", "keep-alive" if keep_alive else "close"))
        started, before = self.place.now(), self.stream.bytes_in
        head: Head | None = None
        failure: Failure | None = None
        data, short, offset = b"", "", None
        try:
            async with asyncio.timeout(self.place.timeout):
                await dialogue.request(method, path, request)
                head = await dialogue.head()
                offset = date_offset(head, self.place.wall_clock())
            data, short = await dialogue.body(
                body_limit, min(self.place.timeout, patience or _BODY_PATIENCE)
            )
            head = msgspec.structs.replace(head, body=body_text(head, data, body_limit))
        except Exception as error:
            failure = classify(error)
        step = Exchange(
            started=started,
            took=self.place.now() - started,
            failure=failure,
            method=method,
            path=path,
            head=head,
            body_bytes=len(data),
            body_short=short,
            first_bytes=printable(self.stream.first[:300]) if head is None else "",
            bytes_in=self.stream.bytes_in - before,
            date_offset=offset,
        )
        return self._done(step)

    async def upgrade(self, path: str, host: str, *, hold: float = 0.0) -> None:
        """A WebSocket opening handshake on this stream; after 101 a ping, its pong, and the hold
        (seconds)."""
        from arcprobe.probes.wire.websocket import open_websocket

        step = await open_websocket(
            self.stream, path, host, timeout=self.place.timeout, hold=hold, now=self.place.now
        )
        self._done(step)

    # ----------------------------------------------------------------------------------------------

    def _keep(self, step: AnyStep) -> None:
        self.steps.append(step)

    def _done(self, step: S) -> S:
        self.steps.append(step)
        if step.failure is not None:
            raise Stopped
        return step


_CONTEXTS: dict[tuple[bool, ssl.TLSVersion], ssl.SSLContext] = {}


def _context(padded: bool, oldest: ssl.TLSVersion) -> ssl.SSLContext:
    """A client context that accepts any chain: trust is examined afterwards, offline, against
    several stores."""
    key = (padded, oldest)
    if key not in _CONTEXTS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if not padded and not _PADDING:
            context.set_ecdh_curve("prime256v1")  # without the key share that makes a hello large
        context.set_alpn_protocols(["http/1.1", *(_PADDING if padded else ())])
        if oldest < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers(
                "ALL:@SECLEVEL=0"
            )  # to see what an old box would speak; only ever to explain a failure
        else:
            context.set_ciphers(_CIPHERS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 is asked for on purpose
            context.minimum_version = oldest
        _CONTEXTS[key] = context
    return _CONTEXTS[key]
