"""A list of allowed hosts beside what is needed -> what is missing, too much, too broad, or written
so that the product does not take it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.host_patterns import is_below, overlap
from arcprobe.knowledge.products.wildcards import WILDCARDS, Wildcards
from arcprobe.lifecycle.allowed import Allowed, Entry
from arcprobe.model.text import host_port

_MOST_SHOWN = 20


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """A needed endpoint that no entry covers. ``some``: names below it that are allowed, where it
    is a pattern."""

    endpoint: Endpoint
    some: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """``host:port``."""
        return host_port(self.endpoint.host, self.endpoint.port)

    @property
    def is_grave(self) -> bool:
        """Whether the list certainly stands in the way."""
        return self.endpoint.required and not self.some


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that something is to be said of. ``needed``: what of it is needed; ``instead``: how
    this product wants it written."""

    entry: Entry
    needed: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. ``product``: by whose rules the list was read."""

    product: str
    allowed: Allowed
    missing: tuple[Miss, ...]
    superfluous: tuple[Remark, ...]
    too_broad: tuple[Remark, ...]
    ineffective: tuple[Remark, ...]

    @property
    def fails(self) -> bool:
        """Whether something needed is certainly not let through."""
        return any(miss.is_grave for miss in self.missing)


class _Read(msgspec.Struct, frozen=True):
    """An entry as the product reads it: the patterns that it covers, none where it covers
    nothing; those that it was meant for."""

    entry: Entry
    covers: tuple[str, ...]
    meant: tuple[str, ...]


def compare(allowed: Allowed, needed: Iterable[Endpoint], product: str = "") -> Comparison:
    """``product``: a name of ``WILDCARDS``; empty: that of the file's form."""
    rules = WILDCARDS[product or allowed.product]
    rows = tuple(needed)
    read = [_Read(entry, _covers(entry, rules), _meant(entry)) for entry in allowed.entries]
    works = [each for each in read if each.covers]
    return Comparison(
        product=rules.name,
        allowed=allowed,
        missing=tuple(_missing(rows, works)),
        superfluous=tuple(_superfluous(read, rows)),
        too_broad=tuple(_too_broad(works, rows)),
        ineffective=tuple(_ineffective(read, rows, rules)),
    )


_Rows = tuple[Endpoint, ...]


def _superfluous(read: Iterable[_Read], rows: _Rows) -> Iterator[Remark]:
    for each in read:
        if not _rows_of(each.meant, each.entry, rows):
            yield Remark(entry=each.entry)


def _too_broad(works: Iterable[_Read], rows: _Rows) -> Iterator[Remark]:
    for each in works:
        if _is_too_broad(each, rows):
            needed = _rows_of(each.covers, each.entry, rows)
            yield Remark(entry=each.entry, needed=needed[:_MOST_SHOWN])


def _ineffective(read: Iterable[_Read], rows: _Rows, rules: Wildcards) -> Iterator[Remark]:
    for each in read:
        if not each.covers and _rows_of(each.meant, each.entry, rows):
            yield Remark(entry=each.entry, instead=_instead(each.meant, rules))


def _covers(entry: Entry, rules: Wildcards) -> tuple[str, ...]:
    is_taken = {"": True, ".": rules.dot, "*.": rules.star, "*": rules.bare_star}[entry.mark]
    if not is_taken or entry.has_path or (entry.has_scheme and not rules.scheme):
        return ()
    return _meant(entry)


def _meant(entry: Entry) -> tuple[str, ...]:
    """The patterns that an entry stands for; a star and nothing else stands for all."""
    if not entry.name:
        return ("*.",)
    below = f"*.{entry.name}"
    return {"": (entry.name,), "*.": (below,)}.get(entry.mark, (entry.name, below))


def _missing(rows: _Rows, works: list[_Read]) -> Iterator[Miss]:
    for row in rows:
        at_port = [each for each in works if each.entry.port in (None, row.port)]
        if not any(_is_within(row.host, each.covers) for each in at_port):
            below = [each.entry.text for each in at_port if _has_below(each, row.host)]
            yield Miss(endpoint=row, some=tuple(below)[:_MOST_SHOWN])


def _has_below(read: _Read, pattern: str) -> bool:
    return any(is_below(each, pattern) for each in read.covers)


def _is_within(host: str, patterns: tuple[str, ...]) -> bool:
    return any(host == each or is_below(host, each) or each == "*." for each in patterns)


def _rows_of(patterns: tuple[str, ...], entry: Entry, rows: _Rows) -> tuple[str, ...]:
    """The needed endpoints that an entry has to do with."""
    found = []
    for row in rows:
        if entry.port in (None, row.port) and any(_touches(each, row.host) for each in patterns):
            found.append(host_port(row.host, row.port))
    return tuple(found)


def _touches(pattern: str, host: str) -> bool:
    return pattern == "*." or overlap(pattern, host) or host == f"*.{pattern}"


def _is_too_broad(read: _Read, rows: _Rows) -> bool:
    """Whether it covers more than what is needed: the name above a pattern is no more."""
    if not _rows_of(read.covers, read.entry, rows):
        return False
    hosts = {row.host for row in rows}
    hosts |= {host.removeprefix("*.") for host in hosts}
    return not all(_is_within(each, tuple(hosts)) for each in read.covers)


def _instead(meant: tuple[str, ...], rules: Wildcards) -> tuple[str, ...]:
    """The same in the words of the product."""
    if not rules.dot:
        return meant
    below = [each for each in meant if each.startswith("*.")]
    return tuple(each.removeprefix("*") for each in below or meant)


# --------------------------------------------------------------------------------------------- data


def as_data(found: Comparison) -> dict[str, Any]:
    """The whole as plain values."""
    missing = [
        {
            "host": miss.endpoint.host,
            "port": miss.endpoint.port,
            "feature": miss.endpoint.feature,
            "required": miss.endpoint.required,
            "allowed_below": list(miss.some),
        }
        for miss in found.missing
    ]
    return {
        "read_as": found.product,
        "entries": len(found.allowed.entries),
        "missing": missing,
        "ineffective": [_fields(each, "instead") for each in found.ineffective],
        "too_broad": [_fields(each, "needed") for each in found.too_broad],
        "superfluous": [_fields(each) for each in found.superfluous],
        "not_understood": {
            "lines": found.allowed.not_understood,
            "samples": list(found.allowed.samples),
        },
    }


def _fields(remark: Remark, *names: str) -> dict[str, Any]:
    more = {name: list(getattr(remark, name)) for name in names}
    return {"line": remark.entry.line, "entry": remark.entry.text, **more}
