"""Python requests: ``requests.utils.should_bypass_proxies`` of 2.32 to 2.34, which asks urllib
after its own rules."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from arcprobe.no_proxy import python_urllib
from arcprobe.no_proxy.addresses import (
    EVERYTHING,
    Network,
    ascii_name,
    host_network,
    parse_address,
    parse_aton,
    strip_brackets,
)
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher, bypassed_by


def network_of(token: str) -> IPv4Network | None:
    """An IPv4 network as ``is_valid_cidr`` takes it: lengths 1 to 32, written as Python's int()
    reads them, never 0."""
    head, _, mask = token.partition("/")
    address = parse_aton(head)
    try:
        bits = int(mask)
    except ValueError:
        return None
    if address is None or not 1 <= bits <= 32:
        return None
    return IPv4Network((int(address), bits), strict=False)


def matcher(skip_range: str) -> Matcher:
    """Blanks are taken out of the whole list first. A host that inet_aton(3) reads is an address,
    any other is a name."""
    tokens = list(_tokens(skip_range))
    networks = [(token, network_of(token)) for token in tokens]

    def of_address(address: IPv4Address, name: str) -> str | None:
        for token, network in networks:
            if token == name if network is None else address in network:
                return token
        return None

    def of_name(name: str, port: int | None) -> str | None:
        spellings = (name, f"{name}:{port}" if port else name)
        for token in tokens:
            plain = token.lstrip(".")
            if any(f".{spelling}".endswith(f".{plain}") for spelling in spellings):
                return token
        return None

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = ascii_name(strip_brackets(host)).lower()
        if not name:
            return PROXIED
        address = parse_aton(name)
        found = of_name(name, port) if address is None else of_address(address, name)
        return bypassed_by(found or python_urllib.entry_for(name, skip_range))

    return match


def _tokens(skip_range: str) -> tuple[str, ...]:
    return tuple(filter(None, skip_range.replace(" ", "").split(",")))


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass: IPv4 networks, and addresses in their usual spelling."""
    if skip_range == "*":
        return EVERYTHING
    found: list[Network] = []
    for token in _tokens(skip_range):
        network, address = network_of(token), parse_address(token)
        if network is not None:
            found.append(network)
        elif address is not None and str(address) == token.lower():
            found.append(host_network(address))
    return tuple(found)
