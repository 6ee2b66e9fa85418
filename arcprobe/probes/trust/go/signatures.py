"""Whether one certificate's key made the signature of another, as crypto/x509 of Go checks it
(x509.go, checkSignature)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.go.facts import GoCertificate
from arcprobe.probes.trust.go.keys import PSS

_SMALLEST_RSA = 1024  # bits: crypto/rsa since Go 1.24, GODEBUG rsa1024min
_INSECURE = {
    "1.2.840.113549.1.1.4": "insecure algorithm MD5-RSA",
    "1.2.840.113549.1.1.5": "insecure algorithm SHA1-RSA",
    "1.3.14.3.2.29": "insecure algorithm SHA1-RSA",
    "1.2.840.10040.4.3": "insecure algorithm DSA-SHA1",
    "1.2.840.10045.4.1": "insecure algorithm ECDSA-SHA1",
}
_KNOWN = {
    "1.2.840.113549.1.1.11": ("RSA", "SHA256"),
    "1.2.840.113549.1.1.12": ("RSA", "SHA384"),
    "1.2.840.113549.1.1.13": ("RSA", "SHA512"),
    f"{PSS} 2.16.840.1.101.3.4.2.1": ("RSA", "SHA256"),
    f"{PSS} 2.16.840.1.101.3.4.2.2": ("RSA", "SHA384"),
    f"{PSS} 2.16.840.1.101.3.4.2.3": ("RSA", "SHA512"),
    "2.16.840.1.101.3.4.3.2": ("DSA", "SHA256"),
    "1.2.840.10045.4.3.2": ("ECDSA", "SHA256"),
    "1.2.840.10045.4.3.3": ("ECDSA", "SHA384"),
    "1.2.840.10045.4.3.4": ("ECDSA", "SHA512"),
    "1.3.101.112": ("Ed25519", ""),
}


def wrong_signature(child: GoCertificate, signer: GoCertificate) -> tuple[GoRefusal, str] | None:
    """Why Go does not take the signature, in its words; None where it does."""
    kind, hashed = _KNOWN.get(child.algorithm, ("", ""))
    if not kind:
        words = _INSECURE.get(child.algorithm, "algorithm unimplemented")
        return GoRefusal.SIGNATURE, f"x509: cannot verify signature: {words}"
    wrong = _wrong_key(kind, signer)
    if wrong is not None:
        return wrong
    if not _is_signed(signer.spki, kind, child.algorithm, hashed, child.signed, child.signature):
        return GoRefusal.NOT_SIGNED, f"x509: {kind} verification failure"
    return None


def _wrong_key(kind: str, signer: GoCertificate) -> tuple[GoRefusal, str] | None:
    if "DSA" in (kind, signer.key):
        return GoRefusal.KEY, "x509: cannot verify signature: algorithm unimplemented"
    if kind != signer.key:
        return GoRefusal.NOT_SIGNED, "x509: signature algorithm specifies another public key"
    if kind == "RSA" and signer.rsa_bits < _SMALLEST_RSA:
        return GoRefusal.KEY, f"crypto/rsa: {signer.rsa_bits}-bit keys are insecure"
    return None


@functools.lru_cache(maxsize=1024)  # the same intermediates come with nearly every handshake
def _is_signed(
    spki: bytes, kind: str, algorithm: str, hashed: str, signed: bytes, signature: bytes
) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization

    try:
        key = serialization.load_der_public_key(spki)
        digest = getattr(hashes, hashed)() if hashed else None
        _CHECKS[kind](key, signature, signed, digest, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _check_rsa(key: Any, signature: bytes, signed: bytes, digest: Any, algorithm: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import padding

    scheme: Any = padding.PKCS1v15()
    if algorithm.startswith(PSS):
        scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
    key.verify(signature, signed, scheme, digest)


def _check_ecdsa(key: Any, signature: bytes, signed: bytes, digest: Any, algorithm: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    key.verify(signature, signed, ec.ECDSA(digest))


def _check_ed25519(key: Any, signature: bytes, signed: bytes, digest: Any, algorithm: str) -> None:
    key.verify(signature, signed)


_CHECKS: dict[str, Callable[[Any, bytes, bytes, Any, str], None]] = {
    "RSA": _check_rsa,
    "ECDSA": _check_ecdsa,
    "Ed25519": _check_ed25519,
}
