"""Extensions of a certificate, as crypto/x509 of Go reads them (parser.go, processExtensions). One
that cannot be read costs the whole certificate; one that Go does not know is read by nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Address, IPv6Network

from arcprobe.model import GoRefusal
from arcprobe.model.text import is_address
from arcprobe.probes.trust.der import (
    BOOLEAN,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    Der,
    context,
    dotted,
)
from arcprobe.probes.trust.go.facts import Constraints, GoCertificate, NotRead

_MAIL, _DNS, _URI, _ADDRESS = 1, 2, 6, 7  # RFC 5280 section 4.2.1.6, GeneralName


def read_extensions(found: GoCertificate, body: Der) -> None:
    if found.version < 2:
        return
    body.optional(context(1))
    body.optional(context(2))
    if found.version < 3:
        return
    listed = body.optional(context(3, constructed=True))
    if listed is None:
        return
    seen: set[str] = set()
    for oid, is_critical, value in _extensions(Der(listed).inside(SEQUENCE)):
        if oid in seen:
            raise NotRead(GoRefusal.NOT_READ, "x509: certificate contains duplicate extension")
        seen.add(oid)
        read_one = _READ_EXTENSION.get(oid)
        is_handled = read_one is not None and read_one(found, value, is_critical)
        found.has_unknown_critical |= is_critical and not is_handled


def _extensions(listed: Der) -> Iterator[tuple[str, bool, bytes]]:
    while listed:
        fields = listed.inside(SEQUENCE)
        oid = fields.oid()
        is_critical = fields.peek() == BOOLEAN and fields.boolean()
        yield oid, is_critical, fields.value(OCTET_STRING)


def _read_key_usage(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    octets, _unused = Der(value).bits_from_left()
    bits = int.from_bytes(octets.ljust(2, b"\0")[:2], "big")
    found.key_usage = sum(1 << number for number in range(9) if bits >> (15 - number) & 1)
    return True


def _read_basic_constraints(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    fields = Der(value).inside(SEQUENCE)
    found.is_ca = fields.peek() == BOOLEAN and fields.boolean()
    if fields.peek() == INTEGER:
        found.longest_path = fields.integer()
        if not 0 <= found.longest_path < 1 << 63:
            raise NotRead(GoRefusal.NOT_READ, "x509: invalid basic constraints")
    found.has_basic_constraints = True
    return True


def _read_names(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    found.san = value
    listed = Der(value).inside(SEQUENCE)
    kinds: dict[int, list[bytes]] = {_MAIL: [], _DNS: [], _URI: [], _ADDRESS: []}
    while listed:
        kind = listed.peek() ^ context(0)
        octets = listed.value()
        if kind in kinds:
            kinds[kind].append(octets)
    found.mail = tuple(map(_ia5, kinds[_MAIL]))
    found.names = tuple(map(_ia5, kinds[_DNS]))
    found.uris = tuple(map(_ia5, kinds[_URI]))
    found.addresses = tuple(map(_address, kinds[_ADDRESS]))
    return any(kinds.values())


def _ia5(octets: bytes) -> str:
    if not octets.isascii():
        raise NotRead(GoRefusal.NOT_READ, "x509: SAN dNSName is malformed")
    return octets.decode("ascii")


def _address(octets: bytes) -> bytes:
    if len(octets) not in (4, 16):
        raise NotRead(GoRefusal.NOT_READ, f"x509: cannot parse IP address of length {len(octets)}")
    if len(octets) == 16 and IPv6Address(octets).ipv4_mapped is not None:
        words = "x509: SAN iPAddress contains IPv4-mapped IPv6 address"
        raise NotRead(GoRefusal.NOT_READ, words)
    return octets


def _read_purposes(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    listed = Der(value).inside(SEQUENCE)
    purposes = []
    while listed:
        purposes.append(listed.oid())
    found.purposes = tuple(purposes)
    return True


def _read_ski(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    _refuse_critical("subject key identifier", is_critical)
    found.ski = Der(value).value(OCTET_STRING)
    return True


def _read_aki(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    _refuse_critical("authority key identifier", is_critical)
    found.aki = Der(value).inside(SEQUENCE).optional(context(0)) or b""
    return True


def _read_access(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    _refuse_critical("authority info access", is_critical)
    listed = Der(value).inside(SEQUENCE)
    while listed:
        description = listed.inside(SEQUENCE)
        description.oid()
        description.optional(context(6))
    return True


def _refuse_critical(name: str, is_critical: bool) -> None:
    if is_critical:
        raise NotRead(GoRefusal.NOT_READ, f"x509: {name} incorrectly marked critical")


def _read_policies(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    listed, seen = Der(value).inside(SEQUENCE), set()
    while listed:
        octets = listed.inside(SEQUENCE).value(OID)
        if octets in seen:
            raise NotRead(GoRefusal.NOT_READ, "x509: invalid certificate policies")
        dotted(octets)
        seen.add(octets)
    return True


def _read_points(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    listed = Der(value).inside(SEQUENCE)
    while listed:
        name = listed.inside(SEQUENCE).optional(context(0, constructed=True))
        if name is None:
            continue
        uris = Der(name).inside(context(0, constructed=True))
        while uris.peek() == context(6):
            uris.value()
    return True


def _read_constraints(found: GoCertificate, value: bytes, is_critical: bool) -> bool:
    whole = Der(value)
    fields = whole.inside(SEQUENCE)
    permitted = fields.optional(context(0, constructed=True)) or b""
    excluded = fields.optional(context(1, constructed=True)) or b""
    if whole or fields or not (permitted or excluded):
        raise NotRead(GoRefusal.NOT_READ, "x509: invalid NameConstraints extension")
    found.permitted, is_known = _subtrees(Der(permitted))
    found.excluded, is_known_too = _subtrees(Der(excluded))
    return is_known and is_known_too


def _subtrees(listed: Der) -> tuple[Constraints, bool]:
    found, is_known = Constraints(), True
    while listed:
        base = listed.inside(SEQUENCE)
        kind = base.peek() ^ context(0)
        octets = base.value()
        if kind == _ADDRESS:
            found.addresses.append(_network(octets))
        elif kind == _DNS:
            found.dns.append(_domain(octets))
        elif kind == _MAIL:
            found.mail.append(_domain(octets, is_mail=True))
        elif kind == _URI:
            found.uris.append(_domain(octets, is_uri=True))
        else:
            is_known = False
    return found, is_known


def _network(octets: bytes) -> IPv4Network | IPv6Network:
    half = len(octets) // 2
    if len(octets) not in (8, 32):
        raise NotRead(GoRefusal.NOT_READ, "x509: IP constraint contained value of another length")
    mask = int.from_bytes(octets[half:], "big")
    bits = bin(mask).count("1")
    if mask != ((1 << bits) - 1) << (8 * half - bits):
        raise NotRead(GoRefusal.NOT_READ, "x509: IP constraint contained invalid mask")
    if half == 4:
        return IPv4Network((octets[:4], bits), strict=False)
    if IPv6Address(octets[:16]).ipv4_mapped is not None:
        words = "x509: IP constraint contained IPv4-mapped IPv6 address"
        raise NotRead(GoRefusal.NOT_READ, words)
    return IPv6Network((octets[:16], bits), strict=False)


def _domain(octets: bytes, *, is_mail: bool = False, is_uri: bool = False) -> str:
    text = octets.decode("latin-1")
    host = text.rpartition("@")[2] if is_mail else text
    if (
        not text.isascii()
        or not is_domain(host, is_constraint=True)
        or (is_uri and is_address(text))
    ):
        raise NotRead(GoRefusal.NOT_READ, "x509: failed to parse a name constraint")
    return text


def is_domain(text: str, *, is_constraint: bool = False) -> bool:
    """parser.go, domainNameValid: printable ASCII, no label empty, no dot at the end; the empty
    name is one."""
    if is_constraint and text != ".":
        text = text.removeprefix(".")
    is_printable = all("!" <= char <= "~" for char in text)
    return not text or (is_printable and all(text.split(".")))


_READ_EXTENSION: dict[str, Callable[[GoCertificate, bytes, bool], bool]] = {
    "2.5.29.14": _read_ski,
    "2.5.29.15": _read_key_usage,
    "2.5.29.17": _read_names,
    "2.5.29.19": _read_basic_constraints,
    "2.5.29.30": _read_constraints,
    "2.5.29.31": _read_points,
    "2.5.29.32": _read_policies,
    "2.5.29.35": _read_aki,
    "2.5.29.37": _read_purposes,
    "1.3.6.1.5.5.7.1.1": _read_access,
}
