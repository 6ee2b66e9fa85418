"""An enterprise's CA signs servers, and forges as Squid and mitmproxy do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from arcprobe.lab.pki import Authority, EnterpriseCa

HOST = "management.azure.com"


def test_server() -> None:
    """A server's certificate is for all of its names, by the enterprise, without its root."""
    ca = EnterpriseCa()
    made = ca.server("proxy.example", "10.0.0.1")
    leaf = x509.load_der_x509_certificate(made.der)
    leaf.verify_directly_issued_by(x509.load_der_x509_certificate(ca.der))
    assert leaf.subject.rfc4514_string() == "CN=proxy.example,O=Contoso Ltd"
    assert made.chain == ()


@pytest.mark.parametrize(
    ("shape", "knows", "subject", "days"),
    [
        ("squid", True, f"CN={HOST},O=Microsoft", 100),
        ("squid", False, f"CN={HOST}", 2900),
        ("mitmproxy", True, f"CN={HOST}", 367),
    ],
)
def test_forged(shape: str, knows: bool, subject: str, days: int) -> None:
    """A forgery has its CA's key and sends the root; Squid copies subject, names and dates of what
    it saw, mitmproxy none."""
    genuine = Authority("CN=Public").issue((HOST, "b.example"), f"O=Microsoft; CN={HOST}")
    ca = EnterpriseCa()
    seen = x509.load_der_x509_certificate(genuine.der) if knows else None
    made = ca.forged(HOST, seen, shape)
    leaf = x509.load_der_x509_certificate(made.der)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    copied = shape == "squid" and knows
    assert leaf.subject.rfc4514_string() == subject
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=days)
    assert names.get_values_for_type(x509.DNSName) == [HOST, *(["b.example"] * copied)]
    assert leaf.public_key() == x509.load_der_x509_certificate(ca.der).public_key()
    assert made.chain == (ca.der,)
