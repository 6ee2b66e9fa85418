"""``arcprobe completion``: what a shell completes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.rehearsed import run
from tests.support.tools import may_skip


def completed(shell: str, **variables: str) -> list[str]:
    """What ``arcprobe`` prints to a shell that asks."""
    environment = {**os.environ, "_ARCPROBE_COMPLETE": f"{shell}_complete", **variables}
    command = [sys.executable, "-m", "arcprobe"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return ended.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_a_shell(shell: str) -> None:
    """Each shell has its script, which calls arcprobe back."""
    ended = run("completion", shell)
    assert ended.code == 0
    assert f"{shell}_complete" in ended.out


def test_values() -> None:
    """Codes, scenarios, regions, features and products are completed."""
    asked = {
        ("arcprobe explain proxy-auth-re", "2"): ["plain,proxy-auth-required"],
        ("arcprobe demo websocket", "2"): ["plain,websocket-stripped"],
        ("arcprobe check --region westeu", "3"): ["plain,westeurope"],
        ("arcprobe check --feature key", "3"): ["plain,key-vault"],
        ("arcprobe report ticket x --product fortig", "5"): ["plain,fortigate"],
        ("arcprobe repo", "1"): ["plain,report"],
    }
    for (words, place), due in asked.items():
        found = completed("bash", COMP_WORDS=words, COMP_CWORD=place)
        assert found[:1] == due[:1], words


def test_powershell() -> None:
    """PowerShell gives the whole line, and gets bare values."""
    found = completed("powershell", COMP_WORDS="arcprobe demo web", COMP_WORD="web")
    assert found == ["websocket-stripped"]
    assert "check" in completed("powershell", COMP_WORDS="arcprobe ", COMP_WORD="")


@pytest.mark.skipif(may_skip("bash"), reason="needs bash")
def test_bash_takes_the_script() -> None:
    """The script is one that bash reads."""
    script = run("completion", "bash").out
    ended = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert ended.returncode == 0
