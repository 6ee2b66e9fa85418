"""Go: golang.org/x/net/http/httpproxy, which net/http carries (of Go since 1.23.7 and
1.24.1; compared with Go by tests/agents)."""

from __future__ import annotations

import msgspec

from arcprobe.no_proxy.addresses import (
    EVERYTHING,
    LOOPBACK,
    SPACE,
    Address,
    Network,
    ascii_name,
    host_network,
    parse_address,
    parse_network,
    strip_brackets,
    unmapped,
)
from arcprobe.no_proxy.answer import DIRECT, Bypass, Matcher, bypassed_by

_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class _Entries(msgspec.Struct):
    """A list as Go sorts it; each entry beside what it matches, and the port (empty: any)."""

    everything: str | None = None
    networks: list[tuple[Network, str]] = []
    addresses: list[tuple[Address, str, str]] = []
    domains: list[tuple[str, bool, str, str]] = []  # the flag: the domain itself is meant as well

    def of_address(self, address: Address, port: str) -> str | None:
        """The entry that an address goes direct by."""
        for network, text in self.networks:
            if address in network:
                return text
        for known, wanted, text in self.addresses:
            if known == address and wanted in ("", port):
                return text
        return None

    def of_name(self, name: str, port: str) -> str | None:
        """The entry that a name goes direct by: the domain itself, or one below it."""
        for domain, is_itself, wanted, text in self.domains:
            is_meant = name.endswith(domain) or (is_itself and name == domain[1:])
            if is_meant and wanted in ("", port):
                return text
        return None


def split_port(text: str) -> tuple[str, str] | None:
    """Go's net.SplitHostPort: host and port, or None where it gives an error (no port, too many
    colons, stray brackets)."""
    host, colon, port = text.rpartition(":")
    if not colon:
        return None
    if text[0] == "[":
        if not host.endswith("]") or "]" in host[1:-1]:
            return None
        host = host[1:-1]
    elif ":" in host:
        return None
    return None if "[" in host + port or "]" in host + port else (host, port)


def matcher(skip_range: str) -> Matcher:
    """The rules of ``useProxy``: "localhost" and loopback go direct before any entry; networks and
    addresses before names."""
    entries = _read(skip_range)

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        name = ascii_name(strip_brackets(host))
        number = str(port) if port is not None else _PORTS.get(scheme, "")
        address = _address(name)
        if name == "localhost" or (address is not None and address.is_loopback):
            return DIRECT
        if entries.everything is not None:
            return bypassed_by(entries.everything)
        if address is not None:
            # golang.org/x/net 0.36.0, in Go 1.23.7 and 1.24.1: a name of the list matches no
            # address (https://go.dev/issue/71984)
            return bypassed_by(entries.of_address(address, number))
        return bypassed_by(entries.of_name(_lower(name.strip(SPACE)), number))

    return match


def _lower(text: str) -> str:
    """strings.ToLower: each character by itself, and one for one."""
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)


def _address(host: str) -> Address | None:
    """netip.ParseAddr, whose zone is then left out."""
    text, percent, zone = host.partition("%")
    found = parse_address(text)
    if found is None or (percent and (not zone or found.version == 4)):
        return None
    return unmapped(found)


def _read(skip_range: str) -> _Entries:
    found = _Entries()
    for token in skip_range.split(","):
        text = token.strip(SPACE)
        if text == "*":
            found.everything = text
            break
        _sort(text, found)
    return found


def _sort(text: str, found: _Entries) -> None:
    entry = _lower(text)
    network = parse_network(entry)
    if network is not None:
        found.networks.append((network, text))
        return
    host, port = split_port(entry) or (entry, "")
    address = parse_address(host)
    if address is not None:
        found.addresses.append((unmapped(address), port, text))
    elif host:
        domain = host[1:] if host.startswith("*.") else host
        is_itself = domain[0] != "."
        whole = ascii_name(f".{domain}" if is_itself else domain)
        found.domains.append((whole, is_itself, port, text))


def networks(skip_range: str) -> tuple[Network, ...]:
    """The addresses that bypass at every port. Entries for one port only are left out."""
    entries = _read(skip_range)
    if entries.everything is not None:
        return EVERYTHING
    single = (host_network(address) for address, port, _ in entries.addresses if not port)
    return (*(network for network, _ in entries.networks), *single, *LOOPBACK)
