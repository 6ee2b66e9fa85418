"""Each language beside the first: all sentences there, with all that a sentence carries, and none
left in English by accident."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from arcprobe.knowledge import tables
from arcprobe.knowledge.language import LANGUAGES
from arcprobe.knowledge.products import PRODUCTS, product
from arcprobe.knowledge.products.base import Lines

# What a language is written in, the encodings of its consoles beside UTF-8, and what is rightly the
# same in it as in English: names, commands.
LETTERS = {"ja": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")}
CONSOLES = {"ja": ("cp932", "euc_jp")}
SAME = {
    "ja": """
        verify.skip-range verify.gateway verify.discovery verify.cluster verify.run
        explain.by-hand.dns-tcp-blocked explain.by-hand.unknown-names-rewritten
        explain.by-hand.proxy-name-unknown explain.by-hand.proxy-refused
        explain.by-hand.proxy-silent explain.by-hand.proxy-unreachable
        explain.by-hand.proxy-certificate-untrusted explain.by-hand.proxy-variables-disagree
        explain.by-hand.target-unreachable explain.by-hand.clock-skewed
        explain.by-hand.services-unreadable explain.by-hand.api-behind-proxy
        explain.by-hand.api-forbidden explain.by-hand.api-unauthorized
        report.hop.dns report.hop.tcp report.hop.tls report.hop.http report.hop.websocket
        progress.rung.dns progress.rung.tcp progress.rung.tls progress.rung.http
        progress.rung.websocket report.actor.azure report.owner.azure report.python
        fleet.termination fleet.cause.event skip-range.note place.tinyproxy.conf
    """.split()
}
# Sentences of names and commands alone, with another sign between them or a full stop behind.
SIGNS = {
    "ja": """
        dates.ca, job.merge, purpose.portal, purpose.defender, place.the http_connection_manager
    """.strip().split(", ")
}

_FIELD = re.compile(r"\{[a-z_0-9]+(?::[^}]*)?\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")


def flat(texts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The sentences of a file with their dotted keys."""
    for name, entry in texts.items():
        if isinstance(entry, Mapping):
            yield from flat(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", entry


def sentences(name: str) -> dict[str, str]:
    """The sentences of a language that its own file has."""
    return dict(flat(tables.read(f"texts/{name}")))


def places() -> Iterator[str]:
    """Where the lines of the products belong, which their own files say in English."""
    for name in PRODUCTS:
        yield from (each.where for each in product(name).lines.values() if isinstance(each, Lines))


ENGLISH = sentences(LANGUAGES[0]) | {f"place.{where}": where for where in places()}
OTHERS = LANGUAGES[1:]


def fields(text: str) -> Counter[str]:
    """The placeholders, each with its format."""
    return Counter(set(_FIELD.findall(text)))


def optional(text: str) -> Counter[str]:
    """The placeholders of each optional part."""
    return Counter(" ".join(sorted(_FIELD.findall(part))) for part in _OPTIONAL.findall(text))


def verbatim(text: str) -> Counter[str]:
    """What somebody copies: code, flags, addresses of pages."""
    pattern = r"`[^`]*`|(?<![\w-])--[a-z][a-z-]+|https?://[\w./:-]+[\w/]"
    return Counter(set(re.findall(pattern, text)))


def bare(text: str) -> str:
    """The text without placeholders and brackets."""
    return re.sub(r"[\[\]]", "", _FIELD.sub("", text))


@pytest.mark.parametrize("name", OTHERS)
def test_keys_are_the_same(name: str) -> None:
    """A language has every sentence of the first, and where each product's lines belong; no
    other."""
    own = set(sentences(name))
    assert sorted(ENGLISH.keys() - own) == [], "missing"
    assert sorted(own - ENGLISH.keys()) == [], "of no use"


@pytest.mark.parametrize("carried", [fields, optional, verbatim])
@pytest.mark.parametrize("name", OTHERS)
def test_sentences_carry_the_same(name: str, carried: Callable[[str], Counter[str]]) -> None:
    """Each sentence has the placeholders of its English one with their formats, the same ones of
    them optional, and the same code, flags and addresses."""
    own = sentences(name)
    differ = {
        key: (carried(text), carried(own[key]))
        for key, text in ENGLISH.items()
        if key in own and carried(text) != carried(own[key])
    }
    assert differ == {}


@pytest.mark.parametrize("name", OTHERS)
def test_no_sentence_is_left_in_english(name: str) -> None:
    """A sentence has letters of its language, unless it has no words or is listed as rightly the
    same; and no row of the list is idle."""
    own = sentences(name)
    foreign = {
        key
        for key, text in own.items()
        if re.search(r"[A-Za-z]{2}", bare(text)) and not LETTERS[name].search(text)
    }
    assert sorted(foreign) == sorted({*SAME[name], *SIGNS[name]})
    assert [key for key in SAME[name] if own[key] != ENGLISH[key]] == []


@pytest.mark.parametrize("name", OTHERS)
def test_no_words_are_left_in_english(name: str) -> None:
    """Outside of code and quotations no five English words follow one another."""
    words = re.compile(r"(?<![-\w/.])(?:[A-Za-z][a-z]+,? ){4,}[a-z]+")
    left = {key: words.search(_QUOTED.sub("", text)) for key, text in sentences(name).items()}
    assert {key: found[0] for key, found in left.items() if found} == {}


@pytest.mark.parametrize("name", OTHERS)
def test_consoles_have_its_letters(name: str) -> None:
    """Each sentence can be written on the consoles of its language that are not of UTF-8."""
    for key, text in sentences(name).items():
        for encoding in CONSOLES[name]:
            assert text.encode(encoding).decode(encoding) == text, key
