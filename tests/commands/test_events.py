"""``--events``: lines while a run goes on, for the owner alone; who reads them slowly does not slow
the run."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from arcprobe.commands import output
from arcprobe.commands.demo import command as demo
from arcprobe.commands.events import Events, written
from arcprobe.commands.private_files import PrivateLines


def test_events_of_a_demo(tmp_path: Path) -> None:
    """The file has the run from its start to its verdict, and is the owner's alone; each check that
    began has ended."""
    file = tmp_path / "events"
    told = CliRunner().invoke(demo, ["denied", "--events", str(file), "-q"])
    assert told.exit_code == 1
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("run-started", "run-done")
    began = [line["check"] for line in lines if line["event"] == "check-started"]
    ended = [line["check"] for line in lines if line["event"] == "check-done"]
    assert sorted(began) == sorted(ended)
    assert [line["code"] for line in lines if line["event"] == "cause-found"] == ["proxy-denied"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_events_on_stdout(tmp_path: Path) -> None:
    """With - nothing but events goes to stdout, and the report to its file."""
    file = tmp_path / "report.json"
    told = CliRunner().invoke(demo, ["denied", "--events", "-", "--report", f"json={file}"])
    assert [json.loads(line)["event"] for line in told.stdout.splitlines()][-1] == "run-done"
    assert json.loads(file.read_bytes())["verdict"] == "fail"


def test_stdout_holds_one_thing() -> None:
    """Events and a report on stdout exclude one another."""
    with pytest.raises(click.UsageError, match="only one of them"):
        output.wanted("text", (("json", "-"),), wide=False, events="-")


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """It is an error of the user, before anything is asked."""
    with pytest.raises(click.UsageError, match="--events"), written(str(tmp_path)):
        pass


def test_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be written costs a line on stderr, and the exit code."""

    def full(line: bytes) -> None:
        raise OSError(28, "No space left on device")

    told = Events(full)
    told.planned(1, 60.0)
    told.close()
    assert told.problem == "No space left on device"


def test_a_slow_reader_does_not_slow_the_run() -> None:
    """What is told comes back at once, however long a line takes to be written."""
    may_go_on = threading.Event()
    lines: list[bytes] = []

    def slow(line: bytes) -> None:
        may_go_on.wait()
        lines.append(line)

    told = Events(slow)
    for _ in range(100):
        told.planned(1, 60.0)
    assert lines == []
    may_go_on.set()
    told.close()
    assert len(lines) == 100


def test_lines_are_seen_at_once(tmp_path: Path) -> None:
    """Who follows the file sees each line when it is written."""
    file = tmp_path / "events"
    with PrivateLines(str(file)) as lines:
        lines.write(b"one\n")
        assert file.read_bytes() == b"one\n"
        lines.write(b"two\n")
    assert file.read_bytes() == b"one\ntwo\n"
    assert os.stat(file).st_mode & 0o777 == 0o600
