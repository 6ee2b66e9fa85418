"""What all stream servers of the rehearsal share: a free loopback port, connections that are known,
and a complete end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from arcprobe.lab.http import HEAD_LIMIT, SHUTDOWN, MalformedError

LOOPBACK = "127.0.0.1"


class Peer:
    """A TCP or TLS server. Subclasses say in ``converse`` what they do with a connection."""

    def __init__(self) -> None:
        self.port = 0
        self._servers: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen."""
        raise NotImplementedError

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it is done."""
        raise NotImplementedError

    async def listen(
        self,
        context: ssl.SSLContext | None = None,
        port: int = 0,
        addresses: tuple[str, ...] = (LOOPBACK,),
    ) -> int:
        """Start to listen; 0 takes a free port. Returns the port."""
        # the limits of TLS are refused where there is no TLS
        limits: dict[str, float] = (
            {"ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": SHUTDOWN} if context else {}
        )
        server = await asyncio.start_server(
            self._connected, addresses, port, ssl=context, limit=HEAD_LIMIT, backlog=256, **limits
        )
        self._servers.append(server)
        taken: int = server.sockets[0].getsockname()[1]
        return taken

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._guarded(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._connections.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            task.get_loop().call_exception_handler(
                {"message": f"{type(self).__name__} failed", "exception": error}
            )

    async def _guarded(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.converse(reader, writer)
        except (OSError, EOFError, MalformedError):
            pass  # the client went, or a script made it go: that is what the client is here to see
        finally:
            writer.close()

    async def close(self) -> None:
        """Close the listening sockets and every connection, and wait until their tasks are done."""
        for server in self._servers:
            server.close()
        writers = list(self._connections.values())
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        self._servers.clear()


Resolve = Callable[[str, int], tuple[str, int] | None]
"""From a public name and port to where it is on loopback; None: there is no such name."""
