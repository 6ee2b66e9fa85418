"""The schema of the report is that of the model, and tells those who read reports what each
property is."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from arcprobe.model import Check, Handshake, Report
from arcprobe.report import as_json
from tests.support import schema

from . import sample


def test_shipped_schema_is_the_model() -> None:
    """The schema file in the package is what the model generates."""
    assert schema.PATH.read_text(encoding="utf-8") == schema.text()


@pytest.mark.parametrize(
    "report",
    [sample.broken(), sample.clean(), sample.hostile()],
    ids=["broken", "clean", "hostile"],
)
def test_valid_against_the_schema(report: Report) -> None:
    """Reports are valid against the shipped schema, which is itself a JSON Schema 2020-12."""
    document = schema.generate()
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.Draft202012Validator(document).validate(json.loads(as_json.render(report)))


@pytest.mark.parametrize(
    "key", ["schema", "verdict", "run", "checks", "observations", "findings", "causes"]
)
def test_schema_requires_every_key(key: str) -> None:
    """A document that lacks one of the top-level keys is invalid."""
    document: dict[str, Any] = json.loads(as_json.render(sample.clean()))
    del document[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema.generate()).validate(document)


def test_words_are_closed() -> None:
    """A code, a route or a verdict that arcprobe does not have is invalid."""
    validator = jsonschema.Draft202012Validator(schema.generate())
    for key, wrong in (("code", "proxy-denyed"), ("route", "tunnel"), ("verdict", "fine")):
        document: dict[str, Any] = json.loads(as_json.render(sample.broken()))
        document["findings"][0][key] = wrong
        assert not validator.is_valid(document)


def test_every_property_is_described() -> None:
    """Whoever opens the file reads at each property what it is."""
    for name, noun in schema.generate()["$defs"].items():
        for key, prop in noun.get("properties", {}).items():
            assert len(prop["description"]) > 7, f"{name}.{key}"


def test_descriptions_are_the_comments_of_the_model() -> None:
    """A comment beside or above a field describes it, under its name in JSON; what a noun inherits
    is described too."""
    check = schema.descriptions(Check)
    assert check["port"] == "TCP port that is connected to"
    assert check["seen_by"] == "id of the check whose observation this one is judged from"
    assert schema.descriptions(Handshake)["took"] == "length, seconds"
