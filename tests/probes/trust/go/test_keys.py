"""Keys and signature algorithms as Go reads them."""

from __future__ import annotations

import pytest

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.der import SEQUENCE, Der
from arcprobe.probes.trust.go.facts import NotRead
from arcprobe.probes.trust.go.keys import read_algorithm, read_key
from tests.agents.generated import certificates as made


def read(spki: bytes) -> tuple[str, int]:
    """Kind and size of the key."""
    return read_key(Der(spki).inside(SEQUENCE))


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("RSA2048", ("RSA", 2048)),
        ("SECP224R1", ("ECDSA", 0)),
        ("SECP256R1", ("ECDSA", 0)),
        ("SECP384R1", ("ECDSA", 0)),
        ("SECP521R1", ("ECDSA", 0)),
        ("Ed25519", ("Ed25519", 0)),
        ("DSA", ("DSA", 0)),
        ("Ed448", ("", 0)),
    ],
)
def test_kinds(kind: str, found: tuple[str, int]) -> None:
    """Those that Go knows by name; another is read, and signs nothing."""
    assert read(made.spki(made.key(kind))) == found


@pytest.mark.parametrize("kind", ["BrainpoolP256R1", "BrainpoolP384R1", "SECP256K1"])
def test_curves(kind: str) -> None:
    """Another curve costs the certificate."""
    with pytest.raises(NotRead) as caught:
        read(made.spki(made.key(kind)))
    assert caught.value.reason is GoRefusal.CURVE


@pytest.mark.parametrize(
    "spki", [made.rsa_spki(2048, null=b""), made.spki(made.key("SECP256R1"))[:-1] + b"\0"]
)
def test_what_is_no_key(spki: bytes) -> None:
    """RSA without NULL, a point that is on no curve."""
    with pytest.raises(NotRead) as caught:
        read(spki)
    assert caught.value.reason is GoRefusal.NOT_READ


_SHA256 = made.oid("2.16.840.1.101.3.4.2.1") + b"\x05\0"


def test_algorithms() -> None:
    """An algorithm is its OBJECT IDENTIFIER; RSA-PSS has its hash beside it, or is none."""
    assert read_algorithm(made.oid("1.2.840.10045.4.3.2")) == "1.2.840.10045.4.3.2"
    assert read_algorithm(made.oid("1.3.101.112") + b"\x05\0") == ""
    pss = Der(made.pss_algorithm("sha256")).value(SEQUENCE)
    assert read_algorithm(pss) == "1.2.840.113549.1.1.10 2.16.840.1.101.3.4.2.1"
    assert read_algorithm(pss.replace(b"\x02\x01\x20", b"\x02\x01\x14")) == ""
