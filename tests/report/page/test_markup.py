"""HTML by construction."""

from __future__ import annotations

from arcprobe.report.page.markup import join, tag, text


def test_text_is_escaped_and_markup_is_not() -> None:
    """Words become text, elements stay; control characters show."""
    assert tag("p", "<b>&", tag("i", "x")) == "<p>&lt;b&gt;&amp;<i>x</i></p>"
    assert text("a\x1b[31m\nb") == "a\\x1b[31m\nb"
    assert join("<", None, ["a", ["b"]]) == "&lt;ab"


def test_attributes() -> None:
    """Quotes cannot leave an attribute; None and False are left out, True stands alone; names have
    dashes."""
    made = tag("a", class_="x", data_copy='"><script>', hidden=True, open=False, id=None)
    assert made == '<a class="x" data-copy="&quot;&gt;&lt;script&gt;" hidden></a>'
    assert tag("meta", name="a") == '<meta name="a">'
