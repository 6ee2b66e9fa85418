"""The floor: bare Python that makes the connections of a preflight and learns nothing from them.
``python -m tests.bench.floor PROXY ROOTS FIRST SECOND``: host:port of the proxy, a PEM file, and
two lists of host:port, the second asked when the first is done."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys


async def _ask(target: str, proxy: tuple[str, str], context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection(*proxy)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    host = target.rpartition(":")[0]
    await writer.start_tls(context, server_hostname=host)
    writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


async def _main(proxy: str, roots: str, *stages: str) -> None:
    host, _, port = proxy.rpartition(":")
    context = ssl.create_default_context(cafile=roots)
    for stage in stages:
        asked = (_ask(target, (host, port), context) for target in stage.split(","))
        await asyncio.gather(*asked)


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
    os._exit(0)
