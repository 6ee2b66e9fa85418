"""The error codes of ``az connectedk8s`` and what they may stand for: ``az_errors.toml``. Pure
apart from reading package data."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from arcprobe.knowledge import tables
from arcprobe.model import Code


class AzError(msgspec.Struct, frozen=True):
    """A range of numbers. ``meaning``: of [az-error] in ``texts``; ``codes``: ours, the likeliest
    first."""

    first: int
    last: int
    meaning: str
    codes: tuple[Code, ...] = ()


class _Table(msgspec.Struct, frozen=True):
    source: str
    as_of: str
    range: tuple[AzError, ...]


@cache
def _table() -> _Table:
    return msgspec.convert(tables.read("az_errors"), _Table)


def errors() -> tuple[AzError, ...]:
    """Every range, in the order in which they are looked through."""
    return _table().range


def number_in(words: str) -> str:
    """The error code of az that stands in words, in capitals; empty where none does."""
    found = re.search(r"AZK8S\d{4}(?!\d)", words[:2_000], re.IGNORECASE)
    return found[0].upper() if found else ""


def az_error(name: str) -> AzError | None:
    """The meaning of ``AZK8S0301``; None for a number that the table does not have."""
    number = int(name.upper().removeprefix("AZK8S"))
    return next((each for each in errors() if each.first <= number <= each.last), None)
