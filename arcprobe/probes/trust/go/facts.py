"""What crypto/x509 of Go keeps of a certificate, and why it does not read one."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

import msgspec

from arcprobe.model import GoRefusal


class NotRead(Exception):
    """Go does not read this certificate. ``reason`` is the kind, ``words`` are Go's own."""

    def __init__(self, reason: GoRefusal, words: str) -> None:
        super().__init__(words)
        self.reason, self.words = reason, words


class Constraints(msgspec.Struct, kw_only=True):
    """Subtrees of names that nameConstraints permits or excludes; None: of no such kind."""

    dns: list[str] = []
    addresses: list[IPv4Network | IPv6Network] = []
    mail: list[str] = []
    uris: list[str] = []


class GoCertificate(msgspec.Struct, kw_only=True):
    """What Go's verifier looks at. ``signed``: the bytes that ``signature`` is over."""

    raw: bytes
    signed: bytes
    signature: bytes
    algorithm: str  #: OBJECT IDENTIFIER of the signature, for PSS with its hash
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    version: int
    spki: bytes
    key: str  #: RSA, ECDSA, Ed25519, DSA; empty: another kind
    rsa_bits: int = 0
    key_usage: int = 0
    purposes: tuple[str, ...] = ()
    has_basic_constraints: bool = False
    is_ca: bool = False
    longest_path: int = -1
    ski: bytes = b""
    aki: bytes = b""
    names: tuple[str, ...] = ()  #: DNS names alone
    addresses: tuple[bytes, ...] = ()
    mail: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    san: bytes | None = None
    permitted: Constraints | None = None
    excluded: Constraints | None = None
    has_unknown_critical: bool = False
