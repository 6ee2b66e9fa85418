"""Colour and width."""

from __future__ import annotations

from arcprobe.model import Verdict
from arcprobe.report.paper import Paper


def test_colour_takes_no_column() -> None:
    """Lines break where they break without colour."""
    plain, red = (Paper(colour=colour, width=12) for colour in (False, True))
    told = list(red.wrapped("one two three", f"{red.mark(Verdict.FAIL)} ", "  "))
    assert told == ["\x1b[31m✗\x1b[0m one two", "  three"]
    assert list(plain.wrapped("one two three", "✗ ", "  ")) == ["✗ one two", "  three"]


def test_a_section_without_lines_has_no_title() -> None:
    """Nothing stands where nothing is to be told."""
    paper = Paper(colour=False, width=80)
    assert list(paper.section([], "Title")) == []
    assert list(paper.section(["x"], "Title")) == ["", "Title", "x"]
