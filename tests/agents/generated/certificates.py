"""Certificates of any shape, made octet by octet: also what no library signs or reads."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ExtendedKeyUsage, ObjectIdentifier

from arcprobe.lab.pki.der import tlv

SERVER_AUTH, CLIENT_AUTH, CODE_SIGNING = (f"1.3.6.1.5.5.7.3.{number}" for number in (1, 2, 3))
ANY_PURPOSE = "2.5.29.37.0"
SKI, KEY_USAGE, SAN, BASIC, CONSTRAINTS, CRL, POLICIES, AKI, PURPOSES = (
    f"2.5.29.{number}" for number in (14, 15, 17, 19, 30, 31, 32, 35, 37)
)
AIA, SCT = "1.3.6.1.5.5.7.1.1", "1.3.6.1.4.1.11129.2.4.2"
_NULL = b"\x05\x00"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_RSA_OIDS = {"md5": 4, "sha1": 5, "sha224": 14, "sha256": 11, "sha384": 12, "sha512": 13}
_EC_OIDS = {"sha1": "1", "sha224": "3.1", "sha256": "3.2", "sha384": "3.3", "sha512": "3.4"}
_SALTS = {"sha256": 32, "sha384": 48, "sha512": 64}
_SHA2 = {"sha256": 1, "sha384": 2, "sha512": 3}


class Form(msgspec.Struct, kw_only=True):
    """A certificate before it is signed; ``extensions`` by OBJECT IDENTIFIER: critical, content."""

    subject: bytes
    issuer: bytes
    spki: bytes
    begin: datetime
    end: datetime
    version: int = 3
    serial: int = 0x33AA55
    digest: str = "sha256"
    is_pss: bool = False
    extensions: list[tuple[str, bool, bytes]] = []
    outer: bytes | None = None
    tail: bytes = b""
    is_forged: bool = False

    def put(self, oid: str, content: bytes | None, *, critical: bool = False) -> None:
        """Sets or, with None, removes an extension."""
        self.extensions = [one for one in self.extensions if one[0] != oid]
        if content is not None:
            self.extensions.append((oid, critical, content))

    def signed_by(self, signer: Any) -> bytes:
        """DER. A digest that the signer's kind of key has not is its usual one."""
        algorithm, signature = _signer(signer, self.digest, self.is_pss)
        serial = self.serial.to_bytes(self.serial.bit_length() // 8 + 1, "big", signed=True)
        fields = [
            tlv(2, serial),
            algorithm,
            self.issuer,
            tlv(0x30, _time(self.begin) + _time(self.end)),
            self.subject,
            self.spki,
        ]
        if self.version > 1:
            fields.insert(0, tlv(0xA0, tlv(2, bytes([self.version - 1]))))
        if self.extensions:
            listed = b"".join(map(_extension, self.extensions))
            fields.append(tlv(0xA3, tlv(0x30, listed)))
        body = tlv(0x30, b"".join(fields))
        made = signature(body)
        if self.is_forged:
            made = made[:-1] + bytes([made[-1] ^ 1])
        return tlv(0x30, body + (self.outer or algorithm) + tlv(3, b"\0" + made)) + self.tail


def key(kind: str, number: int = 0) -> Any:
    """A private key of a kind, the same for the same number; of RSA and DSA there is one, new in
    each run."""
    return _new_key(kind, 0 if kind[:3] in ("RSA", "DSA") else number)


@functools.cache
def _new_key(kind: str, number: int) -> Any:
    if kind.startswith("RSA"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    if kind == "DSA":
        return dsa.generate_private_key(key_size=1024)
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number + 1] * 32))
    if kind == "Ed448":
        return ed448.Ed448PrivateKey.from_private_bytes(bytes([number + 1] * 57))
    return ec.derive_private_key(0x1234_5678_9ABC + number, getattr(ec, kind)())


def spki(private: Any) -> bytes:
    """The public key as a certificate holds it."""
    encoded: bytes = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def rsa_spki(bits: int, null: bytes = _NULL) -> bytes:
    """An RSA key of that size, to which there is no private one."""
    numbers = tlv(2, b"\0" + (1 << bits - 1 | 0xABCDEF).to_bytes(bits // 8, "big"))
    algorithm = tlv(0x30, oid("1.2.840.113549.1.1.1") + null)
    return tlv(0x30, algorithm + tlv(3, b"\0" + tlv(0x30, numbers + tlv(2, b"\1\0\1"))))


def _signer(private: Any, digest: str, is_pss: bool) -> tuple[bytes, Callable[[bytes], bytes]]:
    chosen = _HASHES[digest]()
    if isinstance(private, rsa.RSAPrivateKey):
        if is_pss and digest in _SALTS and private.key_size >= 2048:
            pss = padding.PSS(mgf=padding.MGF1(chosen), salt_length=_SALTS[digest])
            return pss_algorithm(digest), lambda data: private.sign(data, pss, chosen)
        identifier = tlv(0x30, oid(f"1.2.840.113549.1.1.{_RSA_OIDS[digest]}") + _NULL)
        return identifier, lambda data: _quiet(private, data, padding.PKCS1v15(), chosen)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        digest = digest if digest in _EC_OIDS else "sha256"
        chosen = _HASHES[digest]()
        identifier = tlv(0x30, oid(f"1.2.840.10045.4.{_EC_OIDS[digest]}"))
        return identifier, lambda data: private.sign(data, ec.ECDSA(chosen))
    if isinstance(private, dsa.DSAPrivateKey):
        identifier = tlv(0x30, oid("2.16.840.1.101.3.4.3.2"))
        return identifier, lambda data: private.sign(data, hashes.SHA256())
    number = "1.3.101.112" if isinstance(private, ed25519.Ed25519PrivateKey) else "1.3.101.113"
    return tlv(0x30, oid(number)), lambda data: bytes(private.sign(data))


def _quiet(private: rsa.RSAPrivateKey, data: bytes, scheme: Any, chosen: Any) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MD5
        return private.sign(data, scheme, chosen)


def pss_algorithm(digest: str) -> bytes:
    """AlgorithmIdentifier of RSA-PSS with that hash, and a salt as long as it."""
    hashed = tlv(0x30, oid(f"2.16.840.1.101.3.4.2.{_SHA2[digest]}") + _NULL)
    mask = tlv(0x30, oid("1.2.840.113549.1.1.8") + hashed)
    salt = tlv(0xA2, tlv(2, bytes([_SALTS[digest]])))
    parameters = tlv(0x30, tlv(0xA0, hashed) + tlv(0xA1, mask) + salt)
    return tlv(0x30, oid("1.2.840.113549.1.1.10") + parameters)


@functools.cache
def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER: an extended key usage is a SEQUENCE of them, behind two octets."""
    return ExtendedKeyUsage([ObjectIdentifier(dotted)]).public_bytes()[2:]


def name(common_name: str, *, tag: int = 0x0C, octets: bytes | None = None) -> bytes:
    """A distinguished name of one CN; ``tag`` is the kind of its string."""
    text = tlv(tag, common_name.encode() if octets is None else octets)
    return tlv(0x30, tlv(0x31, tlv(0x30, oid("2.5.4.3") + text)))


def names(*general: tuple[int, bytes]) -> bytes:
    """GeneralNames: number of the kind (2 DNS, 7 address, 6 URI, 1 mail) and content."""
    return tlv(0x30, b"".join(tlv(0x80 | kind, content) for kind, content in general))


def purposes(*oids: str) -> bytes:
    """ExtKeyUsageSyntax."""
    return tlv(0x30, b"".join(map(oid, oids)))


def basic(ca: bool | None = None, path: int | None = None) -> bytes:
    """BasicConstraints; None leaves a field out."""
    flag = b"" if ca is None else tlv(1, b"\xff" if ca else b"\0")
    return tlv(0x30, flag + (b"" if path is None else tlv(2, bytes([path]))))


def subtrees(permitted: list[tuple[int, bytes]], excluded: list[tuple[int, bytes]]) -> bytes:
    """NameConstraints."""
    parts = b""
    for tag, listed in ((0xA0, permitted), (0xA1, excluded)):
        inner = b"".join(tlv(0x30, tlv(0x80 | kind, content)) for kind, content in listed)
        parts += tlv(tag, inner) if listed else b""
    return tlv(0x30, parts)


def _extension(extension: tuple[str, bool, bytes]) -> bytes:
    number, critical, content = extension
    flag = tlv(1, b"\xff") if critical else b""
    return tlv(0x30, oid(number) + flag + tlv(4, content))


def _time(moment: datetime) -> bytes:
    text = moment.strftime("%Y%m%d%H%M%SZ").encode()
    return tlv(0x18, text) if moment.year >= 2050 else tlv(0x17, text[2:])
