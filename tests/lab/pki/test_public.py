"""The public web: hierarchies that share roots, and the demo's leaves with their faults."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from arcprobe.lab.pki import Authority, Hierarchy, PublicPki, PublicWeb
from arcprobe.lab.pki.public import common_name
from arcprobe.lab.script import OriginScript

HOST = "management.azure.com"


def test_hierarchies() -> None:
    """Each is made once, shares the roots of the same name, and has RSA keys where asked for."""
    one = Hierarchy(root="CN=Root", below=("CN=Middle", "CN=Issuing"))
    other = Hierarchy(root="CN=Root", below=("CN=Other",), ec=True)
    web = PublicWeb(Authority)
    assert web.issuing(one) is web.issuing(one)
    assert web.root(one) is web.root(other)
    assert len(web.issuing(one).sent) == 2
    assert len(web.issuing(other).sent) == 1
    kinds = [type(web.issuing(hierarchy).key) for hierarchy in (one, other)]
    real = PublicWeb(Authority, rsa=True)
    assert isinstance(real.issuing(one).key, RSAPrivateKey)
    assert type(real.issuing(other).key) is kinds[0] is kinds[1]


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
