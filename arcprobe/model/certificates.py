"""Facts of X.509 certificates, and what trust stores say of a chain."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from arcprobe.model.noun import Noun


class Store(StrEnum):
    """A set of roots that a chain is held against."""

    PUBLIC = "public"  # the web's PKI, as shipped or given by --public-roots
    SYSTEM = "system"  # this machine's or image's own store
    BUNDLE = "bundle"  # what a pod of the agents would trust: public roots, and --proxy-cert's
    BUNDLE_PARTIAL = (
        "bundle-partial"  # the same by Go's rule, where any certificate of the store ends a chain
    )


class VerifyCode(IntEnum):
    """What OpenSSL says of a chain, as far as a judge asks for it: X509_V_ERR_* of
    <openssl/x509_vfy.h>."""

    OK = 0
    CERT_SIGNATURE_FAILURE = 7
    CERT_NOT_YET_VALID = 9
    CERT_HAS_EXPIRED = 10
    AKID_SKID_MISMATCH = 30


class Certificate(Noun, frozen=True, kw_only=True):
    """Facts of one X.509 certificate. Names are RFC 4514 strings; times are RFC 3339."""

    sha256: str
    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str
    names: tuple[str, ...] = ()  # subject alternative names: DNS names and IP addresses
    common_name: str = ""
    is_ca: bool | None = None  # None: no basicConstraints
    version: int = 3
    key: str = ""  # "RSA 2048", "EC secp256r1"
    key_sha256: str = ""  # of the SubjectPublicKeyInfo
    signature: str = ""  # hash name: sha256, sha1
    scts: int = 0
    aia: tuple[str, ...] = ()
    crls: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    ski: str = ""
    aki: str = ""
    key_usage: tuple[str, ...] | None = None
    extended_key_usage: tuple[str, ...] | None = None
    negative_serial: bool = False
    permitted_names: tuple[str, ...] = ()  # nameConstraints
    pem: str = ""  # kept for certificates that the person may need: the top of an unknown chain


class Trust(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What OpenSSL says about one chain and one store. ``code`` is X509_V_ERR_*, 0 when the chain
    is accepted."""

    store: Store
    accepted: bool
    code: int = 0
    depth: int = 0
    words: str = ""
    anchor: str = ""  # subject of the root that the chain ends in
    anchor_sha256: str = ""
