"""The program's own help."""

from __future__ import annotations

from arcprobe.commands.listing import COMMANDS, help_text


def test_help_names_every_command() -> None:
    """The help has a line for each command, at most 80 columns wide."""
    lines = help_text().splitlines()
    for name, (_module, words) in COMMANDS.items():
        assert [line.split(maxsplit=1) for line in lines if line.startswith(f"  {name} ")] == [
            [name, words]
        ]
    assert max(map(len, lines)) <= 80
