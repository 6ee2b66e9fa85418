"""The events of a run: bounded, printable, as their schema says."""

from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped]
import msgspec

from arcprobe.model import Report
from arcprobe.report import events
from tests.support import schema
from tests.support.golden import played

from . import sample

TIME = "2026-11-27T00:00:00.000Z"


def documents(report: Report) -> list[dict[str, object]]:
    """All events of a report, as who reads the lines sees them."""
    seen = {observation.check: observation for observation in report.observations}
    told: list[events.Event] = [
        events.RunStarted(time=TIME, version="0.1.0", checks=1, deadline=60.0)
    ]
    for check in (check for check in report.checks if check.id in seen):
        told.append(events.started(check, TIME))
        told += events.ended(check, seen[check.id], 1, 1, TIME)
    told += events.judged(report, TIME)
    lines = [events.line(event) for event in told]
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    assert max(map(len, lines)) < 8_000
    return [json.loads(line) for line in lines]


def test_shipped_schema() -> None:
    """The schema file in the package is what the events generate."""
    due = schema.text(schema.generate_events())
    assert schema.EVENTS.read_text(encoding="utf-8") == due


def test_every_event_is_valid() -> None:
    """Each line is what the schema says; the last is the verdict."""
    validator = jsonschema.Draft202012Validator(schema.generate_events())
    told = documents(played("everything"))
    for document in told:
        validator.validate(document)
    assert {document["event"] for document in told} == {
        "run-started",
        "check-started",
        "step-done",
        "check-done",
        "cause-found",
        "run-done",
    }
    assert told[-1] == {
        "event": "run-done",
        "time": TIME,
        "verdict": "fail",
        "causes": 5,
        "seconds": played("everything").run.seconds,
        "interrupted": "",
    }


def test_strangers_cannot_break_a_line() -> None:
    """What comes from outside is printable and short."""
    hostile = sample.hostile()
    cause = msgspec.structs.replace(hostile.causes[0], headline="\x1b[2J\n" + "x" * 100_000)
    told = documents(msgspec.structs.replace(hostile, causes=(cause,)))
    text = json.dumps(told, ensure_ascii=False)
    assert "\x1b" not in text
    assert len(text) < 20_000
