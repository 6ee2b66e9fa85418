"""A certificate as crypto/x509 of Go 1.27 reads it, or why it does not.

https://github.com/golang/go/blob/go1.27.0/src/crypto/x509/parser.go; compared with Go over
generated certificates by tests/agents.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from arcprobe.model import GoRefusal
from arcprobe.probes.trust.der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OID,
    SEQUENCE,
    SET,
    UTC_TIME,
    Der,
    DerError,
    context,
)
from arcprobe.probes.trust.go.extensions import read_extensions
from arcprobe.probes.trust.go.facts import GoCertificate, NotRead
from arcprobe.probes.trust.go.keys import read_algorithm, read_key


@functools.lru_cache(maxsize=1024)  # the same authorities come with every handshake of a run
def read(der: bytes) -> GoCertificate | NotRead:
    """What Go reads, or why it does not. Never raises."""
    try:
        return _certificate(der)
    except NotRead as refused:
        return refused
    except DerError as error:
        return NotRead(GoRefusal.NOT_READ, f"x509: malformed {error}")


@functools.lru_cache(maxsize=1024)
def subject_of(der: bytes) -> bytes:
    """The subject's name as it is encoded, without a look at the rest; empty where it cannot be
    found."""
    try:
        body = Der(der).inside(SEQUENCE).inside(SEQUENCE)
        body.optional(context(0, constructed=True))
        for _ in ("serial", "signature", "issuer", "validity"):
            body.value()
        return body.element(SEQUENCE)
    except DerError:
        return b""


def _certificate(der: bytes) -> GoCertificate:
    whole = Der(der)
    outer = whole.inside(SEQUENCE)
    if whole:
        raise NotRead(GoRefusal.NOT_READ, "x509: trailing data")
    signed = outer.element(SEQUENCE)
    body = Der(signed).inside(SEQUENCE)
    version = _version(body)
    if body.integer() < 0:
        raise NotRead(GoRefusal.NEGATIVE_SERIAL, "x509: negative serial number")
    inner = body.value(SEQUENCE)
    if outer.value(SEQUENCE) != inner:
        words = "x509: inner and outer signature algorithm identifiers don't match"
        raise NotRead(GoRefusal.NOT_READ, words)
    issuer = _name(body)
    validity = body.inside(SEQUENCE)
    begin, end = validity.time(), validity.time()
    subject = _name(body)
    spki = body.element(SEQUENCE)
    key, rsa_bits = read_key(Der(spki).inside(SEQUENCE))
    found = GoCertificate(
        raw=der,
        signed=signed,
        signature=b"",
        algorithm=read_algorithm(inner),
        issuer=issuer,
        subject=subject,
        not_before=begin,
        not_after=end,
        version=version,
        spki=spki,
        key=key,
        rsa_bits=rsa_bits,
    )
    read_extensions(found, body)
    found.signature = outer.bits()
    return found


def _version(body: Der) -> int:
    explicit = body.optional(context(0, constructed=True))
    version = 1 if explicit is None else Der(explicit).integer() + 1
    if not 1 <= version <= 3:
        raise NotRead(GoRefusal.NOT_READ, "x509: invalid version")
    return version


def _name(body: Der) -> bytes:
    raw = body.element(SEQUENCE)
    names = Der(raw).inside(SEQUENCE)
    while names:
        attributes = names.inside(SET)
        while attributes:
            attribute = attributes.inside(SEQUENCE)
            attribute.oid()
            _check_value(attribute)
    return raw


_PRINTABLE = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+,-./ :=?*&"
)
_DIGITS = frozenset(b"0123456789 ")


def _is_bmp(octets: bytes) -> bool:
    points = [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2)]
    return len(octets) % 2 == 0 and not any(map(_is_no_character, points))


def _is_no_character(point: int) -> bool:
    return point >= 0xFFFE or 0xFDD0 <= point <= 0xFDEF or 0xD800 <= point <= 0xDFFF


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_STRINGS: dict[int, Callable[[bytes], bool]] = {
    0x0C: _is_utf8,
    0x12: _DIGITS.issuperset,
    0x13: _PRINTABLE.issuperset,
    0x16: bytes.isascii,
    0x1E: _is_bmp,
}


def _check_value(attribute: Der) -> None:
    """parseASN1String and readASN1Any; T.61 is taken as it is."""
    tag = attribute.peek()
    if tag in _STRINGS:
        if not _STRINGS[tag](attribute.value(tag)):
            raise NotRead(GoRefusal.NOT_READ, "x509: invalid RDNSequence: invalid attribute value")
    elif tag in _CHECKED_VALUES:
        _CHECKED_VALUES[tag](attribute)
    else:
        attribute.value()


_CHECKED_VALUES: dict[int, Callable[[Der], object]] = {
    BOOLEAN: Der.boolean,
    INTEGER: Der.integer,
    BIT_STRING: Der.bits,
    OID: Der.oid,
    UTC_TIME: Der.time,
    GENERALIZED_TIME: Der.time,
}
