"""The language of what is written for people: asked for, else that of the locale."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from arcprobe.commands.explain import command as explain
from arcprobe.commands.skip_range import command as skip_range
from arcprobe.commands.speaking import flag_of, spoken
from arcprobe.model.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "environ", "due"),
    [
        ("", {}, "en"),
        ("ja", {}, "ja"),
        ("en", {"LANG": "ja_JP.UTF-8"}, "en"),
        ("", {"LANG": "ja_JP.UTF-8"}, "ja"),
        ("", {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "en"),
        ("", {"LC_MESSAGES": "ja-JP", "LANG": "en_US.UTF-8"}, "ja"),
        ("", {"LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LANG": "japanese"}, "en"),
    ],
)
def test_language(
    given: str, environ: dict[str, str], due: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked for counts before the locale; a locale that is not known is English."""
    monkeypatch.setattr("sys.stdout", Encoded("utf-8"))
    assert spoken(given, environ).name == due


def test_locale_needs_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream without its letters is written in English, whatever the locale."""
    monkeypatch.setattr("sys.stdout", Encoded("ascii"))
    assert spoken("", {"LANG": "ja_JP.UTF-8"}).name == "en"


class Encoded:
    """A stream of that encoding."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding


def test_unknown_language() -> None:
    """A language that is not known is an error of the user that names those that are."""
    told = CliRunner().invoke(explain, ["proxy-denied", "--lang", "klingon"])
    assert isinstance(told.exception, ConfigError)
    assert str(told.exception) == "--lang: 'klingon' is unknown; use one of en, ja"


def test_explained_in_japanese() -> None:
    """`explain` speaks the language that is asked for; its JSON stays English."""
    texts = {
        lang: CliRunner().invoke(explain, ["proxy-denied", "--lang", lang]).output
        for lang in ("en", "ja")
    }
    assert texts["en"] != texts["ja"]
    in_json = [
        CliRunner().invoke(explain, ["proxy-denied", "--lang", lang, "-o", "json"]).output
        for lang in ("en", "ja")
    ]
    assert in_json[0] == in_json[1]


def test_flag_asks_again() -> None:
    """The flag that stands for a language brings that language."""
    assert flag_of(spoken("ja", {})) == ("--lang", "ja")


LIST = ("--skip-range", "10.0.0.0/16,.svc", "--service-cidr", "10.96.0.0/12")
SPOKEN: dict[str, tuple[str, ...]] = {
    "check": ("check", *LIST),
    "suggest": ("suggest", "--skip-range", ".svc,,", "--service-cidr", "10.96.0.0/12"),
    "explain": ("explain", "--skip-range", ".svc", "mcr.microsoft.com"),
}


@pytest.mark.parametrize("name", SPOKEN)
def test_the_bypass_list_in_japanese(name: str) -> None:
    """What `skip-range` says for people is in the language that is asked for; JSON and a list that
    is pasted are the same in all."""

    def told(*flags: str) -> tuple[str, str]:
        result = CliRunner().invoke(skip_range, [*SPOKEN[name], *flags])
        return result.stdout, result.stderr

    english, japanese = told("--lang", "en"), told("--lang", "ja")
    assert english != japanese
    assert re.search("[ぁ-んァ-ヶ一-龥]", "".join(japanese))
    assert told("--lang", "ja", "--format", "json")[0] == told("--format", "json")[0]
    if name == "suggest":
        assert english[0] == japanese[0]
