"""Reading addresses the way the clients' own parsers do, and address sets as intervals. No sockets:
text and arithmetic only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, summarize_address_range

from arcprobe.model.text import parse_address as parse_with_zone

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Interval = tuple[int, int, int]  # version, first, last

# White space as Unicode's White_Space property has it: Go's strings.TrimSpace and .NET's
# TrimEntries. Python's own strip() also takes U+001C to U+001F.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_JOINERS = "\u200c\u200d"  # RFC 5892 appendix A

_ATON_PART = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")
_LONGEST_PART = 12  # characters: 037777777777 is the largest number of 32 bits
_MAPPED = 96  # the bits before the address in an IPv4-mapped one (RFC 4291 section 2.5.5.2)


def parse_address(text: str) -> Address | None:
    """An address as inet_pton(3) and Go's net.ParseIP take it: four decimal octets, no leading
    zeros, or IPv6, no zone."""
    return None if "%" in text else parse_with_zone(text)


def is_seen_by_others(text: str) -> bool:
    """Whether it is an address under which a host is known beyond its own link."""
    parsed = parse_address(text)
    return parsed is not None and not (parsed.is_loopback or parsed.is_link_local)


def unmapped(address: Address) -> Address:
    """The IPv4 address within an IPv4-mapped IPv6 one (Go's IP.To4); any other address itself."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_aton(text: str) -> IPv4Address | None:
    """An IPv4 address as glibc's inet_aton(3) takes it: one to four parts, decimal, octal or
    hexadecimal."""
    head = re.split(r"[ \t\n\v\f\r]", text)[0]  # white space ends the address
    parts = head.split(".")
    if len(parts) > 4 or not all(map(_is_number, parts)):
        return None
    *heads, last = map(_number, parts)
    if any(value > 255 for value in heads) or last >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(last + sum(value << 24 - 8 * place for place, value in enumerate(heads)))


def _is_number(part: str) -> bool:
    return len(part) <= _LONGEST_PART and _ATON_PART.fullmatch(part) is not None


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part, 16)
    return int(part, 8 if part[0] == "0" else 10)


def parse_network(text: str) -> Network | None:
    """A network as Go's net.ParseCIDR takes it: host bits may be set, the prefix may have leading
    zeros; IPv4-mapped is IPv4."""
    head, _, mask = text.partition("/")
    address = parse_address(head)
    bits = parse_prefix(mask)
    if address is None or bits is None or bits > address.max_prefixlen:
        return None
    inner = unmapped(address)
    if inner is not address and bits >= _MAPPED:
        return network_around(inner, bits - _MAPPED)
    return network_around(address, bits)


def parse_prefix(text: str) -> int | None:
    """A prefix length in decimal digits of ASCII, with leading zeros or without; 999 at most."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= 3 else None


def network_around(address: Address, bits: int) -> Network:
    """The network of that prefix length that the address lies in."""
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), bits), strict=False)
    return IPv6Network((int(address), bits), strict=False)


def make_address(version: int, number: int) -> Address:
    """The address of that number."""
    return IPv4Address(number) if version == 4 else IPv6Address(number)


def host_network(address: Address) -> Network:
    """The network that holds only this address."""
    return network_around(address, address.max_prefixlen)


EVERYTHING: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def strip_brackets(host: str) -> str:
    """A host without the brackets of an IPv6 literal."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def ascii_name(name: str) -> str:
    """A name with its international labels as xn-- (RFC 3492), mapped and checked as UTS 46 does
    for look-up (non-transitional). What is no such name stays as it is, as in golang.org/x/net."""
    if name.isascii():
        return name
    import idna

    try:
        labels = idna.uts46_remap(name, std3_rules=True).split(".")
        return ".".join(map(_ascii_label, labels))
    except UnicodeError:  # idna.IDNAError is one
        return name


def _ascii_label(label: str) -> str:
    """UTS 46 section 4.1, validity criteria: hyphens, combining marks, direction, joiners."""
    import idna

    spelt = label
    if label.startswith("xn--"):
        spelt = label[4:].encode("ascii").decode("punycode")
        if spelt.isascii() or idna.uts46_remap(spelt) != spelt:
            raise UnicodeError("an xn-- label of what is no such name")
    elif label:
        idna.check_hyphen_ok(label)
    if spelt.isascii():
        return label
    idna.check_initial_combiner(spelt)
    idna.check_bidi(spelt)
    for place, char in enumerate(spelt):
        if char in _JOINERS and not idna.valid_contextj(spelt, place):
            raise UnicodeError("a joiner where none may stand")
    return f"xn--{spelt.encode('punycode').decode('ascii')}"


def interval(network: Network) -> Interval:
    """A network as version, first and last address."""
    return network.version, int(network.network_address), int(network.broadcast_address)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same addresses in the fewest intervals, sorted."""
    out: list[Interval] = []
    for version, first, last in sorted(intervals):
        if out and out[-1][0] == version and first <= out[-1][2] + 1:
            out[-1] = (version, out[-1][1], max(out[-1][2], last))
        else:
            out.append((version, first, last))
    return out


def subtract(wanted: Iterable[Interval], covered: Iterable[Interval]) -> list[Interval]:
    """What of ``wanted`` is not in ``covered``."""
    cover = merged(covered)
    out: list[Interval] = []
    place = 0
    for version, first, last in merged(wanted):
        while place < len(cover) and (cover[place][0], cover[place][2]) < (version, first):
            place += 1  # wholly before: of no use for what comes after either
        for _, low, high in _overlapping(cover, place, (version, first, last)):
            if low > first:
                out.append((version, first, low - 1))
            first = high + 1
        if first <= last:
            out.append((version, first, last))
    return out


def _overlapping(cover: list[Interval], place: int, wanted: Interval) -> Iterator[Interval]:
    """The intervals from ``place`` on that share addresses with the one that is wanted."""
    version, _, last = wanted
    while place < len(cover) and (version, last) >= cover[place][:2]:
        yield cover[place]
        place += 1


def networks_of(intervals: Iterable[Interval]) -> Iterator[Network]:
    """The networks that make the intervals up exactly, in order; lazily, for there can be many."""
    for version, first, last in intervals:
        if version == 4:
            yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
        else:
            yield from summarize_address_range(IPv6Address(first), IPv6Address(last))


def parse_run(text: str) -> Interval | None:
    """An address, a run ``a-b`` or a network as an interval; None where it is none of these."""
    if "/" in text:
        network = parse_network(text)
        return None if network is None else interval(network)
    head, dash, tail = text.partition("-")
    first = parse_address(head.strip())
    last = parse_address(tail.strip()) if dash else first
    if first is None or last is None:
        return None
    is_run = first.version == last.version and int(first) <= int(last)
    return (first.version, int(first), int(last)) if is_run else None


@lru_cache(maxsize=16)
def intervals(runs: tuple[str, ...]) -> tuple[Interval, ...]:
    """The addresses of all runs, merged. What is no address is left out. Remembered, for clusters
    are large."""
    return tuple(merged(found for found in map(parse_run, runs) if found is not None))
