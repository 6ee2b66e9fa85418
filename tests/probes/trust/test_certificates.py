"""Certificates as facts: what is read, what is bounded, which names they cover, and how the chain
is got from the session."""

from __future__ import annotations

import base64
import os
import random
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

from arcprobe.model import Certificate
from arcprobe.probes.trust.certificates import NAMES, describe, name_matches, unverified_chain
from tests.support.chains import PUBLIC_MARKS, Authority, new_key, pem, public_web

HOST = "gbl.his.arc.azure.com"


def test_facts_of_a_public_leaf() -> None:
    """Names, dates, key, marks and identifiers of a public leaf are all told."""
    chain = public_web().chain("Microsoft xsign")
    leaf, above = describe(chain[0]), describe(chain[1])
    assert leaf.subject == f"CN={HOST},O=Microsoft Corporation,L=Redmond,ST=WA,C=US"
    assert (
        leaf.issuer
        == above.subject
        == "CN=Microsoft Azure RSA TLS Issuing CA 03,O=Microsoft Corporation,C=US"
    )
    assert leaf.names == (HOST,)
    assert (leaf.scts, leaf.version, leaf.key, leaf.signature) == (2, 3, "EC secp256r1", "sha256")
    assert (len(leaf.aia), len(leaf.crls), leaf.policies) == (2, 1, ("2.23.140.1.2.2",))
    assert leaf.aki == above.ski != ""
    assert (leaf.is_ca, above.is_ca) == (None, True)
    assert above.key_usage is not None
    assert "keyCertSign" in above.key_usage
    assert leaf.extended_key_usage == ("serverAuth",)
    assert leaf.not_before.endswith("Z")
    assert leaf.pem == ""
    assert describe(chain[0], keep_pem=True).pem.encode() == pem(chain[0])


def test_sloppy_certificates_are_read() -> None:
    """Version 1, a negative serial and SHA-1 are facts, without a warning and without an
    exception."""
    authority = Authority("C=NL; O=Contoso; CN=Contoso Root", sha1=True, serial=-77, version=1)
    facts = describe(authority.der)
    assert (facts.version, facts.negative_serial, facts.signature, facts.serial) == (
        1,
        True,
        "sha1",
        "-4d",
    )
    assert facts.is_ca is None
    assert describe(authority.leaf(HOST, names=())).names == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"0\x82\xff\xff", b"<html>", os.urandom(300), b"0" * 200_000],
    ids=["empty", "zero", "cut", "page", "noise", "huge"],
)
def test_what_is_no_certificate_is_still_described(data: bytes) -> None:
    """Bytes that are no certificate give a fingerprint and empty facts."""
    facts = describe(data, keep_pem=True)
    assert len(facts.sha256) == 64
    assert (facts.subject, facts.not_after, facts.names) == ("", "", ())


def test_damaged_certificates_never_raise() -> None:
    """Whatever bits of a certificate are turned, its description is bounded and needs no
    exception."""
    source = random.Random(7)
    whole = bytearray(public_web().chain("Microsoft xsign")[0])
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(source.randrange(1, 4)):
            damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
        facts = describe(bytes(damaged))
        assert len(facts.subject) < 2000


def test_hostile_sizes_are_bounded() -> None:
    """Thousands of names and control characters in a name neither fill the report nor reach the
    terminal."""
    authority = Authority("O=Contoso; CN=A\x1b[31mred\nline" + "x" * 3000)
    facts = describe(authority.leaf(HOST, names=[f"n{number}.example" for number in range(2000)]))
    assert len(facts.names) == NAMES
    assert facts.issuer.isprintable()
    assert len(facts.issuer) < 2000


@pytest.mark.parametrize(
    ("names", "host", "due"),
    [
        (("a.example.com",), "A.example.com.", True),
        (("a.example.com",), "b.example.com", False),
        (("*.example.com",), "a.example.com", True),
        (("*.example.com",), "a.b.example.com", False),
        (("*.example.com",), "example.com", False),
        (("*.com",), "example.com", False),
        (("a*.example.com",), "ab.example.com", False),
        (("10.0.0.1",), "10.0.0.1", True),
        (("DNS:10.0.0.1",), "10.0.0.1", False),
        (("fd00::1",), "[FD00:0::1]", True),
        (("*.0.0.1",), "10.0.0.1", False),
        (("xn--bcher-kva.example",), "bücher.example", True),
        ((), "a.example.com", False),
    ],
)
def test_names_match_as_go_matches_them(names: tuple[str, ...], host: str, due: bool) -> None:
    """Alternative names alone, a wildcard for one whole label, addresses as addresses,
    international names by their A-label."""
    facts = Certificate(
        sha256="",
        subject="CN=a.example.com",
        issuer="",
        serial="",
        not_before="",
        not_after="",
        names=names,
        common_name="a.example.com",
    )
    assert name_matches(facts, host) is due


# ------------------------------------------------------------------------------------------- the ch


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
import base64, importlib.util, socket, ssl, sys, types
model = types.ModuleType("arcprobe.model"); model.Certificate = object
sys.modules["arcprobe"] = types.ModuleType("arcprobe"); sys.modules["arcprobe.model"] = model
found = importlib.util.spec_from_file_location("certificates", sys.argv[1])
module = importlib.util.module_from_spec(found); found.loader.exec_module(module)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
with socket.create_connection(("127.0.0.1", int(sys.argv[2])), 20) as plain, context.wrap_socket(plain) as session:
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
    import arcprobe.probes.trust.certificates as module

    def read(port: int) -> tuple[bytes, ...]:
        done = subprocess.run(
            [python, "-I", "-c", _READ, str(module.__file__), str(port)],
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


def test_marks_are_read_one_by_one() -> None:
    """Each mark of the public PKI is told apart: what is absent is not guessed."""
    for mark in PUBLIC_MARKS:
        facts = describe(public_web().chain(marks=(mark,))[0])
        seen = {
            "sct": facts.scts,
            "aia": facts.aia,
            "crl": facts.crls,
            "policies": facts.policies,
            "ski": facts.ski,
        }
        assert [key for key, value in seen.items() if value] == [mark]
