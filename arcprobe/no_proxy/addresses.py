"""Reading addresses the way the clients' own parsers do, and address sets as intervals. No sockets:
text and arithmetic only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    summarize_address_range,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Interval = tuple[int, int, int]  # version, first, last

# White space as Unicode's White_Space property has it: Go's strings.TrimSpace and .NET's
# TrimEntries. Python's own strip() also takes U+001C to U+001F.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

_ATON_PART = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")


def strict(text: str) -> Address | None:
    """An address as inet_pton(3) and Go's net.ParseIP take it: four decimal octets, no leading
    zeros, or IPv6, no zone."""
    if "%" in text or len(text) > 45:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def unmapped(address: Address) -> Address:
    """The IPv4 address within an IPv4-mapped IPv6 one (Go's IP.To4); any other address itself."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def aton(text: str) -> IPv4Address | None:
    """An IPv4 address as glibc's inet_aton(3) takes it: one to four parts, decimal, octal or
    hexadecimal."""
    head = re.split(r"[ \t\n\v\f\r]", text, maxsplit=1)[
        0
    ]  # glibc stops at white space after the address
    parts = head.split(".")
    if len(parts) > 4 or any(len(part) > 12 or not _ATON_PART.fullmatch(part) for part in parts):
        return None
    values = [
        int(part, 16 if part[:2] in ("0x", "0X") else 8 if part[0] == "0" else 10) for part in parts
    ]
    *heads, last = values
    if any(value > 255 for value in heads) or last >= 256 ** (5 - len(parts)):
        return None
    number = last
    for place, value in enumerate(heads):
        number |= value << (24 - 8 * place)
    return IPv4Address(number)


def go_network(text: str) -> Network | None:
    """A network as Go's net.ParseCIDR takes it: host bits may be set, the prefix may have leading
    zeros; IPv4-mapped is IPv4."""
    head, slash, mask = text.partition("/")
    address = strict(head)
    if not slash or address is None or not (mask.isascii() and mask.isdigit()):
        return None
    digits = mask.lstrip("0") or "0"
    if len(digits) > 3 or int(digits) > address.max_prefixlen:
        return None
    bits = int(digits)
    inner = unmapped(address)
    if inner is not address and bits >= 96:
        return around(inner, bits - 96)
    return around(address, bits)


def around(address: Address, bits: int) -> Network:
    """The network of that prefix length that the address lies in."""
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), bits), strict=False)
    return IPv6Network((int(address), bits), strict=False)


def alone(address: Address) -> Network:
    """The network that holds only this address."""
    return around(address, address.max_prefixlen)


EVERYTHING: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def bare(host: str) -> str:
    """A host without the brackets of an IPv6 literal."""
    return host[1:-1] if len(host) > 1 and host[0] == "[" and host[-1] == "]" else host


def ascii_name(name: str) -> str:
    """A name with its international labels as xn-- (RFC 3492), mapped as UTS 46 does for look-up
    (non-transitional)."""
    if name.isascii():
        return name
    import unicodedata

    labels = []
    for label in unicodedata.normalize("NFKC", name).lower().replace("\u3002", ".").split("."):
        try:
            labels.append(
                label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            )
        except UnicodeError:  # a lone surrogate: no client can spell it either
            labels.append(label)
    return ".".join(labels)


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
        while place and cover[place - 1][0] == version and cover[place - 1][2] >= first:
            place -= 1
        while place < len(cover) and (cover[place][0], cover[place][2]) < (version, first):
            place += 1
        while place < len(cover) and cover[place][0] == version and cover[place][1] <= last:
            if cover[place][1] > first:
                out.append((version, first, cover[place][1] - 1))
            first = cover[place][2] + 1
            if first > last:
                break
            place += 1
        if first <= last:
            out.append((version, first, last))
    return out


def networks_of(intervals: Iterable[Interval]) -> Iterator[Network]:
    """The networks that make the intervals up exactly, in order; lazily, for there can be many."""
    for version, first, last in intervals:
        if version == 4:
            yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
        else:
            yield from summarize_address_range(IPv6Address(first), IPv6Address(last))


def run(text: str) -> Interval | None:
    """An address, a run ``a-b`` or a network as an interval; None where it is none of these."""
    if "/" in text:
        network = go_network(text)
        return None if network is None else interval(network)
    head, dash, tail = text.partition("-")
    first, last = strict(head.strip()), strict((tail if dash else head).strip())
    if first is None or last is None or first.version != last.version or int(first) > int(last):
        return None
    return first.version, int(first), int(last)


@lru_cache(maxsize=16)
def intervals(runs: tuple[str, ...]) -> tuple[Interval, ...]:
    """The addresses of all runs, merged. What is no address is left out. Remembered, for clusters
    are large."""
    return tuple(merged(found for found in map(run, runs) if found is not None))
