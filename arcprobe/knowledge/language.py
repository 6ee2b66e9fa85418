"""Sentences for people: a ``Line`` and a language in, words out. Pure but for the package's own
``texts/*.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from arcprobe.knowledge import codes, tables
from arcprobe.model import Code, Line, Value

LANGUAGES = ("en", "ja")
"""The languages that there are, the default first: each is a file of ``knowledge/texts``."""

_FIELD = re.compile(r"\{([a-z_0-9]+)(?::([^}]*))?\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+)?(?:\.\d+)?[defgx%]")


class Language:
    """The sentences of one language. Made once by ``language``."""

    def __init__(self, name: str, tables: Mapping[str, Any], other: Language | None = None) -> None:
        """``tables``: nested tables of texts, as TOML has them. ``other``: the language of a
        sentence that is not among them."""
        self.name = name
        self._texts: dict[str, str] = {**(other._texts if other else {}), **dict(_flat(tables))}

    def keys(self) -> tuple[str, ...]:
        """Every key, dotted: ``code.proxy-denied.headline``."""
        return tuple(self._texts)

    def template(self, key: str) -> str:
        """The sentence as the file has it, unfilled. ``KeyError`` for a key that is not there."""
        return self._texts[key]

    def has(self, key: str) -> bool:
        """Whether there is a sentence of that key."""
        return key in self._texts

    def say(self, line: Line) -> str:
        """A line in words."""
        return self.fill(self._texts[line.key], line.values)

    def words(self, value: Value) -> str:
        """A value alone, as it would stand in a sentence."""
        return self._text(value, "")

    def code(
        self, code: Code, part: str, values: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()
    ) -> str:
        """``summary``, ``headline``, ``remedy`` or ``meaning`` of a code, filled; empty where it
        has none."""
        return self.fill(self._texts.get(f"code.{code}.{part}", ""), values)

    def place(self, where: str) -> str:
        """Where a product's lines belong, as its file says it in English. What this language has no
        words for stays as it is."""
        return self._texts.get(f"place.{where}", where)

    def general(self, key: str) -> str:
        """A sentence about no case in particular: a capital word stands where a value would, such
        as HOST; optional parts are left out. Empty for a key that is not there."""
        text = _OPTIONAL.sub("", self._texts.get(key, ""))
        return _FIELD.sub(lambda field: field[1].upper().replace("_", " "), text)

    def fill(
        self, template: str, values: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()
    ) -> str:
        """The template with its values put in, as they are: braces in them mean nothing.

        An unknown or empty value becomes that of its stand-in, else a neutral word; an optional
        part with one is left out.
        """
        known = dict(values)
        pieces: list[str] = []
        end = 0
        for part in _OPTIONAL.finditer(template):
            pieces.append(self._filled(template[end : part.start()], known))
            if all(self._value(name, known) for name, _spec in _FIELD.findall(part[1])):
                pieces.append(self._filled(part[1], known))
            end = part.end()
        pieces.append(self._filled(template[end:], known))
        text = "".join(pieces)
        first = _FIELD.match(template)
        if first and not self._value(first[1], known):
            return text[:1].upper() + text[1:]  # a neutral word at the begin of a sentence
        return text

    def _filled(self, part: str, known: Mapping[str, Any]) -> str:
        return _FIELD.sub(lambda field: self._word(field[1], field[2] or "", known), part)

    def _word(self, name: str, spec: str, known: Mapping[str, Any]) -> str:
        for other in (name, *codes.instead(name)):
            if found := self._text(known.get(other, ""), spec):
                return found
        neutral = (
            self._texts.get(f"neutral.{other}", "") for other in (name, *codes.instead(name))
        )
        return next(filter(None, neutral), "") or self._texts["neutral.unknown"]

    def _value(self, name: str, known: Mapping[str, Any]) -> str:
        words = (self._text(known.get(each, ""), "") for each in (name, *codes.instead(name)))
        return next(filter(None, words), "")

    def _text(self, value: Value, spec: str) -> str:
        if isinstance(value, Line):
            return self.say(value)
        if isinstance(value, tuple):
            joint = self._texts.get(f"join.{spec}", self._texts["join.list"])
            return joint.join(filter(None, (self._text(each, "") for each in value)))
        if isinstance(value, int | float) and _NUMBER.fullmatch(spec):
            return format(value, spec)
        return str(value)


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in tables.items():
        if isinstance(entry, Mapping):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(entry)


@cache
def language(name: str = LANGUAGES[0]) -> Language:
    """The language of that name. ``KeyError`` for one that there is not."""
    if name not in LANGUAGES:
        raise KeyError(name)
    texts = tables.read(f"texts/{name}")
    return Language(name, texts, language() if name != LANGUAGES[0] else None)
