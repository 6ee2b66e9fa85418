""".NET 8: HttpEnvironmentProxy.IsMatchInBypassList (dotnet/runtime 02a63a53). Networks came with PR
131397, not in 8 to 10."""

from __future__ import annotations

from arcprobe.no_proxy.addresses import SPACE, Network, alone, aton, bare, strict, unmapped
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher


def matcher(skip_range: str) -> Matcher:
    """A leading dot matches the name itself and all below it; anything else is the whole host as
    System.Uri writes it."""
    tokens = [text for text in (token.strip(SPACE) for token in skip_range.split(",")) if text]

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = uri_host(host)
        for text in tokens:
            entry = text.lower()
            if name and (
                name == entry or (entry[0] == "." and (name == entry[1:] or name.endswith(entry)))
            ):
                return Bypass(bypassed=True, entry=text)
        return PROXIED

    return match


def uri_host(host: str) -> str:
    """System.Uri.Host: lower case, IPv6 in brackets and in its shortest form, IPv4 as four decimal
    octets."""
    inner = bare(host)
    address = strict(inner) or aton(inner)
    if address is None:
        return host.lower()
    if address.version == 4:
        return str(address)
    inner_four = unmapped(address)  # which Python writes in hexadecimal before 3.13
    return f"[{address}]" if inner_four is address else f"[::ffff:{inner_four}]"


def networks(skip_range: str) -> tuple[Network, ...]:
    """The single addresses that stand in the list as System.Uri writes them."""
    found: list[Network] = []
    for token in skip_range.split(","):
        text = token.strip(SPACE).lower()
        address = strict(bare(text))
        if address is not None and uri_host(text) == text:
            found.append(alone(address))
    return tuple(found)
