"""Byte streams count what they carry, keep the first bytes, and tell FIN from RST."""

from __future__ import annotations

import asyncio
import socket

import pytest

from arcprobe.probes.wire import listening
from arcprobe.probes.wire.failure import PeerClosed
from arcprobe.probes.wire.stream import Inner, TcpStream, TlsStream
from arcprobe.probes.wire.tls import Hello, client_context
from tests.probes import peers as wire


def talk(script: wire.Script, act: object) -> object:
    """What ``act`` gives with a stream to a peer that follows ``script``."""
    assert callable(act)

    async def bounded(port: int) -> object:
        async with asyncio.timeout(wire.LIMIT):
            stream = await TcpStream.connect("127.0.0.1", port)
            try:
                return await act(stream)
            finally:
                stream.close()

    with wire.peer(script) as server:
        return listening.run(bounded(server.port))


def test_bytes_are_counted_and_the_first_kept() -> None:
    """Both directions are counted; of what came the first 512 bytes stay for evidence."""

    async def act(stream: TcpStream) -> None:
        await stream.send(b"hello")
        while stream.bytes_in < 2000:
            await stream.receive()
        assert (stream.bytes_out, stream.bytes_in) == (5, 2000)
        assert stream.first == b"x" * 512

    talk(wire.saying(b"x" * 2000, first=b"hello"), act)


def test_fin_is_an_empty_read_and_rst_an_error() -> None:
    """An orderly end reads as nothing; a reset raises what the kernel says."""

    async def ended(stream: TcpStream) -> None:
        await stream.send(b"x")
        assert await stream.receive() == b""

    async def reset(stream: TcpStream) -> None:
        await stream.send(b"x")
        with pytest.raises(ConnectionResetError):
            await stream.receive()

    talk(wire.saying(b"", then="fin", first=b"x"), ended)
    talk(wire.saying(b"", then="reset", first=b"x"), reset)


def test_a_tunnel_counts_by_itself() -> None:
    """What goes through a tunnel is counted apart from what opened it."""

    async def act(stream: TcpStream) -> None:
        inner = Inner(stream)
        await inner.send(b"x")
        assert await inner.receive() == b"later"
        assert (inner.bytes_out, inner.bytes_in, inner.first) == (1, 5, b"later")

    talk(wire.saying(b"later", first=b"x"), act)


def test_fin_within_a_handshake_is_told() -> None:
    """A peer that ends before the handshake does is no time-out and no TLS error."""

    async def act(stream: TcpStream) -> None:
        tls = TlsStream(stream, client_context(Hello.AGENTS), wire.HOST)
        with pytest.raises(PeerClosed):
            await tls.handshake()
        assert tls.client_hello > 1200

    talk(wire.saying(b"", then="fin", first=b"\x16"), act)


def test_a_flood_leaves_others_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a peer floods, so that bytes are there at every look, what runs beside the reader keeps
    running."""
    turns = 0

    async def both(stream: TcpStream) -> None:
        async def clock() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        async def at_once(_: socket.socket, size: int) -> bytes:
            return b"x" * size

        monkeypatch.setattr(asyncio.get_running_loop(), "sock_recv", at_once)
        task = asyncio.create_task(clock())
        while stream.bytes_in < 1024 * 1024:
            await stream.receive()
        task.cancel()

    ours, theirs = socket.socketpair()
    with ours, theirs:
        asyncio.run(both(TcpStream(ours)))
    assert turns > 8
