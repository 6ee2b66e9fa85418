"""Families of public certificate authorities, and roots that root stores lack:
``data/issuers.toml``. Pure but for that file."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

_LONGEST = 2_048


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
    text = (files("arcprobe.knowledge") / "issuers.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Table)


@lru_cache(maxsize=1024)
def family_of(name: str) -> Family | None:
    """The family whose name stands in a distinguished name (RFC 4514), or None. A name proves
    nothing by itself."""
    organisation = attribute(name, "O").casefold()
    common_name = attribute(name, "CN")
    for family in table().family:
        if organisation and organisation in (item.casefold() for item in family.organisations):
            return family
        if not organisation and any(re.search(pattern, common_name) for pattern in family.names):
            return family
    return None


def family(key: str) -> Family | None:
    """The family of this key, or None."""
    return next((item for item in table().family if item.key == key), None)


def root_of(fingerprint: str) -> Root | None:
    """The root of this SHA-256 fingerprint (hexadecimal), if it is one that root stores are known
    to lack."""
    return next((item for item in table().root if item.sha256 and item.sha256 == fingerprint), None)


def root_named(name: str) -> Root | None:
    """The same by distinguished name: family's organisation and common name both. A name proves
    nothing by itself."""
    found = family_of(name)
    common_name = attribute(name, "CN")
    return next(
        (
            item
            for item in table().root
            if found and item.family == found.key and item.name == common_name
        ),
        None,
    )


def attribute(name: str, kind: str) -> str:
    """The first value of an attribute (``CN``, ``O``) in an RFC 4514 string, unescaped; empty where
    there is none."""
    for key, value in _attributes(name[:_LONGEST]):
        if key.upper() == kind:
            return value
    return ""


@lru_cache(maxsize=1024)
def _attributes(name: str) -> tuple[tuple[str, str], ...]:
    parts: list[str] = [""]
    pairs = iter(name)
    for character in pairs:
        if character == "\\":
            parts[-1] += character + next(pairs, "")
        elif character in ",+":
            parts.append("")
        else:
            parts[-1] += character
    found = (part.partition("=") for part in parts)
    return tuple((key.strip(), _unescaped(value)) for key, sign, value in found if sign)


def _unescaped(value: str) -> str:
    return re.sub(r"\\([0-9A-Fa-f]{2}|.)", lambda found: _character(found.group(1)), value)


def _character(text: str) -> str:
    return chr(int(text, 16)) if len(text) == 2 else text
