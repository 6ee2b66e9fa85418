"""Report -> one HTML file that needs nothing else: no script, nothing from outside, readable
printed and without colour.

``head.html`` has a Content-Security-Policy: whatever text should slip through, nothing runs and
nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from string import Template

from arcprobe.knowledge.language import Language
from arcprobe.model import Cause, Finding, Layer, Report
from arcprobe.model.text import printable
from arcprobe.report import layout, outline
from arcprobe.report.table import Row, columns, table
from arcprobe.report.words import Words


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as one HTML document. ``colour`` and ``width`` change nothing."""
    return "".join(_Page(report, Words(language)).document())


def _text(text: str) -> str:
    return escape(printable(text), quote=True)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(map(_text, lines))


class _Page:
    def __init__(self, report: Report, words: Words) -> None:
        self.report = report
        self.words = words

    def say(self, key: str) -> str:
        """A heading or a label."""
        return _text(self.words(f"report.{key}"))

    def document(self) -> Iterator[str]:
        """The document in pieces."""
        report, verdict = self.report, self.report.verdict
        title = _text(f"{verdict} – {report.run.host}")
        head = resources.files("arcprobe.report").joinpath("head.html").read_text("utf-8")
        yield Template(head).substitute(language=self.words.language.name, title=title)
        line = _text(self.words.verdict_line(report))
        yield f'<h1><span class="{verdict}">{verdict.upper()}</span> {line}</h1>\n'
        for item in outline.items(report):
            yield from self._cause(item.number, item.cause)
        loose = layout.unexplained(report)
        if loose:
            yield f"<h2>{self.say('heading.unexplained')}</h2>\n"
            yield from self._findings(loose)
        yield from self._table()
        yield from self._skipped()
        yield f"<h2>{self.say('heading.findings')}</h2>\n<details open>"
        count = _text(self.words("report.passing", **layout.checked(report, self.words)))
        yield f"<summary>{count}</summary>\n"
        yield from self._findings(report.findings)
        yield f"</details>\n<h2>{self.say('heading.run')}</h2>\n<dl>\n"
        for name, value in layout.facts(report, self.words):
            yield f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n"
        yield "</dl>\n</body></html>\n"

    def _cause(self, number: int, cause: Cause) -> Iterator[str]:
        headline = f"{number}. {_text(cause.headline)}"
        yield f'<section class="cause {cause.verdict}"><h3>{headline}</h3>\n<dl>\n'
        yield self._entry("code", f"<code>{_text(cause.code)}</code>")
        yield self._entry("actor", _text(self.words.actor(cause.owner)))
        pasted = layout.pasted(cause)
        for change in pasted:
            lines = _lines(layout.block(change))
            text = f'{_text(layout.label(change))}<pre class="paste">{lines}</pre>'
            yield self._entry("change", text)
            if change.apply:
                yield self._entry("apply", f"<code>{_text(change.apply)}</code>")
            yield self._entry("done", _text(change.done_when))
        label = "words" if pasted else "change"
        yield self._entry(label, f"<pre>{_lines(layout.advice(cause))}</pre>")
        if cause.evidence:
            yield self._entry("evidence", f"<pre>{_lines(cause.evidence)}</pre>")
        targets = layout.targets_of(self.report, cause)
        if targets:
            yield self._entry("targets", ", ".join(map(_text, targets)))
        yield "</dl></section>\n"

    def _entry(self, label: str, content: str) -> str:
        return f"<dt>{self.say(f'label.{label}')}</dt><dd>{content}</dd>\n"

    def _table(self) -> Iterator[str]:
        rows = table(self.report)
        if not rows:
            return
        shown = columns(rows)
        names = (self.say("label.endpoint"), self.say("label.route"), *shown)
        yield f"<h2>{self.say('heading.table')}</h2>\n{_head(names)}\n"
        for row in rows:
            cells = "".join(_cell(row, column) for column in shown)
            yield f"<tr><td>{_text(row.target)}</td><td>{_text(row.route)}</td>{cells}</tr>\n"
        yield f"</tbody></table>\n<p>{' · '.join(layout.legend(self.words))}</p>\n"

    def _skipped(self) -> Iterator[str]:
        groups = layout.skipped(self.report, self.words)
        if not groups:
            return
        yield f"<h2>{self.say('heading.skipped')}</h2>\n<ul>\n"
        for group in groups:
            names = ", ".join(map(_text, group.targets))
            yield f"<li>{_text(group.words)} ({group.count}): {names}</li>\n"
        yield "</ul>\n"

    def _findings(self, findings: Iterable[Finding]) -> Iterator[str]:
        labels = (self.say(f"label.{name}") for name in ("verdict", "check", "code", "seen"))
        yield f"{_head(labels)}\n"
        for finding in findings:
            verdict, check, seen = finding.verdict, _text(finding.check), _text(finding.summary)
            if finding.evidence:
                seen += f"<pre>{_lines(finding.evidence)}</pre>"
            yield f'<tr><td class="{verdict}">{verdict}</td><td>{check}</td>'
            yield f"<td><code>{_text(finding.code)}</code></td><td>{seen}</td></tr>\n"
        yield "</tbody></table>\n"


def _head(names: Iterable[str]) -> str:
    cells = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"


def _cell(row: Row, column: Layer) -> str:
    if column not in row.cells:
        return "<td></td>"
    verdict = row.cells[column]
    return f'<td class="mark {verdict}" title="{verdict}">{layout.MARKS[verdict]}</td>'
