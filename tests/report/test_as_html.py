"""HTML: one file, well-formed, and no text from outside takes effect."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from arcprobe.model import Report
from arcprobe.report import as_html
from arcprobe.report.page.markup import tag
from tests.support.golden import played

from . import sample


class _Tags(HTMLParser):
    """Collects start tags and attributes; complains about a stray or unclosed tag."""

    void = frozenset({"meta", "br", "link", "input"})

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
    """There is nothing that a browser would fetch, no event handler, no style in an element; links
    lead within the page."""
    parser = parsed(sample.broken())
    names = {name for name, _ in parser.tags}
    assert not names & {"img", "link", "iframe", "object", "embed"}
    attributes = [pair for _, attrs in parser.tags for pair in attrs]
    named = {name for name, _ in attributes}
    assert not {name for name in named if name.startswith("on")} | named & {
        "src",
        "style",
        "action",
    }
    assert all((value or "").startswith("#") for name, value in attributes if name == "href")


def test_policy_allows_this_script_and_style_alone() -> None:
    """The hashes of the policy are those of the one script and the one style of the page (CSP level
    3, section 6.7.3.3); nothing else may run or be fetched."""
    html = as_html.render(sample.broken())
    (policy,) = re.findall(r'Policy" content="([^"]*)"', html)
    told = policy.replace("&#x27;", "'")
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}[^>]*>(.*?)</{name}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in told
    assert told.startswith("default-src 'none'; ")
    assert "unsafe" not in told


def test_html_hostile() -> None:
    """Text from outside adds no tag: the hostile report has only tags that a broken one has too,
    and shows the text escaped."""
    known = {
        name for name, _ in (*parsed(sample.broken()).tags, *parsed(played("everything")).tags)
    }
    assert {name for name, _ in parsed(sample.hostile()).tags} <= known
    html = as_html.render(sample.hostile())
    assert html.count("</script>") == 1
    assert "&lt;/script&gt;" in html
    assert "\\u202e" in html


def test_page_has_all_parts() -> None:
    """Verdict, demo, jump list, cards, matrix, the request to each owner, and the settings."""
    html = as_html.render(played("everything"))
    for words in (
        '<span class="fail">FAIL</span> Azure Arc will not work from here: 4 causes, 1 warning.',
        "<b>DEMO everything</b>",
        '<a href="#cause-3">',
        'id="cause-3"',
        '<table class="matrix">',
        'id="ticket-proxy"',
        'id="ticket-you"',
        "Public roots",
        'lang="en"',
    ):
        assert words in html
    assert "DEMO" not in as_html.render(sample.clean())


def test_sections_of_a_caller_stand_behind_the_causes() -> None:
    """``more`` is put between the cards and the matrix."""
    section = tag("section", "of mine <b>")
    html = as_html.render(played("everything"), more=[section])
    assert html.index('id="cause-5"') < html.index("of mine &lt;b&gt;") < html.index('matrix">')
