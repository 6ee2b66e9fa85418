"""Names of regions that the data does not know."""

from __future__ import annotations

from itertools import combinations

import pytest

from arcprobe.knowledge import regions
from arcprobe.knowledge.catalogue import CLOUDS, load

KNOWN = tuple(load("AzureCloud").regions)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("westeurop", "westeurope"),
        ("weseurope", "westeurope"),
        ("westeuropa", "westeurope"),
        ("europewest", "westeurope"),
        ("eastsu", "eastus"),
        ("estus", "eastus"),
        ("indiasouthcentrl", "indiasouthcentral"),
        ("southcentralindia", "indiasouthcentral"),
        ("swedncentral", "swedencentral"),
    ],
)
def test_slips(name: str, meant: str) -> None:
    """A letter too many or too few, or two in the wrong order, is a slip."""
    assert regions.misspelt(name, KNOWN) == meant


@pytest.mark.parametrize(
    "name",
    ["finlandcentral", "eastus4", "swedennorth", "uaesouth", "portugalnorth", "southeastus5"],
)
def test_new_regions(name: str) -> None:
    """Another country, or another place of one, is none."""
    assert regions.misspelt(name, KNOWN) == ""
    assert regions.is_plausible(name, "AzureCloud")


@pytest.mark.parametrize("name", ["12345", "xyz", "a.b", "", "x" * 42, "west_europe"])
def test_names_of_no_region(name: str) -> None:
    """Regions are words of letters, with a digit at most."""
    assert not regions.is_plausible(name, "AzureCloud")


def test_clouds_have_their_beginnings() -> None:
    """What begins like a region of another cloud is one of that."""
    assert regions.belongs_to("usgovnevada", "AzureUSGovernment")
    assert not regions.belongs_to("usgovnevada", "AzureChinaCloud")
    assert not regions.belongs_to("westus", "AzureCloud")
    assert regions.is_plausible("chinanorth4", "AzureChinaCloud")
    assert not regions.is_plausible("northeurope2", "AzureChinaCloud")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_region_is_another_misspelt(cloud: str) -> None:
    """The threshold holds for all regions that there are, but for two countries of like names."""
    alike = {"australiaeast", "austriaeast"}
    for one, other in combinations(load(cloud).regions, 2):
        if {one, other} == alike:
            continue
        assert regions.misspelt(one, (other,)) == "", (one, other)
