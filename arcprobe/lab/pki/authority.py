"""The one factory of certificates for the demo and for all tests: authorities and what they sign,
sound by default, odd where it is asked for."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from os import urandom
from typing import TypedDict, Unpack

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ObjectIdentifier,
)

from arcprobe.lab.pki.der import Blank, Key, name, new_key, tlv

_SCT_LIST = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")  # RFC 6962 section 3.3
PUBLIC_MARKS = ("constraints", "ski", "aia", "crl", "policies", "sct")
"""What public authorities put into every leaf, and forgeries mostly lack."""

_USAGES = (
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
    "key_cert_sign crl_sign encipher_only decipher_only"
).split()

Extension = x509.Extension[x509.ExtensionType]


class Odd(TypedDict, total=False):
    """What a certificate can have that a sound one has not."""

    serial: int
    version: int
    sha1: bool


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Where the operator of a public authority says that its certificates and lists are, and by
    which policy it signs (CA/Browser Forum Baseline Requirements 7.1.6.1)."""

    aia: str
    ocsp: str
    crl: str
    policy: str = "2.23.140.1.2.2"  # organization validated


MICROSOFT = Operator(
    aia="http://caissuers.microsoft.com/pkiops/certs/Microsoft%20TLS%20G2%20ECC%20CA%20OCSP%2002.crt",
    ocsp="http://oneocsp.microsoft.com/ocsp",
    crl="http://www.microsoft.com/pkiops/crl/Microsoft%20TLS%20G2%20ECC%20CA%20OCSP%2002.crl",
)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate, its key, and the certificates that are sent after it; all but the key as
    DER."""

    der: bytes
    key: Key
    chain: tuple[bytes, ...] = ()

    def pem(self) -> bytes:
        """Key, certificate and chain as one PEM text, as ``SSLContext.load_cert_chain`` reads
        it."""
        return key_pem(self.key) + to_pem(self.der, *self.chain)


def to_pem(*certificates: bytes) -> bytes:
    """Certificates as one PEM text."""
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in certificates).encode()


def key_pem(key: Key) -> bytes:
    """A private key as PEM text, unencrypted: it is worth nothing outside a lab."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Authority:
    """A CA with its key; without ``issuer`` a root.

    ``flag`` False leaves basicConstraints out, ``sign_usage`` False keyCertSign, ``identifiers``
    False SKI and AKI. ``sent`` is what its leaves send after themselves: all but the root (RFC
    8446 section 4.4.2).
    """

    def __init__(
        self,
        subject: str,
        issuer: Authority | None = None,
        *,
        key: Key | None = None,
        operator: Operator = MICROSOFT,
        begin: datetime | None = None,
        end: datetime | None = None,
        flag: bool = True,
        sign_usage: bool = True,
        identifiers: bool = True,
        **odd: Unpack[Odd],
    ) -> None:
        self.subject = name(subject)
        self.key = key or new_key()
        self.issuer = issuer
        self.operator = operator
        self.begin = begin or self.day(-900)
        self.end = end or self.day(2000)
        usages = ["digital_signature", "crl_sign"]
        if sign_usage:
            usages.append("key_cert_sign")
        extensions = [_critical(_usage(*usages))]
        if flag:
            extensions.append(_critical(x509.BasicConstraints(ca=True, path_length=None)))
        if identifiers:
            extensions += self._identifiers()
        signer = issuer or self
        blank = Blank(
            subject=self.subject,
            issuer=signer.subject,
            key=self.key,
            begin=self.begin,
            end=self.end,
            extensions=tuple(extensions),
            **odd,
        )
        self.der = blank.signed_by(signer.key)
        self.sent: tuple[bytes, ...] = (self.der, *issuer.sent) if issuer else ()

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return to_pem(self.der)

    def _identifiers(self) -> list[Extension]:
        if self.issuer is None:
            return [_ski(self.key)]
        return [_ski(self.key), _aki(self.issuer.key)]

    def day(self, days: float) -> datetime:
        """A moment so many days from now."""
        return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)

    def issue(
        self,
        names: Iterable[str],
        subject: str | x509.Name,
        *,
        key: Key | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        marks: Iterable[str] = PUBLIC_MARKS,
        identifiers: bool = True,
        for_clients: bool = False,
        **odd: Unpack[Odd],
    ) -> Credential:
        """A leaf for ``names``, hosts and addresses, with these ``marks``, valid for 100 days
        unless said otherwise."""
        key = key or new_key()
        names = tuple(names)
        purpose = ExtendedKeyUsageOID.SERVER_AUTH
        if for_clients:
            purpose = ExtendedKeyUsageOID.CLIENT_AUTH
        extensions = [_critical(_leaf_usage(key)), _extension(x509.ExtendedKeyUsage([purpose]))]
        if names:
            extensions.append(alternative_names(names))
        if identifiers:
            extensions.append(_aki(self.key))
        extensions += [_MARKS[mark](self, key) for mark in marks]
        blank = Blank(
            subject=subject if isinstance(subject, x509.Name) else name(subject),
            issuer=self.subject,
            key=key,
            begin=begin or self.day(-30),
            end=end or self.day(70),
            extensions=tuple(extensions),
            **odd,
        )
        return Credential(der=blank.signed_by(self.key), key=key, chain=self.sent)


def _extension(value: x509.ExtensionType) -> Extension:
    return x509.Extension(value.oid, False, value)


def _critical(value: x509.ExtensionType) -> Extension:
    return x509.Extension(value.oid, True, value)


def _usage(*used: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in used for usage in _USAGES})


def _leaf_usage(key: Key) -> x509.KeyUsage:
    if isinstance(key, rsa.RSAPrivateKey):
        return _usage("digital_signature", "key_encipherment")
    return _usage("digital_signature")


def alternative_names(names: Iterable[str]) -> Extension:
    """The extension that says for whom a leaf is."""
    return _extension(x509.SubjectAlternativeName([_general_name(text) for text in names]))


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _ski(key: Key) -> Extension:
    return _extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()))


def _aki(key: Key) -> Extension:
    return _extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()))


def _access(operator: Operator) -> x509.AuthorityInformationAccess:
    places = (
        (AuthorityInformationAccessOID.CA_ISSUERS, operator.aia),
        (AuthorityInformationAccessOID.OCSP, operator.ocsp),
    )
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(oid, x509.UniformResourceIdentifier(url)) for oid, url in places]
    )


def _lists(operator: Operator) -> x509.CRLDistributionPoints:
    place = x509.UniformResourceIdentifier(operator.crl)
    return x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])


def _policies(operator: Operator) -> x509.CertificatePolicies:
    policy = ObjectIdentifier(operator.policy)
    return x509.CertificatePolicies([x509.PolicyInformation(policy, None)])


def _timestamps(now: datetime) -> x509.UnrecognizedExtension:
    """Two signed certificate timestamps (RFC 6962 section 3.3) of logs that exist nowhere."""
    milliseconds = int(now.timestamp() * 1000).to_bytes(8, "big")
    entries = b""
    for _ in range(2):
        # the DER shape of an ECDSA signature
        signature = tlv(0x30, tlv(2, b"\x01" + urandom(31)) + tlv(2, b"\x01" + urandom(31)))
        algorithm = b"\0\0\x04\x03"  # no extensions; SHA-256 with ECDSA
        entry = b"\0" + urandom(32) + milliseconds + algorithm + _sized(signature)
        entries += _sized(entry)
    return x509.UnrecognizedExtension(_SCT_LIST, tlv(4, _sized(entries)))


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


_MARKS: dict[str, Callable[[Authority, Key], Extension]] = {
    "constraints": lambda ca, key: _critical(x509.BasicConstraints(ca=False, path_length=None)),
    "ski": lambda ca, key: _ski(key),
    "aia": lambda ca, key: _extension(_access(ca.operator)),
    "crl": lambda ca, key: _extension(_lists(ca.operator)),
    "policies": lambda ca, key: _extension(_policies(ca.operator)),
    "sct": lambda ca, key: _extension(_timestamps(ca.day(0))),
}
