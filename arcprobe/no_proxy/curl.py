"""curl: lib/noproxy.c as it stands since 8.18 (names and addresses apart, IPv6 networks of any
length, strict prefix lengths).

Older releases differ for IPv6 only: before 8.17 a prefix length that 8 does not divide mismatched
(curl PR 18891), before 8.18 the literal of a URL was compared as a name, so that no IPv6 network
ever matched (curl PR 19828).
"""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.no_proxy.addresses import EVERYTHING, Network, around, ascii_name, aton, bare, strict
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher

_LONGEST_ADDRESS = 127  # curl copies the entry into char[128]


def tokens(skip_range: str) -> Iterator[str]:
    """The entries up to the first that a blank, not a comma, parts from the next: there curl stops
    reading."""
    rest = skip_range.partition("\0")[0]
    while rest:
        rest = rest.lstrip(" \t")
        end = next((place for place, char in enumerate(rest) if char in " \t,"), len(rest))
        if end:
            yield rest[:end]
        rest = rest[end:].lstrip(" \t")
        if not rest.startswith(","):
            return
        rest = rest.lstrip(",")


def network_of(token: str) -> Network | None:
    """The addresses that an entry stands for. A prefix length of 0 means this one address (curl's
    unit test 1614)."""
    head, slash, mask = token.partition("/")
    address = strict(head)
    if address is None or len(token.encode("utf-8", "replace")) > _LONGEST_ADDRESS:
        return None
    full = address.max_prefixlen
    if slash:
        if not (mask.isascii() and mask.isdigit()):
            return None
        mask = mask.lstrip("0") or str(full)
    else:
        mask = str(full)
    return around(address, int(mask)) if len(mask) <= 3 and int(mask) <= full else None


def matcher(skip_range: str) -> Matcher:
    """``*`` counts as the whole value only; ports are never looked at; one dot at either end of an
    entry is ignored."""
    if skip_range == "*":
        return lambda host, port, scheme: (
            Bypass(bypassed=bool(host), entry="*") if host else PROXIED
        )
    rules = [(token, network_of(token), _name(token)) for token in tokens(skip_range)]

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = bare(host).partition("%")[0] if ":" in host else ascii_name(host)
        address = strict(name) or aton(name)  # since 7.77 the URL parser writes 10.1 as 10.0.0.1
        if address is not None:
            for token, network, _ in rules:
                if (
                    network is not None
                    and network.version == address.version
                    and address in network
                ):
                    return Bypass(bypassed=True, entry=token)
            return PROXIED
        lower = _lower(name[:-1] if name.endswith(".") else name)
        for token, _, suffix in rules if name else ():
            if lower == suffix or (len(suffix) < len(lower) and lower.endswith("." + suffix)):
                return Bypass(bypassed=True, entry=token)
        return PROXIED

    return match


def _name(token: str) -> str:
    """An entry as names are compared with it."""
    text = token[:-1] if token.endswith(".") else token
    return _lower(text[1:] if text.startswith(".") else text)


def _lower(text: str) -> str:
    """curl_strnequal folds A to Z only."""
    return "".join(char.lower() if char.isascii() else char for char in text)


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass."""
    if skip_range == "*":
        return EVERYTHING
    return tuple(network for network in map(network_of, tokens(skip_range)) if network is not None)
