"""The keywords of ``az connectedk8s --add-proxy-bypass``: what each sends past the proxy. Pure
apart from reading package data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from itertools import chain

import msgspec

from arcprobe.knowledge import tables
from arcprobe.knowledge.host_patterns import overlap


class Keyword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One keyword. ``entries``: what az appends to the agents' bypass list; ``hosts``: what goes
    direct by another way, names or ``*.`` patterns. ``{tld}`` is the ending of a cloud's names."""

    name: str
    entries: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    source: str
    as_of: date


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tld: dict[str, str]
    keyword: tuple[Keyword, ...]


@cache
def _data() -> _Data:
    return msgspec.convert(tables.read("bypass-keywords"), _Data)


def keyword(name: str) -> Keyword | None:
    """The keyword of that name, in whatever case, as az has it; None for any other text."""
    asked = name.strip().lower()
    return next((known for known in _data().keyword if known.name.lower() == asked), None)


def names() -> tuple[str, ...]:
    """All keywords in their own spelling."""
    return tuple(known.name for known in _data().keyword)


def keywords_in(bypass_list: str) -> tuple[str, ...]:
    """The keywords that stand as entries of a bypass list, in their own spelling."""
    found = (keyword(entry) for entry in bypass_list.split(","))
    return tuple(dict.fromkeys(known.name for known in found if known is not None))


@cache
def as_agents_have_it(bypass_list: str, keywords: tuple[str, ...], cloud: str) -> str:
    """The bypass list with which az leaves the agents: keywords in it as what they stand for, those
    given beside it at its end."""
    entries: list[str] = []
    for entry in bypass_list.split(","):
        known = keyword(entry)
        entries += (entry,) if known is None else _entries(known, cloud)
    present = {entry.strip().lower() for entry in entries}
    for name in keywords:
        entries += (added for added in _of(name, cloud) if added not in present)
    return ",".join(entries).strip(",")


def documented_entries(cloud: str) -> tuple[str, ...]:
    """The entries that az itself appends in a cloud, for private endpoints behind a proxy: by
    whomever they were written, they are no slip."""
    return tuple(chain.from_iterable(_entries(known, cloud) for known in _data().keyword))


def keyword_for(host: str, keywords: Iterable[str], cloud: str) -> str:
    """The keyword that sends a host past the proxy; empty where none does. ``host`` may begin with
    ``*.``."""
    return next((name for name in keywords if _sends_past(name, host, cloud)), "")


def is_documented(host: str) -> bool:
    """Whether an entry that az itself appends, in whatever cloud, covers a host."""
    return host.lower().removeprefix("*").endswith(_documented_anywhere())


@cache
def _documented_anywhere() -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(documented_entries, _data().tld)))


def _sends_past(name: str, host: str, cloud: str) -> bool:
    lower = host.lower().rstrip(".")
    known = keyword(name)
    if known is None:
        return False
    if lower.removeprefix("*").endswith(_entries(known, cloud)):
        return True
    return any(overlap(lower, pattern) for pattern in _filled(known.hosts, cloud))


def _of(name: str, cloud: str) -> tuple[str, ...]:
    known = keyword(name)
    return () if known is None else _entries(known, cloud)


def _entries(known: Keyword, cloud: str) -> tuple[str, ...]:
    return _filled(known.entries, cloud)


def _filled(texts: Collection[str], cloud: str) -> tuple[str, ...]:
    tld = _data().tld.get(cloud, "com")
    return tuple(text.replace("{tld}", tld) for text in texts)
