"""Certificates of the rehearsal, made in memory: a public web PKI that looks like today's, and an
enterprise's own CA.

The roots say that they are a rehearsal; the issuing CAs below them are named as the families that
serve Azure (facts/arc.md 4.2), so that the code that reads issuers has something to read. Elliptic
curve keys, because a hundred RSA keys would take a minute.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from os import urandom

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from arcprobe.lab.script import OriginScript, matches

_SCT_LIST = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")  # RFC 6962 section 3.3
_DOMAIN_VALIDATED = "2.23.140.1.2.1"  # CA/Browser Forum Baseline Requirements 7.1.6.1
_ORGANIZATION_VALIDATED = "2.23.140.1.2.2"
_COMMON_NAME_LIMIT = 64
_REHEARSAL = "arcprobe rehearsal"

_ATTRIBUTES = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate, its key, and the certificates that are sent after it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def pem(self) -> bytes:
        """Key, certificate and chain as one PEM text, as ``SSLContext.load_cert_chain`` reads it
        from a file."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + to_pem((self.certificate, *self.chain))


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """An operator of a public issuing CA: where it says that its certificates and lists are, and
    how it names subjects."""

    issuing: Mapping[str, str]
    aia: str
    ocsp: str
    crl: str
    policy: str
    serial_prefix: bytes
    serial_length: int
    subject: Mapping[str, str]


_AZURE_SUBJECT = {"C": "US", "ST": "WA", "L": "Redmond", "O": "Microsoft Corporation"}

_FAMILIES = {
    "microsoft": Family(
        issuing={"C": "US", "O": "Microsoft Corporation", "CN": "Microsoft TLS G2 ECC CA OCSP 02"},
        aia="http://caissuers.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20ECC%20CA%20OCSP%2002.crt",
        ocsp="http://oneocsp.microsoft.com/ocsp",
        crl="http://www.microsoft.com/pkiops/crl/Microsoft%20TLS%20G2%20ECC%20CA%20OCSP%2002.crl",
        policy=_ORGANIZATION_VALIDATED,
        serial_prefix=b"\x33\x00",  # the pattern of Microsoft's CAs, facts/faults.md section 2
        serial_length=19,
        subject=_AZURE_SUBJECT,
    ),
    "digicert": Family(
        issuing={"C": "US", "O": "DigiCert Inc", "CN": "DigiCert TLS Hybrid ECC SHA384 2020 CA1"},
        aia="http://cacerts.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crt",
        ocsp="http://ocsp.digicert.com",
        crl="http://crl3.digicert.com/DigiCertTLSHybridECCSHA3842020CA1-1.crl",
        policy=_ORGANIZATION_VALIDATED,
        serial_prefix=b"\x0a",
        serial_length=16,
        subject=_AZURE_SUBJECT,
    ),
    "google": Family(
        issuing={"C": "US", "O": "Google Trust Services", "CN": "WE1"},
        aia="http://i.pki.goog/we1.crt",
        ocsp="http://o.pki.goog/we1",
        crl="http://c.pki.goog/we1/rehearsal.crl",
        policy=_DOMAIN_VALIDATED,
        serial_prefix=b"\x5a",
        serial_length=16,
        subject={},
    ),
}

# Who signs for whom: sign-in and Graph have DigiCert's own CA, all else of Azure Microsoft's
# (facts/arc.md 3.5, 4.2).
_SIGNERS = (
    (
        ("login.*", "*.login.microsoft.com", "*.login.microsoftonline.us", "sts.*", "graph.*"),
        "digicert",
    ),
    (("*.k8s.io", "github.com", "*.github.com"), "google"),
    (("*",), "microsoft"),
)


def to_pem(certificates: tuple[x509.Certificate, ...]) -> bytes:
    """Certificates as one PEM text."""
    return b"".join(
        certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates
    )


def _name(parts: Mapping[str, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(_ATTRIBUTES[key], value) for key, value in parts.items()])


def _common_name(host: str) -> str:
    """A host as common name, or its wildcard where it is longer than X.520's upper bound of 64 (RFC
    5280 appendix A.1)."""
    return host if len(host) <= _COMMON_NAME_LIMIT else "*." + host.partition(".")[2]


def _serial(prefix: bytes = b"\x01", length: int = 16) -> int:
    return int.from_bytes(prefix + urandom(length - len(prefix)), "big")


def _key_usage(**used: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _timestamps(logged: datetime) -> bytes:
    """A list of two signed certificate timestamps (RFC 6962 section 3.3) of logs that exist only in
    this rehearsal."""

    def one() -> bytes:
        signature = (
            b"\x30\x44\x02\x20\x01" + urandom(31) + b"\x02\x20\x01" + urandom(31)
        )  # the DER shape of an ECDSA signature
        milliseconds = int(logged.timestamp() * 1000)
        body = (
            struct.pack("!B32sQHBBH", 0, urandom(32), milliseconds, 0, 4, 3, len(signature))
            + signature
        )
        return struct.pack("!H", len(body)) + body

    entries = one() + one()
    content = struct.pack("!H", len(entries)) + entries
    return (
        b"\x04\x81" + bytes([len(content)]) + content
    )  # an OCTET STRING inside the extension's own


def make_authority(
    name: Mapping[str, str], issuer: Credential | None = None, *, years: int = 10
) -> Credential:
    """A CA: self-signed without ``issuer``. Its chain is what its leaves send beside themselves,
    without the root."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC).replace(microsecond=0)
    subject = _name(name)
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(_serial())
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            _key_usage(digital_signature=True, key_cert_sign=True, crl_sign=True), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    certificate = builder.sign(signer, hashes.SHA256())
    return Credential(
        certificate=certificate, key=key, chain=(certificate, *issuer.chain) if issuer else ()
    )


class PublicPki:
    """A public web PKI: two operators' roots that have nothing in common, their issuing CAs, and
    leaves as asked for."""

    def __init__(self, script: OriginScript | None = None) -> None:
        self._script = script or OriginScript()
        digicert = make_authority(
            {"C": "US", "O": _REHEARSAL, "CN": "DigiCert Global Root G3 (rehearsal)"}
        )
        google = make_authority({"C": "US", "O": _REHEARSAL, "CN": "GTS Root R4 (rehearsal)"})
        microsoft = make_authority(
            {"C": "US", "O": "Microsoft Corporation", "CN": "Microsoft TLS ECC Root G2"}, digicert
        )
        above = {"microsoft": microsoft, "digicert": digicert, "google": google}
        self._issuing = {
            name: make_authority(_FAMILIES[name].issuing, above[name], years=4)
            for name in _FAMILIES
        }
        self.roots = (digicert.certificate, google.certificate)

    def family(self, host: str) -> str:
        """Who signs for a host: ``microsoft``, ``digicert`` or ``google``."""
        return next(name for patterns, name in _SIGNERS if matches(host, patterns))

    def leaf(self, host: str) -> Credential:
        """A new certificate for a host by the operator that would sign it, with the fault that the
        script gives to it."""
        fault = next(
            (fault for pattern, fault in self._script.certificates if matches(host, (pattern,))), ""
        )
        name = self.family(host)
        family, issuer = _FAMILIES[name], self._issuing[name]
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC).replace(microsecond=0)
        start, end = (
            now - timedelta(days=30),
            now + timedelta(days=70),
        )  # 100 days, the practice of 2026: facts/faults.md trap 9
        if fault == "expired":
            start, end = now - timedelta(days=110), now - timedelta(days=10)
        elif fault == "not-yet-valid":
            start, end = now + timedelta(days=10), now + timedelta(days=110)
        san = "wrong-name.rehearsal.example" if fault == "wrong-name" else host
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name({**family.subject, "CN": _common_name(san)}))
            .issuer_name(issuer.certificate.subject)
            .public_key(key.public_key())
            .serial_number(_serial(family.serial_prefix, family.serial_length))
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(san)]), critical=False)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.AuthorityInformationAccess(
                    [
                        x509.AccessDescription(
                            AuthorityInformationAccessOID.CA_ISSUERS,
                            x509.UniformResourceIdentifier(family.aia),
                        ),
                        x509.AccessDescription(
                            AuthorityInformationAccessOID.OCSP,
                            x509.UniformResourceIdentifier(family.ocsp),
                        ),
                    ]
                ),
                critical=False,
            )
            .add_extension(
                x509.CRLDistributionPoints(
                    [
                        x509.DistributionPoint(
                            [x509.UniformResourceIdentifier(family.crl)], None, None, None
                        )
                    ]
                ),
                critical=False,
            )
            .add_extension(
                x509.CertificatePolicies(
                    [x509.PolicyInformation(ObjectIdentifier(family.policy), None)]
                ),
                critical=False,
            )
            .add_extension(
                x509.UnrecognizedExtension(_SCT_LIST, _timestamps(start)), critical=False
            )
            .sign(issuer.key, hashes.SHA256())
        )
        return Credential(
            certificate=certificate, key=key, chain=() if fault == "incomplete" else issuer.chain
        )


class EnterpriseCa:
    """The enterprise's own root: it signs its servers' certificates, and forges those of others for
    its inspecting proxy."""

    def __init__(self, common_name: str = "Contoso Corporate Root CA") -> None:
        self.root = make_authority(
            {
                "C": "US",
                "O": f"Contoso Ltd ({_REHEARSAL})",
                "OU": "Network Security",
                "CN": common_name,
            }
        )

    def server(self, names: tuple[x509.GeneralName, ...], common_name: str) -> Credential:
        """A certificate for a server of the enterprise's own."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC).replace(microsecond=0)
        builder = self._signed(
            {"O": "Contoso Ltd", "CN": common_name},
            now - timedelta(days=10),
            now + timedelta(days=355),
        )
        certificate = (
            builder.public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(self.root.key, hashes.SHA256())
        )
        return Credential(certificate=certificate, key=key)

    def forged(self, host: str, genuine: x509.Certificate | None, shape: str) -> Credential:
        """A certificate as an inspecting proxy makes it: signed by this CA, and with this CA's own
        key.

        ``squid``: subject, dates and names of the genuine one, but of its extensions only the
        names, the key usages and the AKI; without a genuine one (the proxy answers itself) a
        subject of the name alone. ``mitmproxy``: from two days ago for a year, common name and
        names alone. Both send the root along (facts/faults.md sections 1 and 2).
        """
        now = datetime.now(UTC).replace(microsecond=0)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        if shape == "squid" and genuine is not None:
            builder = self._signed(
                None, genuine.not_valid_before_utc, genuine.not_valid_after_utc, genuine.subject
            )
            names = genuine.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        elif shape == "squid":
            ca = self.root.certificate
            builder = self._signed(
                {"CN": _common_name(host)}, ca.not_valid_before_utc, ca.not_valid_after_utc
            )
        else:
            builder = self._signed(
                {"CN": _common_name(host)}, now - timedelta(days=2), now + timedelta(days=365)
            )
        certificate = (
            builder.public_key(self.root.key.public_key())
            .add_extension(names, critical=False)
            .sign(self.root.key, hashes.SHA256())
        )
        return Credential(
            certificate=certificate, key=self.root.key, chain=(self.root.certificate,)
        )

    def _signed(
        self,
        subject: Mapping[str, str] | None,
        start: datetime,
        end: datetime,
        copied: x509.Name | None = None,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(copied or _name(subject or {}))
            .issuer_name(self.root.certificate.subject)
            .serial_number(_serial())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(_key_usage(digital_signature=True, key_encipherment=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
                critical=False,
            )
        )
