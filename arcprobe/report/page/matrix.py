"""The endpoint × layer table of the page, which becomes cards on a telephone, and the form that
filters it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from arcprobe.model import Layer, Report, Verdict
from arcprobe.report import layout
from arcprobe.report.outline import items
from arcprobe.report.page.markup import Markup, join, tag
from arcprobe.report.table import APART, About, Row, columns
from arcprobe.report.words import Words


class Matrix:
    """The rows of a report."""

    def __init__(self, report: Report, rows: Sequence[Row], words: Words) -> None:
        self.rows = rows
        self.words = words
        self.rungs = columns(rows)
        self.owners = _owners(report)

    def say(self, name: str) -> str:
        """A label of the page."""
        return self.words(f"report.html.{name}")

    def markup(self) -> Markup:
        """The form and the table."""
        if not self.rows:
            return join()
        rungs = (tag("th", rung, scope="col", class_="rung") for rung in self.rungs)
        names = ("endpoint", "route")
        firsts = (tag("th", self.words(f"report.label.{name}"), scope="col") for name in names)
        head = tag("thead", tag("tr", firsts, rungs))
        table = tag("table", head, tag("tbody", map(self._row, self.rows)), class_="matrix")
        title = tag("h2", self.words("report.heading.table"), id="matrix")
        legend = " · ".join((*layout.legend(self.words), self.words("report.blank")))
        return tag(
            "section",
            title,
            self._form(),
            tag("div", table, class_="scroll", tabindex="0"),
            tag("p", legend, class_="dim"),
            aria_labelledby="matrix",
        )

    def _row(self, row: Row) -> Markup:
        cells = (self._cell(row, rung) for rung in self.rungs)
        is_beneath = row.about is About.ENDPOINT and row.pattern
        return tag(
            "tr",
            tag("td", list(self._name(row)), class_="beneath" if is_beneath else None),
            tag("td", row.route, class_="dim"),
            cells,
            data_verdict=row.verdict,
            data_feature=row.feature,
            data_owners=" ".join(self.owners.get(row.target, ())),
        )

    def _name(self, row: Row) -> Iterator[Markup | str]:
        yield self.words(f"report.about.{row.about}") if row.about in APART else row.target
        if row.state is not None:
            yield join(" ", self._mark(row.state))
        if row.about is About.WILDCARD and row.hosts:
            yield f" {self.words.count('report.hosts', row.hosts)}"

    def _cell(self, row: Row, rung: Layer) -> Markup:
        if rung not in row.cells:
            return tag("td", class_="mark")
        return tag("td", self._mark(row.cells[rung]), class_="mark", data_rung=rung)

    def _mark(self, verdict: Verdict) -> Markup:
        mark = tag("span", layout.MARKS[verdict], aria_hidden="true", class_=verdict)
        return join(mark, tag("span", self.words(f"report.legend.{verdict}"), class_="sr"))

    # --------------------------------------------------------------------------------- the form

    def _form(self) -> Markup:
        acting = chain.from_iterable(self.owners.values())
        owners = {name: self.words.owner(name) for name in acting}
        features = {row.feature: row.feature for row in self.rows if row.feature}
        box = tag("input", type="checkbox", name="failed", value="1")
        return tag(
            "form",
            tag("label", box, " ", self.say("only-failed")),
            self._select("owner", owners),
            self._select("feature", features),
            hidden=True,
        )

    def _select(self, name: str, choices: Mapping[str, str]) -> Markup:
        options = (tag("option", words, value=value) for value, words in choices.items())
        every = tag("option", self.say("every"), value="")
        return tag("label", f"{self.say(f'by-{name}')} ", tag("select", every, options, name=name))


def _owners(report: Report) -> dict[str, tuple[str, ...]]:
    """Target -> who must act for it."""
    found: dict[str, dict[str, None]] = {}
    for item in items(report):
        for target in layout.targets_of(report, item.cause):
            found.setdefault(target, {})[item.cause.owner] = None
    return {target: tuple(owners) for target, owners in found.items()}
