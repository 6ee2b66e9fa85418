"""The picture of many places as the page of a report, with the groups of places × layers beside the
causes, and every node by its name."""

from __future__ import annotations

from collections.abc import Iterator

from arcprobe.fleet.merge import Group, Merged
from arcprobe.fleet.merge_text import as_report
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language
from arcprobe.model import Layer, Verdict
from arcprobe.report import as_html
from arcprobe.report.layout import MARKS
from arcprobe.report.page.markup import Markup, tag
from arcprobe.report.words import Words

_LAYERS = tuple(layer for layer in Layer if layer is not Layer.RUN)


def render(merged: Merged, *, language: Language | None = None) -> str:
    """The page."""
    report = as_report(merged, language=language)
    return as_html.render(report, language=language, more=_sections(merged, Words(language)))


def _sections(merged: Merged, words: Words) -> Iterator[Markup]:
    if not merged.groups:
        return
    names = ("places", "verdict", "causes")
    firsts = (tag("th", words(f"fleet.page.{name}"), scope="col") for name in names)
    rungs = (tag("th", layer, scope="col", class_="rung") for layer in _LAYERS)
    rows = (_row(group, words) for group in merged.groups)
    table = tag(
        "table", tag("thead", tag("tr", firsts, rungs)), tag("tbody", rows), class_="matrix"
    )
    title = tag("h2", words("fleet.page.groups"), id="groups")
    box = tag("div", table, class_="scroll", tabindex="0")
    yield tag("section", title, box, aria_labelledby="groups")


def _row(group: Group, words: Words) -> Markup:
    broken = {layer_of(code) for code in group.causes}
    marks = (_cell(layer, group.verdict if layer in broken else Verdict.PASS) for layer in _LAYERS)
    count = words("fleet.page.count", count=len(group.nodes), vantage=words.vantage(group.vantage))
    nodes = tag("details", tag("summary", count), tag("p", ", ".join(group.nodes)))
    verdict = tag("td", words(f"report.legend.{group.verdict}"), class_=group.verdict)
    return tag("tr", tag("td", nodes), verdict, tag("td", ", ".join(group.causes)), marks)


def _cell(layer: Layer, verdict: Verdict) -> Markup:
    mark = tag("span", MARKS[verdict], class_=verdict)
    return tag("td", mark, class_="mark", data_rung=layer)


def layer_of(code: str) -> Layer:
    """The rung that a code is about; ``run`` for one of a later version."""
    try:
        return codes.row(code).layer
    except codes.UnknownCode:
        return Layer.RUN
