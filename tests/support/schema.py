"""The model -> JSON Schema 2020-12 of the report and of the events. ``python -m
tests.support.schema`` writes ``arcprobe/report/report.schema.json`` and ``events.schema.json``."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import msgspec

from arcprobe import model
from arcprobe.report import events
from tests.support.source import ROOT

PATH = ROOT / "report" / "report.schema.json"
EVENTS = ROOT / "report" / "events.schema.json"

# Every report has these, although the model has a default for them.
_PROMISED = {
    "Finding": ("evidence", "remedy", "owner"),
    "Cause": ("evidence",),
    "Observation": ("attempts",),
}

# The comments that describe a field, beside it or above it, as Sphinx autodoc reads them.
_BESIDE = re.compile(r"^    (\w+): .*?  #: (.+)$", re.MULTILINE)
_ABOVE = re.compile(r"^    #: (.+)\n    (\w+): ", re.MULTILINE)


def generate() -> dict[str, Any]:
    """The schema, as plain values."""
    reference = "#/$defs/{name}"
    (root,), nouns = msgspec.json.schema_components([model.Report], ref_template=reference)
    for name, schema in nouns.items():
        schema["description"] = " ".join(schema["description"].split())
        for field, properties in schema.get("properties", {}).items():
            properties["description"] = descriptions(getattr(model, name))[field]
    for name, promised in _PROMISED.items():
        nouns[name]["required"] = [*nouns[name]["required"], *promised]
    number = nouns["Report"]["properties"]["schema"]
    nouns["Report"]["properties"]["schema"] = {
        "const": model.SCHEMA,
        "description": number["description"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:arcprobe:report:{model.SCHEMA}",
        "title": "arcprobe report",
        **root,
        "$defs": nouns,
    }


def descriptions(noun: type[model.Noun]) -> dict[str, str]:
    """What each field of a noun is, by its name in JSON: from the comments in the model."""
    found = {"step": "which operation this is"}
    for base in reversed(noun.__mro__[: noun.__mro__.index(model.Noun)]):
        source = inspect.getsource(base)
        found |= dict(_BESIDE.findall(source))
        found |= {field: comment for comment, field in _ABOVE.findall(source)}
    for field in msgspec.structs.fields(noun):
        found[field.encode_name] = found[field.name]
    return found


def generate_events() -> dict[str, Any]:
    """The schema of one event."""
    (root,), kinds = msgspec.json.schema_components([events.ALL], ref_template="#/$defs/{name}")
    for name, schema in kinds.items():
        told = getattr(events, name, None)
        schema["description"] = " ".join(schema.get("description", "").split())
        for field, properties in schema.get("properties", {}).items():
            properties["description"] = _comments(told).get(field, "which event this is")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:arcprobe:events:{events.SCHEMA}",
        "title": "arcprobe events: one a line",
        **root,
        "$defs": kinds,
    }


def _comments(noun: Any) -> dict[str, str]:
    """The comments beside the fields of an event."""
    found: dict[str, str] = {}
    for base in (events.Event, noun):
        found |= dict(_BESIDE.findall(inspect.getsource(base))) if base is not None else {}
    return found


def text(schema: dict[str, Any] | None = None) -> str:
    """A schema, that of the report, as its file has it."""
    return json.dumps(schema or generate(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8", newline="\n")
    EVENTS.write_text(text(generate_events()), encoding="utf-8", newline="\n")
