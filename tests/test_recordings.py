"""Recordings of whole networks, judged again: the same findings and causes for ever, and nothing of
a machine in them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import FailureKind, Report, Verdict
from arcprobe.pipeline import judged_again
from arcprobe.report import as_json
from tests.commands.test_demo import spellings
from tests.support.recordings import FOLDER, load, neutral, said, told, written
from tests.support.rehearsed import recording

RECORDED = sorted(path.parent for path in FOLDER.glob("*/recording.json"))
BAD = {Verdict.WARN, Verdict.FAIL, Verdict.ERROR}
SIZE = 150_000  # bytes: what a person still opens in an editor

each_recording = pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)


@cache
def loaded(folder: Path) -> Report:
    """The recording of a folder."""
    return load(folder)


@cache
def judged(folder: Path) -> Report:
    """The recording of a folder, judged again."""
    return judged_again(loaded(folder))


def expected(folder: Path) -> dict[str, Any]:
    """What its author expects of it."""
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return found


@each_recording
def test_recording(folder: Path) -> None:
    """Judged again from its JSON, a recording gives exactly the findings and causes that are
    expected of it."""
    due = expected(folder)
    assert due.pop("story")
    assert told(judged(folder)) == due


@each_recording
def test_evidence(folder: Path) -> None:
    """Judged again, everything that is said of a recording is what was read and taken to be right:
    each fact of each finding and cause, its owner, whom it hits and where a change goes."""
    due = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    assert said(judged(folder)) == due


@each_recording
def test_every_fault_has_one_cause(folder: Path) -> None:
    """Each finding that does not pass is explained by exactly one cause, of every recording."""
    report = judged(folder)
    explained = [check for cause in report.causes for check in cause.explains]
    assert sorted(explained) == sorted(
        {finding.check for finding in report.findings if finding.verdict in BAD}
    )


@each_recording
def test_recording_is_neutral(folder: Path) -> None:
    """A recording holds no temporary path, no host name, no key, no certificate's text, and is
    small."""
    text = (folder / "recording.json").read_text(encoding="utf-8")
    assert len(text) < SIZE
    assert not [
        word
        for word in ("/tmp", "\\\\Temp", "-----BEGIN", '"pem"', "Authorization")
        if word in text
    ]
    run = loaded(folder).run
    assert {run.host, run.node, run.pod} <= {"rehearsal", ""}
    if not folder.name.startswith("field-"):
        assert written(neutral(json.loads(text))) == text


def test_a_large_hello_that_is_rejected_changes_no_judgement() -> None:
    """Where a peer takes only small ClientHellos, every check is judged as in the same network
    without that peer, and discovered hosts are asked too."""
    rejected, clean = (judged(FOLDER / name) for name in ("hello-rejected", "clean"))
    assert told(rejected) == told(clean)
    kinds = set()
    for observation in rejected.observations:
        for attempt in observation.attempts:
            kinds |= {step.failure.kind for step in attempt.steps if step.failure is not None}
    assert FailureKind.TLS_ALERT in kinds


def test_recordings_hold_no_password() -> None:
    """The passwords that scenarios give, right or wrong, are in no recording, in no spelling."""
    given = [
        scenario.network.credentials.partition(":")[2]
        for scenario in SCENARIOS
        if scenario.network.credentials
    ]
    assert given
    for folder in RECORDED:
        text = (folder / "recording.json").read_text(encoding="utf-8")
        assert not [word for password in given for word in spellings(password) if word in text], (
            folder.name
        )


def test_every_scenario_is_recorded() -> None:
    """Each demo scenario has its folder, with the story and the causes that the demo itself
    promises."""
    for scenario in SCENARIOS:
        due = expected(FOLDER / scenario.name)
        assert (due["story"], tuple(due["causes"])) == (scenario.story, scenario.causes)


def test_a_recording_is_made_of_a_report() -> None:
    """What the command would write of a run today is judged to the same as the run itself was."""
    ended = recording("everything")
    again = judged_again(as_json.load(written(neutral(ended.report)).encode()))
    assert told(again) == told(as_json.load(ended.out.encode()))
