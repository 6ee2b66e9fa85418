"""Report -> one HTML file that needs nothing else and fetches nothing. Everything can be read
without its script, which copies and filters.

Whatever text should slip through, nothing runs and nothing is fetched: the Content-Security-Policy
(https://www.w3.org/TR/CSP3/) allows this script and this style alone, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from arcprobe.knowledge.language import Language
from arcprobe.model import Finding, Owner, Report
from arcprobe.report import layout, screen, ticket
from arcprobe.report.page.cards import Cards
from arcprobe.report.page.drawings import draw_hops, waterfall
from arcprobe.report.page.markup import Markup, join, tag
from arcprobe.report.page.matrix import Matrix
from arcprobe.report.page.ranges import draw_ranges
from arcprobe.report.table import table
from arcprobe.report.words import Words


def render(
    report: Report,
    *,
    language: Language | None = None,
    colour: bool = False,
    width: int = 100,
    more: Iterable[Markup] = (),
) -> str:
    """The report as one HTML document. ``more``: sections of its own that a caller has, behind the
    causes. ``colour`` and ``width`` change nothing."""
    page = _Page(report, Words(language))
    return f"<!DOCTYPE html>\n{page.document(more)}\n"


@cache
def _own(name: str) -> Markup:
    """A file of the page that is arcprobe's own."""
    return Markup(resources.files("arcprobe.report.page").joinpath(name).read_text("utf-8"))


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


class _Page:
    def __init__(self, report: Report, words: Words) -> None:
        self.report = report
        self.words = words
        self.rows = table(report)

    def say(self, name: str, **values: str) -> str:
        """A label of the page."""
        return self.words(f"report.html.{name}", **values)

    def document(self, more: Iterable[Markup]) -> Markup:
        """The document."""
        body = tag("body", tag("header", self._header()), tag("main", list(self._main(more))))
        return tag("html", self._head(), body, lang=self.words.language.name)

    def _head(self) -> Markup:
        style, script = _own("page.css"), _own("page.js")
        policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
        title = f"arcprobe: {self.report.verdict} – {self.report.run.host}"
        return tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", title),
            tag("style", style),
            tag("script", script, type="module"),
        )

    def _header(self) -> Iterator[Markup]:
        report, words = self.report, self.words
        if report.run.demo:
            story = screen.demo_story(report.run.demo, words)
            yield tag("p", tag("b", f"DEMO {report.run.demo}"), f"  {story}", class_="demo")
        verdict = tag("span", report.verdict.upper(), class_=report.verdict)
        yield tag("h1", verdict, f" {words.verdict_line(report)}")
        yield tag("p", words.place(report), f" · {report.run.started}", class_="dim")

    def _main(self, more: Iterable[Markup]) -> Iterator[Markup]:
        cards = Cards(self.report, self.words)
        drawn = draw_hops(self.report, self.rows, self.words)
        if drawn:
            yield tag("div", drawn, class_="scroll", tabindex="0")
        yield cards.jumps()
        yield from cards.sections()
        yield from self._loose()
        yield from more
        yield draw_ranges(self.report, self.words)
        yield Matrix(self.report, self.rows, self.words).markup()
        if not layout.is_merged(self.report):  # its checks are those of the places
            yield self._checked()
        yield from self._waterfall()
        yield from self._tickets()
        yield from self._facts()

    def _loose(self) -> Iterator[Markup]:
        loose = layout.unexplained(self.report)
        if loose:
            title = tag("h2", self.words("report.heading.unexplained"))
            yield tag("section", title, self._findings(loose))

    def _checked(self) -> Markup:
        words = self.words
        skipped = (
            tag("li", f"{group.words} ({group.count}): ", ", ".join(group.targets))
            for group in layout.skipped(self.report, words)
        )
        count = words("report.passing", **layout.checked(self.report, words))
        return tag(
            "section",
            tag("h2", words("report.heading.findings")),
            tag("ul", skipped),
            tag("details", tag("summary", count), self._findings(self.report.findings)),
        )

    def _findings(self, findings: Iterable[Finding]) -> Markup:
        labels = ("verdict", "check", "code", "seen")
        head = (tag("th", self.words(f"report.label.{name}"), scope="col") for name in labels)
        rows = map(_finding, findings)
        found = tag("table", tag("thead", tag("tr", head)), tag("tbody", rows))
        return tag("div", found, class_="scroll")

    def _tickets(self) -> Iterator[Markup]:
        owners = [owner for owner in ticket.owners(self.report) if owner]
        if not owners:
            return
        pages = (self._ticket(owner) for owner in owners)
        title = tag("h2", self.say("tickets"), id="tickets")
        yield tag("section", title, pages, class_="screen", aria_labelledby="tickets")

    def _ticket(self, owner: Owner) -> Markup:
        name = f"ticket-{owner}"
        text = ticket.render(self.report, owner, language=self.words.language)
        copy = tag(
            "button",
            self.say("copy"),
            type="button",
            hidden=True,
            data_copy=f"{name}-text",
            data_done=self.say("copied"),
        )
        page = tag("pre", text, id=f"{name}-text")
        return tag("details", tag("summary", self.words.owner(owner)), copy, page, id=name)

    def _waterfall(self) -> Iterator[Markup]:
        drawn = waterfall(self.report, self.words)
        if drawn:
            box = tag("div", drawn, class_="scroll")
            summary = tag("summary", self.say("times"))
            yield tag("details", summary, box, class_="screen")

    def _facts(self) -> Iterator[Markup]:
        yield tag("h2", self.words("report.heading.run"))
        rows = layout.facts(self.report, self.words)
        yield tag("dl", (join(tag("dt", name), tag("dd", value)) for name, value in rows))


def _finding(finding: Finding) -> Markup:
    evidence = tag("pre", "\n".join(finding.evidence)) if finding.evidence else None
    code = finding.code if finding.skip is None else ""  # that of a skip is not its own
    return tag(
        "tr",
        tag("td", finding.verdict, class_=finding.verdict),
        tag("td", finding.check),
        tag("td", tag("code", code)),
        tag("td", finding.summary, evidence),
    )
