"""What a plan is made of: steps, and what is done in each. No shell is known here."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from arcprobe.model import Line


class Variable(msgspec.Struct, frozen=True):
    """A variable of the environment, whose value nobody prints."""

    name: str


Word: TypeAlias = tuple[str | Variable, ...]
"""One argument: literal text and variables, one behind the other."""


def word(*parts: str | Variable) -> Word:
    """One argument of these parts, the empty ones left out."""
    return tuple(part for part in parts if part != "")


class Command(msgspec.Struct, frozen=True):
    """A program and its arguments."""

    argv: tuple[Word, ...]


class Export(msgspec.Struct, frozen=True):
    """A variable gets a value, for what is run from there on."""

    name: str
    value: Word


class Capture(msgspec.Struct, frozen=True):
    """A variable gets what a command prints."""

    name: str
    argv: tuple[Word, ...]


class Needs(msgspec.Struct, frozen=True):
    """A variable must have a value before; ``why`` says which."""

    name: str
    why: Line


Item: TypeAlias = Command | Export | Capture | Needs


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the life of a connected cluster. ``after``: how long it takes, what to look at
    then."""

    title: Line
    items: tuple[Item, ...] = ()
    after: tuple[Line, ...] = ()


def command(*arguments: str | Word) -> Command:
    """A command of texts and words."""
    return Command(words(*arguments))


def words(*arguments: str | Word) -> tuple[Word, ...]:
    """Arguments as words."""
    return tuple((each,) if isinstance(each, str) else each for each in arguments)
