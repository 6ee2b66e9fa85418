"""The causes as cards: what is broken, what to paste with a button that copies it, the certificate
that was expected beside the one that was seen, and what ``arcprobe explain`` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from arcprobe.knowledge import issuers
from arcprobe.model import Cause, Certificate, Check, Layer, Report
from arcprobe.model.text import attribute
from arcprobe.report import layout
from arcprobe.report.outline import Item, Part, outline
from arcprobe.report.page.markup import Markup, join, tag, with_code
from arcprobe.report.words import Words

_MOST_TARGETS = 200  # of one cause; the JSON has all


class Cards:
    """The cards of a report, and the list that leads to them."""

    def __init__(self, report: Report, words: Words) -> None:
        self.report = report
        self.words = words
        self.checks = {check.id: check for check in report.checks}
        self.parts = outline(report)

    def say(self, name: str, **values: str | int) -> str:
        """A label of the page."""
        return self.words(f"report.html.{name}", **values)

    def jumps(self) -> Markup:
        """Links to the cards, by owner."""
        if not self.parts:
            return join()
        lists = (join(tag("b", self._heading(part)), _links(part)) for part in self.parts)
        return tag("nav", lists, aria_label=self.say("jump"))

    def sections(self) -> Iterator[Markup]:
        """One section an owner."""
        for number, part in enumerate(self.parts, start=1):
            heading = tag("h2", self._heading(part), id=f"part-{number}")
            cards = (self._card(item) for item in part.items)
            yield tag("section", heading, cards, aria_labelledby=f"part-{number}")

    def _heading(self, part: Part) -> str:
        if part.owner is None:
            return self.words("report.warnings", count=len(part.items))
        return self.words.owner(part.owner)

    def _card(self, item: Item) -> Markup:
        cause, number = item.cause, item.number
        mark = tag("span", layout.MARKS[cause.verdict], class_=cause.verdict, aria_hidden="true")
        verdict = tag("span", self.words(f"report.legend.{cause.verdict}"), class_="sr")
        heading = tag("h3", f"{number}. ", mark, verdict, " ", cause.headline)
        code = tag("p", tag("code", cause.code), " – ", self.words.actor(cause.owner), class_="dim")
        heals = tag("p", self.words("report.heals", numbers=_numbers(item))) if item.heals else None
        return tag(
            "article",
            heading,
            code,
            heals,
            self._changes(item),
            self._affects(cause),
            self._certificates(cause),
            self._more("evidence", "\n".join(cause.evidence)),
            self._more("explain", self.words.language.code(cause.code, "meaning")),
            id=f"cause-{number}",
            class_=cause.verdict,
            data_verdict=cause.verdict,
            data_owners=cause.owner,
        )

    def _label(self, name: str) -> Markup:
        return tag("p", self.words(f"report.label.{name}"), class_="label")

    # ------------------------------------------------------------------------- what is pasted

    def _changes(self, item: Item) -> Iterator[Markup]:
        pasted = layout.pasted(item.cause)
        for number, change in enumerate(pasted, start=1):
            yield tag("p", layout.label(change), class_="label")
            name = f"change-{item.number}-{number}"
            lines = "\n".join(layout.block(change))
            yield tag("pre", lines, id=name, class_="paste", tabindex="0")
            yield self._button(name)
            if change.apply:
                yield join(self._label("apply"), tag("pre", change.apply))
            yield join(self._label("done"), tag("p", with_code(change.done_when)))
            if change.undo:
                title = tag("summary", self.words("report.label.undo"))
                yield tag("details", title, tag("pre", change.undo))
        name = f"words-{item.number}"
        words = tag("pre", "\n".join(layout.advice(item.cause)), id=name)
        if pasted:
            title = tag("summary", self.words("report.label.words"))
            yield tag("details", title, words, self._button(name))
        else:
            yield join(self._label("change"), words, self._button(name))

    def _button(self, block: str) -> Markup:
        return tag(
            "button",
            self.say("copy"),
            type="button",
            hidden=True,
            data_copy=block,
            data_done=self.say("copied"),
        )

    # ------------------------------------------------------------------------ what it is about

    def _affects(self, cause: Cause) -> Markup | None:
        targets = layout.targets_of(self.report, cause)
        if not targets:
            return None
        purposes = self._purposes()
        rows = (
            tag("li", tag("code", target), *(f" – {use}" for use in purposes.get(target, ())))
            for target in targets[:_MOST_TARGETS]
        )
        title = f"{self.words('report.label.targets')} ({len(targets)})"
        return tag("details", tag("summary", title), tag("ul", rows), open=len(targets) == 1)

    def _purposes(self) -> Mapping[str, tuple[str, ...]]:
        ends = (check for check in self.report.checks if check.connects and check.purpose)
        return {check.target: (check.purpose,) for check in ends}

    def _more(self, name: str, text: str) -> Markup | None:
        if not text:
            return None
        title = self.words("report.label.evidence") if name == "evidence" else self.say(name)
        return tag("details", tag("summary", title), tag("pre", text))

    # ---------------------------------------------------------------------------- certificates

    def _certificates(self, cause: Cause) -> Markup | None:
        """What was expected beside what came, the rows that differ marked."""
        if cause.layer not in (Layer.TLS, Layer.GATEWAY):
            return None
        by_check = {seen.check: seen.chain for seen in self.report.observations}
        asked = (self.checks[check] for check in cause.explains if check in self.checks)
        pairs = ((check, by_check.get(check.observed_with or check.id, ())) for check in asked)
        shown = next(((check, chain) for check, chain in pairs if chain), None)
        return self._compared(*shown) if shown else None

    def _compared(self, check: Check, chain: tuple[Certificate, ...]) -> Markup:
        leaf, last = chain[0], chain[-1]
        families = [each.name for each in issuers.table().family if each.key in check.issuers]
        wanted = ", ".join(families) or self.say("any-public")
        found = issuers.family_of(leaf.issuer)
        is_known = found is not None and found.name in families if families else found is not None
        rows = (
            (self.say("names"), check.host, ", ".join(leaf.names), check.host not in leaf.names),
            (self.say("issuer"), wanted, _name(leaf.issuer), not is_known),
            (self.say("root"), self.say("public-root"), _name(last.issuer), not is_known),
            ("SHA-256", "", leaf.sha256, False),
        )
        head = (self.say("field"), self.say("expected"), self.say("seen"))
        body = (
            tag(
                "tr",
                tag("th", name, scope="row"),
                (tag("td", value) for value in (due, seen)),
                class_="differs fail" if differs else None,
            )
            for name, due, seen, differs in rows
        )
        table = tag(
            "table",
            tag("thead", tag("tr", (tag("th", name, scope="col") for name in head))),
            tag("tbody", body),
        )
        title = tag("summary", self.say("certificate", target=check.target))
        return tag("details", title, tag("div", table, class_="scroll"))


def _links(part: Part) -> Markup:
    links = (
        tag("li", tag("a", f"{item.number}. {item.cause.headline}", href=f"#cause-{item.number}"))
        for item in part.items
    )
    return tag("ul", links)


def _numbers(item: Item) -> tuple[str, ...]:
    return tuple(map(str, item.heals))


def _name(distinguished: str) -> str:
    return attribute(distinguished, "CN") or distinguished
