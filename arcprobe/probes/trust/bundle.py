"""The bundle of ``--proxy-cert``: read, or named as what it is instead; and the facts that decide
whether it can help."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from arcprobe.knowledge.go import has_negative_serial, has_weak_signature, lacks_ca_flag
from arcprobe.knowledge.language import language
from arcprobe.model import Certificate, Line, line
from arcprobe.model.text import printable
from arcprobe.probes.trust.certificates import describe, moment
from arcprobe.probes.trust.go.certificate import read
from arcprobe.probes.trust.go.facts import NotRead
from arcprobe.probes.trust.go.pem import certificates_in_pem
from arcprobe.probes.trust.pem_forms import begun_and_whole, count_of_openssl, form_of, meant_in

_SIZE = 4 * 1024 * 1024  # bytes; a whole system store has 0.2 MiB
_NOTES = 20  # remarks, and certificates above which a bundle is taken for a whole store
_NAME_LENGTH = 200  # characters of a file's name within a sentence
_NAMES_SHOWN = 8  # of a CA's name constraints

_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")


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
    return meant_in(data)


def read_proxy_cert(data: bytes, name: str, now: datetime | None = None) -> Bundle:
    """The bundle that the agents would be given: those certificates count that Go finds in it.
    ``name`` is the file's, for words; ``now`` for its dates.

    Raises ``ValueError`` with one line that says what the file is instead and the command that
    converts it.
    """
    file = printable(name, _NAME_LENGTH)
    found = tuple(dict.fromkeys(certificates_in_pem(data))) if len(data) <= _SIZE else ()
    ders = tuple(der for der in found if describe(der).not_after or _is_read_by_go(der))
    if not ders:
        wrong = _wrong_with(data, file, found)
        raise ValueError(f"{file}: {language().say(wrong)}")
    if _has_key(data):
        raise ValueError(f"{file}: {language().say(line('bundle.key-inside', file=file))}")
    certificates = tuple(map(describe, ders))
    notes = [
        *_unread(data, found),
        *_not_read(found),
        *_notes(certificates, now or datetime.now(UTC)),
    ]
    told = tuple(language().say(note) for note in notes[:_NOTES])
    return Bundle(certificates=certificates, der=ders, notes=told)


def _is_read_by_go(der: bytes) -> bool:
    return not isinstance(read(der), NotRead)


def _has_key(data: bytes) -> bool:
    return any(b"PRIVATE KEY" in label for label in _LABEL.findall(data))


def _wrong_with(data: bytes, file: str, found: tuple[bytes, ...]) -> Line:
    """Why the file cannot be given to the agents."""
    if len(data) > _SIZE:
        return line("bundle.too-large", most=_SIZE >> 20)
    if _has_key(data):
        return line("bundle.key-inside", file=file)
    if found:
        return line("bundle.no-certificate", number=1, count=len(found))
    begin, readable = begun_and_whole(data)
    if begin > readable > 0:
        return line("bundle.cut", begin=begin, readable=readable)
    if not meant_in(data):
        return _instead(data, file)
    form = line(f"bundle.form.{form_of(data)}", file=file)
    return line("bundle.not-for-go", form=form, count=count_of_openssl(data))


def _unread(data: bytes, found: tuple[bytes, ...]) -> Iterator[Line]:
    """What stands in the file beside what Go finds in it."""
    begin, readable = begun_and_whole(data)
    if begin > readable:
        yield line("bundle.note.cut", begin=begin, readable=readable)
    meant = meant_in(data)
    lost = [(number, der) for number, der in enumerate(meant, 1) if der not in found]
    for number, der in lost:
        form = line(f"bundle.form.{form_of(data)}", file="FILE")
        count = count_of_openssl(data)
        note = line("bundle.note.not-for-go", form=form, count=count, total=len(meant))
        yield _note_on(number, describe(der), note)


def _not_read(found: tuple[bytes, ...]) -> Iterator[Line]:
    """Certificates that are no X.509 to Go, beside those whose fault has words of its own."""
    for number, der in enumerate(found, 1):
        certificate, facts = read(der), describe(der)
        if isinstance(certificate, NotRead) and not facts.negative_serial:
            note = line("bundle.note.not-read", words=certificate.words)
            yield _note_on(number, facts, note)


def _note_on(number: int, certificate: Certificate, note: Line) -> Line:
    name = certificate.common_name or certificate.subject or line("bundle.note.no-name")
    return line("bundle.note.certificate", number=number, name=name, note=note)


# ----------------------------------------------------------------------------------- what is noted


def _notes(certificates: tuple[Certificate, ...], now: datetime) -> Iterator[Line]:
    if len(certificates) > _NOTES:
        yield line("bundle.note.whole-store", count=len(certificates))
        return
    is_root = [certificate.is_self_signed for certificate in certificates]
    if all(certificate.is_ca is False for certificate in certificates):
        yield line("bundle.note.no-authority")
    elif not any(is_root):
        yield line("bundle.note.no-root", root=certificates[-1].issuer)
    for number, certificate in enumerate(certificates, 1):
        yield from _notes_on_one(number, certificate, now)
    if is_root[0] and not is_root[-1]:
        yield line("bundle.note.root-first")


def _notes_on_one(number: int, certificate: Certificate, now: datetime) -> Iterator[Line]:
    for note in (*_facts(certificate), *_limits(certificate, now)):
        yield _note_on(number, certificate, note)


def _facts(certificate: Certificate) -> Iterator[Line]:
    return (line(f"bundle.note.{key}") for applies, key in _FACTS if applies(certificate))


def _limits(certificate: Certificate, now: datetime) -> Iterator[Line]:
    if certificate.not_after and moment(certificate.not_after) < now:
        yield line("bundle.note.expired", when=certificate.not_after)
    elif certificate.not_before and moment(certificate.not_before) > now:
        yield line("bundle.note.not-yet-valid", when=certificate.not_before)
    if certificate.permitted_names:
        names = ", ".join(certificate.permitted_names[:_NAMES_SHOWN])
        yield line("bundle.note.constrained", names=names)


def _may_not_sign(certificate: Certificate) -> bool:
    usage = certificate.key_usage
    return certificate.is_ca is not False and usage is not None and "keyCertSign" not in usage


_FACTS: tuple[tuple[Callable[[Certificate], bool], str], ...] = (
    (lambda certificate: certificate.is_ca is False, "server"),
    (lacks_ca_flag, "no-ca-flag"),
    (lambda certificate: certificate.is_ca is None and certificate.version < 3, "version-1"),
    (_may_not_sign, "may-not-sign"),
    (has_weak_signature, "weak-signature"),
    (has_negative_serial, "negative-serial"),
    (lambda certificate: certificate.key in {"RSA 512", "RSA 768", "RSA 1024"}, "short-key"),
)


# ------------------------------------------------------------------------------ what it is instead


def what_it_is(data: bytes, name: str) -> str:
    """In words: what this file is, that is no PEM certificate, and how to make one of it. Nothing
    of its content is shown."""
    return language().say(_instead(data, printable(name, _NAME_LENGTH)))


def _instead(data: bytes, file: str) -> Line:
    for applies, key in _KINDS:
        if applies(data):
            return line(f"bundle.instead.{key}", file=file)
    return line("bundle.nothing")


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
        from cryptography.hazmat.primitives import serialization

        load = getattr(x509, loader, None) or getattr(serialization, loader)
        arguments = (data, None) if loader == _KEY_LOADER else (data,)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                load(*arguments)
            except TypeError:
                return loader == _KEY_LOADER  # a key under a password
            except Exception:  # parsers of whatever a user has at hand
                return False
        return True

    return attempt


_KEY_LOADER = "load_der_private_key"
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID 1.2.840.113549.1.7.2, RFC 2315
_DATA = bytes.fromhex("06092a864886f70d010701")  # …7.1: what a PKCS#12 wraps, RFC 7292

_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda data: not data.strip(b" \t\r\n\0\xef\xbb\xbf"), "empty"),
    (_is_utf16, "utf16"),
    (_labelled(b"PRIVATE KEY"), "key"),
    (_labelled(b"PKCS7", b"CMS"), "pkcs7"),
    (_labelled(b"CERTIFICATE REQUEST"), "request"),
    (_labelled(b"TRUSTED CERTIFICATE"), "trusted"),
    (_labelled(b"CRL"), "revoked"),
    (_labelled(b"PUBLIC KEY"), "public-key"),
    (_labelled(b"CERTIFICATE"), "cut"),
    (_loads("load_der_x509_certificate"), "der"),
    (_sequence_with(_SIGNED_DATA, within=40), "pkcs7-der"),
    (_sequence_with(_DATA, within=60), "pkcs12"),
    (_loads(_KEY_LOADER), "key-der"),
    (_loads("load_der_x509_csr"), "request-der"),
    (lambda data: data.lstrip()[:1] == b"<", "html"),
    (lambda data: data[:1] == b"\x30", "other-der"),
    (lambda data: data.lstrip()[:3] == b"MII", "base64"),
)
