"""HTML by construction."""

from __future__ import annotations

from arcprobe.report.page.markup import join, tag, text, with_code


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


def test_what_stands_between_backticks_is_code() -> None:
    """A command in a sentence is set as code and escaped; a single backtick stays a letter."""
    assert with_code("`curl <x>` prints 200") == "<code>curl &lt;x&gt;</code> prints 200"
    assert with_code("a ` b") == "a ` b"
