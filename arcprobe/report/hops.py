"""The hops of the way to Azure, each with the worst that the table has of it, and how many
endpoints it hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from arcprobe.model import Layer, Verdict
from arcprobe.report.table import About, Row, columns

_MARKED = (About.BYPASS_LIST, About.GATEWAY)


class Hop(msgspec.Struct, frozen=True):
    """One rung as all endpoints meet it; ``count``: how many have this verdict."""

    layer: Layer
    verdict: Verdict
    count: int


def hops(rows: Sequence[Row]) -> tuple[Hop, ...]:
    """The rungs that have an entry, lowest first."""
    return tuple(_hop(column, rows) for column in columns(rows))


def _hop(column: Layer, rows: Iterable[Row]) -> Hop:
    told = [row.cells[column] for row in rows if column in row.cells]
    worst = Verdict.worst(told)
    return Hop(column, worst, told.count(worst))


def working(rows: Iterable[Row]) -> tuple[int, int]:
    """How many endpoints work, warnings among them, and how many there are."""
    ends = [row for row in rows if row.about is About.ENDPOINT]
    well = [row for row in ends if row.verdict in (Verdict.PASS, Verdict.WARN)]
    return len(well), len(ends)


def beside(rows: Iterable[Row]) -> tuple[tuple[About, Verdict], ...]:
    """What is no rung and yet decides: the bypass list and the Arc gateway."""
    return tuple(
        (row.about, row.state)
        for row in rows
        if row.about in _MARKED and row.state not in (None, Verdict.SKIP)
    )
