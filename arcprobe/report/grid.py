"""The endpoint × layer table as text: what is broken row by row, what passed a line a feature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from arcprobe.model import Layer, Verdict
from arcprobe.model.text import printable
from arcprobe.report import columns, layout
from arcprobe.report.paper import Paper
from arcprobe.report.table import APART, About, Row, columns as columns_of
from arcprobe.report.words import Words

_LEAST_NAMES = 24  # columns that the names in the table have at least
_BENEATH = "  "  # before a host that was discovered behind the wildcard above


class Grid:
    """The rows of a report on paper."""

    def __init__(self, rows: Sequence[Row], words: Words, paper: Paper, *, wide: bool) -> None:
        """``wide``: with the rows that passed."""
        self.rows = rows
        self.words = words
        self.paper = paper
        self.shown = list(rows) if wide else list(_shown(rows))
        self.counts = Counter(row.target for row in rows)

    def lines(self) -> Iterator[str]:
        """The table."""
        yield from self._rows()
        hidden = [row for row in self.rows if row not in self.shown]
        for verdict, key in ((Verdict.PASS, "folded"), (Verdict.SKIP, "unasked")):
            for feature, count in _ends(hidden, verdict).items():
                text = self.words.count(f"report.{key}", count, feature=printable(feature))
                yield f"{self.paper.mark(verdict)} {text}"

    def _rows(self) -> Iterator[str]:
        if not self.shown:
            return
        rungs = columns_of(self.shown)
        names = list(map(self._name, self.shown))
        others = sum(len(rung) + 2 for rung in rungs)
        longest = max(map(columns.width_of, names))
        space = min(longest, max(_LEAST_NAMES, self.paper.width - others))
        if rungs:
            title = columns.padded(self.words("report.label.endpoint"), space)
            yield self.paper.bold("  ".join([title, *rungs]))
        for name, row in zip(names, self.shown, strict=True):
            yield from self._row(name, row, rungs, space)
        yield "   ".join(self._legend(has_blank=bool(rungs)))

    def _row(self, name: str, row: Row, rungs: Sequence[Layer], space: int) -> Iterator[str]:
        if columns.width_of(name) > space:
            yield name  # never cut: the name is what somebody has to allow
            name = ""
        cells = "".join(self._cell(row, rung) for rung in rungs)
        if row.state is not None:
            cells = f"  {self._state(row)}"
        yield f"{columns.padded(name, space)}{cells}".rstrip()

    def _state(self, row: Row) -> str:
        mark = self.paper.mark(row.state or Verdict.SKIP)
        if row.about is About.WILDCARD and row.hosts:
            return f"{mark} {self.words.count('report.hosts', row.hosts)}"
        return mark

    def _cell(self, row: Row, rung: Layer) -> str:
        if rung not in row.cells:
            return " " * (len(rung) + 2)
        return f"  {self.paper.mark(row.cells[rung])}{' ' * (len(rung) - 1)}"

    def _name(self, row: Row) -> str:
        if row.about in APART:
            return self.words(f"report.about.{row.about}")
        name = printable(row.target)
        if row.about is About.ENDPOINT and row.pattern:
            name = f"{_BENEATH}{name}"
        return name if self.counts[row.target] == 1 else f"{name} ({row.route})"

    def _legend(self, *, has_blank: bool) -> Iterator[str]:
        cells = chain.from_iterable(row.cells.values() for row in self.shown)
        states = (row.state for row in self.shown if row.state is not None)
        yield from layout.legend(self.words, {*cells, *states})
        if has_blank:
            yield self.words("report.blank")


def _ends(rows: Sequence[Row], verdict: Verdict) -> Counter[str]:
    """How many endpoints of each feature have that verdict."""
    ends = (row for row in rows if row.about is About.ENDPOINT)
    return Counter(row.feature for row in ends if row.verdict is verdict)


def _shown(rows: Sequence[Row]) -> Iterator[Row]:
    """What is not folded: rows that tell of something broken, the wildcards of those beneath, and
    what is no endpoint. Where nothing is broken, nothing is shown: the hops say it all."""
    if all(map(_is_folded, rows)):
        return
    broken = {row.pattern for row in rows if not _is_folded(row)}
    for row in rows:
        is_above = row.about is About.WILDCARD and row.pattern in broken
        if is_above or not _is_folded(row) or row.about in _ALWAYS:
            yield row


def _is_folded(row: Row) -> bool:
    """Whether nothing went wrong: all passed, or nothing was asked."""
    told = {*row.cells.values(), *filter(None, (row.state,))}
    return told in ({Verdict.PASS}, {Verdict.SKIP}) or not told


_ALWAYS = (About.PROXY, About.BYPASS_LIST, About.GATEWAY)
