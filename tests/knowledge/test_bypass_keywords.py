"""The keywords of az that send hosts past the proxy."""

from __future__ import annotations

import pytest

from arcprobe.knowledge import bypass_keywords

MONITOR = "Microsoft.AzureMonitor.Containers"


@pytest.mark.parametrize(
    ("given", "keywords", "cloud", "wanted"),
    [
        (
            "10.96.0.0/12,.svc",
            ("Arc",),
            "AzureCloud",
            "10.96.0.0/12,.svc,.his.arc.azure.com,.dp.kubernetesconfiguration.azure.com,"
            ".guestconfiguration.azure.com",
        ),
        # inside the list it is replaced where it stands, in whatever case
        (
            "arc,.svc",
            ("Arc",),
            "AzureUSGovernment",
            ".his.arc.azure.us,.dp.kubernetesconfiguration.azure.us,.guestconfiguration.azure.us,.svc",
        ),
        # what is there already is not added
        (
            ".his.arc.azure.cn,.svc",
            ("Arc",),
            "AzureChinaCloud",
            ".his.arc.azure.cn,.svc,.dp.kubernetesconfiguration.azure.cn,"
            ".guestconfiguration.azure.cn",
        ),
        # az writes a ConfigMap for it, and nothing into the list
        (".svc", (MONITOR,), "AzureCloud", ".svc"),
        (f".svc,{MONITOR.lower()}", (), "AzureCloud", ".svc"),
        (
            "",
            ("Arc",),
            "AzureCloud",
            ".his.arc.azure.com,.dp.kubernetesconfiguration.azure.com,"
            ".guestconfiguration.azure.com",
        ),
        (".svc", (), "AzureCloud", ".svc"),
    ],
)
def test_the_list_that_agents_get(
    given: str, keywords: tuple[str, ...], cloud: str, wanted: str
) -> None:
    """Keywords are what az makes of them."""
    assert bypass_keywords.as_agents_have_it(given, keywords, cloud) == wanted


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("gbl.his.arc.azure.com", "Arc"),
        ("*.his.arc.azure.com", "Arc"),
        ("westeurope.dp.kubernetesconfiguration.azure.com", "Arc"),
        ("his.arc.azure.com", ""),  # a suffix of Go's is no name
        ("westeurope.obo.arc.azure.com", ""),
        ("management.azure.com", ""),
        ("*.ods.opinsights.azure.com", MONITOR),
        ("westeurope.handler.control.monitor.azure.com", MONITOR),
        ("*.metrics.ingest.monitor.azure.com", MONITOR),
        ("dc.services.visualstudio.com", MONITOR),
    ],
)
def test_who_goes_direct_by_which_keyword(host: str, wanted: str) -> None:
    """Both keywords, as documented; nothing else."""
    both = ("Arc", MONITOR)
    assert bypass_keywords.keyword_for(host, both, "AzureCloud") == wanted
    assert bypass_keywords.keyword_for(host, (), "AzureCloud") == ""


def test_keywords_inside_a_list() -> None:
    """They are found with blanks round them, in whatever case, each once."""
    found = bypass_keywords.keywords_in(f"10.0.0.0/8, ARC ,{MONITOR},arc,.arc")
    assert found == ("Arc", MONITOR)
    assert bypass_keywords.keywords_in("archive,.svc,") == ()


def test_documented_entries() -> None:
    """The three suffixes of private endpoints, and no host of theirs that is not below them."""
    assert bypass_keywords.documented_entries("AzureCloud") == (
        ".his.arc.azure.com",
        ".dp.kubernetesconfiguration.azure.com",
        ".guestconfiguration.azure.com",
    )
    assert bypass_keywords.is_documented("*.his.arc.azure.com")
    assert not bypass_keywords.is_documented("management.azure.com")
