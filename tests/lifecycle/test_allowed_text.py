"""A comparison, for people."""

from __future__ import annotations

import msgspec

from arcprobe.lifecycle.allowed import read_list
from arcprobe.lifecycle.allowed_comparison import compare
from arcprobe.lifecycle.allowed_text import as_text
from tests.knowledge.products.selections import endpoint

PERHAPS = msgspec.structs.replace(endpoint("p.example"), required=False)
NEEDED = (endpoint("a.example"), endpoint("*.b.example"), endpoint("*.c.example"), PERHAPS)


def shown(text: str, product: str = "squid") -> str:
    """What is printed of a list."""
    return as_text(compare(read_list(text.encode()), NEEDED, product), "list.txt", "TITLE")


def test_each_sort_has_its_part() -> None:
    """Each sort is told with the line of its entry; the last line is the verdict."""
    text = shown("*.b.example\nx.c.example\n.test\n^q\\.example$\n")
    assert "Missing (2)" in text
    assert "line 1  *.b.example; use .b.example" in text
    assert "*.c.example:443: allowed are x.c.example" in text
    assert "p.example:443" in text.split("Perhaps missing")[1]
    assert "1 lines were not understood" in text
    assert text.endswith("FAIL  2 needed endpoints are missing.")
    assert "line 1  .example; needed of it: a.example:443" in shown(".example\nz.test")
    assert "Not needed for Azure Arc (1)" in shown(".example\nz.test")


def test_a_complete_list_passes() -> None:
    """Nothing missing: no part but the head."""
    text = shown("a.example\n.b.example\n.c.example\np.example")
    assert text.splitlines()[2:] == ["", "PASS  Nothing that is certainly needed is missing."]


def test_a_long_list_is_cut() -> None:
    """Of thousands of entries for others fifty are shown, and how many more there are."""
    text = shown("\n".join(f"n{number}.test" for number in range(60)))
    assert "n49.test" in text
    assert "n50.test" not in text
    assert "and 10 more" in text
