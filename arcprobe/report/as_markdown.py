"""Report -> Markdown (CommonMark with GitHub's tables), for a ticket or a pull request. Text from
outside has no effect on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from arcprobe.knowledge.language import Language
from arcprobe.model import Finding, Report
from arcprobe.model.text import printable
from arcprobe.report import layout, outline, screen
from arcprobe.report.table import APART, columns, table
from arcprobe.report.words import Words

_MOST_LOOSE = 200  # findings that no cause explains

# Punctuation that is markup within a line; CommonMark section 2.4 lets a backslash stand before
# it. What is markup only at the start of a line (lists) gets one there. The rest as character
# references: mentions, and what GitHub would link.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~$]")
_AT_START = re.compile(r"^(\d*)([-+=.)])")
_LINKS = (
    (re.compile(r"&"), "&amp;"),
    (re.compile(r"@"), "&#64;"),
    (re.compile(r"(?<!&)#"), "&#35;"),
    (re.compile(r"://"), "&#58;//"),
    (re.compile(r"www\."), "www&#46;"),
)


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as Markdown. ``colour`` and ``width`` change nothing."""
    return "\n".join(_document(report, Words(language))) + "\n"


def _text(text: str) -> str:
    """One line in which nothing is markup."""
    line = _AT_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", printable(text)))
    for mark, reference in _LINKS:
        line = mark.sub(reference, line)
    return line


def _block(lines: Iterable[str]) -> Iterator[str]:
    """The lines as they are, in a fence that is longer than any run of backticks in them
    (CommonMark section 4.5)."""
    shown = [printable(line) for line in lines]
    runs = map(len, re.findall(r"`+", "\n".join(shown)))
    fence = "`" * max(3, 1 + max(runs, default=0))
    yield from (f"{fence}text", *shown, fence)


def _document(report: Report, words: Words) -> Iterator[str]:
    yield f"# {report.verdict.upper()}: {_text(words.verdict_line(report))}"
    if report.run.demo:
        yield from ("", _text(screen.demo_story(report.run.demo, words)))
    for item in outline.items(report):
        yield ""
        yield from _cause(report, item, words)
    loose = layout.unexplained(report)
    if loose:
        yield from _heading(words, "unexplained")
        yield from map(_finding, loose[:_MOST_LOOSE])
    yield from _table(report, words)
    yield ""
    yield words("report.passing", **layout.checked(report, words))
    yield from _skipped(report, words)
    yield from _heading(words, "run")
    yield f"| {words('report.markdown.fact')} | {words('report.markdown.value')} |"
    yield "| --- | --- |"
    for name, value in layout.facts(report, words):
        yield f"| {_text(name)} | {_text(value)} |"


def _heading(words: Words, name: str) -> tuple[str, ...]:
    return ("", f"## {words(f'report.heading.{name}')}", "")


def _cause(report: Report, item: outline.Item, words: Words) -> Iterator[str]:
    cause = item.cause
    yield f"## {item.number}\\. {_text(cause.headline)}"
    code, actor = _text(cause.code), _text(words.actor(cause.owner))
    yield from ("", words("report.markdown.acts", code=code, actor=actor), "")
    for change in layout.pasted(cause):
        yield from (_text(layout.label(change)), "")
        yield from _block(layout.block(change))
        for label, commands in (("apply", change.apply), ("undo", change.undo)):
            if commands:
                yield from ("", words(f"report.markdown.{label}"), "")
                yield from _block(commands.splitlines())
        yield from ("", words("report.markdown.done", when=_text(change.done_when)))
        yield from ("", words("report.markdown.words"), "")
    yield from _block(layout.advice(cause))
    if cause.evidence:
        yield from ("", words("report.markdown.evidence"), "")
        yield from _block(cause.evidence)
    targets = layout.targets_of(report, cause)
    if targets:
        yield from ("", words("report.markdown.targets", targets=_list(targets)))


def _list(texts: Iterable[str]) -> str:
    return ", ".join(map(_text, texts))


def _finding(finding: Finding) -> str:
    return f"- **{finding.verdict}** {_text(finding.code)}: {_text(finding.summary)}"


def _skipped(report: Report, words: Words) -> Iterator[str]:
    groups = layout.skipped(report, words)
    if groups:
        yield from _heading(words, "skipped")
    for group in groups:
        yield f"- {_text(group.words)} ({group.count}): {_list(group.targets)}"


def _table(report: Report, words: Words) -> Iterator[str]:
    rows = table(report)
    if not rows:
        return
    shown = columns(rows)
    yield from _heading(words, "table")
    yield _row((words("report.markdown.endpoint"), words("report.markdown.route"), *shown))
    yield "| --- | --- |" + " :-: |" * len(shown)
    for row in rows:
        name = words(f"report.about.{row.about}") if row.about in APART else _text(row.target)
        if row.state is not None:
            name = f"{name} {layout.MARKS[row.state]}"
        marks = {column: layout.MARKS[verdict] for column, verdict in row.cells.items()}
        cells = (marks.get(column, " ") for column in shown)
        yield _row((name, _text(row.route), *cells))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
