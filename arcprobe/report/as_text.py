"""Report -> text for people: the verdict, the causes and what to change, the endpoint × layer
table, the rest folded.

It is written so that a proxy administrator who gets nothing but this text can act: exact hosts,
status lines, issuers.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from arcprobe.model import Cause, Finding, Layer, Report, Verdict
from arcprobe.report import layout as _layout
from arcprobe.report.layout import visible

MARKS = {
    Verdict.PASS: "✓",
    Verdict.WARN: "!",
    Verdict.FAIL: "✗",
    Verdict.SKIP: "–",
    Verdict.ERROR: "?",
}
ASCII = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "–": "-",
        "—": "-",
        "·": ".",
        "…": "...",
        "→": "->",
        "×": "x",
        "“": '"',
        "”": '"',
        "’": "'",
    }
)

_COLOURS = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.FAIL: "31",
    Verdict.SKIP: "2",
    Verdict.ERROR: "35",
}
_LEGEND = {
    Verdict.PASS: "works",
    Verdict.FAIL: "broken",
    Verdict.WARN: "warning",
    Verdict.SKIP: "not asked",
    Verdict.ERROR: "error",
}
_MOST_EVIDENCE = 12
_MOST_TARGETS = 100
_SGR = re.compile(r"\x1b\[[0-9;]*m")
# stands for a blank at which a line must not break; it cannot come from outside, visible() has
# escaped it
_KEEP = "\x00"


def render(
    report: Report,
    *,
    colour: bool = False,
    width: int = 100,
    wide: bool = False,
    ascii_only: bool = False,
) -> str:
    """The report as text. ``width`` in columns (commands are never broken); ``wide`` unfolds the
    passes; ``colour``: ANSI SGR.

    ``ascii_only`` writes marks and dashes that every terminal has; text from outside keeps its
    letters.
    """
    page = _Page(report, colour=colour, width=max(40, width), wide=wide)
    text = "\n".join(page.lines()) + "\n"
    return text.translate(ASCII) if ascii_only else text


class _Page:
    def __init__(self, report: Report, *, colour: bool, width: int, wide: bool) -> None:
        self.report = report
        self.colour = colour
        self.width = width
        self.wide = wide

    def lines(self) -> Iterator[str]:
        report = self.report
        word = self._paint(report.verdict.upper(), report.verdict, bold=True)
        yield from self._wrapped(
            _layout.verdict_line(report), f"{word}  ", " " * (len(report.verdict) + 2)
        )
        for number, cause in enumerate(report.causes, start=1):
            yield ""
            yield from self._cause(number, cause)
        yield from self._section(
            "Not explained by a cause", self._findings(_layout.unexplained(report))
        )
        yield from self._section("", self._table())
        yield from self._section("", self._folded())
        yield from self._section("", self._facts())

    def _cause(self, number: int, cause: Cause) -> Iterator[str]:
        mark = self._paint(MARKS[cause.verdict], cause.verdict)
        indent = " " * (len(str(number)) + 2)

        def paint(line: str) -> str:
            return self._paint(line, cause.verdict, bold=True)

        yield from self._wrapped(
            visible(cause.headline), f"{number}. {mark} ", indent + "  ", paint
        )
        yield from self._entry(
            indent, "Code", (f"{visible(cause.code)}   (arcprobe explain {visible(cause.code)})",)
        )
        yield from self._entry(indent, "Who acts", (_layout.actor(cause.owner),))
        yield from self._entry(indent, "Change", _layout.visible_lines(cause.remedy))
        evidence = [visible(line) for line in _layout.evidence_of(self.report, cause)]
        more = len(evidence) - _MOST_EVIDENCE
        if more > 0:
            evidence[_MOST_EVIDENCE:] = [f"… and {more} lines more in the JSON report"]
        yield from self._entry(indent, "Evidence", evidence)
        targets = [visible(target) for target in _layout.targets_of(self.report, cause)]
        more = len(targets) - _MOST_TARGETS
        if more > 0:
            targets[_MOST_TARGETS:] = [f"… and {more} more in the JSON report"]
        yield from self._entry(indent, "Affects", (", ".join(targets),))

    def _entry(self, indent: str, name: str, values: Iterable[str]) -> Iterator[str]:
        first = f"{indent}{name + ':':<11}"
        for value in values:
            if value:
                yield from self._wrapped(value, first, " " * len(first))
                first = " " * len(first)

    def _findings(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            mark = self._paint(MARKS[finding.verdict], finding.verdict)
            yield from self._wrapped(
                f"{visible(finding.summary)}  [{visible(finding.code)}]", f"{mark} ", "  "
            )
            for line in finding.evidence[:_MOST_EVIDENCE]:
                yield from self._wrapped(visible(line), "    ", "      ")
            if finding.remedy and finding.verdict is not Verdict.PASS:
                yield from self._entry("    ", "Change", _layout.visible_lines(finding.remedy))

    def _table(self) -> Iterator[str]:
        rows = _layout.table(self.report)
        if not rows:
            return
        routes = Counter(row.target for row in rows)
        names = [
            visible(row.target) + (f" ({visible(row.route)})" if routes[row.target] > 1 else "")
            for row in rows
        ]
        columns = [column for column in _layout.COLUMNS if any(column in row.cells for row in rows)]
        space = min(
            max(map(len, names)), max(24, self.width - sum(len(column) + 2 for column in columns))
        )
        yield self._bold("Endpoint".ljust(space) + "".join(f"  {column}" for column in columns))
        for name, row in zip(names, rows, strict=True):
            if len(name) > space:
                yield name  # never cut: the name is what somebody has to allow
                name = ""
            yield (
                name.ljust(space)
                + "".join(self._cell(row.cells.get(column), column) for column in columns)
            ).rstrip()
        seen = {verdict for row in rows for verdict in row.cells.values()}
        yield "   ".join(
            f"{MARKS[verdict]} {word}" for verdict, word in _LEGEND.items() if verdict in seen
        )

    def _cell(self, verdict: Verdict | None, column: Layer) -> str:
        mark = MARKS[verdict] if verdict else " "
        space = len(column) + 2 - len(mark)
        return " " * 2 + (self._paint(mark, verdict) if verdict else mark) + " " * (space - 2)

    def _folded(self) -> Iterator[str]:
        passes = _layout.passes(self.report)
        if passes:
            mark = self._paint(MARKS[Verdict.PASS], Verdict.PASS)
            yield f"{mark} {len(passes)} of {len(self.report.findings)} findings pass" + (
                "" if not self.wide else ":"
            )
        if self.wide:
            yield from self._findings(passes)
        for group in _layout.skipped(self.report):
            mark = self._paint(MARKS[Verdict.SKIP], Verdict.SKIP)
            times = f" ({group.count} checks)" if group.count > 1 else ""
            asked = "" if group.reason.lower().startswith("not ") else "not asked: "
            yield from self._wrapped(f"{asked}{visible(group.reason)}{times}", f"{mark} ", "  ")
            if group.count > 1:
                names = [visible(target) for target in group.targets[: None if self.wide else 8]]
                more = len(group.targets) - len(names)
                yield from self._wrapped(
                    ", ".join(names) + (f" and {more} more" if more else ""), "    ", "    "
                )

    def _facts(self) -> Iterator[str]:
        rows = _layout.facts(self.report)
        space = max(len(name) for name, _ in rows) + 2
        for name, value in rows:
            yield from self._wrapped(value, f"{name + ':':<{space}}", " " * space)

    def _section(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        lines = list(lines)
        if lines:
            yield ""
            if title:
                yield self._bold(title)
            yield from lines

    def _wrapped(
        self, text: str, first: str, rest: str, paint: Callable[[str], str] = str
    ) -> Iterator[str]:
        """The text within the width. What stands in backticks, and words such as lists, stay on one
        line, to be pasted."""
        kept = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", _KEEP), text)
        wrapper = textwrap.TextWrapper(
            width=self.width,
            initial_indent=" " * len(_SGR.sub("", first)),
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(wrapper.wrap(kept) or [""]):
            indent = wrapper.subsequent_indent if number else wrapper.initial_indent
            words = line.removeprefix(indent).replace(_KEEP, " ").rstrip()
            yield ((rest if number else first) + (paint(words) if words else "")).rstrip()

    def _paint(self, text: str, verdict: Verdict, *, bold: bool = False) -> str:
        return (
            f"\x1b[{'1;' if bold else ''}{_COLOURS[verdict]}m{text}\x1b[0m" if self.colour else text
        )

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text
