"""A proxy that answers in the place of every endpoint, for lists of any length:
``python -m tests.bench.answering ADDRESS PORT MANNER CERTIFICATE``.

MANNER: ``answers`` (CONNECT, TLS, a 200), ``tunnels`` (200 to CONNECT, and nothing more),
``takes`` (connections, and says nothing).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from pathlib import Path

from arcprobe.lab.pki import EnterpriseCa

DOMAIN = "many.example"
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def make(folder: Path) -> None:
    """The certificate of every name in DOMAIN, and its root beside it."""
    authority = EnterpriseCa()
    (folder / "leaf.pem").write_bytes(authority.server(f"*.{DOMAIN}").pem())
    (folder / "root.pem").write_bytes(authority.pem)


async def serve(address: str, port: int, manner: str, certificate: str) -> None:
    """Until it is killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await _talk(reader, writer, manner, context)
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_server(talk, address, port, backlog=4096)
    await server.serve_forever()


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, manner: str, context: ssl.SSLContext
) -> None:
    if manner != "takes":
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_OPEN)
    if manner != "answers":
        while await reader.read(65536):
            pass
        return
    await writer.start_tls(context)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_OK)
    await writer.drain()


def main() -> None:
    """Argv in."""
    address, port, manner, certificate = sys.argv[1:]
    asyncio.run(serve(address, int(port), manner, certificate))


if __name__ == "__main__":
    main()
