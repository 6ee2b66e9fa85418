"""The bundle of ``--proxy-cert``: read, or named as what it is instead; and the facts that decide
whether it can help."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from arcprobe.knowledge.go import has_negative_serial, has_weak_signature, lacks_ca_flag
from arcprobe.model import Certificate
from arcprobe.model.text import printable
from arcprobe.probes.trust.certificates import describe, moment

_SIZE = 4 * 1024 * 1024  # bytes; a whole system store has 0.2 MiB
_COUNT = 5000  # certificates; a whole system store has about 150
_NOTES = 20  # remarks, and certificates above which a bundle is taken for a whole store
_NAME_LENGTH = 200  # characters of a file's name within a sentence

_BEGIN = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----")
_BLOCK = re.compile(rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]*?)-----END \1-----")
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """The certificates of a PEM bundle in their order, their DER, and what a user should know of
    them (``notes``)."""

    certificates: tuple[Certificate, ...]
    der: tuple[bytes, ...]
    notes: tuple[str, ...] = ()

    @property
    def pem(self) -> bytes:
        """The certificates alone as PEM: comments, and all else that the file held, left out."""
        return b"".join(
            b"-----BEGIN CERTIFICATE-----\n%b-----END CERTIFICATE-----\n" % base64.encodebytes(der)
            for der in self.der
        )


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The certificates of PEM text as DER, each once, in order. What is none is passed over."""
    found: dict[bytes, None] = {}
    for match in _BLOCK.finditer(data):
        if der := _decoded(match.group(2)):
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
    ders = certificates_in(data) if len(data) <= _SIZE else ()
    if wrong := _wrong_with(data, name, ders):
        raise ValueError(f"{printable(name, _NAME_LENGTH)}: {wrong}")
    certificates = tuple(map(describe, ders))
    notes = list(_notes(certificates, now or datetime.now(UTC)))
    if data.startswith(_BYTE_ORDER_MARK):
        mark = (
            "the file begins with a byte order mark, for which OpenSSL passes over its first"
            " certificate: save it without"
        )
        notes.insert(0, mark)
    return Bundle(certificates=certificates, der=ders, notes=tuple(notes[:_NOTES]))


def _wrong_with(data: bytes, name: str, ders: tuple[bytes, ...]) -> str:
    """Why the file cannot be given to the agents; empty where it can."""
    if len(data) > _SIZE:
        return f"more than {_SIZE >> 20} MiB is no certificate bundle"
    if any(b"PRIVATE KEY" in label for label in _LABEL.findall(data)):
        return (
            "holds a private key, which must not be given away; take the certificate alone:"
            f" openssl x509 -in {printable(name, _NAME_LENGTH)} -out proxy-ca.pem"
        )
    if not ders:
        return what_it_is(data, name)
    headers_found = len(_BEGIN.findall(data))
    readable = sum(bool(_decoded(match.group(2))) for match in _BLOCK.finditer(data))
    if headers_found > readable:
        return (
            f"{headers_found} certificates begin in it and only {readable} can be read;"
            " it is cut or edited, export it again"
        )
    for number, der in enumerate(ders, 1):
        if not describe(der).not_after:
            return (
                f"certificate {number} of {len(ders)} is no X.509 certificate;"
                " export it again as Base-64"
            )
    return ""


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


# ---------------------------------------------------------------------------------- what is noted


def _notes(certificates: tuple[Certificate, ...], now: datetime) -> Iterator[str]:
    if len(certificates) > _NOTES:
        yield (
            f"{len(certificates)} certificates: a whole trust store, of which only the inspecting"
            " proxy's root is needed"
        )
        return
    yield from _notes_on_the_set(certificates)
    for number, certificate in enumerate(certificates, 1):
        name = certificate.common_name or certificate.subject or "without a name"
        for note in _notes_on_one(certificate, now):
            yield f"certificate {number} ({name}) {note}"
    is_root = [certificate.is_self_signed for certificate in certificates]
    if is_root[0] and not is_root[-1]:
        yield (
            "the root stands before what it signed; a trust store does not mind, a server's chain"
            " file would"
        )


def _notes_on_the_set(certificates: tuple[Certificate, ...]) -> Iterator[str]:
    if all(certificate.is_ca is False for certificate in certificates):
        yield (
            "no certificate authority in it, only what a server shows of itself:"
            " agents need the CA that signs it"
        )
    elif not any(certificate.is_self_signed for certificate in certificates):
        yield (
            "only an intermediate and no root: Go programs accept that, OpenSSL and .NET do not;"
            f" add the root {certificates[-1].issuer}"
        )


def _notes_on_one(certificate: Certificate, now: datetime) -> Iterator[str]:
    for applies, words in _FACTS:
        if applies(certificate):
            yield words
    if moment(certificate.not_after) < now:
        yield f"expired on {certificate.not_after}"
    elif certificate.not_before and moment(certificate.not_before) > now:
        yield f"is not valid before {certificate.not_before}"
    if certificate.permitted_names:
        names = ", ".join(certificate.permitted_names[:8])
        yield f"may sign only for {names} (name constraints)"


def _may_not_sign(certificate: Certificate) -> bool:
    usage = certificate.key_usage
    return certificate.is_ca is not False and usage is not None and "keyCertSign" not in usage


_FACTS: tuple[tuple[Callable[[Certificate], bool], str], ...] = (
    (lambda certificate: certificate.is_ca is False, "is a server's certificate, not a CA"),
    (
        lacks_ca_flag,
        "has no CA flag (basicConstraints CA:TRUE is missing): Go refuses what it signs",
    ),
    (
        lambda certificate: certificate.is_ca is None and certificate.version < 3,
        "is of X.509 version 1, without a CA flag: not every client lets it sign",
    ),
    (_may_not_sign, "has a key usage without keyCertSign: it may not sign certificates"),
    (
        has_weak_signature,
        "is signed with SHA-1 or MD5: Go refuses it, OpenSSL by its security level",
    ),
    (
        has_negative_serial,
        "has a negative serial number: Go since 1.23 does not read such certificates",
    ),
    (
        lambda certificate: certificate.key in {"RSA 512", "RSA 768", "RSA 1024"},
        "has an RSA key of 1024 bits or fewer",
    ),
)


# ---------------------------------------------------------------------------- what it is instead


def what_it_is(data: bytes, name: str) -> str:
    """In words: what this file is, that is no PEM certificate, and how to make one of it. Nothing
    of its content is shown."""
    for applies, words in _KINDS:
        if applies(data):
            return words.replace("FILE", printable(name, _NAME_LENGTH))
    return "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"


def _is_utf16(data: bytes) -> bool:
    return data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"-\0-\0-\0" in data[:4096]


def _labelled(*words: bytes) -> Callable[[bytes], bool]:
    pattern = re.compile(
        rb"-----BEGIN [A-Z0-9 ]{0,40}(?:%b)[A-Z0-9 ]{0,40}-----" % b"|".join(words)
    )
    return lambda data: pattern.search(data) is not None


def _sequence_with(oid: bytes, within: int) -> Callable[[bytes], bool]:
    """DER that names this type in its first bytes."""
    return lambda data: data[:1] == b"\x30" and oid in data[:within]


def _loads(loader: str) -> Callable[[bytes], bool]:
    """DER that cryptography's loader of this name takes."""

    def attempt(data: bytes) -> bool:
        import warnings

        from cryptography import x509

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                getattr(x509, loader)(data)
            except Exception:  # parsers of whatever a user has at hand
                return False
        return True

    return attempt


def _is_key(data: bytes) -> bool:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        load_der_private_key(data, None)
    except TypeError:
        return True  # a key under a password
    except Exception:  # parsers of whatever a user has at hand
        return False
    return True


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID 1.2.840.113549.1.7.2, RFC 2315
_DATA = bytes.fromhex("06092a864886f70d010701")  # …7.1: what a PKCS#12 wraps, RFC 7292

_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (
        lambda data: not data.strip(b" \t\r\n\0\xef\xbb\xbf"),
        "is empty; a bundle in PEM form (-----BEGIN CERTIFICATE-----) would be right",
    ),
    (
        _is_utf16,
        "is text in UTF-16, as PowerShell and Notepad save it;"
        " convert: iconv -f UTF-16 -t UTF-8 FILE > proxy-ca.pem",
    ),
    (
        _labelled(b"PRIVATE KEY"),
        "holds a private key, which must not be given away;"
        " openssl x509 -in FILE takes a certificate alone",
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
        "is OpenSSL's own form (TRUSTED CERTIFICATE);"
        " convert: openssl x509 -in FILE -out proxy-ca.pem",
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
        _sequence_with(_SIGNED_DATA, 40),
        "is PKCS#7 in DER;"
        " convert: openssl pkcs7 -inform DER -print_certs -in FILE -out proxy-ca.pem",
    ),
    (
        _sequence_with(_DATA, 60),
        "is PKCS#12 (.pfx, .p12);"
        " convert: openssl pkcs12 -cacerts -nokeys -in FILE -out proxy-ca.pem",
    ),
    (
        _is_key,
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
        "is Base-64 without its first and last line;"
        " convert: base64 -d FILE | openssl x509 -inform DER -out proxy-ca.pem",
    ),
)
