"""The first screen of the text: verdict, hops, causes by owner; at most 24 lines on a terminal of
80 columns. And the last line, which is the verdict again with the command that comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from arcprobe.model import Owner, Report, Verdict
from arcprobe.model.text import printable
from arcprobe.report import columns, hops
from arcprobe.report.layout import MARKS
from arcprobe.report.outline import Item, Part, items, outline
from arcprobe.report.paper import Paper
from arcprobe.report.table import Row
from arcprobe.report.words import Words

HEIGHT = 24  # lines of the smallest usual terminal (DEC VT100)

_MOST_LINES = 2  # of a headline
_JOINTS = (" ── ", " ─ ", "─")  # between hops, the widest that fits


class Screen:
    """The first screen of a report."""

    def __init__(self, report: Report, words: Words, paper: Paper, rows: Sequence[Row]) -> None:
        self.report = report
        self.words = words
        self.paper = paper
        self.rows = rows

    def lines(self) -> list[str]:
        """The screen."""
        head = [*self._demo(), *self._verdict(), *self._place()]
        head += [*self.paper.section(self._hops())]
        return head + self._parts(HEIGHT - len(head))

    def _demo(self) -> Iterator[str]:
        name = printable(self.report.run.demo)
        if name:
            yield from self.paper.wrapped(demo_story(name, self.words), f"DEMO {name}  ", "      ")

    def _verdict(self) -> Iterator[str]:
        verdict = self.report.verdict
        first = f"{self.paper.loud(verdict.upper(), verdict)}  "
        line = self.words.verdict_line(self.report)
        yield from self.paper.wrapped(line, first, " " * (len(verdict) + 2))

    def _place(self) -> Iterator[str]:
        text = self.words.place(self.report)
        indent = " " * (len(self.report.verdict) + 2)
        if text:
            yield columns.cut(f"{indent}{text}", self.paper.width)

    def _hops(self) -> Iterator[str]:
        told = hops.hops(self.rows)
        if not told:
            return
        vantage = self.words.vantage(self.report.run.vantage)
        parts = [(vantage, None), *(self._hop(hop) for hop in told), ("Azure", None)]
        bare = [" ".join(filter(None, (name, rest and rest[1]))) for name, rest in parts]
        room = self.paper.width - 2
        fitting = [joint for joint in _JOINTS if columns.width_of(joint.join(bare)) <= room]
        joint = next(iter(fitting), _JOINTS[-1])
        yield "  " + joint.join(map(self._painted, parts))
        yield f"  {'   '.join(self._beside())}"

    def _hop(self, hop: hops.Hop) -> tuple[str, tuple[Verdict, str]]:
        is_several = hop.count > 1 and hop.verdict.needs_action
        mark = f"{MARKS[hop.verdict]} {hop.count}" if is_several else MARKS[hop.verdict]
        return self.words(f"report.hop.{hop.layer}"), (hop.verdict, mark)

    def _painted(self, part: tuple[str, tuple[Verdict, str] | None]) -> str:
        name, mark = part
        return name if mark is None else f"{name} {self.paper.paint(mark[1], mark[0])}"

    def _beside(self) -> Iterator[str]:
        well, count = hops.working(self.rows)
        yield self.words("report.working", well=well, count=count)
        for about, verdict in hops.beside(self.rows):
            yield f"{self.words(f'report.about.{about}')} {self.paper.mark(verdict)}"

    # ----------------------------------------------------------------------------------- causes

    def _parts(self, room: int) -> list[str]:
        parts = outline(self.report)
        lines: list[str] = []
        for most in range(_MOST_LINES, 0, -1):
            lines = list(chain.from_iterable(self._part(part, most) for part in parts))
            if len(lines) <= room:
                return lines
        more = sum(line.startswith("  ") for line in lines[room - 1 :])
        return [*lines[: room - 1], self.words.count("report.more-causes", more)]

    def _part(self, part: Part, most: int) -> Iterator[str]:
        heading = self.words("report.warnings", count=len(part.items))
        if part.owner is not None:
            heading = self.words.owner(part.owner)
        lines = (self._item(item, most, part.owner) for item in part.items)
        yield from self.paper.section(chain.from_iterable(lines), heading)

    def _item(self, item: Item, most: int, owner: Owner | None) -> Iterator[str]:
        cause = item.cause
        mark = self.paper.mark(cause.verdict)
        text = " ".join(filter(None, (heals(item, self.words), printable(cause.headline))))
        first = f"  {item.number} {mark} "
        if owner is None:
            text = self.words("report.warning-of", owner=self.words.owner(cause.owner), text=text)
        lines = list(self.paper.wrapped(text, first, "      "))
        if len(lines) > most:
            rest = columns.cut(" ".join(map(str.strip, lines[most - 1 :])), self.paper.width - 6)
            lines = [*lines[: most - 1], f"      {rest}" if most > 1 else f"  {rest}"]
        yield from lines


def heals(item: Item, words: Words) -> str:
    """Which other causes the change of this one heals; empty where none."""
    if not item.heals:
        return ""
    return words("report.heals", numbers=tuple(map(str, item.heals)))


def demo_story(name: str, words: Words) -> str:
    """What the scenario of that name plays, and that it is no real network."""
    key = f"lab.story.{name}"
    return words("report.demo", story=words(key) if words.language.has(key) else "")


# ------------------------------------------------------------------------------------- last line


def last_line(report: Report, words: Words, saved: str = "") -> str:
    """The verdict with its counts, and the command that comes next. ``saved``: file that holds the
    JSON report, where one was written or read."""
    return words(
        "report.last",
        counts=words.counts(report) or words("report.no-cause"),
        next=_next(report, words, saved),
    )


def _next(report: Report, words: Words, saved: str) -> str:
    if report.run.demo:
        return words("report.next.demo")
    if report.verdict is Verdict.ERROR:
        return words("report.next.error")
    file = printable(saved) or "FILE"
    acting = [item for item in items(report) if item.cause.owner not in (Owner.YOU, Owner.NOBODY)]
    if acting:
        return words("report.next.ticket", file=file, owner=acting[0].cause.owner)
    return words("report.next.again") if report.causes else words("report.next.pass", file=file)
