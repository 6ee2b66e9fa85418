"""Hostile peers on loopback: each connection is a thread that follows a script; what it received is
kept."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from arcprobe.lab.pki import EnterpriseCa
from arcprobe.model import (
    Attempt,
    Check,
    Credentials,
    Finding,
    Kind,
    Observation,
    Proxy,
    Route,
    Run,
    Secret,
    Settings,
)
from arcprobe.probes import https, websocket
from arcprobe.probes.beginning import run_clock
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.trust.stores import Stores
from arcprobe.probes.wire import listening
from arcprobe.probes.wire.resolver import Resolver

HOST = "endpoint.example"
PROXY_HOST = "proxy.example"
LIMIT = 15.0  # seconds for any wait of a test
PATIENCE = 0.4  # the probes' time-out where a peer is meant to be silent


class Wire:
    """One accepted connection, as a script sees it."""

    def __init__(self, sock: socket.socket, received: bytearray) -> None:
        self.sock = sock
        self.received = received
        self.inner: Wire | None = None

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self, size: int = 65536) -> bytes:
        """Some bytes of the client; EOFError at its end."""
        data = self.sock.recv(size)
        if not data:
            raise EOFError
        self.received += data
        return data

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.read(size - len(data))
        return data

    def until(self, mark: bytes = b"\r\n\r\n") -> bytes:
        """All bytes up to and with ``mark``."""
        data = b""
        while not data.endswith(mark):
            data += self.read(1)
        return data

    def drain(self) -> None:
        """Reads until the client goes."""
        while True:
            self.read()

    def reset(self) -> None:
        """RST (SO_LINGER with zero seconds)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def tls(self, context: ssl.SSLContext) -> Wire:
        """TLS from here on; ``received`` of the result holds what came inside."""
        wrapped = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        self.inner = Wire(wrapped, self.received)
        wrapped.do_handshake()
        return self.inner

    def close(self) -> None:
        """Closes the innermost layer, and with it the connection."""
        if self.inner is not None:
            self.inner.close()
        with suppress(OSError):
            self.sock.close()


Script = Callable[[Wire], None]


@dataclass
class Peer:
    """A listening peer: its port, and what each connection received."""

    port: int
    received: list[bytearray] = field(default_factory=list)


@contextmanager
def peer(script: Script) -> Iterator[Peer]:
    """A server on a free loopback port; ``script`` is followed for each connection, the socket
    closed after it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Peer(listening.getsockname()[1])
    wires: list[Wire] = []
    threads: list[threading.Thread] = []

    def serve(wire: Wire) -> None:
        wire.sock.settimeout(LIMIT)
        # the client ends connections as it likes, in TLS as anywhere
        with suppress(OSError, EOFError, ValueError):
            script(wire)
        wire.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _address = listening.accept()
                wires.append(Wire(sock, bytearray()))
                server.received.append(wires[-1].received)
                threads.append(threading.Thread(target=serve, args=(wires[-1],), daemon=True))
                threads[-1].start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for wire in wires:
            with suppress(OSError, ValueError):
                (wire.inner or wire).sock.shutdown(socket.SHUT_RDWR)
        for each in (thread, *threads):
            each.join(LIMIT)


def saying(data: bytes, *, then: str = "drain", first: bytes = b"\r\n\r\n") -> Script:
    """A peer that waits for a head, says ``data``, and then drains, ends (``fin``) or resets."""

    def script(wire: Wire) -> None:
        wire.until(first)
        wire.send(data)
        if then == "drain":
            wire.drain()
        elif then == "fin":
            # what the client still sends is read: closing over it would be an RST (RFC 2525, 2.17)
            wire.sock.shutdown(socket.SHUT_WR)
            wire.drain()
        elif then == "reset":
            time.sleep(0.05)  # lets the data pass: RST discards what is still queued
            wire.reset()

    return script


# --------------------------------------------------------------------------------------------------


@cache
def authority() -> EnterpriseCa:
    """The CA that signs for every peer of these tests."""
    return EnterpriseCa()


def roots() -> bytes:
    """The root of ``authority``, PEM."""
    return authority().pem


@cache
def server_context(name: str = HOST, more: int = 0) -> ssl.SSLContext:
    """A server's context with a certificate for ``name``, and ``more`` certificates after it that
    belong to no chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(authority().server(name).pem() + roots() * more)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
    return context


# --------------------------------------------------------------------------------------------------


def context(
    *ports: tuple[str, int, int],
    timeout: float = PATIENCE,
    trusted: bool = True,
    credentials: dict[Proxy, tuple[str, str]] | None = None,
    hold: float = 0.0,
) -> ProbeContext:
    """A context whose names lead to loopback ports: (name, port, loopback port). ``trusted``: by
    the peers' CA."""
    now = run_clock()
    names = sorted({name for name, _port, _real in ports})
    addresses = {name: f"192.88.99.{number}" for number, name in enumerate(names, 1)}
    return ProbeContext(
        now=now,
        timeout=timeout,
        resolver=Resolver(now, (("127.0.0.1", 1),)),
        stores=Stores(roots() if trusted else b"", (), None),
        credentials={
            proxy: Credentials(user, Secret(password))
            for proxy, (user, password) in (credentials or {}).items()
        },
        resolve={(name, port): (addresses[name],) for name, port, _real in ports},
        dial_map={(addresses[name], port): ("127.0.0.1", real) for name, port, real in ports},
        websocket_hold=hold,
    )


def check(
    kind: Kind = Kind.HTTPS, *, proxy: Proxy | None = None, protocol: str = "", port: int = 443
) -> Check:
    """A question about HOST."""
    route = Route.PROXY if proxy else Route.DIRECT
    return Check(
        id=f"{kind} {HOST}:{port} {route}",
        kind=kind,
        target=f"{HOST}:{port}",
        route=route,
        required=True,
        feature="core",
        host=HOST,
        port=port,
        protocol=protocol or ("wss" if kind is Kind.WEBSOCKET else "https"),
        proxy=proxy,
    )


def proxy(scheme: str = "http") -> Proxy:
    return Proxy(scheme=scheme, host=PROXY_HOST, port=3128, setting="--proxy-https")


def probed(question: Check, where: ProbeContext) -> tuple[Attempt, ...]:
    """The probe's own record, made within LIMIT."""
    probe = websocket.probe if question.kind is Kind.WEBSOCKET else https.probe

    async def bounded() -> tuple[Attempt, ...]:
        async with asyncio.timeout(LIMIT):
            return await probe(question, where)

    return listening.run(bounded())


def run_of(settings: Settings | None = None) -> Run:
    """A run without anything special."""
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return Run(
        version="0",
        started=started,
        seconds=1.0,
        vantage="laptop",
        host="h",
        node="",
        pod="",
        settings=settings or Settings(),
    )


def judged(question: Check, attempts: tuple[Attempt, ...]) -> tuple[Finding, ...]:
    """The findings of the question, and of the certificate that it saw."""
    from arcprobe.findings import judge

    checks: tuple[Check, ...] = (question,)
    if question.protocol != "http":
        tls = Check(
            id=f"tls {question.target}",
            kind=Kind.TLS,
            target=question.target,
            route=question.route,
            required=True,
            feature="core",
            host=question.host,
            port=question.port,
            protocol=question.protocol,
            proxy=question.proxy,
            observed_with=question.id,
        )
        checks += (tls,)
    if question.proxy is not None:
        checks += (
            Check(
                id=f"proxy {question.proxy.url}",
                kind=Kind.PROXY,
                target=question.proxy.url.partition("://")[2],
                route=Route.PROXY,
                required=True,
                feature="core",
                host=question.proxy.host,
                port=question.proxy.port,
                proxy=question.proxy,
            ),
        )
    return judge(checks, (Observation(check=question.id, attempts=attempts),), run_of())


def codes(question: Check, attempts: tuple[Attempt, ...]) -> set[str]:
    """The codes that accuse someone."""
    return {
        finding.code
        for finding in judged(question, attempts)
        if finding.verdict in ("warn", "fail", "error")
    }
