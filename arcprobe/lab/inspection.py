"""The inspecting side of the rehearsed proxy: TLS ends here, is signed again by the enterprise, and
HTTP is read in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cryptography import x509

from arcprobe.lab.http import (
    Answer,
    Request,
    Streams,
    join,
    read_answer,
    request_head,
    serve_requests,
)
from arcprobe.lab.pki import Credential, EnterpriseCa
from arcprobe.lab.squid import INVALID, seen
from arcprobe.lab.tls import ContextStore

_SWITCHING = 101


class Inspector:
    """``shape``: of the forged certificates, squid or mitmproxy. ``strips_upgrade``: Upgrade is
    removed, Squid's default."""

    def __init__(
        self, enterprise: EnterpriseCa, folder: Path, *, shape: str, strips_upgrade: bool
    ) -> None:
        self._enterprise = enterprise
        self._shape = shape
        self._strips_upgrade = strips_upgrade
        self._genuine: dict[str, x509.Certificate] = {}
        self._contexts = ContextStore(folder, self._forge)

    def _forge(self, name: str) -> Credential:
        host, _, kind = name.partition(" ")
        return self._enterprise.forged(
            host, self._genuine.get(host) if kind == "copied" else None, self._shape
        )

    async def converse(
        self,
        host: str,
        upstream: Streams | Answer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Shake hands in the name of ``host``; then relay requests to the origin, or answer all of
        them with one page."""
        kind = "own"
        if not isinstance(upstream, Answer):
            kind = "copied"
            if host not in self._genuine:
                der = upstream[1].get_extra_info("ssl_object").getpeercert(binary_form=True)
                self._genuine[host] = x509.load_der_x509_certificate(der)
        await writer.start_tls(self._contexts.context(f"{host} {kind}"))

        async def reply(request: Request) -> Answer | None:
            if isinstance(upstream, Answer):
                return upstream
            upstream[1].write(
                request_head(request, request.target, strips_upgrade=self._strips_upgrade)
            )
            answer = await read_answer(upstream[0])
            if answer.status != _SWITCHING:
                return seen(answer)
            writer.write(answer.wire())
            await join((reader, writer), upstream)
            return None

        await serve_requests(reader, writer, reply, INVALID)
