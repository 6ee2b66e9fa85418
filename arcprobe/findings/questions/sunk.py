"""Addresses in the place of a service's: where they lead, and who gave them."""

from __future__ import annotations

from collections.abc import Sequence

from arcprobe.findings.lookups import NameLookups
from arcprobe.knowledge.ranges import is_nobodys


def leads_nowhere(addresses: Sequence[str], fails_beyond: bool) -> bool:
    """Whether all addresses lead nowhere; or those of one IP version, and those of the other lead
    to nothing from here: a filter that knows no AAAA answers 0.0.0.0 beside the real one."""
    if all(map(is_nobodys, addresses)):
        return True
    four = [address for address in addresses if ":" not in address]
    six = [address for address in addresses if ":" in address]
    is_half = any(half and all(map(is_nobodys, half)) for half in (four, six))
    return is_half and fails_beyond


def is_of_this_machine(seen: NameLookups, addresses: Sequence[str]) -> bool:
    """Whether name servers gave the name addresses, and none of them what the system gave: that is
    from a hosts file, or what else answers before they are asked."""
    told = [lookup.addresses for lookup in seen.direct if lookup.addresses]
    return bool(told) and all(map(frozenset(addresses).isdisjoint, told))
