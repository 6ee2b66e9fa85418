"""What every dialect answers with."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Bypass(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a client goes direct, and the entry of the list that says so; None where a rule of
    the client's own does."""

    bypassed: bool
    entry: str | None = None


PROXIED = Bypass(bypassed=False)
DIRECT = Bypass(bypassed=True)

Matcher = Callable[[str, int | None, str], Bypass]  # host, port as the URL spells it, scheme


def bypassed_by(entry: str | None) -> Bypass:
    """Direct by this entry; through the proxy where there is none."""
    return PROXIED if entry is None else Bypass(bypassed=True, entry=entry)
