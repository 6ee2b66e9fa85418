"""What ``check`` leaves of itself in a pod of ``arcprobe job``."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from arcprobe.commands import in_job
from arcprobe.fleet import envelope

SMALL = json.dumps({"schema": 1, "verdict": "pass", "words": "é"}, ensure_ascii=False)


def test_only_the_manifest_says_so() -> None:
    """The manifest's variable makes a process a Job; any other value does not."""
    assert in_job.is_job({"ARCPROBE_JOB": "1"})
    assert not in_job.is_job({"ARCPROBE_JOB": "0"})
    assert not in_job.is_job({})


def test_message_is_written_only_where_the_kubelet_put_the_file(tmp_path: Path) -> None:
    """The kubelet's file is filled; where there is none, none is made."""
    file = tmp_path / "termination-log"
    assert not in_job.write_termination_message(str(file), "x")
    assert not file.exists()
    file.write_bytes(b"old and longer")
    assert in_job.write_termination_message(str(file), "new")
    assert file.read_bytes() == b"new"


def test_end_of_a_job_prints_then_tells(tmp_path: Path) -> None:
    """The log of a Job holds the report before all else, and at its end the kubelet's file the
    verdict."""
    file, out = tmp_path / "termination-log", io.StringIO()
    file.touch()
    in_job.give_report(SMALL, out)
    assert file.read_text() == ""
    in_job.finish("fail", [("proxy-denied", "The proxy denies")], out, str(file))
    assert json.loads(envelope.unwrap(out.getvalue())) == json.loads(SMALL)
    assert file.read_text() == "arcprobe: fail\nproxy-denied: The proxy denies"


@pytest.mark.parametrize(
    ("asked", "elapsed", "waits"),
    [
        ("", 1, []),
        ("always", 1, [None]),
        ("20", 5, [15]),
        ("20", 20, []),
        ("20", 25, []),
        ("99999", 0, [3600]),
        ("soon", 1, []),
        ("²", 1, []),
    ],
)
def test_hold_is_what_the_manifest_asks(
    asked: str, elapsed: float, waits: list[float | None]
) -> None:
    """A pod stays as long as the manifest says, counted from its start."""
    seen: list[float | None] = []
    in_job.hold({"ARCPROBE_HOLD": asked}, elapsed, seen.append)
    assert seen == waits


@pytest.mark.parametrize(("asked", "due"), [({}, 1), ({"ARCPROBE_EXIT": "0"}, 0)])
def test_exit_code_is_that_of_the_verdict(asked: dict[str, str], due: int) -> None:
    """A pod fails where the preflight did, but where the manifest says that a failed pod would be
    made again."""
    assert in_job.exit_code(asked, 1) == due


@pytest.mark.skipif(
    os.name == "nt",
    reason="Windows has no SIGTERM to send; pods of this manifest run on Linux alone",
)
def test_held_pod_ends_on_sigterm() -> None:
    """SIGTERM ends the hold in order, also where nothing else handles it."""
    before = signal.getsignal(signal.SIGTERM)

    def wait(_: float | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(30)

    in_job.hold({"ARCPROBE_HOLD": "always"}, 1, wait)
    assert signal.getsignal(signal.SIGTERM) is before
