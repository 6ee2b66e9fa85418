"""The JSON report is the recording: what is written is read back equal, and nothing else is
read."""

from __future__ import annotations

import json
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arcprobe.model import AnyStep, Attempt, Failure, FailureKind, Head, Observation, Report
from arcprobe.report import as_json

from . import sample

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(2**53), 2**53)
BY_TYPE: dict[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    float: NUMBER,
    int: WHOLE,
    bool: st.booleans(),
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    float | None: st.none() | NUMBER,
    int | None: st.none() | WHOLE,
    bool | None: st.none() | st.booleans(),
    Failure | None: st.none() | st.builds(Failure, kind=st.sampled_from(FailureKind), detail=TEXT),
    Head | None: st.none()
    | st.builds(
        Head,
        status=WHOLE,
        reason=TEXT,
        headers=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        body=TEXT,
    ),
}


@st.composite
def steps(draw: st.DrawFn) -> AnyStep:
    """Any step, every field of a plain type filled at will, the others as in the sample."""
    step: AnyStep = draw(st.sampled_from(sample.STEPS))
    fields = msgspec.structs.fields(type(step))
    hints = get_type_hints(type(step))
    values = {
        field.name: draw(BY_TYPE[hints[field.name]])
        for field in fields
        if hints[field.name] in BY_TYPE
    }
    return msgspec.structs.replace(step, **values)


@pytest.mark.parametrize(
    "report",
    [sample.broken(), sample.clean(), sample.hostile()],
    ids=["broken", "clean", "hostile"],
)
def test_round_trip(report: Report) -> None:
    """A report that is written and read is the same report."""
    assert as_json.load(as_json.render(report).encode()) == report


@given(st.lists(steps(), max_size=3), TEXT)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_step_survives(some: list[AnyStep], label: str) -> None:
    """Whatever the steps hold, they are read back equal."""
    observation = Observation(check=label, attempts=(Attempt(label=label, steps=tuple(some)),))
    report = msgspec.structs.replace(sample.clean(), observations=(observation,))
    assert as_json.load(as_json.render(report).encode()) == report


def test_keys_of_the_contract() -> None:
    """The top level has exactly the contract's keys, and a finding all of its own."""
    document = json.loads(as_json.render(sample.broken()))
    assert list(document) == [
        "schema",
        "verdict",
        "run",
        "checks",
        "observations",
        "findings",
        "causes",
        "unproven",
    ]
    assert document["schema"] == 1
    promised = {
        "check",
        "kind",
        "layer",
        "target",
        "route",
        "verdict",
        "code",
        "summary",
        "evidence",
        "remedy",
        "owner",
    }
    assert all(promised <= set(finding) for finding in document["findings"])
    assert all(
        {"code", "verdict", "headline", "remedy", "owner", "explains", "evidence"} <= set(cause)
        for cause in document["causes"]
    )


def test_harmless_in_a_terminal() -> None:
    """The JSON holds no control but the line feed and no bidirectional override, raw."""
    text = as_json.render(sample.hostile())
    assert all(character == "\n" or character.isprintable() for character in text)


def test_lone_surrogate() -> None:
    """Bytes from outside that were no text do not keep the report from being written."""
    text = as_json.render(msgspec.structs.replace(sample.clean(), run=sample.run(host="\udc80x")))
    assert as_json.load(text.encode()).run.host == "?x"


GOOD = as_json.render(sample.clean()).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"NAME  STATUS\npod  Running", "not JSON"),
        (GOOD[: len(GOOD) // 2], "cut short"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b'{"schema": 1, "verdict": "\xff"}', "UTF-8"),
        (b"[]", "not a (whole )?report"),
        (b"{}", "schema"),
        (b'{"schema": 2}', "schema 2"),
        (b'{"schema": 1, "verdict": "pass"}', "run"),
        (GOOD.replace(b'"pass"', b'"fine"', 1), "fine"),
        (GOOD + b"{}", "JSON"),
        (b'{"schema": ' + b"[" * 100_000, "not"),
    ],
)
def test_malformed(data: bytes, words: str) -> None:
    """Every malformed file is refused with one line that says what is wrong."""
    with pytest.raises(ValueError, match=words) as caught:
        as_json.load(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the bound is refused before it is parsed."""
    monkeypatch.setattr(as_json, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="larger"):
        as_json.load(GOOD)


def test_byte_order_mark_and_later_fields() -> None:
    """A byte order mark, and fields of later versions, do not keep a report from being read."""
    later = GOOD.replace(b'"schema": 1,', b'"schema": 1, "later": [1],', 1)
    assert as_json.load(b"\xef\xbb\xbf" + later) == sample.clean()
