"""The public web: hierarchies that share roots, and the demo's leaves with their faults."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509

from arcprobe.lab.pki import HIERARCHIES, Authority, PublicPki, PublicWeb
from arcprobe.lab.pki.public import common_name
from arcprobe.lab.script import OriginScript

HOST = "management.azure.com"


def test_hierarchies() -> None:
    """Each is made once, shares the roots of the same name, and has RSA keys where asked for."""
    web = PublicWeb(Authority)
    assert web.issuing("Microsoft G2") is web.issuing("Microsoft G2")
    assert web.root("Microsoft G2") is web.root("DigiCert 2020")
    assert web.root("Microsoft G2") is not web.root("Google")
    assert len({web.root(hierarchy).der for hierarchy in HIERARCHIES}) == 10
    assert [len(web.issuing(name).sent) for name in ("Microsoft G2", "Google")] == [2, 1]
    real = PublicWeb(Authority, rsa=True)
    assert type(real.root("Google").key).__name__ == "RSAPrivateKey"
    assert type(real.issuing("Microsoft ECC G2").key) is type(web.root("Google").key)


@pytest.mark.parametrize(
    ("host", "issuer"),
    [
        (HOST, "Microsoft TLS G2 ECC CA OCSP 02"),
        ("login.microsoftonline.com", "DigiCert TLS Hybrid ECC SHA384 2020 CA1"),
        ("dl.k8s.io", "WE1"),
    ],
)
def test_signers(host: str, issuer: str) -> None:
    """Azure, sign-in and Kubernetes have certificates of different authorities."""
    leaf = x509.load_der_x509_certificate(PublicPki().leaf(host).der)
    assert f"CN={issuer}," in leaf.issuer.rfc4514_string()


@pytest.mark.parametrize(
    ("fault", "is_late", "is_early", "name", "sent"),
    [
        ("", False, False, HOST, 2),
        ("expired", True, False, HOST, 2),
        ("not-yet-valid", False, True, HOST, 2),
        ("wrong-name", False, False, "wrong-name.rehearsal.example", 2),
        ("incomplete", False, False, HOST, 0),
    ],
)
def test_faults(fault: str, is_late: bool, is_early: bool, name: str, sent: int) -> None:
    """Each fault of the script is that one, and no other."""
    pki = PublicPki(OriginScript(certificates=((HOST, fault),)))
    made = pki.leaf(HOST)
    leaf = x509.load_der_x509_certificate(made.der)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    now = datetime.now(UTC)
    assert (leaf.not_valid_after_utc < now, leaf.not_valid_before_utc > now) == (is_late, is_early)
    assert names.get_values_for_type(x509.DNSName) == [name]
    assert len(made.chain) == sent


@pytest.mark.parametrize(("length", "shortened"), [(64, False), (65, True)])
def test_common_name(length: int, shortened: bool) -> None:
    """A host of 65 characters stands as its wildcard: X.520 allows 64."""
    host = "x" * (length - len(".example")) + ".example"
    assert common_name(host) == ("*.example" if shortened else host)
