"""What the Arc gateway carries, as Microsoft lists it: ``gateway-carried.toml``. Pure apart from
reading package data."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from arcprobe.knowledge import tables


@cache
def _table() -> dict[str, Any]:
    return tables.read("gateway-carried")


def as_of() -> str:
    """The day of the list, as YYYY-MM-DD."""
    return str(_table()["as_of"])


@cache
def _pattern() -> re.Pattern[str]:
    """An entry is a host, or host:port where the port is not 443; ``*`` stands for any
    characters."""
    entries = (entry if ":" in entry else f"{entry}:443" for entry in _table()["carried"])
    return re.compile("|".join(re.escape(entry).replace(r"\*", ".*") for entry in entries))


def is_carried(host: str, port: int = 443) -> bool:
    """Whether the list has a host: a name in lower case, without a dot at its end."""
    return _pattern().fullmatch(f"{host}:{port}") is not None
