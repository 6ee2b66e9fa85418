"""Python's urllib.request: ``proxy_bypass_environment`` of CPython 3.11 to 3.14. No networks at
all; entries are suffixes."""

from __future__ import annotations

import re

from arcprobe.no_proxy.addresses import (
    EVERYTHING,
    Network,
    host_network,
    parse_address,
    strip_brackets,
)
from arcprobe.no_proxy.answer import Bypass, Matcher, bypassed_by

_WITH_PORT = re.compile("(.*):[0-9]+", re.DOTALL)


def entry_for(host: str, skip_range: str) -> str | None:
    """The entry that matches ``host``, which is what a URL has between the slashes: brackets and
    port included."""
    if skip_range == "*":
        return "*"
    host = host.lower()
    parted = _WITH_PORT.fullmatch(host)
    spellings = (parted[1], host) if parted is not None else (host,)
    for text in map(str.strip, skip_range.split(",")):
        name = text.lstrip(".").lower()
        if text and any(f".{spelling}".endswith(f".{name}") for spelling in spellings):
            return text
    return None


def matcher(skip_range: str) -> Matcher:
    """urllib compares what the URL spells: a port counts only where the URL has one."""

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        text = f"[{strip_brackets(host)}]" if ":" in host else host
        return bypassed_by(entry_for(text if port is None else f"{text}:{port}", skip_range))

    return match


def networks(skip_range: str) -> tuple[Network, ...]:
    """The single addresses that stand in the list in the spelling that a URL has."""
    if skip_range == "*":
        return EVERYTHING
    found: list[Network] = []
    for text in map(str.strip, skip_range.split(",")):
        address = parse_address(strip_brackets(text))
        if address is not None and text.lower() == _in_url(address.version, str(address)):
            found.append(host_network(address))
    return tuple(found)


def _in_url(version: int, address: str) -> str:
    return f"[{address}]" if version == 6 else address
