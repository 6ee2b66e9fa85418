"""Report -> text for people: the verdict, the causes and what to change, the endpoint × layer
table, the rest folded.

It is written so that a proxy administrator who gets nothing but this text can act: exact hosts,
status lines, issuers.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from arcprobe.knowledge.language import Language
from arcprobe.model import Cause, Finding, Layer, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report import layout
from arcprobe.report.layout import MARKS, Skipped
from arcprobe.report.table import Row, columns, table
from arcprobe.report.words import Words

_ASCII = str.maketrans("✓✗–—·×“”’", '+x--.x""\'') | {ord("…"): "...", ord("→"): "->"}

# ECMA-48 section 8.3.117, Select Graphic Rendition
_COLOURS = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.FAIL: "31",
    Verdict.SKIP: "2",
    Verdict.ERROR: "35",
}
_SGR = re.compile(r"\x1b\[[0-9;]*m")

# Lines of evidence, and endpoints, of a cause; all are in the JSON report.
_MOST = {"evidence": 12, "targets": 100}
_BLOCK = " " * 4  # before each line that is pasted
_MOST_SKIPPED = 8  # endpoints named of a group of skips, unless ``wide``
_LABEL = 11  # columns of the longest label of a cause, its colon and a blank
_LEAST_NAMES = 24  # columns that the names in the table have at least
_LEAST_WIDTH = 40

# Stands for a blank at which a line must not break; it cannot come from outside: ``printable``
# escapes it.
_KEEP = "\x00"


def render(
    report: Report,
    *,
    language: Language | None = None,
    colour: bool = False,
    width: int = 100,
    wide: bool = False,
    ascii_only: bool = False,
) -> str:
    """The report as text. ``width`` in columns (lines to be pasted are never broken); ``wide``
    unfolds the passes; ``colour``: ANSI SGR.

    ``ascii_only`` writes marks and dashes that every terminal has; text from outside keeps its
    letters.
    """
    paper = _Paper(colour=colour, width=max(_LEAST_WIDTH, width))
    text = "\n".join(_Page(report, Words(language), paper, wide=wide).lines()) + "\n"
    return text.translate(_ASCII) if ascii_only else text


class _Paper:
    """Colour and width."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.colour = colour
        self.width = width

    def paint(self, text: str, verdict: Verdict) -> str:
        """In the verdict's colour."""
        return self._rendered(text, _COLOURS[verdict])

    def bold(self, text: str) -> str:
        """In bold letters."""
        return self._rendered(text, "1")

    def loud(self, text: str, verdict: Verdict) -> str:
        """In the verdict's colour and bold letters."""
        return self._rendered(text, f"1;{_COLOURS[verdict]}")

    def _rendered(self, text: str, how: str) -> str:
        return f"\x1b[{how}m{text}\x1b[0m" if self.colour and text else text

    def mark(self, verdict: Verdict) -> str:
        """The verdict's mark."""
        return self.paint(MARKS[verdict], verdict)

    def wrapped(
        self, text: str, first: str, rest: str, paint: Callable[[str], str] = str
    ) -> Iterator[str]:
        """The text within the width. What stands in backticks, and words such as lists, stay on one
        line, to be pasted."""
        kept = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", _KEEP), text)
        indent = " " * len(_SGR.sub("", first))
        wrapper = textwrap.TextWrapper(
            width=self.width,
            initial_indent=indent,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in wrapper.wrap(kept) or [""]:
            words = line.removeprefix(indent).replace(_KEEP, " ").rstrip()
            yield f"{first}{paint(words)}".rstrip()
            first = indent = rest

    def section(self, lines: Iterable[str], title: str = "") -> Iterator[str]:
        """The lines after an empty one and their title; nothing where there are none."""
        shown = list(lines)
        if shown:
            yield ""
            yield from filter(None, (self.bold(title),))
            yield from shown


class _Page:
    def __init__(self, report: Report, words: Words, paper: _Paper, *, wide: bool) -> None:
        self.report = report
        self.words = words
        self.paper = paper
        self.wide = wide

    def lines(self) -> Iterator[str]:
        """The page."""
        paper, verdict = self.paper, self.report.verdict
        first = f"{paper.loud(verdict.upper(), verdict)}  "
        line = self.words.verdict_line(self.report)
        yield from paper.wrapped(line, first, " " * (len(verdict) + 2))
        for number, cause in enumerate(self.report.causes, start=1):
            yield from paper.section(self._cause(number, cause))
        loose = self._findings(layout.unexplained(self.report))
        yield from paper.section(loose, self.words("report.heading.unexplained"))
        yield from paper.section(self._table())
        yield from paper.section(self._folded())
        yield from paper.section(self._facts())

    def _cause(self, number: int, cause: Cause) -> Iterator[str]:
        words, verdict = self.words, cause.verdict
        indent = " " * (len(str(number)) + 2)
        yield from self.paper.wrapped(
            printable(cause.headline),
            f"{number}. {self.paper.mark(verdict)} ",
            f"{indent}  ",
            lambda line: self.paper.loud(line, verdict),
        )
        code = printable(cause.code)
        targets = list(layout.targets_of(self.report, cause))
        yield from self._entry(indent, "code", [f"{code}   (arcprobe explain {code})"])
        yield from self._entry(indent, "actor", [words.actor(cause.owner)])
        yield from self._changes(indent, cause)
        yield from self._entry(indent, "evidence", self._most("evidence", cause.evidence))
        yield from self._entry(indent, "targets", [", ".join(self._most("targets", targets))])

    def _changes(self, indent: str, cause: Cause) -> Iterator[str]:
        """The lines of products as they are, whatever the width: they are pasted."""
        pasted = layout.pasted(cause)
        for change in pasted:
            yield from self._entry(indent, "change", [layout.label(change)])
            yield ""
            yield from (f"{_BLOCK}{line}".rstrip() for line in layout.block(change))
            yield ""
            if change.apply:
                name = self.words("report.label.apply")
                yield f"{indent}{name + ':':<{_LABEL}}{printable(change.apply)}"
            yield from self._entry(indent, "done", [printable(change.done_when)])
        yield from self._entry(indent, "words" if pasted else "change", layout.advice(cause))

    def _most(self, what: str, texts: Sequence[str]) -> list[str]:
        most = _MOST[what]
        shown = [printable(text) for text in texts[:most]]
        if len(texts) > most:
            shown.append(self.words(f"report.more-{what}", count=len(texts) - most))
        return shown

    def _entry(self, indent: str, label: str, values: Iterable[str]) -> Iterator[str]:
        name = self.words(f"report.label.{label}")
        first = f"{indent}{name + ':':<{_LABEL}}"
        for value in filter(None, values):
            yield from self.paper.wrapped(value, first, " " * len(first))
            first = " " * len(first)

    def _findings(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            mark = self.paper.mark(finding.verdict)
            text = printable(f"{finding.summary}  [{finding.code}]")
            yield from self.paper.wrapped(text, f"{mark} ", "  ")
            for line in finding.evidence[: _MOST["evidence"]]:
                yield from self.paper.wrapped(printable(line), "    ", "      ")
            if finding.verdict.needs_action:
                yield from self._entry("    ", "change", layout.lines(finding.remedy))

    def _table(self) -> Iterator[str]:
        rows = table(self.report)
        if not rows:
            return
        shown = columns(rows)
        names = list(_names(rows))
        others = sum(len(column) + 2 for column in shown)
        space = min(max(map(len, names)), max(_LEAST_NAMES, self.paper.width - others))
        title = self.words("report.label.endpoint").ljust(space)
        yield self.paper.bold("  ".join([title, *shown]))
        for name, row in zip(names, rows, strict=True):
            if len(name) > space:
                yield name  # never cut: the name is what somebody has to allow
                name = ""
            cells = "".join(self._cell(row, column) for column in shown)
            yield f"{name:<{space}}{cells}".rstrip()
        seen = set(chain.from_iterable(row.cells.values() for row in rows))
        yield "   ".join(layout.legend(self.words, seen))

    def _cell(self, row: Row, column: Layer) -> str:
        if column not in row.cells:
            return " " * (len(column) + 2)
        return f"  {self.paper.mark(row.cells[column])}{' ' * (len(column) - 1)}"

    def _folded(self) -> Iterator[str]:
        passes = layout.passes(self.report)
        if passes:
            key = "report.passing-follow" if self.wide else "report.passing"
            text = self.words(key, count=len(passes), total=len(self.report.findings))
            yield f"{self.paper.mark(Verdict.PASS)} {text}"
        if self.wide:
            yield from self._findings(passes)
        for group in layout.skipped(self.report, self.words):
            yield from self._skipped(group)

    def _skipped(self, group: Skipped) -> Iterator[str]:
        first = f"{self.paper.mark(Verdict.SKIP)} "
        text = printable(group.words)
        if group.count == 1:
            yield from self.paper.wrapped(text, first, "  ")
            return
        checks = self.words.count("report.count.check", group.count)
        yield from self.paper.wrapped(f"{text} ({checks})", first, "  ")
        most = len(group.targets) if self.wide else _MOST_SKIPPED
        names = self.words.names(list(map(printable, group.targets)), most)
        yield from self.paper.wrapped(names, "    ", "    ")

    def _facts(self) -> Iterator[str]:
        rows = layout.facts(self.report, self.words)
        space = max(len(name) for name, _ in rows) + 2
        for name, value in rows:
            yield from self.paper.wrapped(value, f"{name + ':':<{space}}", " " * space)


def _names(rows: Sequence[Row]) -> Iterator[str]:
    """The endpoints, with their route where several rows are of one."""
    counts = Counter(row.target for row in rows)
    for row in rows:
        name = printable(row.target)
        yield name if counts[row.target] == 1 else f"{name} ({row.route})"
