"""Server-side TLS of the rehearsed peers: one context a name, made when a client first asks for
it."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arcprobe.lab.pki import Credential


class ContextStore:
    """TLS contexts by name, minted on demand.

    ``folder``: an existing private folder. OpenSSL's Python binding reads keys from files only, so
    each key is there for the moment of reading and no longer.
    """

    def __init__(self, folder: Path, mint: Callable[[str], Credential]) -> None:
        self._folder = folder
        self._mint = mint
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, name: str) -> ssl.SSLContext:
        """The context for a name; only HTTP/1.1 is spoken, so only that is selected."""
        if name not in self._contexts:
            self._contexts[name] = server_context(self._folder, self._mint(name))
        return self._contexts[name]

    def by_server_name(self, default: str, known: Callable[[str], bool]) -> ssl.SSLContext:
        """A context that chooses by the client's server_name; without one, or with an unknown one,
        ``default``'s is shown."""
        front = self.context(default)

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name is not None and known(name.lower()):
                connection.context = self.context(name.lower())

        front.sni_callback = choose
        return front


def server_context(folder: Path, credential: Credential) -> ssl.SSLContext:
    """A server's TLS context with one certificate and its chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    descriptor, path = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(credential.pem())
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
    return context


def client_context(roots_pem: bytes) -> ssl.SSLContext:
    """A client's TLS context that trusts these roots alone: the way an inspecting proxy asks the
    origin."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=roots_pem.decode("ascii"))
    context.set_alpn_protocols(["http/1.1"])
    return context
