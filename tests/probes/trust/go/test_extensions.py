"""Extensions as Go reads them."""

from __future__ import annotations

import pytest

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.certificate import read
from arcprobe.probes.trust.go.extensions import is_domain
from arcprobe.probes.trust.go.facts import GoCertificate, NotRead
from tests.agents.generated import certificates as made
from tests.agents.generated.chains import form


def given(oid: str, content: bytes, *, critical: bool = False) -> GoCertificate | NotRead:
    """What is read of a CA with this extension."""
    blank = form(1, made.key("SECP256R1"))
    blank.issuer = made.name("Root")
    blank.put(oid, content, critical=critical)
    return read(blank.signed_by(made.key("SECP256R1")))


@pytest.mark.parametrize(
    ("text", "is_constraint", "due"),
    [
        ("example.com", False, True),
        ("", False, True),
        ("example.com.", False, False),
        (".example.com", False, False),
        (".example.com", True, True),
        (".", True, False),
        ("a..b", False, False),
        ("a b", False, False),
        ("x" * 64, False, True),
    ],
)
def test_domains(text: str, is_constraint: bool, due: bool) -> None:
    """Printable ASCII, no label empty, no dot at the end."""
    assert is_domain(text, is_constraint=is_constraint) is due


@pytest.mark.parametrize(
    ("oid", "content", "critical"),
    [
        (made.SAN, b"\x30\x05\x82", False),
        (made.SAN, made.names((7, b"\x0a\0\0")), False),
        (made.SAN, made.names((2, b"\xff")), False),
        (made.BASIC, b"\x30\x03\x01\x01\x01", False),
        (made.KEY_USAGE, b"\x03\x02\x09\x06", False),
        (made.SKI, b"\x04\x01\x01", True),
        (made.AKI, b"\x30\0", True),
        (made.AIA, b"\x30\0", True),
        (made.CONSTRAINTS, b"\x30\0", False),
        (made.CONSTRAINTS, made.subtrees([(2, b"a.b.")], []), False),
        (made.CONSTRAINTS, made.subtrees([(7, bytes([10, 0, 0, 0, 255, 0, 255, 0]))], []), False),
    ],
)
def test_a_broken_extension_costs_the_certificate(oid: str, content: bytes, critical: bool) -> None:
    """One that Go knows, and cannot read, makes it refuse the whole."""
    found = given(oid, content, critical=critical)
    assert isinstance(found, NotRead)
    assert found.reason is GoRefusal.NOT_READ


def test_what_go_does_not_know_is_not_read() -> None:
    """Garbage in an extension that Go does not know is nothing; it counts only where it is
    critical."""
    for critical in (False, True):
        found = given(made.SCT, b"\xde\xad", critical=critical)
        assert isinstance(found, GoCertificate)
        assert found.has_unknown_critical is critical


def test_what_is_kept() -> None:
    """Authority, usage and identifiers of a sound CA."""
    found = given(made.PURPOSES, made.purposes(made.SERVER_AUTH))
    assert isinstance(found, GoCertificate)
    assert (found.is_ca, found.has_basic_constraints, found.longest_path) == (True, True, -1)
    assert (found.key_usage, found.purposes) == (1 << 5 | 1 << 6, ("1.3.6.1.5.5.7.3.1",))
    assert (found.ski, found.aki) == (b"key1", b"key2")
