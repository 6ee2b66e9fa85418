"""The picture of many places as the page of a report, with the groups of places × layers beside the
causes, and every node by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arcprobe.fleet.merge import Group, Merged
from arcprobe.fleet.merge_text import as_report
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language
from arcprobe.model import Layer, Verdict
from arcprobe.report import as_html
from arcprobe.report.layout import MARKS
from arcprobe.report.page.drawings import Segment, strip
from arcprobe.report.page.markup import Markup, tag
from arcprobe.report.words import Words

_MOST_NODES = 8  # named of a part of the map
_LONGEST_TITLE = 400  # characters of what a part of the map is

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
    yield _map(merged, words)


def _map(merged: Merged, words: Words) -> Markup:
    """Node × rung: a strip a rung, in which each place has its part, in the order of the groups
    above."""
    total = sum(len(group.nodes) for group in merged.groups)
    rows = (
        tag("tr", tag("th", rung, scope="row"), tag("td", strip(parts, _told(parts, rung, words))))
        for rung in _LAYERS
        if (parts := _parts(merged.groups, rung, total, words))
    )
    title = tag("h2", words("fleet.page.map"), id="map")
    table = tag("table", tag("tbody", rows), class_="map")
    legend = tag("p", words("fleet.page.map-legend"), class_="dim")
    return tag("section", title, table, legend, aria_labelledby="map")


def _parts(groups: Sequence[Group], rung: Layer, total: int, words: Words) -> tuple[Segment, ...]:
    """What each group comes to on a rung; neighbours that are alike are one part."""
    parts: list[Segment] = []
    begin = 0.0
    for group in groups:
        width = len(group.nodes) / total
        is_broken = rung in {layer_of(code) for code in group.causes}
        kind = group.verdict if is_broken else Verdict.PASS
        part = Segment(begin, width, kind.value, _group(group, words))
        if parts and parts[-1].kind == part.kind:
            last = parts[-1]
            part = last._replace(width=last.width + width, title=_both(last.title, part.title))
            parts.pop()
        parts.append(part)
        begin += width
    return tuple(parts)


def _both(first: str, second: str) -> str:
    return first if len(first) > _LONGEST_TITLE else f"{first}; {second}"


def _group(group: Group, words: Words) -> str:
    count = words("fleet.page.count", count=len(group.nodes), vantage=words.vantage(group.vantage))
    return f"{count}: {words.names(group.nodes, _MOST_NODES)}"


def _told(parts: Sequence[Segment], rung: Layer, words: Words) -> str:
    """The strip in words: what is not well on this rung, and how many places have it."""
    bad = [part.title for part in parts if part.kind != Verdict.PASS]
    if not bad:
        return f"{rung}: {words('report.legend.pass')}"
    return f"{rung}: {words('report.legend.fail')}: {'; '.join(bad)[:_LONGEST_TITLE]}"


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
