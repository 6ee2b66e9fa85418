"""Colour and width of the text format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from arcprobe.model import Verdict
from arcprobe.report import columns
from arcprobe.report.layout import MARKS

# ECMA-48 section 8.3.117, Select Graphic Rendition
_COLOURS = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.FAIL: "31",
    Verdict.SKIP: "2",
    Verdict.ERROR: "35",
}
_SGR = re.compile(r"\x1b\[[0-9;]*m")


class Paper:
    """What a line is written on."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.colour = colour
        self.width = width

    def paint(self, text: str, verdict: Verdict) -> str:
        """In the verdict's colour."""
        return self._rendered(text, _COLOURS[verdict])

    def bold(self, text: str) -> str:
        """In bold letters."""
        return self._rendered(text, "1")

    def loud(self, text: str, verdict: Verdict) -> str:
        """In the verdict's colour and bold letters."""
        return self._rendered(text, f"1;{_COLOURS[verdict]}")

    def _rendered(self, text: str, how: str) -> str:
        return f"\x1b[{how}m{text}\x1b[0m" if self.colour and text else text

    def mark(self, verdict: Verdict) -> str:
        """The verdict's mark."""
        return self.paint(MARKS[verdict], verdict)

    def wrapped(
        self, text: str, first: str, rest: str, paint: Callable[[str], str] = str
    ) -> Iterator[str]:
        """The text within the width. ``first`` may be coloured. What stands in backticks, and words
        such as lists, stay on one line, to be pasted."""
        bare = _SGR.sub("", first)
        for number, line in enumerate(columns.wrapped(text, self.width, bare, rest)):
            begin = (bare, first) if number == 0 else (rest, rest)
            yield f"{begin[1]}{paint(line[len(begin[0]) :])}".rstrip()

    def section(self, lines: Iterable[str], title: str = "") -> Iterator[str]:
        """The lines after an empty one and their title; nothing where there are none."""
        shown = list(lines)
        if shown:
            yield ""
            yield from filter(None, (self.bold(title),))
            yield from shown
