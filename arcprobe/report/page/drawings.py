"""Drawings of the page as SVG, without a style or a script in them: the hops, and a waterfall of
the steps of each connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from arcprobe.model import Observation, Report, Verdict
from arcprobe.report import hops
from arcprobe.report.columns import width_of
from arcprobe.report.layout import MARKS
from arcprobe.report.page.markup import Markup, join, tag
from arcprobe.report.table import Row
from arcprobe.report.words import Words

_LETTER = 8  # pixels of a column of text of 13 px, rounded up
_BOX, _GAP, _HEIGHT = 20, 26, 44  # pixels: room beside a name, between boxes, of the drawing
_BARS = 640  # pixels: width of the waterfall
_BAR = 16  # pixels: height of one of its lines
_MOST_LINES = 80  # connections drawn; the JSON has all


def draw_hops(report: Report, rows: Sequence[Row], words: Words) -> Markup:
    """The way to Azure, each hop with its mark and how many endpoints it hits."""
    told = hops.hops(rows)
    if not told:
        return join()
    boxes: list[tuple[str, Verdict | None]] = [(words.vantage(report.run.vantage), None)]
    for hop in told:
        count = f" {hop.count}" if hop.count > 1 and hop.verdict.needs_action else ""
        name = f"{words(f'report.hop.{hop.layer}')} {MARKS[hop.verdict]}{count}"
        boxes.append((name, hop.verdict))
    boxes.append(("Azure", None))
    pieces: list[Markup] = []
    left = 1
    for number, (name, verdict) in enumerate(boxes):
        if number:
            pieces.append(_line(left - _GAP, left))
        width = width_of(name) * _LETTER + _BOX
        pieces.append(_hop(name, verdict, left, width))
        left += width + _GAP
    return _svg(left - _GAP + 1, _HEIGHT, words("report.html.hops"), pieces)


def _line(begin: int, end: int) -> Markup:
    return tag("line", x1=begin, x2=end, y1=_HEIGHT / 2, y2=_HEIGHT / 2)


def _hop(name: str, verdict: Verdict | None, left: int, width: int) -> Markup:
    box = tag("rect", class_="box", x=left, y=6, width=width, height=_HEIGHT - 12, rx=5)
    label = tag("text", name, x=left + width / 2, y=_HEIGHT / 2 + 5, text_anchor="middle")
    return tag("g", box, label, class_=verdict)


def waterfall(report: Report, words: Words) -> Markup:
    """When each connection did what: one line a check, one bar a step."""
    seen = [observation for observation in report.observations if observation.timeline]
    shown = seen[:_MOST_LINES]
    longest = max((_end(observation) for observation in shown), default=0.0)
    if not longest:
        return join()
    scale = _BARS / longest
    lines = [
        _bars(observation, number * 2 * _BAR, scale) for number, observation in enumerate(shown)
    ]
    label = words("report.html.waterfall", seconds=longest)
    return _svg(_BARS + 8, len(shown) * 2 * _BAR + 4, label, lines)


def _end(observation: Observation) -> float:
    return max(span.started + span.took for span in observation.timeline)


def _bars(observation: Observation, top: int, scale: float) -> Markup:
    name = tag("text", observation.check, x=0, y=top + 12, class_="dimmed")
    bars = (
        tag(
            "rect",
            tag("title", f"{span.name}: {span.took * 1000:.0f} ms"),
            class_=f"bar {'fail' if span.is_failed else _SHADES.get(span.name, 'skip')}",
            x=round(span.started * scale, 1),
            y=top + _BAR,
            width=max(1.5, round(span.took * scale, 1)),
            height=_BAR - 6,
        )
        for span in observation.timeline
    )
    return join(name, bars)


# colours of the steps, which say no verdict
_SHADES = {"lookup": "error", "dial": "warn", "tunnel": "skip", "handshake": "pass"}


class Segment(NamedTuple):
    """A part of a strip: where it begins and how wide it is, of 1; its class; what it is."""

    begin: float
    width: float
    kind: str
    title: str = ""


_STRIP, _STRIP_HEIGHT = 1000, 14  # units of its own: the page makes it as wide as there is room
_LOW = ("fail", "error")  # half as high: told without colour, too


def strip(segments: Iterable[Segment], label: str = "") -> Markup:
    """A strip as wide as the page. Without a ``label`` it is for the eye alone, and words beside it
    say the same."""
    return tag(
        "svg",
        [_segment(each) for each in segments],
        role="img" if label else None,
        aria_label=label or None,
        aria_hidden=None if label else "true",
        viewBox=f"0 0 {_STRIP} {_STRIP_HEIGHT}",
        preserveAspectRatio="none",
        class_="strip",
    )


def _segment(each: Segment) -> Markup:
    top = _STRIP_HEIGHT // 2 if each.kind in _LOW else 0
    return tag(
        "rect",
        tag("title", each.title) if each.title else None,
        class_=f"bar {each.kind}",
        x=round(each.begin * _STRIP, 1),
        y=top,
        width=round(each.width * _STRIP, 1),
        height=_STRIP_HEIGHT - top,
    )


def _svg(width: float, height: float, label: str, content: Iterable[Markup]) -> Markup:
    return tag(
        "svg",
        list(content),
        role="img",
        aria_label=label,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
    )
