"""Report -> workflow commands of GitHub Actions: an annotation a cause, and the verdict. What goes
into the step's summary is the Markdown format."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.knowledge.language import Language
from arcprobe.model import Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report import layout
from arcprobe.report.outline import Item, items
from arcprobe.report.words import Words

_COMMANDS = {Verdict.FAIL: "error", Verdict.ERROR: "error", Verdict.WARN: "warning"}
_OTHERS = "notice"

_MOST_EVIDENCE = 4  # lines: an annotation shows 4 KB at most

# How a value of a workflow command is written: packages/core/src/command.ts of
# https://github.com/actions/toolkit (escapeData, escapeProperty)
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def render(
    report: Report, *, language: Language | None = None, colour: bool = False, width: int = 100
) -> str:
    """The report as lines that GitHub shows as annotations. ``colour`` and ``width`` change
    nothing."""
    return "\n".join(_lines(report, Words(language))) + "\n"


def _lines(report: Report, words: Words) -> Iterator[str]:
    for item in items(report):
        yield _command(item.cause.verdict, f"arcprobe {item.cause.code}", _body(item, words))
    title = f"arcprobe {report.verdict.upper()}"
    told = (words.verdict_line(report), layout.data_of(report.run, words))
    yield _command(report.verdict, title, "\n".join(filter(None, told)))


def _body(item: Item, words: Words) -> str:
    cause = item.cause
    told = [printable(cause.headline), words.owner(cause.owner)]
    for change in layout.pasted(cause)[:1]:
        told += [layout.label(change), *layout.block(change)]
    seen = map(printable, cause.evidence[:_MOST_EVIDENCE])
    return "\n".join([*told, *layout.advice(cause), *seen])


def _command(verdict: Verdict, title: str, text: str) -> str:
    name = _COMMANDS.get(verdict, _OTHERS)
    return f"::{name} title={_escaped(title, _PROPERTY)}::{_escaped(text, _DATA)}"


def _escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for letter, code in table:
        text = text.replace(letter, code)
    return text
