"""What is known of a host that somebody named, whatever features are on. Pure apart from reading
package data."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import NamedTuple

from arcprobe.knowledge.catalogue import CLOUDS, Mark, shipped
from arcprobe.knowledge.host_patterns import LABEL
from arcprobe.model.text import registered_domain

# Names that Azure gives to customers' own machines, with whatever certificate stands there:
# learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#domain-name-label
_OF_CUSTOMERS = (".cloudapp.azure.com", ".cloudapp.usgovcloudapi.net", ".cloudapp.chinacloudapi.cn")

_ANY_PUBLIC = ("other",)


class Known(NamedTuple):
    """What is known of a host that somebody named: who signs for it, and what proves its
    service."""

    issuers: tuple[str, ...]
    marks: tuple[Mark, ...]


def known_host(host: str) -> Known | None:
    """What the catalogue of any cloud says of a host, whatever features are on: below one of its
    patterns, or at least in a domain of its hosts. None where it is nobody's that is known: such a
    host may have a CA of its own."""
    name = host.lower().rstrip(".")
    if name.endswith(_OF_CUSTOMERS):
        return None
    for pattern, known in _known_patterns():
        if pattern.fullmatch(name):
            return known
    return Known(_ANY_PUBLIC, ()) if registered_domain(name) in _known_domains() else None


@cache
def _known_domains() -> frozenset[str]:
    rows = chain.from_iterable(shipped(cloud).endpoint for cloud in CLOUDS)
    return frozenset(registered_domain(row.host) for row in rows)


@cache
def _known_patterns() -> tuple[tuple[re.Pattern[str], Known], ...]:
    found = []
    for catalogue in map(shipped, CLOUDS):
        for row in catalogue.endpoint:
            marks = tuple(chain.from_iterable(catalogue.marks[key] for key in row.marks))
            found.append((_pattern(row.host), Known(tuple(row.issuers), marks)))
    return tuple(found)


def _pattern(host: str) -> re.Pattern[str]:
    """A row's host as a pattern over names; a wildcard stands for one label or more."""
    text = re.escape(host.replace("{gateway}", "{region}.gw.arc.azure.com"))
    text = text.replace(r"\*\.", rf"(?:{LABEL}\.)+")
    return re.compile(re.sub(r"\\\{[a-z]+\\\}", lambda _: LABEL, text))
