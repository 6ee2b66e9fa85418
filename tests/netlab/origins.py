"""The Azure look-alikes: TLS on 443 and 8084 and HTTP on 80 for every name of the zone, with the
answers of ``arcprobe.lab.origins``.

`python -m tests.netlab.origins PKI_FOLDER` inside the internet namespace; one process for all
hosts, told apart by SNI.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

from arcprobe.lab.http import Headers, Request
from arcprobe.lab.origins import Origins
from arcprobe.lab.relay import asks_upgrade
from arcprobe.lab.script import OriginScript

from .zone import front_end, internet_addresses, leaf_file

SIGNATURE = "X-Lab-Origin"
"""Header by which the witness tells an answer of the origin's own from one that a box made up:
``upgrade`` where the request asked for a WebSocket when it came, ``plain`` where not."""

_TLS_PORTS, _PLAIN_PORT = (443, 8084), 80


class FrontEnds(Origins):
    """The demo's origins at every address of the zone, which sign what they say."""

    def signature(self, request: Request) -> Headers:
        return ((SIGNATURE, "upgrade" if asks_upgrade(request) else "plain"),)

    async def start(self) -> None:
        for port in _TLS_PORTS:
            await self.listen(self.context, port, internet_addresses())
        await self.listen(None, _PLAIN_PORT, internet_addresses())


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with the certificate of the name that the client asks for; nameless clients
    get the first one."""
    known: dict[Path, ssl.SSLContext] = {}

    def context_for(host: str) -> ssl.SSLContext:
        path = leaf_file(folder, host)
        if path not in known:
            known[path] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            known[path].load_cert_chain(path)
        return known[path]

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        if name and front_end(name) is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = context_for(name or "")
        return None

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file(folder, ""))
    context.sni_callback = choose
    context.set_alpn_protocols(["http/1.1"])
    return context


async def serve(folder: Path) -> None:
    """Listens until it is killed; every relay asks for its token."""
    await FrontEnds(server_context(folder), OriginScript(relay="token")).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
