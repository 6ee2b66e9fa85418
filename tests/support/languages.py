"""A language for tests: English in which some sentences are others."""

from __future__ import annotations

from collections.abc import Mapping

from arcprobe.knowledge.language import Language, language


def shouting(*tables: str, also: Mapping[str, str] | None = None) -> Language:
    """English, in which what is said below these tables (``code``, ``plan``, …) is in capitals;
    placeholders and optional parts stay. ``also``: further sentences, by key."""
    english = language()
    keys = english.keys()
    texts = {key: english.template(key) for key in keys}
    loud = {key: _loud(text) for key, text in texts.items() if key.partition(".")[0] in tables}
    return Language("xx", texts | loud | dict(also or {}))


def _loud(text: str) -> str:
    pieces = text.split("{")
    told = [pieces[0].upper()]
    for piece in pieces[1:]:
        name, brace, rest = piece.partition("}")
        told.append(f"{name}{brace}{rest.upper()}")
    return "{".join(told)
