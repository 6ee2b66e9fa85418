"""``commands/stopping.py``: a signal at any moment of a command ends it in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arcprobe.commands.stopping import STOPPING, handled, interrupt, remembered
from tests.support.silent import SilentPeer


def send(number: int) -> None:
    """Sends this process a signal, and gives it time to come."""
    os.kill(os.getpid(), number)
    time.sleep(0.05)


@pytest.mark.parametrize("number", STOPPING)
def test_before_a_run(number: int) -> None:
    """It interrupts, and the handler before it is back afterwards."""
    usual = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), handled(interrupt):
        send(number)
    assert signal.getsignal(number) == usual


def test_while_a_report_is_written() -> None:
    """The first is remembered, the second interrupts: what is written is written to its end."""
    told: list[str] = []
    with remembered(lambda: told.append("once")):
        send(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGTERM)
    assert told == ["once"]


@pytest.mark.parametrize("number", STOPPING)
def test_while_the_network_is_silent(number: signal.Signals, tmp_path: Path) -> None:
    """Also at the end of an ssh session (SIGHUP) and for SIGQUIT: what was seen is in the report,
    exit code 3."""
    with SilentPeer() as peer:
        arguments = ["check", "--region", "westeurope", "--only", "management.azure.com"]
        arguments += ["--skip", "dns", "--proxy-https", f"http://127.0.0.1:{peer.port}"]
        arguments += ["--proxy-skip-range", "localhost", "--report", f"json={tmp_path / 'r'}"]
        process = subprocess.Popen(
            [sys.executable, "-m", "arcprobe", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert peer.wait_for(1)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (3, b"")
    assert out.count(b"\n") > 5
    assert f"ended by {number.name}" in (tmp_path / "r").read_text()
