"""What is told of the causes before all else: failures before warnings, an owner's together, each
with its one number, and which of them another's change heals."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import msgspec

from arcprobe.model import Cause, Code, Owner, Report, Verdict

# Whose change heals what else, where that hits nothing else: what is not decrypted cannot be
# changed inside.
_HEALS = {
    Code.TLS_INTERCEPTED: frozenset(
        {Code.WEBSOCKET_STRIPPED, Code.WEBSOCKET_REFUSED, Code.ANSWER_FROM_MIDDLEBOX}
    )
}


class Item(msgspec.Struct, frozen=True):
    """A cause with its number, from 1, as every format for people shows it."""

    number: int
    cause: Cause
    heals: tuple[int, ...] = ()  # numbers of the causes that its change heals too


class Part(msgspec.Struct, frozen=True):
    """The causes of one owner that fail, or all warnings (``owner`` None)."""

    owner: Owner | None
    items: tuple[Item, ...]


def outline(report: Report) -> tuple[Part, ...]:
    """The causes by owner, those that fail first; warnings last. Within a part the order of the
    report stays: lowest layer first."""
    groups = _groups(report.causes)
    ordered = list(chain.from_iterable(groups.values()))
    numbers = {id(cause): number for number, cause in enumerate(ordered, start=1)}
    return tuple(
        Part(owner, tuple(_item(cause, numbers, ordered) for cause in causes))
        for owner, causes in groups.items()
    )


def items(report: Report) -> tuple[Item, ...]:
    """The causes in the order of their numbers."""
    return tuple(chain.from_iterable(part.items for part in outline(report)))


def _groups(causes: Iterable[Cause]) -> dict[Owner | None, list[Cause]]:
    groups: dict[Owner | None, list[Cause]] = {}
    for cause in sorted(causes, key=lambda cause: cause.verdict is Verdict.WARN):
        owner = None if cause.verdict is Verdict.WARN else cause.owner
        groups.setdefault(owner, []).append(cause)
    return groups


def _item(cause: Cause, numbers: dict[int, int], causes: Iterable[Cause]) -> Item:
    healed = _HEALS.get(cause.code, frozenset())
    also = (
        numbers[id(other)]
        for other in causes
        if other.code in healed and set(other.affects) <= set(cause.affects)
    )
    return Item(numbers[id(cause)], cause, tuple(also))
