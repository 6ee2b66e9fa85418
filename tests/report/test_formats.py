"""Every format says the same of a report, in the language that is asked for."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.language import Language, language
from arcprobe.model import Report
from arcprobe.report import RENDERERS, renderer

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
    if form == "prometheus":  # numbers alone
        assert 'code="proxy-port-denied"' in text
        return
    for words in (
        "proxy-port-denied",
        "acl SSL_ports port 8084",
        "westeurope.obo.arc.azure.com:8084",
        "403 Forbidden",
    ):
        assert words in text or form == "junit"


@pytest.mark.parametrize("form", ["text", "html", "markdown", "junit"])
def test_every_format_speaks_the_language_that_is_asked_for(form: str) -> None:
    """The words of a report come from the language; JSON stays in English."""
    english = language()
    keys = english.keys()
    texts = {key: english.template(key) for key in keys}
    shouting = Language("xx", texts | {"report.actor.proxy": "THE PROXY TEAM"})
    assert "THE PROXY TEAM" in renderer(form)(sample.broken(), language=shouting)
    json = renderer("json")
    assert json(sample.broken(), language=shouting) == json(sample.broken())
