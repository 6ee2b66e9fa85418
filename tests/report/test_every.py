"""Every demo scenario, in every format and every language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from math import ceil
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import Change, Layer, Owner, Report
from arcprobe.pipeline import spoken
from arcprobe.report import as_text, columns, renderer, ticket
from arcprobe.report.outline import items
from arcprobe.report.paper import Paper
from arcprobe.report.screen import Screen
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support import schema
from tests.support.golden import played
from tests.support.tools import library

_SCHEMA = schema.generate()
NAMES = [scenario.name for scenario in SCENARIOS]
_RAW = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
each_scenario = pytest.mark.parametrize("name", NAMES)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


@cache
def report(name: str, lang: str) -> Report:
    """What the demo of that name reports, in a language."""
    return spoken(played(name), language(lang))


def rendered(form: str, name: str, lang: str) -> str:
    """It in a format, which has no raw control character and ends with its last line."""
    text: str = renderer(form)(report(name, lang), language=language(lang))
    assert _RAW.search(text) is None
    assert text.endswith("\n")
    return text


@each_scenario
@each_language
def test_text(name: str, lang: str) -> None:
    """The first screen fits 24 lines of 80 columns, with every cause by its number; the last line
    is the verdict. Where there is no cause, the whole page fits, its long lines broken."""
    told, words = report(name, lang), Words(language(lang))
    lines = Screen(told, words, Paper(colour=False, width=80), table(told)).lines()
    assert len(lines) <= 24
    assert max(map(columns.width_of, lines)) <= 80
    shown = [int(each) for each in re.findall(r"^  (\d+) [✗!?]", "\n".join(lines), re.M)]
    assert shown == [item.number for item in items(told)]
    page = as_text.render(told, language=words.language, width=80).splitlines()
    assert page[-1].startswith(told.verdict.upper())
    rows = sum(max(1, ceil(columns.width_of(line) / 80)) for line in page)
    assert told.causes or rows <= 24


@each_scenario
@each_language
def test_json(name: str, lang: str) -> None:
    """The document is what its schema says, and in English."""
    document = renderer("json")(played(name), language=language(lang))
    jsonschema.Draft202012Validator(_SCHEMA).validate(json.loads(document))
    assert document == renderer("json")(played(name))


@each_scenario
@each_language
def test_html(name: str, lang: str) -> None:
    """Every element is closed in order, every id is there once, every link leads to one; the
    document names its language."""
    page = Page()
    page.feed(rendered("html", name, lang))
    assert page.open == []
    assert page.lang == lang
    assert len(page.ids) == len(set(page.ids))
    assert set(page.links) <= set(page.ids)


class Page(HTMLParser):
    """The elements of a page: those still open, ids, links within."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)
        if tag == "html":
            self.lang = told["lang"]
        if "id" in told:
            self.ids.append(told["id"])
        if told.get("href", "").startswith("#"):
            self.links.append(told["href"][1:])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# What testcase and testsuite may have, and in which order: junit-10.xsd of Jenkins' xUnit plug-in,
# https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
_ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testsuite": {
        "name",
        "tests",
        "failures",
        "errors",
        "skipped",
        "time",
        "timestamp",
        "hostname",
        "id",
    },
    "testcase": {"name", "classname", "time", "group"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
    "properties": set(),
    "property": {"name", "value"},
    "system-out": set(),
    "system-err": set(),
}
_WITHIN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out", "system-err"},
    "testcase": {"properties", "skipped", "failure", "error", "system-out", "system-err"},
    "properties": {"property"},
}


@each_scenario
@each_language
def test_junit(name: str, lang: str) -> None:
    """The elements and attributes are those of the schema, and the counts are right."""
    root = ET.fromstring(rendered("junit", name, lang))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert {*element.attrib} <= _ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= _WITHIN.get(element.tag, set())
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(
            case.find("failure") is not None for case in cases
        )
        assert all(float(case.attrib["time"]) >= 0 for case in cases)


@each_scenario
def test_prometheus(name: str) -> None:
    """Prometheus' own client library reads every line."""
    parser = library("prometheus_client.parser")
    families = list(parser.text_string_to_metric_families(rendered("prometheus", name, "en")))
    assert {"arcprobe_info", "arcprobe_verdict"} <= {family.name for family in families}


@each_scenario
@each_language
def test_markdown_and_github(name: str, lang: str) -> None:
    """Each cause is a heading and an annotation; fences are closed."""
    causes = len(report(name, lang).causes)
    text = rendered("markdown", name, lang)
    assert len(re.findall(r"^## \d+\\\. ", text, re.M)) == causes
    assert len(re.findall(r"^`{3,}", text, re.M)) % 2 == 0
    lines = rendered("github", name, lang).splitlines()
    assert len(lines) == causes + 1
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)


@each_scenario
@each_language
def test_tickets(name: str, lang: str) -> None:
    """Each owner has a request that names his hosts, as text that fits a mail but for what is
    pasted, and as Markdown whose fences are closed."""
    told = report(name, lang)
    for owner in filter(None, ticket.owners(told)):
        text = ticket.render(told, Owner(owner), language=language(lang))
        prose = [line for line in text.splitlines() if not line.startswith(" ")]
        assert max(map(columns.width_of, prose)) <= 78
        for cause in told.causes:
            if cause.owner == owner:
                is_dns = cause.layer is Layer.DNS  # which knows no ports
                named = (each.rpartition(":")[0] if is_dns else each for each in cause.affects)
                assert all(name in text for name in named)
        marked = ticket.render(told, Owner(owner), markdown=True, language=language(lang))
        assert len(re.findall(r"^`{3,}", marked, re.M)) % 2 == 0


# Words that stay what they are in every language: names, protocols, commands, what others said.
_ENGLISH = re.compile(r"\b(?:the|this|that|which|with|from|does not|cannot|is not)\b")


@each_scenario
@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_no_sentence_is_left_in_english(name: str, lang: str) -> None:
    """Verdict, headlines and what to do have no English sentence."""
    told, words = report(name, lang), Words(language(lang))
    said = [words.verdict_line(told), words.place(told)]
    for cause in told.causes:
        said += [cause.headline, cause.remedy if not cause.change else "", *_advice(cause.change)]
    lines = "\n".join(said).splitlines()
    alone = [line for line in lines if line.isascii()]  # what strangers said stands within others
    assert [line for line in alone if _ENGLISH.search(line)] == []


def _advice(changes: Iterable[Change]) -> list[str]:
    return ["\n".join(change.lines) for change in changes if change.product is None]
