"""Authorities and leaves: sound by default, odd where it is asked for."""

from __future__ import annotations

import warnings
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID

from arcprobe.lab.pki import PUBLIC_MARKS, Authority, new_key


def read(der: bytes) -> x509.Certificate:
    """The certificate, whatever the library thinks of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(der)


def extensions(der: bytes) -> dict[str, bool]:
    """Names of the extensions, and whether they are critical."""
    return {extension.oid._name: extension.critical for extension in read(der).extensions}


def test_authorities() -> None:
    """A subordinate is signed by its issuer; leaves send all CAs but the root."""
    root = Authority("CN=Root")
    middle = Authority("CN=Middle", root)
    lower = Authority("CN=Lower", middle)
    read(lower.der).verify_directly_issued_by(read(middle.der))
    read(middle.der).verify_directly_issued_by(read(root.der))
    assert root.sent == ()
    assert lower.sent == (lower.der, middle.der)
    assert extensions(lower.der) == {
        "keyUsage": True,
        "basicConstraints": True,
        "subjectKeyIdentifier": False,
        "authorityKeyIdentifier": False,
    }


def test_cross_signed() -> None:
    """Two certificates of one name and key, by itself and by another: either verifies the leaf."""
    new = Authority("CN=New Root")
    cross = Authority("CN=New Root", Authority("CN=Old Root"), key=new.key)
    leaf = read(cross.issue(("a.example",), "CN=a.example").der)
    leaf.verify_directly_issued_by(read(new.der))
    leaf.verify_directly_issued_by(read(cross.der))


def test_odd_authorities() -> None:
    """CA flag, keyCertSign and identifiers can be missing; serial, digest, version and dates be
    wrong."""
    assert "basicConstraints" not in extensions(Authority("CN=x", flag=False).der)
    usage = read(Authority("CN=x", sign_usage=False).der).extensions.get_extension_for_oid(
        ExtensionOID.KEY_USAGE
    )
    assert isinstance(usage.value, x509.KeyUsage)
    assert (usage.value.key_cert_sign, usage.value.crl_sign) == (False, True)
    assert "subjectKeyIdentifier" not in extensions(Authority("CN=x", identifiers=False).der)
    assert b"\x02\x01\xb3" in Authority("CN=x", serial=-77).der
    assert isinstance(read(Authority("CN=x", sha1=True).der).signature_hash_algorithm, hashes.SHA1)
    assert extensions(Authority("CN=x", version=1).der) == {}
    past = Authority("CN=x")
    past = Authority("CN=x", end=past.day(-1))
    assert read(past.der).not_valid_after_utc == past.end < past.day(0)


def test_public_leaf() -> None:
    """A public leaf has two SCTs, AIA, CRL, policy, SKI and AKI, and is valid for 100 days."""
    made = Authority("CN=Root").issue(("a.example", "10.0.0.1"), "CN=a.example")
    leaf = read(made.der)
    assert extensions(made.der) == {
        "keyUsage": True,
        "extendedKeyUsage": False,
        "subjectAltName": False,
        "authorityKeyIdentifier": False,
        "basicConstraints": True,
        "subjectKeyIdentifier": False,
        "authorityInfoAccess": False,
        "cRLDistributionPoints": False,
        "certificatePolicies": False,
        "signedCertificateTimestampList": False,
    }
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=100)


@pytest.mark.parametrize("mark", PUBLIC_MARKS)
def test_marks(mark: str) -> None:
    """Each mark is one extension, and can be left out by itself."""
    authority = Authority("CN=Root")
    others = [other for other in PUBLIC_MARKS if other != mark]
    whole = extensions(authority.issue((), "CN=x").der)
    assert len(whole) - len(extensions(authority.issue((), "CN=x", marks=others).der)) == 1


def test_odd_leaves() -> None:
    """Names and AKI can be missing; a leaf can be for clients, and with its CA's own key."""
    authority = Authority("CN=Root", key=new_key("rsa"))
    bare = authority.issue((), "CN=x", marks=(), identifiers=False, for_clients=True)
    assert set(extensions(bare.der)) == {"keyUsage", "extendedKeyUsage"}
    usage = read(bare.der).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [oid._name for oid in usage] == ["clientAuth"]
    own = authority.issue(("a.example",), "CN=x", key=authority.key)
    assert read(own.der).public_key() == read(authority.der).public_key()
