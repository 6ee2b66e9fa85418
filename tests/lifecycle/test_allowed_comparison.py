"""A list beside what is needed."""

from __future__ import annotations

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.products import allow_list
from arcprobe.lifecycle.allowed import read_list
from arcprobe.lifecycle.allowed_comparison import Comparison, as_data, compare
from arcprobe.report.of_endpoints import as_csv, as_text
from tests.knowledge.products.selections import endpoint, selection

EVERYTHING = selection(*catalogue.endpoints("AzureCloud", "eastus", catalogue.FEATURES))
NEEDED = (endpoint("a.example"), endpoint("*.b.example"), endpoint("b.example", 8084))


def found(text: str, product: str = "") -> Comparison:
    """What a list comes to beside ``NEEDED``."""
    return compare(read_list(text.encode()), NEEDED, product)


def missing(text: str, product: str = "") -> list[str]:
    """What it lacks."""
    return [miss.target for miss in found(text, product).missing]


@pytest.mark.parametrize("form", ["squid", "paloalto", "fortigate", "zscaler"])
def test_our_own_lists_are_complete(form: str) -> None:
    """What arcprobe prints for a product lacks nothing by that product's rule, and has nothing too
    much."""
    text = allow_list(form, EVERYTHING)
    ours = compare(read_list(text.encode()), EVERYTHING.endpoints, form)
    assert (ours.missing, ours.superfluous, ours.too_broad, ours.ineffective) == ((), (), (), ())
    assert ours.allowed.entries
    assert not ours.fails


def test_our_own_tables_are_complete() -> None:
    """The same of the spreadsheet, and of the text for people."""
    for text in (as_csv(EVERYTHING), as_text(EVERYTHING)):
        ours = compare(read_list(text.encode()), EVERYTHING.endpoints)
        assert (ours.missing, ours.too_broad) == ((), ())


@pytest.mark.parametrize(
    ("text", "product", "lacks"),
    [
        ("a.example\n*.b.example\nb.example", "plain", []),
        (".example", "plain", []),
        ("*", "plain", []),
        ("a.example\n.b.example", "squid", []),
        ("a.example\n*.b.example\nb.example", "squid", ["*.b.example:443"]),
        ("a.example\n*.b.example\nb.example", "zscaler", ["*.b.example:443"]),
        ("a.example\n.b.example", "paloalto", ["*.b.example:443", "b.example:8084"]),
        ("a.example\n*.b.example", "paloalto", ["b.example:8084"]),
        ("a.example\n*.b.example\nb.example", "fortigate", []),
        ("https://a.example\n.b.example", "plain", []),
        ("https://a.example\n.b.example", "squid", ["a.example:443"]),
        ("a.example/path\n.b.example", "plain", ["a.example:443"]),
        ("a.example:8443\n.b.example:443", "plain", ["a.example:443", "b.example:8084"]),
        ("", "plain", ["a.example:443", "*.b.example:443", "b.example:8084"]),
    ],
)
def test_what_is_missing_by_the_rule_of_a_product(
    text: str, product: str, lacks: list[str]
) -> None:
    """A dot, a star, a scheme, a path and a port count as the product has them."""
    assert missing(text, product) == lacks


def test_what_a_product_does_not_take_is_told() -> None:
    """An entry that was meant for something needed is shown as this product wants it."""
    one = found("*.b.example\n*.other.example", "squid")
    assert [(each.entry.text, each.instead) for each in one.ineffective] == [
        ("*.b.example", (".b.example",))
    ]
    assert [each.entry.text for each in one.superfluous] == ["*.other.example"]
    other = found(".b.example", "paloalto")
    assert [each.instead for each in other.ineffective] == [("b.example", "*.b.example")]


def test_too_broad_and_superfluous() -> None:
    """What covers more than what is needed is too broad; a suffix of just a pattern is not."""
    one = found(".example\na.example\n.b.example\nx.b.example\nz.test", "squid")
    assert [(each.entry.text, each.needed) for each in one.too_broad] == [
        (".example", ("a.example:443", "*.b.example:443", "b.example:8084"))
    ]
    assert [each.entry.text for each in one.superfluous] == ["z.test"]
    assert [each.entry.text for each in found("*b.example").too_broad] == []


def test_names_below_a_pattern_are_a_part() -> None:
    """Where names below a pattern are allowed, that may do: it is told, and fails nothing."""
    one = found("a.example\nx.b.example\nb.example")
    assert [(miss.target, miss.some) for miss in one.missing] == [
        ("*.b.example:443", ("x.b.example",))
    ]
    assert not one.fails
    assert found("b.example").fails


def test_data() -> None:
    """The whole as plain values."""
    data = as_data(found("a.example\n*.b.example", "squid"))
    assert data["read_as"] == "Squid"
    assert [each["host"] for each in data["missing"]] == ["*.b.example", "b.example"]
    assert data["ineffective"] == [{"line": 2, "entry": "*.b.example", "instead": [".b.example"]}]
    assert data["not_understood"] == {"lines": 0, "samples": []}
