"""``--help`` in groups."""

from __future__ import annotations

from itertools import pairwise

from arcprobe.settings.table import Group
from tests.support.rehearsed import run

HEADINGS = ["Azure", "Proxy", "Cluster", "Selection", "Limits", "Output"]


def test_help_has_the_groups() -> None:
    """The headings stand in order, and each flag under that of its row; what is no setting is
    output."""
    text = run("check", "--help").out
    places = [text.index(f"\n{name}:\n") for name in HEADINGS]
    assert places == sorted(places)
    assert [group.value for group in Group] == HEADINGS
    sections = [text[here:end] for here, end in pairwise([*places, len(text)])]
    for flag, number in (
        ("--region", 0),
        ("--gateway-resource-id", 0),
        ("--proxy-skip-range", 1),
        ("--kubeconfig", 2),
        ("--only", 3),
        ("--timeout", 4),
        ("--product", 5),
        ("--report", 5),
    ):
        assert [f"\n  {flag}" in section for section in sections].index(True) == number
