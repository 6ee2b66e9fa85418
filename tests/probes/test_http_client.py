"""The client for what is read beside the endpoints."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from arcprobe.model import Credentials, Proxy, Secret
from arcprobe.model.azure import Trouble
from arcprobe.probes.azure.arm import Arm
from arcprobe.probes.download import NotLoaded, download
from arcprobe.probes.http_client import Way
from tests.probes import peers
from tests.support.arm import GATEWAY, TOKEN, FakeArm

USER, PASSWORD = "arc", "pässwörd:@#%"


def exactly(stream: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = stream.recv(count - len(data))
        assert chunk, "the client went"
        data += chunk
    return data


def until_zero(stream: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\0"):
        data += exactly(stream, 1)
    return data[:-1]


def five(stream: socket.socket) -> tuple[str, str, int]:
    """Login, host and port as a SOCKS5 client sends them (RFC 1928, RFC 1929)."""
    methods = exactly(stream, exactly(stream, 2)[1])
    login = ""
    if 2 in methods:
        stream.sendall(b"\x05\x02")
        user = exactly(stream, exactly(stream, 2)[1]).decode()
        login = f"{user}:{exactly(stream, exactly(stream, 1)[0]).decode()}"
        stream.sendall(b"\x01\0")
    else:
        stream.sendall(b"\x05\0")
    assert exactly(stream, 4) == b"\x05\x01\0\x03", "the name goes to the proxy"
    host = exactly(stream, exactly(stream, 1)[0]).decode()
    port = int.from_bytes(exactly(stream, 2), "big")
    stream.sendall(b"\x05\0\0\x01\0\0\0\0\0\0")
    return login, host, port


def four(stream: socket.socket) -> tuple[str, str, int]:
    """The same of SOCKS4A."""
    head = exactly(stream, 8)
    login, host = until_zero(stream).decode(), until_zero(stream).decode()
    stream.sendall(b"\0\x5a\0\0\0\0\0\0")
    return login, host, int.from_bytes(head[2:4], "big")


def relay(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65_536):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join(10)


@contextmanager
def socks_server(scheme: str) -> Iterator[tuple[Proxy, list[tuple[str, str, int]]]]:
    """A SOCKS server for one connection, and what it was asked for; names lead to loopback."""
    asked: list[tuple[str, str, int]] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            stream, _ = server.accept()
            with stream:
                asked.append((four if scheme == "socks4" else five)(stream))
                with socket.create_connection(("127.0.0.1", asked[0][2]), 10) as target:
                    relay(stream, target)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        yield Proxy(scheme=scheme, host="127.0.0.1", port=port), asked
        thread.join(10)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_by_socks(tmp_path: Path, scheme: str) -> None:
    """SOCKS 5 and 4A: the proxy is asked for the name, with user and password where its version
    has one, and what stands behind it is read over TLS that is verified."""
    pair = None if scheme == "socks4" else Credentials(USER, Secret(PASSWORD))
    with FakeArm(tmp_path / "arm") as azure, socks_server(scheme) as (proxy, asked):
        url = azure.url.replace("127.0.0.1", "localhost")
        way = Way(endpoint=url, proxy=proxy, credentials=pair, roots=azure.roots.read_bytes())
        with Arm(way, Secret(TOKEN)) as arm:
            found = arm.get(GATEWAY, "2026-07-15")
    assert found.text("properties", "gatewayEndpoint") == "contoso.gw.arc.azure.com"
    login = f"{USER}:{PASSWORD}" if pair else ""
    assert asked == [(login, "localhost", int(azure.url.rpartition(":")[2]))]


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h", "socks4"])
def test_a_proxy_that_refuses(scheme: str) -> None:
    """Nobody listens where the proxy should be: unreachable, whatever it speaks, and no secret."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    proxy = Proxy(scheme=scheme, host="127.0.0.1", port=port)
    pair = Credentials(USER, Secret(PASSWORD))
    way = Way(endpoint="https://arm.example", proxy=proxy, credentials=pair, timeout=5)
    with Arm(way, Secret(TOKEN)) as arm:
        found = arm.get(GATEWAY, "2026-07-15")
    assert found.trouble is Trouble.UNREACHABLE
    assert PASSWORD not in found.words


def _dripping(head: bytes, drop: bytes) -> peers.Script:
    """Answers over TLS with so much at once, and then a drop each moment that never is the end."""

    def script(wire: peers.Wire) -> None:
        inner = wire.tls(peers.server_context("localhost"))
        inner.until()
        inner.send(head)
        for _ in range(300):
            time.sleep(0.05)
            inner.send(drop)

    return script


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"a"),
    ],
    ids=["head", "body"],
)
def test_who_drips_is_left(head: bytes, drop: bytes) -> None:
    """A server that sends a byte now and then costs a limited time, be it in the head or in the
    body, and is told so; what is asked after that time is not asked any more."""
    with peers.peer(_dripping(head, drop)) as server:
        url = f"https://localhost:{server.port}"
        way = Way(endpoint=url, roots=peers.roots(), timeout=0.3)
        with Arm(way, Secret(TOKEN)) as arm:
            told = [arm.get(GATEWAY, "2026-07-15") for _ in range(2)]
        with pytest.raises(NotLoaded, match="not ended in time"):
            download(f"{url}/file", lambda _: way, 10_000)
    assert [answer.trouble for answer in told] == [Trouble.UNREACHABLE] * 2
    assert all("not ended in time" in answer.words for answer in told)
    assert len(server.received) == 2
