"""How faults of a bypass list are told."""

from __future__ import annotations

from arcprobe.findings.questions.bypass_words import bounded, fault, listed
from arcprobe.knowledge.language import language
from arcprobe.model import Code, line
from tests.findings.seen import said, value_of


def words(*texts: str) -> str:
    """Several texts in one line."""
    return language().words(listed(texts))


def test_eight_texts_are_shown() -> None:
    """Eight of several, then how many more there are."""
    assert words() == ""
    assert words(*"abcdefgh") == "a, b, c, d, e, f, g, h"
    assert words(*"abcdefghi") == "a, b, c, d, e, f, g, h and 1 more"
    assert words(*"abcdefghijk") == "a, b, c, d, e, f, g, h and 3 more"


def test_long_texts_are_cut() -> None:
    """Several texts have 260 characters at most, one of a stranger 200; what does not print becomes
    an escape."""
    assert words("x" * 260) == "x" * 260
    assert words("x" * 261) == "x" * 259 + "…"
    assert words("a\x1b", "b") == "a\\x1b, b"
    assert bounded("x" * 200) == "x" * 200
    assert bounded("x" * 201) == "x" * 199 + "…"
    assert bounded("a\x1b") == "a\\x1b"


def test_a_fault() -> None:
    """Its evidence in order, its values by name, its subject."""
    found = fault(Code.PODS_UNCOVERED, line("list.no-list"), subject="s", missing="m")
    assert (found.code, found.subject) == (Code.PODS_UNCOVERED, "s")
    assert said(found) == ("no bypass list is set",)
    assert value_of(found, "missing") == "m"
