"""Address ranges that no public service has. Pure."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from arcprobe.model.text import parse_address

_Networks = tuple[IPv4Network | IPv6Network, ...]

# Whose addresses no name of the Internet has, and filters give all the same: link-local, multicast,
# reserved and broadcast, the discard prefix (RFC 6890, RFC 5771, RFC 6666).
_NOBODYS: _Networks = (
    ip_network("169.254.0.0/16"),
    ip_network("224.0.0.0/4"),
    ip_network("240.0.0.0/4"),
    ip_network("fe80::/10"),
    ip_network("ff00::/8"),
    ip_network("100::/64"),
)
# RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 section 2.5.6. Not the documentation ranges: labs
# use them in the place of public ones.
_PRIVATE: _Networks = (
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("100.64.0.0/10"),
    ip_network("169.254.0.0/16"),
    ip_network("fc00::/7"),
    ip_network("fe80::/10"),
)
# RFC 1122 section 3.2.1.3, RFC 4291 sections 2.5.2 and 2.5.3.
_NOWHERE: _Networks = (
    ip_network("0.0.0.0/8"),
    ip_network("127.0.0.0/8"),
    ip_network("::/128"),
    ip_network("::1/128"),
)


def is_private(address: str) -> bool:
    """Whether an address is of a private range."""
    return _is_in(address, _PRIVATE)


def leads_nowhere(address: str) -> bool:
    """Whether an address is that of this host itself, or of nobody."""
    return _is_in(address, _NOWHERE)


def is_nobodys(address: str) -> bool:
    """Whether no name of the Internet can have this address; this host's own are among them."""
    return leads_nowhere(address) or _is_in(address, _NOBODYS)


def _is_in(address: str, networks: _Networks) -> bool:
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in networks)
