"""Signatures as Go checks them."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.certificate import read
from arcprobe.probes.trust.go.facts import GoCertificate
from arcprobe.probes.trust.go.signatures import wrong_signature
from tests.agents.generated import certificates as made
from tests.agents.generated.chains import form


def signed(kind: str, digest: str, *, is_pss: bool = False) -> GoCertificate:
    """A CA that signed itself."""
    key = made.key(kind)
    blank = form(1, key)
    blank.issuer, blank.digest, blank.is_pss = blank.subject, digest, is_pss
    found = read(blank.signed_by(key))
    assert isinstance(found, GoCertificate)
    return found


@pytest.mark.parametrize(
    ("kind", "digest", "is_pss", "reason"),
    [
        ("RSA2048", "sha256", False, None),
        ("RSA2048", "sha512", True, None),
        ("RSA1024", "sha256", False, None),
        ("RSA2048", "sha1", False, GoRefusal.SIGNATURE),
        ("RSA2048", "md5", False, GoRefusal.SIGNATURE),
        ("RSA2048", "sha224", False, GoRefusal.SIGNATURE),
        ("SECP256R1", "sha384", False, None),
        ("SECP256R1", "sha1", False, GoRefusal.SIGNATURE),
        ("SECP256R1", "sha224", False, GoRefusal.SIGNATURE),
        ("Ed25519", "sha256", False, None),
        ("DSA", "sha256", False, GoRefusal.KEY),
        ("Ed448", "sha256", False, GoRefusal.SIGNATURE),
    ],
)
def test_algorithms(kind: str, digest: str, is_pss: bool, reason: GoRefusal | None) -> None:
    """SHA-1, MD5 and SHA-224 are refused, DSA and Ed448 not known."""
    found = signed(kind, digest, is_pss=is_pss)
    wrong = wrong_signature(found, found)
    assert (wrong[0] if wrong else None) == reason


def test_another_key() -> None:
    """A signature by another key, of the same kind or of another one, is none."""
    first, other = signed("SECP256R1", "sha256"), signed("RSA2048", "sha256")
    moved = msgspec.structs.replace(first, spki=made.spki(made.key("SECP256R1", 7)))
    for signer in (other, moved):
        wrong = wrong_signature(first, signer)
        assert wrong is not None
        assert wrong[0] is GoRefusal.NOT_SIGNED


def test_small_keys() -> None:
    """RSA of 1023 bits and fewer signs nothing since Go 1.24."""
    found = signed("RSA1024", "sha256")
    for bits, is_taken in ((1024, True), (1023, False)):
        smaller = msgspec.structs.replace(found, rsa_bits=bits)
        assert (wrong_signature(found, smaller) is None) is is_taken
