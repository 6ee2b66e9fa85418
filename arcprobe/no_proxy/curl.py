"""curl: lib/noproxy.c as it stands since 8.18 (names and addresses apart, IPv6 networks of any
length, strict prefix lengths).

Older releases differ for IPv6 only: before 8.17 a prefix length that 8 does not divide mismatched
(curl PR 18891), before 8.18 the literal of a URL was compared as a name, so that no IPv6 network
ever matched (curl PR 19828).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase

from arcprobe.no_proxy.addresses import (
    EVERYTHING,
    Network,
    ascii_name,
    host_network,
    network_around,
    parse_address,
    parse_aton,
    parse_prefix,
    strip_brackets,
)
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher, bypassed_by

_LONGEST_ADDRESS = 127  # bytes; curl copies the entry into char[128]
_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
_TOKEN = re.compile(r"[ \t]*([^ \t,]*)[ \t]*(,*)")


def tokens(skip_range: str) -> Iterator[str]:
    """The entries up to the first that a blank, not a comma, parts from the next: there curl stops
    reading."""
    for found in _TOKEN.finditer(skip_range.partition("\0")[0]):  # pragma: no branch  # "" ends it
        if found[1]:
            yield found[1]
        if not found[2]:
            return


def network_of(token: str) -> Network | None:
    """The addresses that an entry stands for. A prefix length of 0 means this one address (curl's
    unit test 1614)."""
    head, slash, mask = token.partition("/")
    address = parse_address(head)
    if address is None or len(token.encode("utf-8", "replace")) > _LONGEST_ADDRESS:
        return None
    bits = parse_prefix(mask) if slash else 0
    if bits is None or bits > address.max_prefixlen:
        return None
    return network_around(address, bits) if bits else host_network(address)


def matcher(skip_range: str) -> Matcher:
    """``*`` counts as the whole value only; ports are never looked at; one dot at either end of an
    entry is ignored."""
    if skip_range == "*":
        return lambda host, port, scheme: bypassed_by("*" if host else None)
    rules = [(token, network_of(token), _name(token)) for token in tokens(skip_range)]

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = strip_brackets(host).partition("%")[0] if ":" in host else ascii_name(host)
        # since 7.77 the URL parser writes 10.1 as 10.0.0.1
        address = parse_address(name) or parse_aton(name)
        if address is not None:
            inside = (token for token, network, _ in rules if network and address in network)
            return bypassed_by(next(inside, None))
        if not name:
            return PROXIED
        lower = _lower(name.removesuffix("."))
        below = (token for token, _, domain in rules if f".{lower}".endswith(f".{domain}"))
        return bypassed_by(next(below, None))

    return match


def _name(token: str) -> str:
    """An entry as names are compared with it."""
    return _lower(token.removesuffix(".").removeprefix("."))


def _lower(text: str) -> str:
    """curl_strnequal folds A to Z only."""
    return text.translate(_FOLDED)


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass."""
    if skip_range == "*":
        return EVERYTHING
    return tuple(filter(None, map(network_of, tokens(skip_range))))
