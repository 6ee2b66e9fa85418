"""How faults of a bypass list are told: so many lines, so many texts in one, so long."""

from __future__ import annotations

from collections.abc import Iterable

from arcprobe.model import Code, Judgement, Line, Value, line
from arcprobe.model.text import printable

MOST_LINES = 8
"""Lines of one kind in the evidence, and texts in one line."""
LONGEST_LIST = 260
"""Characters of several texts in one line."""
_LONGEST_TEXT = 200  # characters of one text


def fault(code: Code, *evidence: Line, subject: str = "", **values: Value) -> Judgement:
    """A fault of a list; what fills its sentences by name."""
    return Judgement(code=code, evidence=evidence, values=tuple(values.items()), subject=subject)


def listed(texts: Iterable[str]) -> Value:
    """The first texts of several, and how many more there are."""
    every = tuple(texts)
    shown = printable(", ".join(every[:MOST_LINES]), LONGEST_LIST)
    more = len(every) - MOST_LINES
    return line("list.and-more", shown=shown, count=more) if more > 0 else shown


def bounded(text: str) -> str:
    """A text that a stranger wrote, printable and short enough for a line."""
    return printable(text, _LONGEST_TEXT)
