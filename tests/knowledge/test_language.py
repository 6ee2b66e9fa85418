"""The sentences: all there, filled without a rest."""

from __future__ import annotations

import re
from string import ascii_lowercase

import pytest
from hypothesis import given, strategies as st

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Code, line

ENGLISH = language()
TINY = Language(
    "tiny",
    {
        "neutral": {"unknown": "something unknown", "target": "the endpoint"},
        "join": {"list": ", ", "and": " and "},
        "a": {"b": "{host} waits {seconds:.1f} s", "c": "by {names:and}", "d": "of {inner}"},
    },
)


@pytest.mark.parametrize("code", list(Code))
def test_words_are_complete(code: Code) -> None:
    """Every code has a summary, a headline, a meaning; what is wrong also has a remedy and a way to
    look."""
    summary, headline, meaning = (
        ENGLISH.template(f"code.{code}.{part}") for part in ("summary", "headline", "meaning")
    )
    assert summary
    assert headline
    assert "\n" not in summary + headline
    assert meaning.endswith(".")
    assert "{" not in meaning
    assert len(meaning) > 60
    row = codes.row(code)
    if not row.passes:
        assert ENGLISH.template(f"code.{code}.remedy")
        assert "{" not in ENGLISH.template(f"verify.{row.layer}")


@pytest.mark.parametrize("code", list(Code))
def test_templates_print_no_placeholder(code: Code) -> None:
    """With no value known, with those of every check, and with all, a sentence prints no brace and
    no bracket pair."""
    parts = [
        part for part in ("summary", "headline", "remedy") if ENGLISH.has(f"code.{code}.{part}")
    ]
    templates = [ENGLISH.template(f"code.{code}.{part}") for part in parts]
    names = set(re.findall(r"\{([a-z_]+)\}", "".join(templates)))
    every_check = {
        "host": "a.example",
        "port": "443",
        "target": "a.example:443",
        "proxy": "http://p:3128",
        "route": "proxy",
    }
    for values in ({}, every_check, every_check | dict.fromkeys(names, "value")):
        for template in templates:
            text = ENGLISH.fill(template, values)
            assert not re.search(r"[{}]|\[\[|\]\]", text), text
            assert "something unknown" not in text, (code, text)
            assert "  " not in text


def test_unknown_language() -> None:
    """A language that there is not is refused."""
    with pytest.raises(KeyError):
        language("xx")


def test_fill_optional_part() -> None:
    """A part in double brackets is printed when all its values are known, and left out
    otherwise."""
    assert ENGLISH.fill("a[[ ({status}, {product})]]b", {"status": "403"}) == "ab"
    known = {"status": "403", "product": "Squid"}
    assert ENGLISH.fill("a[[ ({status}, {product})]]b", known) == "a (403, Squid)b"


def test_fill_does_not_fill_values() -> None:
    """A value from outside that looks like a template stays as it is."""
    values = {"host": "{proxy}[[{status}]]", "proxy": "secret"}
    assert ENGLISH.fill("{host}", values) == "{proxy}[[{status}]]"


def test_fill_stand_in_and_capital() -> None:
    """An unknown value takes its stand-in's; a sentence that begins with a neutral word begins with
    a capital."""
    assert ENGLISH.fill("{targets} x", {"target": "a:443"}) == "a:443 x"
    assert ENGLISH.fill("{targets} x", {}) == "The endpoint x"


def test_say_formats_numbers_and_joins() -> None:
    """A line is put into words: numbers as its sentence asks, several values joined, lines within
    lines."""
    assert TINY.say(line("a.b", host="h", seconds=1.25)) == "h waits 1.2 s"
    assert TINY.say(line("a.c", names=("x", "y"))) == "by x and y"
    assert TINY.say(line("a.d", inner=line("a.c", names=("z",)))) == "of by z"


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(ascii_lowercase, max_size=8), st.text(max_size=20)),
)
def test_fill_takes_any_text(template: str, values: dict[str, str]) -> None:
    """No template and no values make it fail."""
    ENGLISH.fill(template, values)


def test_missing_sentence_is_said_in_the_other_language() -> None:
    """A sentence that a language lacks is said in the one that it is given beside."""
    small = Language("small", {"a": {"b": "{seconds:.0f} s: {host}"}}, TINY)
    assert small.say(line("a.b", host="h", seconds=1.25)) == "1 s: h"
    assert small.say(line("a.c", names=("x", "y"))) == "by x and y"


def test_a_sentence_about_no_case_in_particular() -> None:
    """A capital word stands where a value would, and optional parts are left out."""
    said = language().general("code.proxy-hung.summary")
    assert said == "PROXY accepted the connection but did not answer CONNECT TARGET"
    assert language().general("no.such-key") == ""


def test_place_is_said_where_there_are_words() -> None:
    """Where a product's lines belong is said in the language; what it has no words for stays."""
    small = Language("small", {"place": {"x.conf, at its end": "ad finem x.conf"}})
    assert small.place("x.conf, at its end") == "ad finem x.conf"
    assert small.place("y.conf") == "y.conf"
