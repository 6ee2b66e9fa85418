"""Go: golang.org/x/net/http/httpproxy, which net/http carries (read at golang/net 094d4385; the
same rules in Go 1.19)."""

from __future__ import annotations

from arcprobe.no_proxy.addresses import (
    EVERYTHING,
    LOOPBACK,
    SPACE,
    Address,
    Network,
    alone,
    ascii_name,
    bare,
    go_network,
    strict,
    unmapped,
)
from arcprobe.no_proxy.answer import DIRECT, PROXIED, Bypass, Matcher

_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


def split_port(text: str) -> tuple[str, str] | None:
    """Go's net.SplitHostPort: host and port, or None where it gives an error (no port, too many
    colons, stray brackets)."""
    colon = text.rfind(":")
    if colon < 0:
        return None
    if text[0] == "[":
        end = text.find("]")
        if end < 0 or end + 1 != colon:
            return None
        host, rest_open, rest_close = text[1:end], text[1:], text[end + 1 :]
    else:
        host, rest_open, rest_close = text[:colon], text, text
        if ":" in host:
            return None
    return None if "[" in rest_open or "]" in rest_close else (host, text[colon + 1 :])


def matcher(skip_range: str) -> Matcher:
    """The rules of ``useProxy``: "localhost" and loopback go direct before any entry; networks and
    addresses before names."""
    everything = ""
    networks: list[tuple[Network, str]] = []
    addresses: list[tuple[Address, str, str]] = []
    domains: list[tuple[str, str, str]] = []
    for token in skip_range.split(","):
        text = token.strip(SPACE)
        entry = text.lower()
        if not entry:
            continue
        if entry == "*":
            everything = text
            break
        if (network := go_network(entry)) is not None:
            networks.append((network, text))
            continue
        host, port = split_port(entry) or (entry, "")
        if (address := strict(host)) is not None:
            addresses.append((unmapped(address), port, text))
        elif host:
            suffix = host[1:] if host.startswith("*.") else host
            domains.append((ascii_name(suffix), port, text))

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = ascii_name(bare(host))
        number = str(port) if port is not None else _PORTS.get(scheme, "")
        if name == "localhost":
            return DIRECT
        parsed = strict(name)
        address = None if parsed is None else unmapped(parsed)
        if address is not None and address.is_loopback:
            return DIRECT
        if everything:
            return Bypass(bypassed=True, entry=everything)
        if address is not None:
            for network, text in networks:
                if network.version == address.version and address in network:
                    return Bypass(bypassed=True, entry=text)
            for one, wanted, text in addresses:
                if one == address and wanted in ("", number):
                    return Bypass(bypassed=True, entry=text)
        lower = name.strip(SPACE).lower()
        for domain, wanted, text in domains:
            whole = domain[0] != "."
            if (
                lower.endswith("." + domain if whole else domain) or (whole and lower == domain)
            ) and wanted in ("", number):
                return Bypass(bypassed=True, entry=text)
        return PROXIED

    return match


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass at every port. Entries for one port only are left out."""
    out: list[Network] = []
    for token in skip_range.split(","):
        entry = token.strip(SPACE).lower()
        if entry == "*":
            return EVERYTHING
        network = go_network(entry)
        if network is None:
            host, port = split_port(entry) or (entry, "")
            address = strict(host) if not port else None
            network = None if address is None else alone(unmapped(address))
        if network is not None:
            out.append(network)
    return (*out, *LOOPBACK)
