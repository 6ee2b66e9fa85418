"""A certificate as Go reads it, or why it does not."""

from __future__ import annotations

import pytest

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.certificate import read, subject_of
from arcprobe.probes.trust.go.facts import GoCertificate, NotRead
from tests.agents.generated import certificates as made
from tests.agents.generated.chains import COMMON_TRAITS, form, single


@pytest.mark.parametrize(
    ("trait", "reason"),
    [
        ("serial-negative", GoRefusal.NEGATIVE_SERIAL),
        ("version-4", GoRefusal.NOT_READ),
        ("tail", GoRefusal.NOT_READ),
        ("outer", GoRefusal.NOT_READ),
        ("twice", GoRefusal.NOT_READ),
    ],
)
def test_what_is_not_read(trait: str, reason: GoRefusal) -> None:
    """Each with its reason, and with words of Go's."""
    found = read(single({0: [COMMON_TRAITS[trait]]}, 1, {}).sent[0])
    assert isinstance(found, NotRead)
    assert found.reason is reason
    assert found.words.startswith("x509: ")


@pytest.mark.parametrize("trait", ["serial-zero", "serial-long", "version-1", "far", "unknown"])
def test_what_is_read(trait: str) -> None:
    """Odd, and taken all the same."""
    assert isinstance(read(single({0: [COMMON_TRAITS[trait]]}, 1, {}).sent[0]), GoCertificate)


@pytest.mark.parametrize("size", [0, 1, 5, 40, 200])
def test_a_part_of_one(size: int) -> None:
    """What breaks off is not read, and has no name."""
    der = single({}, 1, {}).sent[0]
    assert isinstance(read(der[:size]), NotRead)
    assert subject_of(der[:40]) == b""


@pytest.mark.parametrize(
    ("tag", "octets", "is_read"),
    [
        (0x13, b"Contoso * & CA", True),
        (0x13, b"Contoso_CA", False),
        (0x0C, b"Caf\xc3\xa9", True),
        (0x0C, b"Caf\xe9", False),
        (0x14, b"Caf\xe9", True),
        (0x16, b"CA@x", True),
        (0x16, b"Caf\xe9", False),
        (0x12, b"12 34", True),
        (0x12, b"12a", False),
        (0x1E, b"\0C\0A", True),
        (0x1E, b"\0C\0", False),
        (0x1E, b"\xd8\0\xdc\0", False),
    ],
)
def test_strings_of_names(tag: int, octets: bytes, is_read: bool) -> None:
    """Each kind of ASN.1 string has its characters."""
    blank = form(1, made.key("SECP256R1"))
    blank.issuer = blank.subject = made.name("", tag=tag, octets=octets)
    der = blank.signed_by(made.key("SECP256R1"))
    assert isinstance(read(der), GoCertificate) is is_read
    assert subject_of(der) == blank.subject
