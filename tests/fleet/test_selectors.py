"""Label selectors as kubectl takes them."""

from __future__ import annotations

import pytest

from arcprobe.fleet.selectors import selector_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a=b", [("a", "In", ["b"])]),
        ("a==b,c!=d", [("a", "In", ["b"]), ("c", "NotIn", ["d"])]),
        ("x.io/e in (f, g),h notin (i)", [("x.io/e", "In", ["f", "g"]), ("h", "NotIn", ["i"])]),
        ("j,!k", [("j", "Exists", None), ("k", "DoesNotExist", None)]),
    ],
)
def test_label_selectors_read_as_kubectl_reads_them(
    text: str, terms: list[tuple[str, str, list[str] | None]]
) -> None:
    """Equality, sets and existence of a label selector become the scheduler's expressions."""
    found = selector_terms(text)
    assert [(term["key"], term["operator"], term.get("values")) for term in found] == terms


@pytest.mark.parametrize("text", ["", ",", "a in b", "=x", "a=b c", "some nodes"])
def test_wrong_selectors_are_refused(text: str) -> None:
    """What is no label selector is refused, not ignored."""
    with pytest.raises(ValueError, match="selector"):
        selector_terms(text)
