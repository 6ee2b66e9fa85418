"""The bundle of --proxy-cert: read, or named as what it is instead, and what is noted of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from arcprobe.probes.trust.bundle import certificates_in, read_proxy_cert
from tests.support.chains import NOW, Authority, name, new_key

_CA = Authority("C=NL; O=Contoso; CN=Contoso Root")


def _key_pem() -> bytes:
    return new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _request(encoding: Encoding) -> bytes:
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name("CN=x"))
        .sign(new_key(), hashes.SHA256())
        .public_bytes(encoding)
    )


def _certificate() -> x509.Certificate:
    return x509.load_der_x509_certificate(_CA.der)


_INSTEAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (
        lambda: b" \r\n",
        "is empty; it must be a bundle in PEM form (-----BEGIN CERTIFICATE-----)",
    ),
    "DER": (lambda: _CA.der, "is DER; convert: openssl x509 -inform DER -in ca.pem"),
    "PKCS#7": (
        lambda: pkcs7.serialize_certificates([_certificate()], Encoding.PEM),
        "openssl pkcs7 -print_certs -in ca.pem",
    ),
    "PKCS#7 in DER": (
        lambda: pkcs7.serialize_certificates([_certificate()], Encoding.DER),
        "openssl pkcs7 -inform DER",
    ),
    "PKCS#12": (
        lambda: pkcs12.serialize_key_and_certificates(
            b"x", None, None, [_certificate()], NoEncryption()
        ),
        "openssl pkcs12",
    ),
    "UTF-16": (lambda: _CA.pem.decode().encode("utf-16"), "iconv -f UTF-16"),
    "key": (_key_pem, "private key"),
    "key and certificate": (lambda: _key_pem() + _CA.pem, "private key"),
    "key in DER": (
        lambda: new_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "private key",
    ),
    "CSR": (lambda: _request(Encoding.PEM), "certificate request"),
    "CSR in DER": (lambda: _request(Encoding.DER), "certificate request"),
    "HTML": (lambda: b"<!DOCTYPE html><title>Login</title>", "is HTML"),
    "Base-64 alone": (
        lambda: b"".join(_CA.pem.splitlines()[1:-1]),
        "Base-64 without its first and last line",
    ),
    "cut": (lambda: _CA.pem[:200], "truncated or edited"),
    "noise": (lambda: b"hello", "holds no certificate"),
    "no certificate inside": (
        lambda: b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
        "not an X.509 certificate",
    ),
}


@pytest.mark.parametrize("title", list(_INSTEAD))
def test_what_is_no_bundle_is_named(title: str) -> None:
    """One line says what the file is instead and the command that helps; nothing of a key is
    shown."""
    make, words = _INSTEAD[title]
    data = make()
    with pytest.raises(ValueError, match=r"^ca\.pem: ") as caught:
        read_proxy_cert(data, "ca.pem", NOW)
    told = str(caught.value)
    assert words in told
    assert "\n" not in told
    assert not any(line.decode("latin-1") in told for line in data.splitlines() if len(line) > 30)


def test_good_bundle_has_no_remarks() -> None:
    """A root alone, or with comments around it, is read without a note, and its PEM holds the
    certificate alone."""
    bundle = read_proxy_cert(b"# Contoso\r\n" + _CA.pem + b"\n", "ca.pem", NOW)
    assert (bundle.notes, bundle.der) == ((), (_CA.der,))
    assert bundle.certificates[0].subject == "CN=Contoso Root,O=Contoso,C=NL"
    assert certificates_in(bundle.pem) == (_CA.der,)


_BELOW = Authority("C=NL; O=Contoso; CN=Contoso Issuing", _CA)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_BELOW.pem, "only an intermediate"),
        (Authority("O=Contoso; CN=Old", end=NOW - timedelta(days=1)).pem, "expired on"),
        (Authority("O=Contoso; CN=New", begin=NOW + timedelta(days=1)).pem, "is not valid before"),
        (Authority("O=Contoso; CN=Flagless", flag=False).pem, "no CA flag"),
        (Authority("O=Contoso; CN=First", version=1).pem, "version 1"),
        (Authority("O=Contoso; CN=Usage", sign_usage=False).pem, "keyCertSign"),
        (Authority("O=Contoso; CN=Weak", _CA, sha1=True).pem, "SHA-1"),
        (Authority("O=Contoso; CN=Negative", serial=-3).pem, "negative serial"),
        (_CA.pem + _BELOW.pem, "before the certificates that it signed"),
        (b"\xef\xbb\xbf" + _CA.pem + _BELOW.pem, "byte order mark"),
        (_CA.pem + _BELOW.pem.rstrip() + _CA.pem, "cannot be read by the agents (Go)"),
        (_CA.pem + _BELOW.pem[:200], "2 certificates begin in the file but only 1 can be read"),
        (
            b"".join(Authority(f"O=Contoso; CN={number}").pem for number in range(25)),
            "whole trust store",
        ),
    ],
)
def test_remarks_on_a_bundle(data: bytes, words: str) -> None:
    """What makes a bundle useless, or useful to some clients only, is noted."""
    assert any(words in note for note in read_proxy_cert(data, "ca.pem", NOW).notes)


@pytest.mark.parametrize(("count", "is_store"), [(20, False), (21, True)])
def test_more_than_twenty_are_a_whole_store(count: int, is_store: bool) -> None:
    """Twenty certificates are looked at one by one; more are taken for a system's store."""
    data = b"".join(Authority(f"O=Contoso; CN={number}").pem for number in range(count))
    notes = read_proxy_cert(data, "ca.pem", NOW).notes
    assert any("whole trust store" in note for note in notes) is is_store


def test_leaf_and_name_constraints_are_noted() -> None:
    """A server's certificate is no CA; a CA for some names only is told with its names."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("O=Contoso; CN=here"))
        .issuer_name(name("O=Contoso; CN=here"))
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=9))
    )
    plain = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    ).sign(key, hashes.SHA256())
    notes = read_proxy_cert(plain.public_bytes(Encoding.PEM), "ca.pem", NOW).notes
    assert any("it holds no CA" in note for note in notes)
    names = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName("contoso.example")], excluded_subtrees=None
    )
    bound = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    ).add_extension(names, critical=True)
    notes = read_proxy_cert(
        bound.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), "ca.pem", NOW
    ).notes
    assert any("contoso.example" in note for note in notes)
