"""What Go refuses, one fact at a time."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.knowledge import go
from arcprobe.model import Certificate


def certificate(**more: Any) -> Certificate:
    """A sound certificate of a CA for servers."""
    given = {
        "sha256": "s",
        "subject": "CN=a",
        "issuer": "CN=b",
        "serial": "1",
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2027-01-01T00:00:00Z",
        "names": ("a.example",),
        "signature": "sha256",
        "is_ca": True,
        **more,
    }
    return Certificate(**given)


def test_a_sound_certificate_is_taken() -> None:
    """Nothing is said against a certificate in order."""
    sound = certificate()
    assert not go.has_no_names(sound)
    assert not go.is_not_for_servers(sound)
    assert not go.has_negative_serial(sound)
    assert not go.has_weak_signature(sound)
    assert not go.lacks_ca_flag(sound)


def test_common_name_alone_counts_for_nothing() -> None:
    """A leaf without alternative names is for nobody."""
    assert go.has_no_names(certificate(names=(), common_name="a.example"))


@pytest.mark.parametrize(
    ("purposes", "refused"),
    [
        (None, False),
        (("serverAuth",), False),
        (("2.5.29.37.0",), False),
        (("clientAuth", "serverAuth"), False),
        (("clientAuth",), True),
        ((), True),
    ],
)
def test_purposes(purposes: tuple[str, ...] | None, refused: bool) -> None:
    """A leaf that names purposes must name servers, or any."""
    assert go.is_not_for_servers(certificate(extended_key_usage=purposes)) is refused


def test_negative_serial() -> None:
    """A negative serial number is not read."""
    assert go.has_negative_serial(certificate(negative_serial=True))


@pytest.mark.parametrize("signature", ["sha1", "md5"])
def test_weak_signatures(signature: str) -> None:
    """SHA-1 and MD5 are refused, but for a root's signature over itself."""
    assert go.has_weak_signature(certificate(signature=signature))
    assert not go.has_weak_signature(certificate(signature=signature, subject="CN=b"))
    rolled = certificate(signature=signature, subject="CN=b", ski="new", aki="old")
    assert go.has_weak_signature(rolled)


def test_ca_flag() -> None:
    """A CA of version 3 says that it is one; version 1 cannot."""
    assert go.lacks_ca_flag(certificate(is_ca=None))
    assert not go.lacks_ca_flag(certificate(is_ca=None, version=1))


@pytest.mark.parametrize("version", ["SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"])
def test_old_versions(version: str) -> None:
    """Before TLS 1.2 nothing is spoken."""
    assert go.speaks_too_old(version)
    assert not go.speaks_too_old("TLSv1.2")
    assert not go.speaks_too_old("TLSv1.3")


@pytest.mark.parametrize(
    ("version", "cipher", "refused"),
    [
        ("TLSv1.2", "AES256-GCM-SHA384", True),
        ("TLSv1.2", "DHE-RSA-AES256-GCM-SHA384", True),
        ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", False),
        ("TLSv1.2", "ecdhe_rsa_with_aes_128", False),
        ("TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305", False),
        ("TLSv1.2", "", False),
        ("TLSv1.3", "TLS_AES_256_GCM_SHA384", False),
    ],
)
def test_ciphers(version: str, cipher: str, refused: bool) -> None:
    """Below TLS 1.3 the key exchange must be over elliptic curves."""
    assert go.refuses_cipher(version, cipher) is refused
