"""HTML: one file, well-formed, and no text from outside takes effect."""

from __future__ import annotations

from html.parser import HTMLParser

from arcprobe.model import Report
from arcprobe.report import as_html

from . import sample


class _Tags(HTMLParser):
    """Collects start tags and attributes; complains about a stray or unclosed tag."""

    void = frozenset({"meta", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(report: Report) -> _Tags:
    parser = _Tags()
    parser.feed(as_html.render(report))
    parser.close()
    assert parser.open == []
    return parser


def test_html_is_self_contained() -> None:
    """The HTML has no script, no event handler, and nothing that a browser would fetch."""
    parser = parsed(sample.broken())
    names = {tag for tag, _ in parser.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "a", "form"}
    attributes = {name for _, attrs in parser.tags for name, _ in attrs}
    assert not {
        name for name in attributes if name.startswith("on") or name in ("src", "href", "style")
    }
    assert "default-src 'none'" in as_html.render(sample.broken())


def test_html_hostile() -> None:
    """Text from outside adds no tag: the hostile report has only tags that the broken one has too,
    and shows the text escaped."""
    assert {tag for tag, _ in parsed(sample.hostile()).tags} <= {
        tag for tag, _ in parsed(sample.broken()).tags
    } | {"ul", "li"}
    html = as_html.render(sample.hostile())
    assert "</script>" not in html
    assert "&lt;/script&gt;" in html
    assert "\\u202e" in html
