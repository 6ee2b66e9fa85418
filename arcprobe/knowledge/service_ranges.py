"""The Service ranges that distributions have by default. Pure apart from reading package data."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec


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
    text = (files("arcprobe.knowledge") / "service-ranges.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text), _Data).range
    return tuple(sorted(found, key=lambda known: known.network.prefixlen))
