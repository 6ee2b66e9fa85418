"""HTML by construction: whatever is no ``Markup`` is text, and is escaped. Nothing from outside can
become a tag."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from arcprobe.model.text import printable


class Markup(str):
    """HTML that was made by ``tag``, or is arcprobe's own."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[Content] | None"

_VOID = frozenset({"meta", "input", "br"})


def text(words: str) -> Markup:
    """Words from anywhere as text: printable, lines kept, nothing in them is markup."""
    return Markup(escape(printable(words, keep="\n"), quote=True))


def join(*content: Content) -> Markup:
    """Pieces one after the other; None is nothing."""
    return Markup("".join(map(_piece, content)))


def _piece(piece: Content) -> str:
    if piece is None:
        return ""
    if isinstance(piece, Markup):
        return piece
    return text(piece) if isinstance(piece, str) else join(*piece)


def with_code(words: str) -> Markup:
    """Words as text, and what stands between backticks as code. A single backtick is a letter."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return text(words)
    return join(*(tag("code", each) if at % 2 else each for at, each in enumerate(pieces)))


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Markup:
    """An element. Attributes: a trailing ``_`` goes, an inner one is ``-``; None and False are left
    out, True stands alone."""
    told = (
        _attribute(key, value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    begin = "".join((f"<{name}", *told, ">"))
    return Markup(begin if name in _VOID else f"{begin}{join(*content)}</{name}>")


def _attribute(key: str, value: str | float | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{text(f"{value}")}"'
