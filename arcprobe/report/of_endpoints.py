"""A selection of the catalogue -> text, json, csv. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator

from arcprobe.knowledge.catalogue import Endpoint, data_of
from arcprobe.knowledge.language import Language, language
from arcprobe.knowledge.selection import Selection
from arcprobe.model import line
from arcprobe.model.text import printable
from arcprobe.report import columns

_HEAD = ("HOST", "PORT", "PROTOCOL", "FEATURE", "INITIATOR", "NEEDED", "PURPOSE")
_CSV = tuple(
    "host port protocol feature purpose initiator via_gateway required source as_of".split()
)
_JSON = tuple(name for name in _CSV if name != "required")
_FORMULA = ("=", "+", "-", "@")
"""Signs by which a spreadsheet takes a cell for a formula."""


def as_text(selection: Selection, words: Language | None = None) -> str:
    """Aligned columns and the notes that a person needs beside them, in a language (English)."""
    spoken = words or language()
    rows = [_HEAD, *(_columns(endpoint, spoken) for endpoint in selection.endpoints)]
    widths = [max(map(columns.width_of, column)) for column in zip(*rows, strict=True)]
    widths[-1] = 0  # nothing stands behind the last column
    lines = [selection.title_in(spoken), ""]
    for row in rows:
        cells = zip(row, widths, strict=True)
        lines.append("  ".join(columns.padded(printable(cell), width) for cell, width in cells))
    day = line("endpoints.note.data", date=data_of(selection.cloud).isoformat())
    return "\n".join((*lines, "", *_notes(selection, spoken), spoken.say(day)))


def as_json(selection: Selection, words: Language | None = None) -> str:
    """The selection as a document for programs, which is in English."""
    top = {
        "cloud": selection.cloud,
        "region": selection.region,
        "gateway": selection.gateway,
        "endpoints": [_fields(endpoint, _JSON) for endpoint in selection.endpoints],
    }
    return json.dumps(top, indent=2, ensure_ascii=False)


def as_csv(selection: Selection, words: Language | None = None) -> str:
    """One line a host, for spreadsheets, in English; a cell that one could take for a formula is
    quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV)
    for endpoint in selection.endpoints:
        writer.writerow(_cell(value) for value in _fields(endpoint, _CSV).values())
    return out.getvalue().rstrip("\n")


LISTINGS: dict[str, Callable[[Selection, Language | None], str]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
}
"""Names of ``endpoints --format`` that list, where the others are rules that allow."""


def _columns(endpoint: Endpoint, words: Language) -> tuple[str, ...]:
    needed = "needed" if endpoint.required else "perhaps"
    return (
        endpoint.host,
        str(endpoint.port),
        endpoint.protocol,
        endpoint.feature,
        endpoint.initiator,
        words.template(f"endpoints.{needed}"),
        words.template(f"purpose.{endpoint.purpose_key}"),
    )


def _fields(endpoint: Endpoint, names: tuple[str, ...]) -> dict[str, object]:
    fields = {name: getattr(endpoint, name) for name in names}
    return fields | {"as_of": endpoint.as_of.isoformat()}


def _cell(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _notes(selection: Selection, words: Language) -> Iterator[str]:
    say = words.template
    if selection.removable:
        yield say("endpoints.note.removable")
        return
    if selection.discovered:
        yield say("endpoints.note.discovered")
    yield say("endpoints.note.outbound")
    if "wss" in selection.protocols:
        yield say("endpoints.note.websocket")
    if not all(endpoint.required for endpoint in selection.endpoints):
        yield say("endpoints.note.perhaps")
    if "gitops" in selection.features:
        yield say("endpoints.note.gitops")
    if not selection.is_region_known:
        yield words.say(line("catalogue.region", region=selection.region))
    for feature in selection.unlisted:
        if feature != "gitops":
            note = line("endpoints.note.unlisted", feature=feature, cloud=selection.cloud)
            yield words.say(note)
