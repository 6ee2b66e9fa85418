"""A certificate as data, and its DER: of any version, serial and digest, also what no careful
library would sign."""

from __future__ import annotations

import warnings
from datetime import datetime
from os import urandom

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_ATTRIBUTES = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "E": NameOID.EMAIL_ADDRESS,
}
# AlgorithmIdentifier by type of key and whether the digest is SHA-1: RFC 5758 section 3.2, RFC
# 4055 section 5, RFC 3279 section 2.2
_ALGORITHMS = {
    ("ec", False): bytes.fromhex("300a06082a8648ce3d040302"),
    ("ec", True): bytes.fromhex("300906072a8648ce3d0401"),
    ("rsa", False): bytes.fromhex("300d06092a864886f70d01010b0500"),
    ("rsa", True): bytes.fromhex("300d06092a864886f70d0101050500"),
}
_SEQUENCE, _INTEGER, _BITS, _OCTETS = 0x30, 0x02, 0x03, 0x04  # X.690 section 8
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # RFC 5280 section 4.1
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION_3 = b"\x02\x01\x02"
_TRUE = b"\x01\x01\xff"


def new_key(kind: str = "ec") -> Key:
    """A new key, ``ec`` or ``rsa``; a hundred RSA keys would take a minute."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def name(text: str) -> x509.Name:
    """A name written as ``C=US; O=Example; CN=Root``, of any length."""
    parts = (part.partition("=") for part in text.split("; ") if part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lengths that no CA should use
        return x509.Name(
            [x509.NameAttribute(_ATTRIBUTES[kind], of, _validate=False) for kind, _, of in parts]
        )


def new_serial() -> int:
    """A random serial that begins with 33, as those of Microsoft's CAs do."""
    return int.from_bytes(b"\x33" + urandom(15), "big")


class Blank(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate before it is signed."""

    subject: x509.Name
    issuer: x509.Name
    key: Key
    begin: datetime
    end: datetime
    extensions: tuple[x509.Extension[x509.ExtensionType], ...] = ()
    serial: int = msgspec.field(default_factory=new_serial)
    version: int = 3
    sha1: bool = False

    def signed_by(self, key: Key) -> bytes:
        """The DER (RFC 5280 section 4.1); version 1 has no extensions."""
        kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ec"
        algorithm = _ALGORITHMS[kind, self.sha1]
        serial = self.serial.to_bytes(self.serial.bit_length() // 8 + 1, "big", signed=True)
        public = self.key.public_key()
        fields = [
            tlv(_INTEGER, serial),
            algorithm,
            self.issuer.public_bytes(),
            tlv(_SEQUENCE, _time(self.begin) + _time(self.end)),
            self.subject.public_bytes(),
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        ]
        if self.version == 3:
            extensions = b"".join(_extension(extension) for extension in self.extensions)
            fields.insert(0, tlv(_VERSION, _VERSION_3))
            fields.append(tlv(_EXTENSIONS, tlv(_SEQUENCE, extensions)))
        body = tlv(_SEQUENCE, b"".join(fields))
        signature = _signature(body, key, hashes.SHA1() if self.sha1 else hashes.SHA256())
        return tlv(_SEQUENCE, body + algorithm + tlv(_BITS, b"\0" + signature))


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length and content (X.690 section 8.1)."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _signature(data: bytes, key: Key, digest: hashes.HashAlgorithm) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    return key.sign(data, ec.ECDSA(digest))


def _time(moment: datetime) -> bytes:
    text = moment.strftime("%Y%m%d%H%M%SZ").encode()
    if moment.year >= 2050:  # RFC 5280 section 4.1.2.5
        return tlv(_GENERALIZED_TIME, text)
    return tlv(_UTC_TIME, text[2:])


def _extension(extension: x509.Extension[x509.ExtensionType]) -> bytes:
    # an extended key usage is a SEQUENCE of object identifiers behind two bytes
    oid = x509.ExtendedKeyUsage([extension.oid]).public_bytes()[2:]
    critical = _TRUE if extension.critical else b""
    return tlv(_SEQUENCE, oid + critical + tlv(_OCTETS, extension.value.public_bytes()))
