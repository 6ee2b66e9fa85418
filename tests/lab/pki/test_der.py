"""DER of certificates of any shape is what cryptography and OpenSSL read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from arcprobe.lab.pki.der import Blank, name, new_key, tlv


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_signed(kind: str) -> None:
    """A certificate signed by itself verifies, with key, names, dates and serial as given."""
    key = new_key(kind)
    begin, end = datetime(2049, 12, 31, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
    subject = name("C=US; O=Example, Inc.; CN=Root")
    blank = Blank(subject=subject, issuer=subject, key=key, begin=begin, end=end, serial=77)
    made = x509.load_der_x509_certificate(blank.signed_by(key))
    made.verify_directly_issued_by(made)
    assert made.subject.rfc4514_string() == "CN=Root,O=Example\\, Inc.,C=US"
    assert (made.not_valid_before_utc, made.not_valid_after_utc) == (begin, end)
    assert (made.serial_number, made.version) == (77, x509.Version.v3)
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)


@pytest.mark.parametrize(
    ("content", "head"), [(127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100")]
)
def test_length(content: int, head: str) -> None:
    """Lengths from 128 on have a length of their own (X.690 section 8.1.3)."""
    assert tlv(4, bytes(content)) == bytes.fromhex(head) + bytes(content)
