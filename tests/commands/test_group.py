"""The commands as one program."""

from __future__ import annotations

import pytest

from arcprobe.commands.group import run_command
from arcprobe.commands.listing import help_text


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_that_of_the_front_door(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The group's help is the front door's, word for word."""
    assert run_command([option]) == 0
    assert capsys.readouterr().out == help_text()


def test_a_fault_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What no command foresaw is one line that says whose fault it is, and exit 3."""

    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("arcprobe.commands.group.command.main", broken)
    assert run_command(["check"]) == 3
    words = "arcprobe: a fault of arcprobe's own: RuntimeError: first second\n"
    assert capsys.readouterr().err == words
