"""The table as text: what passed is folded, discovered hosts stand beneath their wildcard."""

from __future__ import annotations

from arcprobe.report.grid import Grid
from arcprobe.report.paper import Paper
from arcprobe.report.table import table
from arcprobe.report.words import Words
from tests.support.golden import played


def lines(scenario: str, *, wide: bool = False) -> list[str]:
    """The table of a scenario."""
    return list(
        Grid(table(played(scenario)), Words(), Paper(colour=False, width=100), wide=wide).lines()
    )


def test_passes_are_folded() -> None:
    """Endpoints that work are a line a feature; ``wide`` names them."""
    folded = lines("everything")
    assert folded[-2:] == ["✓ core: 8 endpoints work", "✓ cluster-connect: 2 endpoints work"]
    assert not [line for line in folded if line.startswith("mcr.microsoft.com")]
    wide = lines("everything", wide=True)
    assert [line for line in wide if line.startswith("mcr.microsoft.com")]
    assert "endpoints work" not in wide[-1]


def test_hosts_stand_beneath_their_wildcard() -> None:
    """A wildcard says how many hosts stand for it, and no rung; they follow, with theirs."""
    found = lines("everything")
    start = next(n for n, line in enumerate(found) if line.startswith("*.servicebus"))
    assert found[start].split() == ["*.servicebus.windows.net:443", "✓", "→", "2", "hosts"]
    assert found[start + 1].startswith("  azgnrelay-eastus-l1.servicebus.windows.net:443")


def test_the_bypass_list_has_a_row() -> None:
    """A gap of the bypass list is seen in the table."""
    assert [line.split()[-1] for line in lines("skip-range-gap") if "bypass list" in line] == ["✗"]
