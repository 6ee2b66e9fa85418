"""The model -> JSON Schema 2020-12 of the report. ``python -m arcprobe.report.schema`` writes
``data/report.schema.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from arcprobe.model import Report

PATH = Path(__file__).parent / "report.schema.json"

# What the contract promises in every report although the model has a default for it
_PROMISED = {
    "Finding": ("evidence", "remedy", "owner"),
    "Cause": ("evidence",),
    "Observation": ("attempts",),
}


def generate() -> dict[str, Any]:
    """The schema, as plain values."""
    (root,), components = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for name, promised in _PROMISED.items():
        components[name]["required"] = [*components[name]["required"], *promised]
    components["Report"]["properties"]["schema"] = {"const": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:arcprobe:report:1",
        "title": "arcprobe report",
        **root,
        "$defs": components,
    }


def text() -> str:
    """The schema as the file has it."""
    return json.dumps(generate(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8", newline="\n")
