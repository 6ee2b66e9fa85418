"""The bundle of ``--proxy-cert``: read, or named as what it is instead; and the facts that decide
whether it can help."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from arcprobe.model import Certificate
from arcprobe.probes.trust.certificates import describe

_SIZE = 4 * 1024 * 1024
_COUNT = 5000  # a whole system store has about 150
_NOTES = 20
_BLOCK = re.compile(rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]*?)-----END \1-----")
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """The certificates of a PEM bundle in their order, their DER, and what a person should know of
    them (``notes``)."""

    certificates: tuple[Certificate, ...]
    der: tuple[bytes, ...]
    notes: tuple[str, ...] = ()

    @property
    def pem(self) -> bytes:
        """The certificates alone as PEM: comments, and all else that the file held, left out."""
        return b"".join(
            b"-----BEGIN CERTIFICATE-----\n"
            + base64.encodebytes(der)
            + b"-----END CERTIFICATE-----\n"
            for der in self.der
        )


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The certificates of PEM text as DER, each once, in order. What is none is passed over."""
    found: dict[bytes, None] = {}
    for match in _BLOCK.finditer(data):
        der = _decoded(match.group(2))
        if der:
            found[der] = None
        if len(found) >= _COUNT:
            break
    return tuple(found)


def read_proxy_cert(data: bytes, name: str, now: datetime | None = None) -> Bundle:
    """The bundle that the agents would be given. ``name`` is the file's, for words; ``now`` for its
    dates.

    Raises ``ValueError`` with one line that says what the file is instead and the command that
    converts it.
    """
    where = _shown(name)
    if len(data) > _SIZE:
        raise ValueError(f"{where}: more than {_SIZE >> 20} MiB is no certificate bundle")
    labels = {label.decode("ascii") for label in _LABEL.findall(data)}
    if any("PRIVATE KEY" in label for label in labels):
        raise ValueError(
            f"{where}: holds a private key, which must not be given away; {_extract(name)}"
        )
    der = certificates_in(data)
    if not der:
        raise ValueError(f"{where}: {what_it_is(data, name)}")
    begun = len(re.findall(rb"-----BEGIN (?:X509 )?CERTIFICATE-----", data))
    read = len([match for match in _BLOCK.finditer(data) if _decoded(match.group(2))])
    if begun > read:
        raise ValueError(
            f"{where}: {begun} certificates begin in it and only {read} can be read; it is cut or edited, export it again"
        )
    certificates = tuple(describe(item, keep_pem=False) for item in der)
    unreadable = [number for number, item in enumerate(certificates, 1) if not item.not_after]
    if unreadable:
        raise ValueError(
            f"{where}: certificate {unreadable[0]} of {len(der)} is no X.509 certificate; export it again as Base-64"
        )
    notes = list(_notes(certificates, now or datetime.now(UTC)))
    if data.startswith(b"\xef\xbb\xbf"):
        notes.insert(
            0,
            "the file begins with a byte order mark, for which OpenSSL passes over its first certificate: save it without",
        )
    return Bundle(certificates=certificates, der=der, notes=tuple(notes[:_NOTES]))


# --------------------------------------------------------------------------------------------------


def _notes(certificates: tuple[Certificate, ...], now: datetime) -> list[str]:
    if len(certificates) > _NOTES:
        return [
            f"{len(certificates)} certificates: a whole trust store, of which only the inspecting proxy's root is needed"
        ]
    notes: list[str] = []
    roots = [item for item in certificates if is_self_issued(item)]
    authorities = [item for item in certificates if item.is_ca is not False]
    if not authorities:
        notes.append(
            "no certificate authority in it, only what a server shows of itself: agents need the CA that signs it"
        )
    elif not roots:
        top = certificates[-1]
        notes.append(
            f"only an intermediate and no root: Go programs accept that, OpenSSL and .NET do not; add the root {top.issuer}"
        )
    for number, item in enumerate(certificates, 1):
        which = f"certificate {number} ({item.common_name or item.subject or 'without a name'})"
        notes += [f"{which} {words}" for applies, words in _FACTS if applies(item)]
        if _moment(item.not_after) < now:
            notes.append(f"{which} expired on {item.not_after}")
        elif item.not_before and _moment(item.not_before) > now:
            notes.append(f"{which} is not valid before {item.not_before}")
        if item.permitted_names:
            notes.append(
                f"{which} may sign only for {', '.join(item.permitted_names[:8])} (name constraints)"
            )
    if (
        len(certificates) > 1
        and roots
        and is_self_issued(certificates[0])
        and not is_self_issued(certificates[-1])
    ):
        notes.append(
            "the root stands before what it signed; a trust store does not mind, a server's chain file would"
        )
    return notes


def is_self_issued(certificate: Certificate) -> bool:
    """Whether subject and issuer are the same name, and the key identifiers, where there are some,
    do not contradict."""
    return certificate.subject == certificate.issuer and (
        not certificate.aki or not certificate.ski or certificate.aki == certificate.ski
    )


_FACTS: tuple[tuple[Callable[[Certificate], bool], str], ...] = (
    (lambda item: item.is_ca is False, "is a server's certificate, not a CA"),
    (
        lambda item: item.is_ca is None and item.version >= 3,
        "has no CA flag (basicConstraints CA:TRUE is missing): Go refuses what it signs",
    ),
    (
        lambda item: item.is_ca is None and item.version < 3,
        "is of X.509 version 1, without a CA flag: not every client lets it sign",
    ),
    (
        lambda item: (
            item.key_usage is not None
            and "keyCertSign" not in item.key_usage
            and item.is_ca is not False
        ),
        "has a key usage without keyCertSign: it may not sign certificates",
    ),
    # crypto/x509 of Go refuses SHA-1 signatures since 1.18; a root's signature over itself is
    # not looked at
    (
        lambda item: item.signature in {"sha1", "md5"} and not is_self_issued(item),
        "is signed with SHA-1 or MD5: Go refuses it, OpenSSL by its security level",
    ),
    # crypto/x509 of Go 1.23 (GODEBUG x509negativeserial); RFC 5280 section 4.1.2.2
    (
        lambda item: item.negative_serial,
        "has a negative serial number: Go since 1.23 does not read such certificates",
    ),
    (
        lambda item: item.key in {"RSA 512", "RSA 768", "RSA 1024"},
        "has an RSA key of 1024 bits or fewer",
    ),
)


# -------------------------------------------------------------------------------------------------


def what_it_is(data: bytes, name: str) -> str:
    """In words: what this file is, that is no PEM certificate, and how to make one of it. Nothing
    of its content is shown."""
    name = _shown(name)
    for applies, words in _KINDS:
        if applies(data):
            return words.replace("FILE", name)
    return "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"


def _extract(name: str) -> str:
    return f"take the certificate alone: openssl x509 -in {_shown(name)} -out proxy-ca.pem"


def _labelled(*words: bytes) -> Callable[[bytes], bool]:
    return lambda data: any(any(word in label for word in words) for label in _LABEL.findall(data))


def _loads(loader: str) -> Callable[[bytes], bool]:
    def attempt(data: bytes) -> bool:
        import warnings

        from cryptography import x509
        from cryptography.hazmat.primitives import serialization

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                if loader == "key":
                    serialization.load_der_private_key(data, None)
                else:
                    getattr(x509, loader)(data)
            except TypeError:
                return loader == "key"  # a key under a password
            except Exception:  # parsers of whatever a person has at hand
                return False
        return True

    return attempt


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID 1.2.840.113549.1.7.2, RFC 2315
_DATA = bytes.fromhex(
    "06092a864886f70d010701"
)  # OID 1.2.840.113549.1.7.1: what a PKCS#12 wraps, RFC 7292

_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (
        lambda data: not data.strip(b" \t\r\n\0\xef\xbb\xbf"),
        "is empty; a bundle in PEM form (-----BEGIN CERTIFICATE-----) would be right",
    ),
    (
        lambda data: data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"-\0-\0-\0" in data[:4096],
        "is text in UTF-16, as PowerShell and Notepad save it; convert: iconv -f UTF-16 -t UTF-8 FILE > proxy-ca.pem",
    ),
    (
        _labelled(b"PRIVATE KEY"),
        "holds a private key, which must not be given away; openssl x509 -in FILE takes a certificate alone",
    ),
    (
        _labelled(b"PKCS7", b"CMS"),
        "is PKCS#7; convert: openssl pkcs7 -print_certs -in FILE -out proxy-ca.pem",
    ),
    (
        _labelled(b"CERTIFICATE REQUEST"),
        "is a certificate request (CSR); ask the CA for the certificate of the CA itself",
    ),
    (
        _labelled(b"TRUSTED CERTIFICATE"),
        "is OpenSSL's own form (TRUSTED CERTIFICATE); convert: openssl x509 -in FILE -out proxy-ca.pem",
    ),
    (
        _labelled(b"CRL"),
        "is a list of revoked certificates (CRL); the certificate of the CA itself is needed",
    ),
    (_labelled(b"PUBLIC KEY"), "is a public key; the certificate of the CA is needed"),
    (
        _labelled(b"CERTIFICATE"),
        "begins a certificate that cannot be read: it is cut or edited; export it again as Base-64",
    ),
    (
        _loads("load_der_x509_certificate"),
        "is DER; convert: openssl x509 -inform DER -in FILE -out proxy-ca.pem",
    ),
    (
        lambda data: data[:1] == b"\x30" and _SIGNED_DATA in data[:40],
        "is PKCS#7 in DER; convert: openssl pkcs7 -inform DER -print_certs -in FILE -out proxy-ca.pem",
    ),
    (
        lambda data: data[:1] == b"\x30" and _DATA in data[:60],
        "is PKCS#12 (.pfx, .p12); convert: openssl pkcs12 -cacerts -nokeys -in FILE -out proxy-ca.pem",
    ),
    (
        _loads("key"),
        "is a private key, which must not be given away; the certificate of the CA is needed",
    ),
    (
        _loads("load_der_x509_csr"),
        "is a certificate request (CSR) in DER; ask the CA for the certificate of the CA itself",
    ),
    (
        lambda data: data.lstrip()[:1] == b"<",
        "is HTML, a page that was saved in the place of the file; download it again",
    ),
    (
        lambda data: data[:1] == b"\x30",
        "is DER of another kind; ask the owner of the proxy for its CA as Base-64 (PEM)",
    ),
    (
        lambda data: data.lstrip()[:3] == b"MII",
        "is Base-64 without its first and last line; convert: base64 -d FILE | openssl x509 -inform DER -out proxy-ca.pem",
    ),
)


# --------------------------------------------------------------------------------------------------


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _shown(name: str) -> str:
    return "".join(character for character in name if character.isprintable())[:200]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
