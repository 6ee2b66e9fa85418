"""The chain that a peer sent is got from the session, by every version of Python."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from arcprobe.probes.wire import peer_chain
from arcprobe.probes.wire.peer_chain import unverified_chain
from tests.support.chains import new_key, pem, public_web


def served(tmp_path: Path, act: Callable[[int], Any]) -> Any:
    """What ``act`` gives with the port of a TLS server that sends leaf, intermediate and root."""
    key = new_key()
    web = public_web()
    chain = (*web.chain("Microsoft xsign", "localhost", key=key), web.root("Microsoft xsign").der)
    certificate, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.write_bytes(pem(*chain))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)

        def serve() -> None:
            with server.accept()[0] as plain:
                plain.settimeout(20)
                with context.wrap_socket(plain, server_side=True) as session:
                    session.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return chain, act(server.getsockname()[1])
        finally:
            thread.join(20)


_READ = """
import base64, importlib.util, socket, ssl, sys
found = importlib.util.spec_from_file_location("peer_chain", sys.argv[1])
module = importlib.util.module_from_spec(found); found.loader.exec_module(module)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
plain = socket.create_connection(("127.0.0.1", int(sys.argv[2])), 20)
with plain, context.wrap_socket(plain) as session:
    for der in module.unverified_chain(session):
        print(base64.b64encode(der).decode())
    session.send(b"x")
"""


def test_chain_as_sent_is_captured(tmp_path: Path) -> None:
    """Leaf, intermediate and root come as they were sent, though nothing of it is verified."""

    def read(port: int) -> tuple[bytes, ...]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", port), 20) as plain,
            context.wrap_socket(plain) as session,
        ):
            chain = unverified_chain(session)
            session.send(b"x")
        return chain

    sent, got = served(tmp_path, read)
    assert got == sent


def other_pythons() -> list[str]:
    """Other interpreters of this machine that arcprobe supports; at least the one that runs the
    test."""
    found = sorted(Path.home().glob(".pyenv/versions/3.1[1-9].*/bin/python"))
    return [sys.executable, *(str(path) for path in found if not path.samefile(sys.executable))]


@pytest.mark.parametrize("python", other_pythons())
def test_chain_is_captured_by_other_versions_of_python(python: str, tmp_path: Path) -> None:
    """The private way of 3.11 and 3.12 and the public one of 3.13 give the same bytes."""

    def read(port: int) -> tuple[bytes, ...]:
        done = subprocess.run(
            [python, "-I", "-c", _READ, str(peer_chain.__file__), str(port)],
            capture_output=True,
            timeout=30,
            check=True,
        )
        return tuple(base64.b64decode(line) for line in done.stdout.split())

    sent, got = served(tmp_path, read)
    assert got == sent


def test_no_certificate_is_an_empty_chain() -> None:
    """A session without a peer's certificate gives nothing."""

    class Session:
        def get_unverified_chain(self) -> None:
            return None

    assert unverified_chain(Session()) == ()
