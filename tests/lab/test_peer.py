"""A peer ends whole: its port is free and its connections are gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from arcprobe.lab.peer import Peer


class Echo(Peer):
    """Sends back what comes, once; what is a number it divides by."""

    async def start(self) -> None:
        self.port = await self.listen()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if line.strip().isdigit():
            line = str(1 // int(line)).encode()
        writer.write(line)
        await writer.drain()
        await reader.read()


def test_end() -> None:
    """After ``close`` a client reads the end, and nobody listens any more."""

    async def meet() -> None:
        peer = Echo()
        await peer.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        await peer.close()
        with suppress(ConnectionResetError):  # as good an end
            assert await reader.read() == b""
        writer.close()
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.1", peer.port)

    asyncio.run(meet())


def test_fault() -> None:
    """An error of the peer's own reaches the loop's handler; a client that goes away is none."""
    told: list[dict[str, Any]] = []

    async def meet() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        peer = Echo()
        await peer.start()
        for line in (b"", b"0\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
            writer.write(line)
            writer.write_eof()
            await reader.read()
            writer.close()
        await peer.close()

    asyncio.run(meet())
    assert [context["message"] for context in told] == ["Echo failed"]
    assert isinstance(told[0]["exception"], ZeroDivisionError)
