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


class GoRefusal(StrEnum):
    """Why Go, the language of most agents, refuses a chain (crypto/x509, crypto/tls)."""

    NOT_READ = "not-read"  # no X.509 to Go's parser
    NEGATIVE_SERIAL = "negative-serial"  # not read since Go 1.23
    CURVE = "curve"  # another curve than P-224, P-256, P-384, P-521: not read
    KEY = "key"  # another kind of key than RSA, ECDSA, Ed25519, or RSA too small or too large
    SIGNATURE = "signed"  # by an algorithm that is insecure (SHA-1, MD5) or not known
    NOT_SIGNED = "not-signed"  # the authority of that name has another key
    NO_CA_FLAG = "no-ca-flag"  # version 3, or an intermediate, without basicConstraints
    NOT_A_CA = "not-a-ca"  # basicConstraints says CA:FALSE
    KEY_USAGE = "key-usage"  # a key usage without keyCertSign
    PURPOSES = (
        "not-for-servers"  # extended key usages that leave servers out, anywhere in the chain
    )
    PATH_LENGTH = "path-length"  # more intermediates than basicConstraints allows
    CRITICAL_EXTENSION = "critical-extension"  # one that Go does not know, and is critical
    NAME_CONSTRAINTS = "name-constraints"  # an authority may not sign for a name
    NAME = "name"  # no alternative name is the host's
    DATES = "dates"
    UNKNOWN_AUTHORITY = "unknown-authority"


class Certificate(Noun, frozen=True, kw_only=True):
    """Facts of one X.509 certificate. Names are RFC 4514 strings; times are RFC 3339."""

    sha256: str  #: SHA-256 of the certificate, hexadecimal
    subject: str  #: name of the holder, RFC 4514
    issuer: str  #: name of the signer, RFC 4514
    serial: str  #: serial number, hexadecimal
    not_before: str  #: begin of validity, RFC 3339
    not_after: str  #: end of validity, RFC 3339
    names: tuple[str, ...] = ()  #: subject alternative names: DNS names and IP addresses
    common_name: str = ""  #: CN of the subject
    is_ca: bool | None = None  #: whether it may sign others; null: no basicConstraints
    version: int = 3  #: X.509 version
    key: str = ""  #: kind of key: "RSA 2048", "EC secp256r1"
    key_sha256: str = ""  #: SHA-256 of the SubjectPublicKeyInfo, hexadecimal
    signature: str = ""  #: hash of the signature: sha256, sha1
    scts: int = 0  #: number of signed certificate timestamps (RFC 6962)
    aia: tuple[str, ...] = ()  #: URLs of the issuer's certificate
    crls: tuple[str, ...] = ()  #: URLs of revocation lists
    policies: tuple[str, ...] = ()  #: OIDs of certificate policies
    ski: str = ""  #: subject key identifier, hexadecimal
    aki: str = ""  #: authority key identifier, hexadecimal
    key_usage: tuple[str, ...] | None = None  #: key usages; null: no such extension
    #: extended key usages; null: no such extension
    extended_key_usage: tuple[str, ...] | None = None
    negative_serial: bool = False  #: whether the serial number is negative, which Go refuses
    permitted_names: tuple[str, ...] = ()  #: names that nameConstraints permit
    pem: str = ""  #: the certificate, where one may need it: top of an unknown chain

    @property
    def is_self_issued(self) -> bool:
        """Whether it names itself as its issuer (RFC 5280 section 3.2): the top of a chain, or made
        for nobody else."""
        return self.subject == self.issuer

    @property
    def is_self_signed(self) -> bool:
        """Whether it is self-issued and the key identifiers, where there are some, do not
        contradict."""
        has_both = bool(self.aki) and bool(self.ski)
        return self.is_self_issued and (not has_both or self.aki == self.ski)


class GoSaid(Noun, frozen=True, kw_only=True):
    """What Go, the language of most agents, says of a chain with the same roots. Dates and name are
    left out."""

    refusal: GoRefusal | None = None  #: why it is refused; null: it is accepted
    words: str = ""  #: Go's own words for it
    certificate: str = ""  #: the certificate that it is about: its common name, or its subject
    sha256: str = ""  #: SHA-256 of that certificate, hexadecimal


class Trust(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What OpenSSL says about one chain and one store. ``code`` is X509_V_ERR_*, 0 when the chain
    is accepted."""

    store: Store  #: the set of roots
    accepted: bool  #: whether the chain is accepted
    code: int = 0  #: X509_V_ERR_* of OpenSSL; 0: accepted
    depth: int = 0  #: place in the chain that the code is about, from 0
    words: str = ""  #: OpenSSL's words for the code
    anchor: str = ""  #: subject of the root that the chain ends in
    anchor_sha256: str = ""  #: SHA-256 of that root, hexadecimal
    go: GoSaid | None = None  #: what Go says with the same roots; null: it was not asked
