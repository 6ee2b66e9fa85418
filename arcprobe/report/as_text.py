"""Report -> text for people: a first screen with the verdict, the hops and the causes by owner;
then what to change, the endpoint × layer table with what passed folded, and the verdict again as
the last line.

It is written so that a proxy administrator who gets nothing but this text can act: exact hosts,
status lines, issuers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from arcprobe.knowledge.language import Language
from arcprobe.model import Cause, Finding, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report import columns, layout, outline, screen
from arcprobe.report.grid import Grid
from arcprobe.report.layout import Skipped
from arcprobe.report.paper import Paper
from arcprobe.report.table import table
from arcprobe.report.words import Words

_ASCII = str.maketrans("✓✗–—─·×“”’", '+x---.x""\'') | {ord("…"): "...", ord("→"): "->"}

_MOST_EVIDENCE = 4  # lines of a cause, unless ``wide``
_MOST_TARGETS = 100  # endpoints of a cause; all are in the JSON report
_BLOCK = " " * 4  # before each line that is pasted
_MOST_SKIPPED = 8  # endpoints named of a group of skips, unless ``wide``
_LABEL = 11  # columns of the longest label of a cause, its colon and a blank
_LEAST_WIDTH = 40


def render(
    report: Report,
    *,
    language: Language | None = None,
    colour: bool = False,
    width: int = 100,
    wide: bool = False,
    ascii_only: bool = False,
    saved: str = "",
) -> str:
    """The report as text. ``width`` in columns (lines to be pasted are never broken); ``wide``
    unfolds the passes, the evidence and the settings; ``colour``: ANSI SGR; ``saved``: file that
    holds the JSON report.

    ``ascii_only`` writes marks and dashes that every terminal has; text from outside keeps its
    letters.
    """
    paper = Paper(colour=colour, width=max(_LEAST_WIDTH, width))
    page = _Page(report, Words(language), paper, wide=wide)
    text = "\n".join([*page.lines(), *page.end(saved)]) + "\n"
    return text.translate(_ASCII) if ascii_only else text


def causes(report: Report, words: Words, width: int) -> Iterator[str]:
    """The causes alone, whole, each after an empty line."""
    page = _Page(report, words, Paper(colour=False, width=max(_LEAST_WIDTH, width)), wide=True)
    return page.causes()


class _Page:
    def __init__(self, report: Report, words: Words, paper: Paper, *, wide: bool) -> None:
        self.report = report
        self.words = words
        self.paper = paper
        self.wide = wide
        self.rows = table(report)

    def lines(self) -> Iterator[str]:
        """The page."""
        paper = self.paper
        yield from screen.Screen(self.report, self.words, paper, self.rows).lines()
        yield from self.causes()
        loose = self._findings(layout.unexplained(self.report))
        yield from paper.section(loose, self.words("report.heading.unexplained"))
        grid = Grid(self.rows, self.words, paper, wide=self.wide)
        if grid.shown:
            yield from paper.section(grid.lines())
            yield from paper.section(self._folded())
        else:
            yield from paper.section(chain(grid.lines(), self._folded()))
        yield from paper.section(self._facts())

    def causes(self) -> Iterator[str]:
        """Each cause with what to change."""
        for item in outline.items(self.report):
            yield from self.paper.section(self._cause(item))

    def end(self, saved: str) -> Iterator[str]:
        """The last line: the verdict and the command that comes next, to be copied whole."""
        verdict = self.report.verdict
        first = self.paper.loud(verdict.upper(), verdict)
        yield from ("", f"{first}  {screen.last_line(self.report, self.words, saved)}")

    def _cause(self, item: outline.Item) -> Iterator[str]:
        words, cause = self.words, item.cause
        verdict = cause.verdict
        indent = " " * (len(str(item.number)) + 2)
        yield from self.paper.wrapped(
            printable(cause.headline),
            f"{item.number}. {self.paper.mark(verdict)} ",
            f"{indent}  ",
            lambda line: self.paper.loud(line, verdict),
        )
        code = printable(cause.code)
        yield from self._entry(indent, "code", [f"{code}   (arcprobe explain {code})"])
        yield from self._entry(indent, "actor", [words.actor(cause.owner)])
        yield from self._changes(indent, cause)
        yield from self._entry(indent, "evidence", self._evidence(cause))
        yield from self._entry(indent, "targets", [", ".join(self._targets(cause))])
        yield from self._entry(indent, "heals", [", ".join(map(str, item.heals))])

    def _changes(self, indent: str, cause: Cause) -> Iterator[str]:
        """The lines of products as they are, whatever the width: they are pasted."""
        pasted = layout.pasted(cause)
        for change in pasted:
            yield from self._entry(indent, "change", [layout.label(change)])
            yield ""
            yield from (f"{_BLOCK}{line}".rstrip() for line in layout.block(change))
            yield ""
            for label, commands in (("apply", change.apply), ("undo", change.undo)):
                yield from self._commands(indent, label, commands)
            yield from self._entry(indent, "done", [printable(change.done_when)])
        yield from self._entry(indent, "words" if pasted else "change", layout.advice(cause))

    def _commands(self, indent: str, label: str, commands: str | None) -> Iterator[str]:
        """Commands as they are, whatever the width."""
        name = f"{self.words(f'report.label.{label}')}:"
        for command in (commands or "").splitlines():
            yield f"{indent}{columns.padded(name, _LABEL)}{printable(command)}"
            name = ""

    def _evidence(self, cause: Cause) -> list[str]:
        most = len(cause.evidence) if self.wide else _MOST_EVIDENCE
        shown = [printable(text) for text in cause.evidence[:most]]
        more = len(cause.evidence) - most
        if more > 0:
            shown.append(self.words.count("report.more-evidence", more))
        return shown

    def _targets(self, cause: Cause) -> list[str]:
        targets = layout.targets_of(self.report, cause)
        shown = [printable(text) for text in targets[:_MOST_TARGETS]]
        if len(targets) > _MOST_TARGETS:
            shown.append(self.words("report.more-targets", count=len(targets) - _MOST_TARGETS))
        return shown

    def _entry(self, indent: str, label: str, values: Iterable[str]) -> Iterator[str]:
        name = self.words(f"report.label.{label}")
        first = indent + columns.padded(f"{name}:", _LABEL)
        for value in filter(None, values):
            yield from self.paper.wrapped(value, first, " " * columns.width_of(first))
            first = " " * columns.width_of(first)

    def _findings(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            mark = self.paper.mark(finding.verdict)
            text = printable(f"{finding.summary}  [{finding.code}]")
            yield from self.paper.wrapped(text, f"{mark} ", "  ")
            for line in finding.evidence:
                yield from self.paper.wrapped(printable(line), "    ", "      ")
            if finding.verdict.needs_action:
                yield from self._entry("    ", "change", layout.lines(finding.remedy))

    def _folded(self) -> Iterator[str]:
        words, passes = self.words, layout.passes(self.report)
        text = words("report.passing", **layout.checked(self.report, words))
        worst = Verdict.PASS if passes else Verdict.SKIP
        yield f"{self.paper.mark(worst)} {text}"
        if self.wide:
            yield from self._findings(passes)
        waiting = sum(map(layout.is_waiting, self.report.findings))
        if waiting and not self.wide:
            yield f"{self.paper.mark(Verdict.SKIP)} {words.count('report.waiting', waiting)}"
        for group in layout.skipped(self.report, words, waiting=self.wide):
            if self.wide or group.words not in self._named_above():
                yield from self._skipped(group)

    def _named_above(self) -> set[str]:
        """Why something was not tested that the verdict names."""
        is_named = not self.report.causes
        return {unproven.why for unproven in self.report.unproven} if is_named else set()

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
        rows = layout.facts(self.report, self.words, is_brief=not self.wide)
        space = max(columns.width_of(name) for name, _ in rows) + 2
        for name, value in rows:
            first = columns.padded(f"{name}:", space)
            yield from self.paper.wrapped(value, first, " " * space)
        if not self.wide:
            yield self.words("report.wide")
