"""Hosts of a region that the data does not know."""

from __future__ import annotations

import pytest

from arcprobe.model import Report
from tests.cases import World, causes_of, played
from tests.plan.asked import config_of


def _report(region: str, world: World) -> Report:
    return played(config_of({"region": region, "only": ["*.login.microsoft.com"]}), world)


def test_a_region_that_dns_does_not_know() -> None:
    """The region's name is the first suspect."""
    report = _report("finlandcentral", World(""))
    assert causes_of(report) == [("name-unknown", "fail", "you")]
    assert "pass it as --region" in report.causes[0].remedy


@pytest.mark.parametrize(
    ("region", "world", "wanted"),
    [
        ("westeurope", World(""), [("name-unknown", "fail", "dns")]),
        ("finlandcentral", World(), []),  # a new one, and all is well
    ],
)
def test_others(region: str, world: World, wanted: list[tuple[str, str, str]]) -> None:
    """A region of the data is right, and a new one that answers is too."""
    assert causes_of(_report(region, world)) == wanted
