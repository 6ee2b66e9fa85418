"""Families of public certificate authorities, and roots that root stores lack: ``issuers.toml``.
Pure but for that file. A name proves nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

import msgspec

from arcprobe.knowledge import tables
from arcprobe.model.text import attribute


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operator's authorities. ``stands_for``: keys of families that sign for the same endpoints
    without surprise."""

    key: str
    name: str
    source: str
    organisations: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()


class Root(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public root that some root stores do not have (yet, or any more). ``sha256`` empty: known
    by name alone."""

    name: str
    family: str
    sha256: str
    words: str
    source: str


class _Table(msgspec.Struct, frozen=True):
    family: tuple[Family, ...]
    root: tuple[Root, ...]


@cache
def table() -> _Table:
    """The whole of the data file."""
    return msgspec.convert(tables.read("issuers"), _Table)


@lru_cache(maxsize=1024)
def family_of(name: str) -> Family | None:
    """The family whose name stands in a distinguished name (RFC 4514), or None: by its
    organisation; by its common name only where there is no organisation."""
    organisation = attribute(name, "O").casefold()
    if organisation:
        return _organisations().get(organisation)
    common_name = attribute(name, "CN")
    for known in table().family:
        if any(re.search(pattern, common_name) for pattern in known.names):
            return known
    return None


@cache
def _organisations() -> dict[str, Family]:
    found: dict[str, Family] = {}
    for known in table().family:
        found.update({name.casefold(): known for name in known.organisations})
    return found


def family(key: str) -> Family | None:
    """The family of this key, or None."""
    return next((known for known in table().family if known.key == key), None)


def family_key(name: str) -> str:
    """The key of the family that a distinguished name belongs to; empty where it is none."""
    found = family_of(name)
    return found.key if found is not None else ""


def expected_families(keys: Iterable[str]) -> frozenset[str]:
    """These families, and those that sign in their place without surprise."""
    known = [found for key in keys if (found := family(key)) is not None]
    return frozenset(keys).union(*(each.stands_for for each in known))


def is_related(name: str, other: str) -> bool:
    """Whether two issuers are of one operator, or of two that stand for each other. Operators that
    are not known are told apart by their organisation."""
    first, second = family_of(name), family_of(other)
    if first is None and second is None:
        organisation = attribute(name, "O")
        return bool(organisation) and organisation == attribute(other, "O")
    if first is None or second is None:
        return False
    return first == second or second.key in first.stands_for or first.key in second.stands_for


def root_of(fingerprint: str) -> Root | None:
    """The root of this SHA-256 fingerprint (hexadecimal), if it is one that root stores are known
    to lack."""
    if not fingerprint:
        return None
    return next((root for root in table().root if root.sha256 == fingerprint), None)


def root_named(name: str) -> Root | None:
    """The same by distinguished name: the family's organisation and the common name both."""
    known, common_name = family_key(name), attribute(name, "CN")
    return next(
        (root for root in table().root if (root.family, root.name) == (known, common_name)), None
    )
