"""A proxy for what real ones only do when they are ill, or in versions that this machine has not
got.

`python -m tests.netlab.scripted_proxy ADDRESS PORT SCRIPT` with SCRIPT a JSON `Script`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from typing import Literal

import msgspec
from msgspec import Struct

Then = Literal["tunnel", "close", "reset", "silence"]


class Script(Struct, frozen=True, kw_only=True):
    """What the proxy does on each connection, in this order.

    `greeting` is sent at once; `deaf` means that the request is not read, `raw` that any first
    bytes will do for one; after `wait` seconds `answer` is sent with `pause` seconds between its
    bytes (`@FILLER@` in it stands for `filler` bytes); then comes `then`. `only` limits all this to
    targets with these suffixes and `after` to connections beyond that many; the others get a plain
    tunnel.
    """

    greeting: str = ""
    answer: str = "HTTP/1.1 200 Connection established\r\n\r\n"
    then: Then = "tunnel"
    deaf: bool = False
    raw: bool = False
    wait: float = 0.0
    pause: float = 0.0
    filler: int = 0
    only: tuple[str, ...] = ()
    after: int = 0


ORDINARY = Script()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST: close with a linger of zero (socket(7))."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _tunnel(
    target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes
) -> None:
    host, _, port = target.rpartition(":")
    try:
        far_reader, far_writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return
    writer.write(answer)
    await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    far_writer.close()


class Proxy:
    """Plays one script, counting connections."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its first byte to its end."""
        self.connections += 1
        beyond = self.connections > self.script.after
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await self._play(reader, writer, beyond=beyond)
        with contextlib.suppress(OSError):
            writer.close()

    async def _play(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, beyond: bool
    ) -> None:
        script = self.script
        if script.greeting:
            writer.write(script.greeting.encode("latin-1"))
            await writer.drain()
        target = await self._read_target(reader)
        if not (beyond and self._concerns(target)):
            await _tunnel(target, reader, writer, ORDINARY.answer.encode())
            return
        answer = (script.answer.replace("@FILLER@", "x" * script.filler)).encode("latin-1")
        await asyncio.sleep(script.wait)
        if script.pause:
            await _drip(answer, script.pause, writer)
            answer = b""
        if script.then == "tunnel":
            await _tunnel(target, reader, writer, answer)
            return
        writer.write(answer)
        await writer.drain()
        if script.then == "reset":
            _reset(writer)
        elif script.then == "silence":
            while await reader.read(65536):
                pass

    async def _read_target(self, reader: asyncio.StreamReader) -> str:
        if self.script.raw:
            await reader.read(65536)
            return ""
        if self.script.deaf:
            return ""
        head = await reader.readuntil(b"\r\n\r\n")
        return head.split(b" ", 2)[1].decode("latin-1")

    def _concerns(self, target: str) -> bool:
        host = target.rpartition(":")[0]
        return not self.script.only or host.endswith(self.script.only)


async def _drip(answer: bytes, pause: float, writer: asyncio.StreamWriter) -> None:
    for byte in answer:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(pause)


async def serve(address: str, port: int, script: Script) -> None:
    """Plays the script on `address` until it is killed."""
    server = await asyncio.start_server(Proxy(script).serve, address, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), msgspec.json.decode(sys.argv[3], type=Script)))
