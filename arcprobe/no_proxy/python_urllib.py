"""Python's urllib.request: ``proxy_bypass_environment`` of CPython 3.11 to 3.14. No networks at
all; entries are suffixes."""

from __future__ import annotations

import re

from arcprobe.no_proxy.addresses import EVERYTHING, Network, alone, bare, strict
from arcprobe.no_proxy.answer import PROXIED, Bypass, Matcher

_PORT = re.compile("(.*):([0-9]*)", re.DOTALL)


def entry_for(host: str, skip_range: str) -> str | None:
    """The entry that matches ``host``, which is what a URL has between the slashes: brackets and
    port included."""
    if not skip_range:
        return None
    if skip_range == "*":
        return "*"
    host = host.lower()
    parted = _PORT.fullmatch(host)
    only = parted[1] if parted is not None and parted[2] else host
    for token in skip_range.split(","):
        text = token.strip()
        if not text:
            continue
        name = text.lstrip(".").lower()
        if name in (only, host) or only.endswith("." + name) or host.endswith("." + name):
            return text
    return None


def matcher(skip_range: str) -> Matcher:
    """urllib compares what the URL spells: a port counts only where the URL has one."""

    def match(host: str, port: int | None, scheme: str) -> Bypass:
        text = f"[{bare(host)}]" if ":" in host else host
        found = entry_for(text if port is None else f"{text}:{port}", skip_range)
        return PROXIED if found is None else Bypass(bypassed=True, entry=found)

    return match


def networks(skip_range: str) -> tuple[Network, ...]:
    """The single addresses that stand in the list in the spelling that a URL has."""
    if skip_range == "*":
        return EVERYTHING
    found: list[Network] = []
    for token in skip_range.split(","):
        text = token.strip()
        address = strict(bare(text))
        if (
            address is not None
            and str(address) == bare(text).lower()
            and (address.version == 6) == text.startswith("[")
        ):
            found.append(alone(address))
    return tuple(found)
