"""One connection from nothing: look up, dial, open a tunnel, shake hands, exchange. Each records
one step; a failure ends it.

async with Connection(context, Experiment.AGENTS) as connection:
    await connection.reach(check)
    await connection.handshake(check.host)
    await connection.exchange("GET", check.path, check.host)
connection.attempt
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import ipaddress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Credentials,
    Dial,
    Exchange,
    Failure,
    FailureKind,
    Handshake,
    Lookup,
    Proxy,
    Role,
    Tunnel,
    Upgrade,
)
from arcprobe.model.text import host_port, is_address
from arcprobe.probes.wire import descriptors
from arcprobe.probes.wire.failure import classify, is_without_port
from arcprobe.probes.wire.stream import Inner, Stream, TcpStream
from arcprobe.probes.wire.tls import Hello, shake_hands, with_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from arcprobe.probes.context import ProbeContext
    from arcprobe.probes.wire.http import Dialogue

USER_AGENT = "arcprobe"

# Seconds for one of several addresses, and how the time-out is shared among them: Go's
# net.Dialer (net/dial.go, partialDeadline). Less would give up on an address that Go reaches.
_LEAST_DIAL = 2.0
# Of the time-out for one address, and seconds that it has at least. A SYN is repeated after 1 and
# 3 s (RFC 6298 section 2): an address that leaves three of them unanswered leaves the fourth, too.
_DIAL_SHARE = 0.45
_WITH_THREE_SYNS = 4.5
_LAST_DIAL = 0.05  # seconds for the last address where the others used up the time-out
_WITH_SOCKS = 2  # descriptors: the socket, and the negotiation's copy of it
_ADDRESSES_TRIED = 8  # of one name; each may cost _LEAST_DIAL

# Seconds for a system's look-up. glibc waits 5 s for a silent first name server before it asks
# the second (resolv.conf(5), timeout): a shorter limit would call a slow look-up a failed one.
_LEAST_LOOKUP = 6.0


class Stopped(Exception):
    """The last recorded step failed: nothing is left to build on."""


S = TypeVar("S", bound=AnyStep)


# The connections of the check that is being asked, so that one that is cut short keeps what it saw.
open_connections: ContextVar[list[Connection] | None] = ContextVar("open_connections", default=None)


class Connection:
    """Records the steps of one connection. Leaving the ``async with`` closes it and swallows
    ``Stopped``."""

    def __init__(self, context: ProbeContext, label: str, *, mss: int | None = None) -> None:
        """``mss``: bytes, for smaller segments."""
        self.context = context
        self.label = label
        self.steps: list[AnyStep] = []
        self._mss = mss
        self._stream: Stream | None = None
        self._tcp: TcpStream | None = None
        self._dialogue: Dialogue | None = None
        self._lease = descriptors.Lease()
        self._descriptors = 1
        self._came_with_head = ""
        self._is_proxy_trusted = True  # where not, no credentials go over it
        # called with what was recorded, and a last step as it will be if nobody ever answers
        self.on_silence: Callable[[Attempt], None] | None = None
        if (connections := open_connections.get()) is not None:
            connections.append(self)

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
        self._lease.give_back()
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
    def is_reusable(self) -> bool:
        """Whether an exchange, or a further one, may follow on this connection."""
        return self._dialogue is None or self._dialogue.is_reusable

    # ----------------------------------------------------------------------------- to the target

    async def reach(self, check: Check, *, port: int = 0) -> None:
        """To the check's target by its route: dial it, or dial its proxy and have a tunnel
        opened. ``port``: another one of the same host."""
        host, port = check.host, port or check.port
        if check.proxy is None:
            await self.dial(await self.addresses(host, port), port, role=Role.TARGET)
            return
        await self.reach_proxy(check.proxy, tls=check.proxy.scheme == "https")
        if check.protocol != "http" or check.proxy.is_socks:
            await self.tunnel(check.proxy, host, port)

    async def reach_proxy(self, proxy: Proxy, *, tls: bool) -> None:
        """Dials the proxy and, with ``tls``, shakes hands with it."""
        addresses = await self.addresses(proxy.host, proxy.port)
        self._descriptors = _WITH_SOCKS if proxy.is_socks else 1
        await self.dial(addresses, proxy.port, role=Role.PROXY)
        if tls:
            await self.handshake(proxy.host, peer=Role.PROXY)

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of ``host``: itself, --resolve's, or the resolver's (recorded)."""
        if is_address(host):
            return (host,)
        if fixed := self.context.resolve.get((host, port)):
            started = self.context.now()
            self._keep(Lookup(started=started, name=host, engine="--resolve", addresses=fixed))
            return fixed
        return self._done(await look_up(self.context, host)).addresses

    async def dial(self, addresses: tuple[str, ...], port: int, *, role: Role) -> None:
        """Tries the addresses in order, one at a time; each is a step. Stopped when none took the
        connection."""
        self._lease = await descriptors.take(self._descriptors)
        now = asyncio.get_running_loop().time
        end = now() + self.context.timeout
        most = max(self.context.timeout * _DIAL_SHARE, _WITH_THREE_SYNS)
        tried = addresses[:_ADDRESSES_TRIED]
        for number, address in enumerate(tried, 1):
            left = len(tried) - number
            least = _LEAST_DIAL if left else _LAST_DIAL
            share = min(max((end - now()) / (1 + left), least), most)
            step = Dial(address=address, port=port, role=role, mss=self._mss)
            if await self._dial_one(step, share):
                return
            if not left or now() >= end:
                raise Stopped
        failure = Failure(kind=FailureKind.NO_ADDRESS, detail="no address to dial")
        self._done(
            Dial(started=self.context.now(), address="", port=port, role=role, failure=failure)
        )

    async def _dial_one(self, step: Dial, seconds: float) -> bool:
        started = self.context.now()
        failure, source = None, ""
        try:
            async with asyncio.timeout(seconds):
                stream = await TcpStream.connect(*self._mapped(step), mss=self._mss)
            self._tcp = self._stream = stream
            source = stream.source
        except Exception as error:
            failure = classify(error)
            if is_without_port(error, step.address):
                failure = msgspec.structs.replace(failure, kind=FailureKind.LOCAL_LIMIT)
        took = self.context.now() - started
        self._keep(
            msgspec.structs.replace(
                step, started=started, took=took, source=source, failure=failure
            )
        )
        return failure is None

    def _mapped(self, step: Dial) -> tuple[str, int]:
        """Where the bottom of a dial leads: to the address itself; in a rehearsal to loopback, and
        to nowhere else."""
        table, wanted = self.context.dial_map, (step.address, step.port)
        if not table:
            return wanted
        found = table.get(wanted) or table.get(("*", step.port))
        if found is None and not ipaddress.ip_address(step.address).is_loopback:
            raise OSError(errno.EHOSTUNREACH, "nobody is there in this rehearsal")
        return found or wanted

    async def tunnel(self, proxy: Proxy, host: str, port: int, *, anonymous: bool = False) -> None:
        """Asks the proxy for a tunnel to ``host:port``, by name: CONNECT (RFC 9110 section 9.3.6)
        or SOCKS (RFC 1928).

        ``anonymous``: without credentials, where they could be read on the way.
        """
        credentials = None
        if self._is_proxy_trusted and not anonymous:
            credentials = self.context.credentials.get(proxy)
        if not proxy.is_socks:
            await self._connect(host_port(host, port), credentials)
            return
        from arcprobe.probes.wire.socks import negotiate

        assert self._tcp is not None
        target = host_port(host, port)
        with self._awaiting(Tunnel(target=target, protocol=proxy.scheme)):
            step = await negotiate(self._tcp, proxy, credentials, host, port, self.context)
        self._done(step)
        self._stream = Inner(self.stream)

    async def _connect(self, target: str, credentials: Credentials | None) -> None:
        from arcprobe.probes.wire.connect import ask_for_tunnel

        headers = [("Host", target), ("User-Agent", USER_AGENT)]
        if credentials is not None:
            # RFC 7617; sent at once and in UTF-8, as Go's net/http sends it
            pair = f"{credentials.user}:{credentials.password.reveal()}"
            basic = base64.b64encode(pair.encode(errors="surrogateescape")).decode("ascii")
            headers.append(("Proxy-Authorization", f"Basic {basic}"))
        started, before = self.context.now(), self.stream.bytes_in
        timeout = self.context.timeout
        with self._awaiting(Tunnel(target=target)):
            answer = await ask_for_tunnel(self.stream, target, headers, timeout=timeout)
        step = Tunnel(
            started=started,
            took=self.context.now() - started,
            failure=answer.failure,
            target=target,
            head=answer.head,
            credentials="basic" if credentials is not None else "",
            first_bytes=answer.first_bytes if answer.head is None else "",
            bytes_in=self.stream.bytes_in - before,
        )
        self._keep(step)
        if not step.is_open:
            raise Stopped
        self._stream = Inner(self.stream)
        self._came_with_head = answer.first_bytes

    async def greet(self) -> None:
        """A SOCKS5 greeting to a port that answered nothing else: does it speak SOCKS?"""
        from arcprobe.probes.wire.socks import greet

        self._done(await greet(self.stream, self.context))

    # ---------------------------------------------------------------------------- with the target

    async def handshake(
        self, host: str, *, peer: Role = Role.TARGET, hello: Hello = Hello.AGENTS
    ) -> None:
        """A handshake that accepts any certificate; what the stores say about the chain stands
        beside it in the step."""
        with self._awaiting(Handshake(server_name=host, peer=peer)):
            step, stream = await shake_hands(self.stream, host, peer, hello, self.context)
        if step.failure is None:
            when = self.context.wall_clock()
            step = with_chain(step, stream.session, self.context.stores, when)
        elif self._came_with_head and peer is Role.TARGET:
            step = self._after_a_page(step)
        self._done(step)
        self._stream = stream
        if peer is Role.PROXY:
            is_accepted = any(seen.accepted for seen in step.trust)
            self._is_proxy_trusted = is_accepted and step.name_matches is True

    def _after_a_page(self, step: Handshake) -> Handshake:
        """A handshake that failed behind a 200 which brought bytes of its own, which Go drops: they
        are what was said in the place of TLS."""
        kind = FailureKind.TLS_PLAINTEXT
        detail = "bytes that are no TLS came with the head of the proxy's answer"
        failure = Failure(kind=kind, detail=detail)
        return msgspec.structs.replace(step, failure=failure, first_bytes=self._came_with_head)

    async def exchange(
        self,
        method: str,
        path: str,
        host: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body_limit: int | None = None,
        keep_alive: bool = False,
        patience: float | None = None,
    ) -> Exchange:
        """One request and its answer. ``body_limit``: characters of the body that are
        recorded, where a usual page's are not enough; ``patience``: seconds for a body whose
        content is needed."""
        from arcprobe.probes.wire.http import BODY_KEPT, Dialogue, ask

        if self._dialogue is None:
            self._dialogue = Dialogue(self.stream)
        else:
            self._dialogue.next()
        request = [
            ("Host", host),
            ("User-Agent", USER_AGENT),
            ("Accept-Encoding", "identity"),
            *headers,
            ("Connection", "keep-alive" if keep_alive else "close"),
        ]
        started, before = self.context.now(), self.stream.bytes_in
        with self._awaiting(Exchange(method=method, path=path)):
            answer = await ask(
                self._dialogue,
                method,
                self.context.queries.get((host, path), path),
                request,
                timeout=self.context.timeout,
                body_limit=BODY_KEPT if body_limit is None else body_limit,
                patience=patience,
                wall_clock=self.context.wall_clock,
            )
        step = Exchange(
            started=started,
            took=self.context.now() - started,
            failure=answer.failure,
            method=method,
            path=path,
            head=answer.head,
            body_bytes=answer.body_bytes,
            body_short=answer.body_short,
            first_bytes=answer.first_bytes,
            bytes_in=self.stream.bytes_in - before,
            date_offset=answer.date_offset,
        )
        return self._done(step)

    async def upgrade(self, path: str, host: str, *, hold: float = 0.0) -> None:
        """A WebSocket opening handshake on this stream; after 101 a ping, its pong, and the hold
        (seconds)."""
        from arcprobe.probes.wire.websocket import open_websocket

        asked = self.context.queries.get((host, path), path)
        # a connection that is kept open is silent, and nothing is wrong with it
        waits = contextlib.nullcontext() if hold else self._awaiting(Upgrade(path=path))
        with waits:
            step = await open_websocket(self.stream, asked, host, self.context, hold=hold)
        self._done(msgspec.structs.replace(step, path=path))

    # ------------------------------------------------------------------------------------- record

    @contextlib.contextmanager
    def _awaiting(self, step: AnyStep) -> Iterator[None]:
        """While an answer is waited for. ``step``: what will be recorded if none ever comes, but
        for the failure."""
        if self.on_silence is None:
            yield
            return
        failure = Failure(kind=FailureKind.TIMED_OUT)
        silent = Attempt(
            label=self.label, steps=(*self.steps, msgspec.structs.replace(step, failure=failure))
        )
        loop = asyncio.get_running_loop()
        bell = loop.call_later(self.context.doubtful_after, self.on_silence, silent)
        try:
            yield
        finally:
            bell.cancel()

    def _keep(self, step: AnyStep) -> None:
        self.steps.append(step)

    def _done(self, step: S) -> S:
        self.steps.append(step)
        if step.failure is not None:
            raise Stopped
        return step


async def look_up(context: ProbeContext, name: str) -> Lookup:
    """A name asked of the system's resolver, with the patience that a second name server needs."""
    return await context.resolver.lookup(name, max(context.timeout, _LEAST_LOOKUP))
