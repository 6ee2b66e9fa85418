"""``--help`` in groups."""

from __future__ import annotations

from arcprobe.commands.grouped import GROUPS
from arcprobe.settings.table import ROWS, SETTINGS
from tests.support.rehearsed import run


def test_every_setting_has_its_group() -> None:
    """No setting is forgotten, none stands twice, and each is one."""
    named = [name for names in GROUPS.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == {row.name for row in SETTINGS if "check" in row.commands}
    assert set(named) <= set(ROWS)


def test_help_has_the_groups() -> None:
    """The headings stand in order, what is about output last."""
    text = run("check", "--help").out
    places = [text.index(f"\n{name}:\n") for name in (*GROUPS, "Output")]
    assert places == sorted(places)
    assert text.index("--format") > places[-1]
