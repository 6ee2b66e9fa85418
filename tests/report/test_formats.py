"""HTML, JUnit and Markdown: the same words in each, well-formed, and no text from outside takes
effect."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import msgspec
import pytest

from arcprobe.model import Report, Verdict
from arcprobe.report import RENDERERS, as_html, as_junit, as_markdown, renderer

from . import sample


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize(
    "report",
    [sample.broken(), sample.clean(), sample.hostile()],
    ids=["broken", "clean", "hostile"],
)
def test_every_format_renders(form: str, report: Report) -> None:
    """Each format takes any report and the same keywords, and ends in a line feed, without a raw
    control character."""
    text: str = renderer(form)(report, colour=False, width=80)
    assert text.endswith("\n")
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize("form", RENDERERS)
def test_every_format_names_the_causes(form: str) -> None:
    """Whatever the format, code, change and the host that breaks are in it."""
    text: str = renderer(form)(sample.broken())
    for words in (
        "proxy-port-denied",
        "acl SSL_ports port 8084",
        "westeurope.obo.arc.azure.com:8084",
        "403 Forbidden",
    ):
        assert words in text or form == "junit"


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


def cases(report: Report) -> dict[str, ET.Element]:
    return {
        case.get("name", ""): case
        for case in ET.fromstring(as_junit.render(report)).iter("testcase")
    }


def test_junit_elements() -> None:
    """A failing check is a failure, a skipped one is skipped with its reason, a passing one has
    neither."""
    found = cases(sample.broken())
    failure = found[sample.OBO.id].find("failure")
    assert failure is not None
    assert failure.get("type") == "proxy-port-denied"
    skipped = found[sample.OBO_TLS.id].find("skipped")
    assert skipped is not None
    assert "no tunnel" in (skipped.get("message") or "")
    assert found[sample.ARM.id].find("failure") is None
    suite = ET.fromstring(as_junit.render(sample.broken())).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7",
        "failures": "2",
        "errors": "0",
        "skipped": "2",
    }


@pytest.mark.parametrize(
    ("verdict", "element"), [(Verdict.WARN, "system-out"), (Verdict.ERROR, "error")]
)
def test_junit_warn_and_error(verdict: Verdict, element: str) -> None:
    """A warning is a pass with system-out; an error of arcprobe is an error, not a failure."""
    report = sample.broken()
    findings = tuple(
        msgspec.structs.replace(finding, verdict=verdict) for finding in report.findings[:1]
    )
    (case,) = cases(msgspec.structs.replace(report, findings=findings)).values()
    assert [child.tag for child in case] == [element]


def test_junit_hostile() -> None:
    """Control characters that XML forbids are shown as escapes, and the document stays one
    document."""
    found = cases(sample.hostile())
    assert len(found) == 2
    assert all("\\x1b[31m" in name and "</script>" in name for name in found)


def test_junit_time() -> None:
    """The time of a check is that of its steps on the wire."""
    assert float(cases(sample.broken())[sample.ARM.id].get("time", "")) == pytest.approx(0.03)


def test_markdown_hostile() -> None:
    """Outside of fences, text from outside has no unescaped pipe, backtick, bracket, tag, mention
    or link; it closes no fence."""
    prose: list[str] = []
    fence = ""
    for line in as_markdown.render(sample.hostile()).splitlines():
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line.removesuffix("text")
        else:
            prose.append(line)
    assert fence == ""
    for line in prose:
        cells = line.strip("|") if line.startswith("|") else line
        bare = re.sub(r"\\.", "", cells).replace("**", "")
        assert not re.search(r"[`\[\]<>*_]|://|@", bare), line
    rows = [line for line in prose if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows[-8:]}) == 1


def test_markdown_table() -> None:
    """The endpoint table is a table, one row an endpoint."""
    lines = as_markdown.render(sample.broken()).splitlines()
    (row,) = [line for line in lines if line.startswith("| westeurope.obo")]
    assert row == "| westeurope.obo.arc.azure.com:8084 | proxy |   | ✗ | – | – |   |"
