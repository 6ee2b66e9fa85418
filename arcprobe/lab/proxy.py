"""The rehearsed forward proxy: CONNECT with policy and Basic credentials, and inspection by its own
CA, in the manner of Squid 6.

Status lines, headers and error pages are those that tests/test_squid.py measures; where a Squid
with ssl-bump says "200" first and no afterwards, inside the connection that it forged, so does this
one.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import struct
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arcprobe.lab.http import (
    Answer,
    Request,
    Streams,
    join,
    read_answer,
    request_head,
    serve_requests,
    split_authority,
)
from arcprobe.lab.inspection import Inspector
from arcprobe.lab.peer import LOOPBACK, Peer, Resolve
from arcprobe.lab.pki import EnterpriseCa, PublicPki
from arcprobe.lab.script import ProxyPolicy, matches
from arcprobe.lab.squid import DENIED, FILTERED, INVALID, NAME, UNREACHABLE, UNRESOLVED, page, seen
from arcprobe.lab.tls import client_context, server_context

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_DECODE_ERROR = bytes.fromhex("15 0301 0002 02 32")  # a fatal alert, RFC 8446 section 6.2
_UPSTREAM_WAIT = 10.0  # seconds for a connection to an origin


class ForwardProxy(Peer):
    """``resolve`` leads from a public name and port to its rehearsed origin."""

    def __init__(
        self,
        policy: ProxyPolicy,
        pki: PublicPki,
        enterprise: EnterpriseCa,
        folder: Path,
        resolve: Resolve,
    ) -> None:
        super().__init__()
        self._policy = policy
        self._enterprise = enterprise
        self._folder = folder
        self._resolve = resolve
        self._inspector = Inspector(
            enterprise, folder, shape=policy.shape, strips_upgrade=policy.strips_upgrade
        )
        self._to_origins = client_context(pki.roots_pem)
        self._reserved: socket.socket | None = None

    async def start(self) -> None:
        """Listen, or with ``listens`` off hold a port on which nobody listens, so that it
        refuses."""
        if not self._policy.listens:
            self._reserved = socket.socket()
            self._reserved.bind((LOOPBACK, 0))
            self.port = self._reserved.getsockname()[1]
            return
        context = None
        if self._policy.over_tls:
            context = server_context(self._folder, self._enterprise.server(NAME))
        self.port = await self.listen(context)

    async def close(self) -> None:
        if self._reserved is not None:
            self._reserved.close()
        await super().close()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def reply(request: Request) -> Answer | None:
            if not self._admits(request):
                return self._challenge()
            if request.method == "CONNECT":
                return await self._connect(request, reader, writer)
            return await self._forward_plain(request)

        await serve_requests(reader, writer, reply, INVALID)

    def _admits(self, request: Request) -> bool:
        if not self._policy.user:
            return True
        if "Basic" not in self._policy.offers:
            return False
        pair = f"{self._policy.user}:{self._policy.password}".encode()
        return request.header("proxy-authorization") == "Basic " + base64.b64encode(pair).decode()

    def _challenge(self) -> Answer:
        offers = tuple(
            (
                "Proxy-Authenticate",
                f'{scheme} realm="Contoso proxy"' if scheme == "Basic" else scheme,
            )
            for scheme in self._policy.offers
        )
        return seen(page(407, "ERR_CACHE_ACCESS_DENIED", "Cache Access Denied", *offers))

    async def _connect(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Answer | None:
        host, port = split_authority(request.target, 443)
        inspects = matches(host, self._policy.inspected) and not matches(host, self._policy.exempt)
        far = await self._reach(host, port, inspects=inspects)
        if isinstance(far, Answer) and not inspects:
            return far
        writer.write(_ESTABLISHED)
        await writer.drain()
        try:
            await self._carry(host, (reader, writer), far)
        finally:
            if not isinstance(far, Answer):
                far[1].close()
        return None

    async def _carry(self, host: str, client: Streams, far: Streams | Answer) -> None:
        """What happens inside the tunnel: the session is opened, or the ClientHello is read, or
        nothing is looked at."""
        filters = matches(host, self._policy.resets) or self._policy.largest_hello
        if isinstance(far, Answer) or far[1].get_extra_info("ssl_object"):
            await self._inspector.converse(host, far, *client)
        elif filters:
            await self._filter_hello(host, client, far)
        else:
            await join(client, far)

    async def _reach(self, host: str, port: int, *, inspects: bool) -> Streams | Answer:
        """A connection to the origin, over TLS where it ``inspects``, or the page that says why
        there is none."""
        policy = self._policy
        if port not in policy.allowed_ports or matches(host, policy.denied):
            return FILTERED if inspects and policy.page == "filter" else DENIED
        where = self._where(host, port)
        if where is None:
            return UNRESOLVED
        if matches(host, policy.unreachable):
            return UNREACHABLE
        tls: dict[str, Any] = {"ssl": self._to_origins, "server_hostname": host} if inspects else {}
        try:
            async with asyncio.timeout(_UPSTREAM_WAIT):
                return await asyncio.open_connection(*where, **tls)
        except OSError:
            return UNREACHABLE

    def _where(self, host: str, port: int) -> tuple[str, int] | None:
        return None if matches(host, self._policy.unresolved) else self._resolve(host, port)

    async def _forward_plain(self, request: Request) -> Answer:
        """A plain http:// request in absolute form (RFC 9112 section 3.2.2), as for revocation
        lists."""
        target = urlsplit(request.target)
        if target.scheme != "http" or not target.hostname:
            return INVALID
        if matches(target.hostname, self._policy.denied):
            return DENIED
        where = self._where(target.hostname, target.port or 80)
        if where is None:
            return UNRESOLVED
        try:
            async with asyncio.timeout(_UPSTREAM_WAIT):
                reader, writer = await asyncio.open_connection(*where)
                try:
                    writer.write(request_head(request, target.path or "/", strips_upgrade=True))
                    return seen(await read_answer(reader))
                finally:
                    writer.close()
        except OSError:
            return UNREACHABLE

    async def _filter_hello(self, host: str, client: Streams, far: Streams) -> None:
        """What filters do that read the ClientHello: RST where it bears a name that they deny, an
        alert where it is larger than they understand; any other passes.

        The record layer is read as RFC 8446 section 5.1 has it; a name stands in the hello as it is
        (RFC 6066 section 3).
        """
        header = await client[0].readexactly(5)
        hello = await client[0].readexactly(int.from_bytes(header[3:], "big"))
        if matches(host, self._policy.resets) and host.encode("ascii") in hello:
            _reset(client[1])
        elif 0 < self._policy.largest_hello < len(hello):
            client[1].write(_DECODE_ERROR)
        else:
            far[1].write(header + hello)
            await join(client, far)


def _reset(writer: asyncio.StreamWriter) -> None:
    # closing with a linger of zero seconds sends RST (socket(7)); Winsock's struct linger has two
    # u_short instead of two int
    linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
