"""What Go refuses in TLS and in certificates although OpenSSL may take it. Most agents are in Go.

Sources: crypto/tls and crypto/x509 of Go 1.25, https://github.com/golang/go/tree/go1.25.0/src/crypto.
"""

from __future__ import annotations

from arcprobe.model import Certificate

_WEAK_HASHES = frozenset({"sha1", "md5"})
_OLD_VERSIONS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
_SERVER_PURPOSES = frozenset({"serverAuth", "2.5.29.37.0"})  # the second is "any" (RFC 5280)


def has_no_names(leaf: Certificate) -> bool:
    """A host only in the common name counts for nothing since Go 1.15 (verify.go,
    HostnameError: "certificate relies on legacy Common Name field, use SANs instead")."""
    return not leaf.names


def is_not_for_servers(leaf: Certificate) -> bool:
    """Purposes that leave servers out (verify.go: ``KeyUsages`` defaults to
    ``ExtKeyUsageServerAuth``)."""
    purposes = leaf.extended_key_usage
    return purposes is not None and _SERVER_PURPOSES.isdisjoint(purposes)


def has_negative_serial(certificate: Certificate) -> bool:
    """Not even read since Go 1.23 (parser.go, GODEBUG x509negativeserial)."""
    return certificate.negative_serial


def has_weak_signature(certificate: Certificate) -> bool:
    """SHA-1 or MD5, refused since Go 1.18 (x509.go, ``InsecureAlgorithmError``); a root's
    signature over itself is not looked at."""
    return certificate.signature in _WEAK_HASHES and not certificate.is_self_signed


def lacks_ca_flag(authority: Certificate) -> bool:
    """A CA of X.509 version 3 without basicConstraints may not sign (x509.go,
    ``CheckSignatureFrom``)."""
    return authority.is_ca is None and authority.version >= 3


def speaks_too_old(version: str) -> bool:
    """A newest version of TLS that Go does not offer since 1.18 (tls/common.go, ``MinVersion``), in
    OpenSSL's words."""
    return version in _OLD_VERSIONS


def refuses_cipher(version: str, cipher: str) -> bool:
    """A cipher suite, in OpenSSL's words, that Go has not: it never had finite-field
    Diffie-Hellman, and offers no RSA key exchange since 1.22 (tls/defaults.go)."""
    is_elliptic = any(word in cipher.upper() for word in ("ECDHE", "CHACHA"))
    return version == "TLSv1.2" and bool(cipher) and not is_elliptic
