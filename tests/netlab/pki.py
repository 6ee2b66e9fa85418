"""The lab's certificates: shaped like the public hierarchies behind Azure (facts/arc.md 4.2), and a
company's own.

Distinguished names are the real ones, keys are not: arcprobe is told to trust them with
`--public-roots`.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from .zone import FRONT_ENDS

if TYPE_CHECKING:
    from collections.abc import Sequence

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_SCT = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_POLICIES = ("2.23.140.1.2.2", "1.3.6.1.4.1.311.76.509.1.1")
_DAY = datetime.timedelta(days=1)


def distinguished_name(**parts: str) -> x509.Name:
    oids = {
        "C": NameOID.COUNTRY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME,
        "L": NameOID.LOCALITY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[part], text) for part, text in parts.items()])


_MICROSOFT = {"C": "US", "O": "Microsoft Corporation"}
ROOTS = {
    "digicert-g2": (
        distinguished_name(
            C="US", O="DigiCert Inc", OU="www.digicert.com", CN="DigiCert Global Root G2"
        ),
        "rsa",
    ),
    "digicert-g3": (
        distinguished_name(
            C="US", O="DigiCert Inc", OU="www.digicert.com", CN="DigiCert Global Root G3"
        ),
        "ec",
    ),
    "microsoft-2017": (
        distinguished_name(**_MICROSOFT, CN="Microsoft RSA Root Certificate Authority 2017"),
        "rsa",
    ),
    "gts-r1": (distinguished_name(C="US", O="Google Trust Services LLC", CN="GTS Root R1"), "rsa"),
}
# issuer -> the certificates from the root's subordinate down to the one that signs leaves: (name,
# key type)
CHAINS = {
    "microsoft-g2": (
        "digicert-g2",
        (
            (distinguished_name(**_MICROSOFT, CN="Microsoft TLS RSA Root G2"), "rsa"),
            (distinguished_name(**_MICROSOFT, CN="Microsoft TLS G2 RSA CA OCSP 04"), "rsa"),
        ),
    ),
    "microsoft-g2-ec": (
        "digicert-g3",
        (
            (distinguished_name(**_MICROSOFT, CN="Microsoft TLS ECC Root G2"), "ec"),
            (distinguished_name(**_MICROSOFT, CN="Microsoft TLS G2 ECC CA OCSP 02"), "ec"),
        ),
    ),
    "microsoft-2017": (
        "microsoft-2017",
        ((distinguished_name(**_MICROSOFT, CN="Microsoft Azure RSA TLS Issuing CA 04"), "rsa"),),
    ),
    "digicert": (
        "digicert-g2",
        (
            (
                distinguished_name(
                    C="US", O="DigiCert Inc", CN="DigiCert Global G2 TLS RSA SHA256 2020 CA1"
                ),
                "rsa",
            ),
        ),
    ),
    "google": (
        "gts-r1",
        ((distinguished_name(C="US", O="Google Trust Services", CN="WR3"), "rsa"),),
    ),
}
CORPORATE = distinguished_name(C="NL", O="Contoso", CN="Contoso Corporate Root CA")
INSPECTION = distinguished_name(
    C="NL", O="Contoso", OU="Web Security", CN="Contoso TLS Inspection CA"
)


def _new_key(kind: str) -> Key:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _signed_timestamps() -> x509.UnrecognizedExtension:
    """An SCT list of the right structure (RFC 6962 section 3.3) with random log ids and
    signatures."""
    entries = b""
    for _ in range(2):
        signature = (
            b"\x30\x44\x02\x20" + b"\x11" + os.urandom(31) + b"\x02\x20" + b"\x11" + os.urandom(31)
        )
        stamp = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000).to_bytes(8)
        sct = (
            b"\0"
            + os.urandom(32)
            + stamp
            + b"\0\0"
            + b"\x04\x03"
            + len(signature).to_bytes(2)
            + signature
        )
        entries += len(sct).to_bytes(2) + sct
    content = len(entries).to_bytes(2) + entries
    length = len(content)
    prefix = b"\x04\x81" + bytes([length]) if length < 256 else b"\x04\x82" + length.to_bytes(2)
    return x509.UnrecognizedExtension(_SCT, prefix + content)


class Authority:
    """A certificate authority of the lab: signs subordinates and leaves, and knows the chain that
    its leaves are sent with."""

    def __init__(self, name: x509.Name, kind: str, parent: Authority | None = None) -> None:
        now = datetime.datetime.now(datetime.UTC)
        self.key = _new_key(kind)
        self.certificate: x509.Certificate
        signer = parent or self
        issuer = parent.certificate.subject if parent else name
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 400 * _DAY)
            .not_valid_after(now + 1400 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
            )
        )
        if parent:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.key.public_key()),
                critical=False,
            )
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        # A public server sends everything but the root (RFC 8446 section 4.4.2 allows to
        # leave that out).
        self.sent: tuple[x509.Certificate, ...] = (
            *([self.certificate] if parent else []),
            *(parent.sent if parent else ()),
        )

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def leaf(
        self,
        names: Sequence[str],
        *,
        subject: x509.Name,
        kind: str = "rsa",
        days: tuple[int, int] = (-30, 150),
        public: bool = True,
    ) -> bytes:
        """Key, certificate and chain in one PEM; `public` adds what public authorities put into
        every leaf."""
        now = datetime.datetime.now(datetime.UTC)
        key = _new_key(kind)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * _DAY)
            .not_valid_after(now + days[1] * _DAY)
            .add_extension(
                x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if public:
            builder = _with_public_marks(builder)
        certificate = builder.sign(self.key, hashes.SHA256())
        chain = b"".join(
            each.public_bytes(serialization.Encoding.PEM) for each in (certificate, *self.sent)
        )
        return _key_pem(key) + chain


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _with_public_marks(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier("http://www.microsoft.com/pkiops/certs/lab.crt"),
            ),
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP,
                x509.UniformResourceIdentifier("http://oneocsp.microsoft.com/ocsp"),
            ),
        ]
    )
    lists = x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                full_name=[
                    x509.UniformResourceIdentifier("http://www.microsoft.com/pkiops/crl/lab.crl")
                ],
                relative_name=None,
                reasons=None,
                crl_issuer=None,
            )
        ]
    )
    policies = x509.CertificatePolicies(
        [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in _POLICIES]
    )
    return (
        builder.add_extension(access, critical=False)
        .add_extension(lists, critical=False)
        .add_extension(policies, critical=False)
        .add_extension(_signed_timestamps(), critical=False)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def organisation(common_name: str, issuer: str) -> x509.Name:
    if issuer == "google":
        return distinguished_name(CN=common_name)
    return distinguished_name(
        C="US", ST="WA", L="Redmond", O="Microsoft Corporation", CN=common_name
    )


def make(folder: Path) -> None:
    """Fills `folder` with every certificate that a scenario can name; about two seconds, once a
    machine and day."""
    folder.mkdir(parents=True)
    roots = {name: Authority(subject, kind) for name, (subject, kind) in ROOTS.items()}
    issuers: dict[str, Authority] = {}
    for name, (root, subordinates) in CHAINS.items():
        authority = roots[root]
        for subject, kind in subordinates:
            authority = Authority(subject, kind, authority)
        issuers[name] = authority
    (folder / "public-roots.pem").write_bytes(b"".join(root.pem for root in roots.values()))
    (folder / "leaves").mkdir(exist_ok=True)
    for number, service in enumerate(FRONT_ENDS):
        first = service.subject or service.names[0]
        names = (*((first,) if first not in service.names else ()), *service.names)
        leaf = issuers[service.issuer].leaf(
            names, subject=organisation(first, service.issuer), kind=service.key
        )
        (folder / "leaves" / f"{number}.pem").write_bytes(leaf)
    corporate = Authority(CORPORATE, "rsa")
    stranger = Authority(distinguished_name(C="NL", O="Contoso", CN="Contoso Legacy CA"), "rsa")
    inspection = Authority(INSPECTION, "rsa")
    (folder / "corporate-ca.pem").write_bytes(corporate.pem)
    (folder / "inspection-ca.pem").write_bytes(inspection.pem)
    (folder / "inspection-ca-with-key.pem").write_bytes(_key_pem(inspection.key) + inspection.pem)
    proxy = ("proxy.corp.lab", "10.77.3.2")
    subject = distinguished_name(C="NL", O="Contoso", CN="proxy.corp.lab")
    (folder / "proxy.pem").write_bytes(corporate.leaf(proxy, subject=subject, public=False))
    (folder / "proxy-stranger.pem").write_bytes(stranger.leaf(proxy, subject=subject, public=False))
    (folder / "proxy-expired.pem").write_bytes(
        corporate.leaf(proxy, subject=subject, days=(-400, -20), public=False)
    )
    other = distinguished_name(C="NL", O="Contoso", CN="cache1.corp.lab")
    (folder / "proxy-other-name.pem").write_bytes(
        corporate.leaf(("cache1.corp.lab",), subject=other, public=False)
    )
    page = distinguished_name(C="NL", O="Contoso", CN="blocked.corp.lab")
    (folder / "block-page.pem").write_bytes(
        corporate.leaf(("blocked.corp.lab",), subject=page, public=False)
    )
    from .pki_shapes import write

    write(folder, roots, issuers, corporate=corporate, inspection=inspection)
