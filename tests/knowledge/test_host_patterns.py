"""Host names and patterns."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.host_patterns import check_pattern, is_below, overlap


@pytest.mark.parametrize(
    ("text", "name"),
    [("Shop.Vault.Azure.net.", "shop.vault.azure.net"), (" *.x.example ", "*.x.example")],
)
def test_a_pattern_is_read(text: str, name: str) -> None:
    """Names and patterns come out in lower case, without blanks and the final dot."""
    assert check_pattern(text) == name


@pytest.mark.parametrize("text", ["", "*", "*.", "*.*.x", "a b.example", "x", "https://x.example"])
def test_what_is_no_name_is_refused(text: str) -> None:
    """What is no name of two labels or more is an error."""
    with pytest.raises(ValueError, match="is no host name"):
        check_pattern(text)


def test_below_and_overlapping() -> None:
    """A pattern stands for what is below it, at any depth, and not for the name itself; two overlap
    where one host is in both."""
    assert is_below("a.b.x.example", "*.x.example")
    assert is_below("*.b.x.example", "*.x.example")
    assert not is_below("x.example", "*.x.example")
    assert not is_below("ax.example", "*.x.example")
    assert overlap("*.x.example", "a.x.example")
    assert overlap("a.x.example", "*.x.example")
    assert overlap("x.example", "x.example")
    assert not overlap("x.example", "*.x.example")
