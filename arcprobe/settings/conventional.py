"""The variables that many programs read: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, and their lower-case
forms."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Found(msgspec.Struct, frozen=True):
    """What a variable holds, which of its forms it was, and what is to be told of that."""

    variable: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()


def conventional(environ: Mapping[str, str], name: str) -> Found:
    """The upper-case form wins, as in Go's golang.org/x/net/http/httpproxy; a differing lower-case
    form is noted, without their values, which may hold a password."""
    upper, lower = environ.get(name, ""), environ.get(name.lower(), "")
    if not upper:
        return Found(name.lower(), lower) if lower else Found()
    if lower in ("", upper):
        return Found(name, upper)
    note = (
        f"{name} and {name.lower()} differ: the agents (Go) use {name}, "
        f"curl and Python prefer {name.lower()}"
    )
    return Found(name, upper, (note,))
