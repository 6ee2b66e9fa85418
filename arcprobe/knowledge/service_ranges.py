"""The Service ranges that distributions have by default. Pure apart from reading package data."""

from __future__ import annotations

from datetime import date
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec

from arcprobe.knowledge import tables


class DefaultRange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The range that a distribution has where nobody gives another."""

    cidr: str
    name: str
    source: str
    as_of: date

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The range, for arithmetic."""
        return ip_network(self.cidr)


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    range: tuple[DefaultRange, ...]


@cache
def default_ranges() -> tuple[DefaultRange, ...]:
    """All of them, the widest first."""
    found = msgspec.convert(tables.read("service-ranges"), _Data).range
    return tuple(sorted(found, key=lambda known: known.network.prefixlen))
