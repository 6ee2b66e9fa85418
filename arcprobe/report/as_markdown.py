"""Report -> Markdown (CommonMark with GitHub's tables), for a ticket or a pull request. Text from
outside has no effect on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from arcprobe.model import Cause, Finding, Report, Verdict
from arcprobe.report import layout as _layout

_MARKS = {
    Verdict.PASS: "✓",
    Verdict.WARN: "!",
    Verdict.FAIL: "✗",
    Verdict.SKIP: "–",
    Verdict.ERROR: "?",
}
_MOST_LOOSE = 200

# Punctuation that is markup within a line; CommonMark section 2.4 lets a backslash stand before
# it. What is markup only at the start of a line (lists) gets one there. The rest as character
# references: mentions, and what GitHub would link.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~$]")
_AT_START = re.compile(r"^(\d*)([-+=.)])")
_LINKS = (("&", "&amp;"), ("@", "&#64;"), ("#", "&#35;"), ("://", "&#58;//"), ("www.", "www&#46;"))


def render(report: Report, *, colour: bool = False, width: int = 100) -> str:
    """The report as Markdown. ``colour`` and ``width`` change nothing."""
    return "\n".join(_document(report)) + "\n"


def _text(text: str) -> str:
    """One line in which nothing is markup."""
    line = _AT_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", _layout.visible(text)))
    for raw, reference in _LINKS:
        line = line.replace(raw, reference) if raw != "#" else re.sub(r"(?<!&)#", reference, line)
    return line


def _block(lines: Iterable[str]) -> Iterator[str]:
    """The lines as they are, in a fence that is longer than any run of backticks in them
    (CommonMark section 4.5)."""
    shown = [_layout.visible(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (fence + "text", *shown, fence)


def _document(report: Report) -> Iterator[str]:
    yield f"# {report.verdict.upper()}: {_text(_layout.verdict_line(report))}"
    for number, cause in enumerate(report.causes, start=1):
        yield ""
        yield from _cause(report, number, cause)
    loose = _layout.unexplained(report)
    if loose:
        yield from ("", "## Not explained by a cause", "")
        yield from _findings(loose[:_MOST_LOOSE])
    yield from _table(report)
    yield from ("", f"{len(_layout.passes(report))} of {len(report.findings)} findings pass.")
    skips = _layout.skipped(report)
    if skips:
        yield from ("", "## Not asked, and why", "")
        for group in skips:
            yield f"- {_text(group.reason)} ({group.count}): {', '.join(map(_text, group.targets))}"
    yield from ("", "## The run", "", "| fact | value |", "| --- | --- |")
    for name, value in _layout.facts(report):
        yield f"| {_text(name)} | {_text(value)} |"


def _cause(report: Report, number: int, cause: Cause) -> Iterator[str]:
    yield f"## {number}\\. {_text(cause.headline)}"
    yield from (
        "",
        f"Code {_text(cause.code)}. **To act: {_text(_layout.actor(cause.owner))}.** Change:",
        "",
    )
    yield from _block(_layout.visible_lines(cause.remedy))
    evidence = _layout.evidence_of(report, cause)
    if evidence:
        yield from ("", "Evidence:", "")
        yield from _block(evidence)
    targets = _layout.targets_of(report, cause)
    if targets:
        yield from ("", f"Affects: {', '.join(map(_text, targets))}")


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"- **{finding.verdict}** {_text(finding.code)}: {_text(finding.summary)}"


def _table(report: Report) -> Iterator[str]:
    rows = _layout.table(report)
    if not rows:
        return
    columns = [column for column in _layout.COLUMNS if any(column in row.cells for row in rows)]
    yield from ("", "## Endpoints by layer", "")
    yield "| endpoint | route | " + " | ".join(columns) + " |"
    yield "| --- | --- |" + " :-: |" * len(columns)
    for row in rows:
        marks = (_MARKS[row.cells[column]] if column in row.cells else " " for column in columns)
        yield f"| {_text(row.target)} | {_text(row.route)} | " + " | ".join(marks) + " |"
