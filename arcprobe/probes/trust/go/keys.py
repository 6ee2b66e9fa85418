"""Public keys and signature algorithms, as crypto/x509 of Go reads them (parser.go, parsePublicKey;
x509.go, getSignatureAlgorithmFromAI)."""

from __future__ import annotations

from collections.abc import Callable

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.der import SEQUENCE, Der, DerError, context
from arcprobe.probes.trust.go.facts import NotRead

_NULL = b"\x05\x00"
_ED25519 = "1.3.101.112"
PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_KINDS = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.10045.2.1": "ECDSA",
    _ED25519: "Ed25519",
    "1.2.840.10040.4.1": "DSA",
}
_CURVES = {
    "1.3.132.0.33": "SECP224R1",
    "1.2.840.10045.3.1.7": "SECP256R1",
    "1.3.132.0.34": "SECP384R1",
    "1.3.132.0.35": "SECP521R1",
}
_ED25519_OCTETS = 32
_PSS_SALTS = {
    "2.16.840.1.101.3.4.2.1": 32,
    "2.16.840.1.101.3.4.2.2": 48,
    "2.16.840.1.101.3.4.2.3": 64,
}
"""Octets of salt for SHA-256, SHA-384, SHA-512: no other RSA-PSS is known to Go."""


def read_key(info: Der) -> tuple[str, int]:
    """The kind of a key, and the size of one of RSA."""
    algorithm = info.inside(SEQUENCE)
    kind = _KINDS.get(algorithm.oid(), "")
    parameters = algorithm.element() if algorithm else b""
    data = info.bits()
    if kind not in _READ_KEY:
        return kind, 0
    return kind, _READ_KEY[kind](parameters, data)


def _read_rsa(parameters: bytes, data: bytes) -> int:
    if parameters != _NULL:
        raise NotRead(GoRefusal.NOT_READ, "x509: RSA key missing NULL parameters")
    numbers = Der(data).inside(SEQUENCE)
    modulus, exponent = numbers.integer(), numbers.integer()
    if modulus <= 0 or not 0 < exponent < 1 << 63:
        raise NotRead(GoRefusal.NOT_READ, "x509: RSA key is not positive")
    return modulus.bit_length()


def _read_ec(parameters: bytes, data: bytes) -> int:
    curve = _CURVES.get(Der(parameters).oid())
    if curve is None:
        raise NotRead(GoRefusal.CURVE, "x509: unsupported elliptic curve")
    from cryptography.hazmat.primitives.asymmetric import ec

    is_uncompressed = data[:1] == b"\x04"
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(getattr(ec, curve)(), data)
    except ValueError:
        is_uncompressed = False
    if not is_uncompressed:
        raise NotRead(GoRefusal.NOT_READ, "x509: invalid ECDSA public key")
    return 0


def _read_ed25519(parameters: bytes, data: bytes) -> int:
    if parameters or len(data) != _ED25519_OCTETS:
        raise NotRead(GoRefusal.NOT_READ, "x509: wrong Ed25519 public key")
    return 0


def _read_dsa(parameters: bytes, data: bytes) -> int:
    numbers = Der(parameters).inside(SEQUENCE)
    if min(Der(data).integer(), *(numbers.integer() for _ in "pqg")) <= 0:
        raise NotRead(GoRefusal.NOT_READ, "x509: zero or negative DSA parameter")
    return 0


_READ_KEY: dict[str, Callable[[bytes, bytes], int]] = {
    "RSA": _read_rsa,
    "ECDSA": _read_ec,
    "Ed25519": _read_ed25519,
    "DSA": _read_dsa,
}


def read_algorithm(identifier: bytes) -> str:
    """The OBJECT IDENTIFIER; for RSA-PSS with the hash, where all parameters follow from it."""
    fields = Der(identifier)
    found = fields.oid()
    parameters = fields.element() if fields else b""
    if found == _ED25519 and parameters:
        return ""
    if found != PSS:
        return found
    try:
        return f"{PSS} {_pss_hash(Der(parameters))}"
    except DerError:
        return ""


_PSS_SALTS = {
    "2.16.840.1.101.3.4.2.1": 32,
    "2.16.840.1.101.3.4.2.2": 48,
    "2.16.840.1.101.3.4.2.3": 64,
}
_MGF1 = "1.2.840.113549.1.1.8"


def _pss_hash(parameters: Der) -> str:
    fields = parameters.inside(SEQUENCE)
    main = fields.inside(context(0, constructed=True)).inside(SEQUENCE)
    mask = fields.inside(context(1, constructed=True)).inside(SEQUENCE)
    salt = fields.inside(context(2, constructed=True)).integer()
    trailer = fields.optional(context(3, constructed=True))
    name, is_mgf1 = main.oid(), mask.oid() == _MGF1
    inner = mask.inside(SEQUENCE)
    has_same = inner.oid() == name and is_mgf1
    has_nulls = all(rest.element() == _NULL for rest in (main, inner) if rest)
    is_usual = trailer is None or Der(trailer).integer() == 1
    if not (has_same and has_nulls and is_usual) or _PSS_SALTS.get(name) != salt:
        raise DerError("RSA-PSS parameters")
    return name
