""".NET 8: HttpEnvironmentProxy.IsMatchInBypassList (dotnet/runtime 02a63a53). Networks came with PR
131397, not in 8 to 10."""

from __future__ import annotations

from arcprobe.no_proxy.addresses import (
    SPACE,
    Network,
    host_network,
    parse_address,
    parse_aton,
    strip_brackets,
    unmapped,
)
from arcprobe.no_proxy.answer import Bypass, Matcher, bypassed_by


def matcher(skip_range: str) -> Matcher:
    """A leading dot matches the name itself and all below it; anything else is the whole host as
    System.Uri writes it."""
    tokens = [text for text in (token.strip(SPACE) for token in skip_range.split(",")) if text]

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = uri_host(host)
        fitting = (text for text in tokens if _fits(name, text.lower()))
        return bypassed_by(next(fitting, None) if name else None)

    return match


def _fits(name: str, entry: str) -> bool:
    if entry[0] != ".":
        return name == entry
    return name == entry[1:] or name.endswith(entry)


def uri_host(host: str) -> str:
    """System.Uri.Host: lower case, IPv6 in brackets and in its shortest form, IPv4 as four decimal
    octets."""
    inner = strip_brackets(host)
    address = parse_address(inner) or parse_aton(inner)
    if address is None:
        return host.lower()
    if address.version == 4:
        return str(address)
    mapped = unmapped(address)  # which Python writes in hexadecimal before 3.13
    return f"[{address}]" if mapped is address else f"[::ffff:{mapped}]"


def networks(skip_range: str) -> tuple[Network, ...]:
    """The single addresses that stand in the list as System.Uri writes them."""
    found: list[Network] = []
    for token in skip_range.split(","):
        text = token.strip(SPACE).lower()
        address = parse_address(strip_brackets(text))
        if address is not None and uri_host(text) == text:
            found.append(host_network(address))
    return tuple(found)
