"""The code table: every code with its layer, verdict, owner and words, from ``data/codes.toml``. Pure but for that one file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import msgspec

from arcprobe.model import Layer, Verdict

OWNERS = ("proxy", "firewall", "dns", "pki", "cluster", "azure", "you")

_FIELD = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the contract's code table. ``summary``, ``headline``, ``remedy`` are templates for ``fill``; the rest is plain.

    ``verdict`` is the default of the contract's verdict rules. ``owner`` is empty for codes that pass.
    ``verify`` holds command lines with which a person sees the same by hand.
    """

    name: str
    layer: Layer
    verdict: Verdict
    summary: str
    headline: str
    meaning: str
    owner: str = ""
    remedy: str = ""
    verify: str = ""

    @property
    def passes(self) -> bool:
        """True for the bracketed codes of the contract: nothing is wrong."""
        return self.verdict is Verdict.PASS


class UnknownCode(LookupError):
    """A code that the table does not have; ``near`` holds up to three that are spelled alike."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name = name
        self.near = near
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"unknown code {name!r}{hint}")


class _Table(msgspec.Struct, frozen=True):
    codes: dict[str, Code]
    neutral: dict[str, str]
    instead: dict[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    raw = tomllib.loads(
        resources.files("arcprobe").joinpath("data", "codes.toml").read_text(encoding="utf-8")
    )
    codes = {
        name: msgspec.convert(
            {"name": name, "verify": raw["verify"].get(row["layer"], ""), **row}, Code
        )
        for name, row in raw["code"].items()
    }
    return _Table(
        codes, raw["neutral"], {name: tuple(others) for name, others in raw["instead"].items()}
    )


def all() -> tuple[Code, ...]:
    """Every code, in the order of the table: by layer, the passing ones first."""
    return tuple(_table().codes.values())


def get(name: str) -> Code:
    """The code of that name. Raises ``UnknownCode``, which suggests the nearest names."""
    code = _table().codes.get(name)
    if code is None:
        raise UnknownCode(name, nearest(name))
    return code


def nearest(name: str) -> tuple[str, ...]:
    """Up to three codes that are spelled like ``name``, or that contain it."""
    import difflib

    word = name.strip().lower().replace("_", "-")[:80]
    names = _table().codes
    if word in names:
        return (word,)
    alike = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    holding = [other for other in names if len(word) > 2 and word in other]
    return tuple(dict.fromkeys(alike + holding))[:3]


def fill(template: str, fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The template with its fields put in.

    ``{name}`` becomes the field's value; when it is unknown or empty, that of its stand-in, else a neutral word.
    ``[[…]]`` is left out when a field within it is unknown. Values are put in as they are: braces in them mean nothing.
    """
    known = dict(fields)
    table = _table()

    def value(name: str) -> str:
        return next(
            filter(None, (known.get(other, "") for other in (name, *table.instead.get(name, ())))),
            "",
        )

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if found := value(name):
            return found
        others = (table.neutral.get(other, "") for other in (name, *table.instead.get(name, ())))
        return next(filter(None, others), "something unknown")

    pieces: list[str] = []
    end = 0
    for part in _OPTIONAL.finditer(template):
        pieces.append(_FIELD.sub(word, template[end : part.start()]))
        if not [name for name in _FIELD.findall(part[1]) if not value(name)]:
            pieces.append(_FIELD.sub(word, part[1]))
        end = part.end()
    pieces.append(_FIELD.sub(word, template[end:]))
    text = "".join(pieces)
    first = _FIELD.match(template)
    # a sentence that begins with a neutral word begins with a capital; a host name keeps its spelling
    return text[:1].upper() + text[1:] if first and not value(first[1]) else text
