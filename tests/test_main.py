"""The process itself, before and after the command line runs in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_IS_ROOT = sys.platform == "linux" and os.geteuid() == 0
_LIMIT = 30.0  # seconds until Python has begun
_HANDLES = 1 << (signal.SIGTERM - 1)


@pytest.mark.skipif(
    not _IS_ROOT or shutil.which("unshare") is None, reason="making a first process needs root"
)
def test_first_process_of_a_container_ends_at_sigterm() -> None:
    """A pod that is deleted while arcprobe starts ends at once with 3, and not by SIGKILL after the
    grace period: a first process ignores what it does not handle."""
    command = [sys.executable, "-m", "arcprobe", "check", "--region", "x", "--services", "-"]
    namespace = ["unshare", "--pid", "--fork", "--kill-child"]
    with subprocess.Popen(
        [*namespace, *command], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        child = _child(process.pid)
        _wait_until_handled(child)
        os.kill(child, signal.SIGTERM)
        _, err = process.communicate(timeout=_LIMIT)
    assert (process.returncode, err) == (3, "")


def _child(pid: int) -> int:
    ends = time.monotonic() + _LIMIT
    while time.monotonic() < ends:
        if found := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(found[0])
        time.sleep(0.01)
    raise AssertionError("no child")


def _wait_until_handled(pid: int) -> None:
    ends = time.monotonic() + _LIMIT
    while time.monotonic() < ends:
        fields = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        if int(fields["SigCgt"], 16) & _HANDLES:
            return
        time.sleep(0.01)
    raise AssertionError("SIGTERM is not handled")
