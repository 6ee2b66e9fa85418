"""Report -> one HTML file that needs nothing else: no script, nothing from outside, readable
printed and without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from arcprobe.model import Cause, Finding, Report, Verdict
from arcprobe.report import layout as _layout

_MARKS = {
    Verdict.PASS: "✓",
    Verdict.WARN: "!",
    Verdict.FAIL: "✗",
    Verdict.SKIP: "–",
    Verdict.ERROR: "?",
}

# Content-Security-Policy: whatever text should slip through, nothing runs and nothing is fetched
_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>arcprobe: {title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8886;
  --pass: #1a7f37; --warn: #9a6700; --fail: #cf222e; --skip: #6e7781; --error: #8250df; }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }} h3 {{ font-size: 1rem; margin: 0 0 .5rem; }}
.pass {{ color: var(--pass); }} .warn {{ color: var(--warn); }} .fail {{ color: var(--fail); }}
.skip {{ color: var(--skip); }} .error {{ color: var(--error); }}
section.cause {{ border: 1px solid var(--line); border-left: .4rem solid; padding: .8rem 1rem; margin: 1rem 0; }}
section.cause, tr {{ break-inside: avoid; }}
section.cause > * {{ color: CanvasText; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }}
dt {{ font-weight: 600; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
pre, code {{ font: 13px/1.4 ui-monospace, monospace; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }}
table {{ border-collapse: collapse; width: 100%; }} thead {{ display: table-header-group; }}
th, td {{ border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }} td.mark {{ text-align: center; font-weight: 700; }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 11px; }} }}
</style></head><body>
"""


def render(report: Report, *, colour: bool = False, width: int = 100) -> str:
    """The report as one HTML document. ``colour`` and ``width`` change nothing."""
    return "".join(_document(report))


def _text(text: str) -> str:
    return escape(_layout.visible(text), quote=True)


def _document(report: Report) -> Iterator[str]:
    line = _text(_layout.verdict_line(report))
    yield _HEAD.format(title=_text(f"{report.verdict} – {report.run.host}"))
    yield f'<h1><span class="{report.verdict}">{report.verdict.upper()}</span> {line}</h1>\n'
    for number, cause in enumerate(report.causes, start=1):
        yield from _cause(report, number, cause)
    loose = _layout.unexplained(report)
    if loose:
        yield "<h2>Not explained by a cause</h2>\n"
        yield from _findings(loose)
    yield from _table(report)
    skips = _layout.skipped(report)
    if skips:
        yield "<h2>Not asked, and why</h2>\n<ul>\n"
        for group in skips:
            names = ", ".join(_text(target) for target in group.targets)
            yield f"<li>{_text(group.reason)} ({group.count}): {names}</li>\n"
        yield "</ul>\n"
    yield "<h2>All findings</h2>\n<details open>"
    yield f"<summary>{len(_layout.passes(report))} of {len(report.findings)} pass</summary>\n"
    yield from _findings(report.findings)
    yield "</details>\n<h2>The run</h2>\n<dl>\n"
    for name, value in _layout.facts(report):
        yield f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n"
    yield "</dl>\n</body></html>\n"


def _cause(report: Report, number: int, cause: Cause) -> Iterator[str]:
    targets = ", ".join(_layout.targets_of(report, cause))
    yield f'<section class="cause {cause.verdict}"><h3>{number}. {_text(cause.headline)}</h3>\n<dl>\n'
    yield f"<dt>Code</dt><dd><code>{_text(cause.code)}</code></dd>\n"
    yield f"<dt>Who acts</dt><dd>{_text(_layout.actor(cause.owner))}</dd>\n"
    yield f"<dt>Change</dt><dd><pre>{_lines(_layout.visible_lines(cause.remedy))}</pre></dd>\n"
    evidence = _layout.evidence_of(report, cause)
    if evidence:
        yield f"<dt>Evidence</dt><dd><pre>{_lines(evidence)}</pre></dd>\n"
    if targets:
        yield f"<dt>Affects</dt><dd>{_text(targets)}</dd>\n"
    yield "</dl></section>\n"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(_text(line) for line in lines)


def _table(report: Report) -> Iterator[str]:
    rows = _layout.table(report)
    if not rows:
        return
    columns = [column for column in _layout.COLUMNS if any(column in row.cells for row in rows)]
    yield "<h2>Endpoints by layer</h2>\n<table><thead><tr><th>Endpoint</th><th>Route</th>"
    yield "".join(f"<th>{column}</th>" for column in columns) + "</tr></thead><tbody>\n"
    for row in rows:
        cells = ""
        for column in columns:
            verdict = row.cells.get(column)
            cells += (
                f'<td class="mark {verdict}" title="{verdict}">{_MARKS[verdict]}</td>'
                if verdict
                else "<td></td>"
            )
        yield f"<tr><td>{_text(row.target)}</td><td>{_text(row.route)}</td>{cells}</tr>\n"
    yield "</tbody></table>\n<p>✓ works · ✗ broken · ! warning · – not asked · ? error</p>\n"


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    yield "<table><thead><tr><th>Verdict</th><th>Check</th><th>Code</th><th>What was seen</th></tr></thead><tbody>\n"
    for finding in findings:
        evidence = f"<pre>{_lines(finding.evidence)}</pre>" if finding.evidence else ""
        yield f'<tr><td class="{finding.verdict}">{finding.verdict}</td><td>{_text(finding.check)}</td>'
        yield f"<td><code>{_text(finding.code)}</code></td><td>{_text(finding.summary)}{evidence}</td></tr>\n"
    yield "</tbody></table>\n"
