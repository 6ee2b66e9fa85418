"""Every recorded scenario, in every format for people, in every language beside the first."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.model import Report
from arcprobe.pipeline import judged_again, spoken
from arcprobe.report import as_html, as_json, as_markdown, as_text, columns, ticket
from arcprobe.report.paper import Paper
from arcprobe.report.screen import Screen
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support.recordings import FOLDER

RECORDED = sorted(path.parent for path in FOLDER.glob("*/recording.json"))
FORMATS = {"text": as_text.render, "markdown": as_markdown.render, "html": as_html.render}

each_recording = pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
each_language = pytest.mark.parametrize("name", LANGUAGES[1:])


@cache
def report(folder: Path, name: str) -> Report:
    """The recording of a folder, judged in that language."""
    recorded = as_json.load((folder / "recording.json").read_bytes())
    return spoken(judged_again(recorded), language(name))


def pages(folder: Path, name: str) -> Iterator[str]:
    """What people read of it."""
    of, words = report(folder, name), language(name)
    yield from (render(of, language=words) for render in FORMATS.values())
    yield from (ticket.render(of, owner, language=words) for owner in ticket.owners(of))


def english(page: str) -> set[str]:
    """Where four English words follow one another, outside of code and quotations."""
    markup = re.sub(r"<(style|script|code|pre).*?</\1>|<[^>]*>", "|", page, flags=re.S)
    bare = re.sub(r"`[^`]*`|'[^'\n]*'", "|", html.unescape(markup))
    return set(re.findall(r"(?<![-\w/.])(?:[A-Za-z][a-z]+ ){3,}[a-z]+", bare))


@each_language
@each_recording
def test_nothing_is_left_in_english(folder: Path, name: str) -> None:
    """Nothing that is read is in English but what came from outside and what is to be pasted."""
    of = report(folder, name)
    outside = json.loads(as_json.render(of))
    changes = [change for cause in of.causes for change in cause.change]
    pasted = [(change.lines, change.apply, change.undo) for change in changes]
    known = json.dumps([outside["observations"], outside["checks"], outside["run"], pasted])
    left = set().union(*map(english, pages(folder, name)))
    assert sorted(words for words in left if words not in known) == []


@each_language
@each_recording
def test_first_screen_fits_a_terminal(folder: Path, name: str) -> None:
    """24 lines of 80 columns hold it in every language."""
    of = report(folder, name)
    words = Words(language(name))
    lines = Screen(of, words, Paper(colour=False, width=80), table(of)).lines()
    assert len(lines) <= 24
    assert max(map(columns.width_of, lines)) <= 80


@each_language
@each_recording
def test_page_names_its_language(folder: Path, name: str) -> None:
    """A reader aloud and a browser are told the language."""
    assert f'<html lang="{name}">' in as_html.render(report(folder, name), language=language(name))
