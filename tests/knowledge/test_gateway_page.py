"""The two tables of Microsoft's page on the Arc gateway, row by row with what the catalogue comes
to; where it differs, the newer page that says so.

The page is learn.microsoft.com/azure/azure-arc/kubernetes/arc-gateway-simplify-networking, as it
was between 2025-04-22 and 2025-07-13; the newer one is that of 2026-02-26.
"""

from __future__ import annotations

import pytest

from arcprobe.knowledge import catalogue

GATEWAY = "contoso.gw.arc.azure.com"
CORE = ("AzureCloud", "eastus")

# as the page writes it -> host and port as the catalogue has it
NAMES = {
    "<Your URL prefix>.gw.arc.azure.com": (GATEWAY, 443),
    "management.azure.com": ("management.azure.com", 443),
    "<region>.obo.arc.azure.com": ("eastus.obo.arc.azure.com", 8084),
    "login.microsoftonline.com": ("login.microsoftonline.com", 443),
    "<region>.login.microsoft.com": ("eastus.login.microsoft.com", 443),
    "gbl.his.arc.azure.com": ("gbl.his.arc.azure.com", 443),
    "<region>.his.arc.azure.com": ("*.his.arc.azure.com", 443),
    "mcr.microsoft.com": ("mcr.microsoft.com", 443),
    "*.data.mcr.microsoft.com": ("*.data.mcr.microsoft.com", 443),
}
NAMES_DIFFER = {
    "<region>.obo.arc.azure.com": "port 8084: …/kubernetes/network-requirements, 2026-06-11; this "
    "page names no port",
    "<region>.his.arc.azure.com": "a short code of the region, eus for East US, that the identity "
    "service itself names: exported as a pattern, and discovered by `check`",
}

_ODS, _OMS = "*.ods.opinsights.azure.com", "*.oms.opinsights.azure.com"
_MONITORING = "*.monitoring.azure.com"
SCENARIOS = {
    "cluster-connect": {"eastus.obo.arc.azure.com"},
    "container-insights": {_ODS, _OMS, _MONITORING},
    "key-vault": {"shop.vault.azure.net"},
    "policy": {"data.policy.core.windows.net", "store.policy.core.windows.net"},
    "defender": {_ODS, _OMS},
    "data-services": {_ODS, _OMS, _MONITORING},
}
# scenario -> (no longer, added), and who says so
SCENARIOS_DIFFER = {
    "policy": (
        {"data.policy.core.windows.net", "store.policy.core.windows.net"},
        set[str](),
        "the row went on 2026-02-26: both are on the list of what the gateway carries "
        "(…/servers/arc-gateway-endpoints, 2026-02-17)",
    ),
    "defender": (set[str](), {"*.cloud.defender.microsoft.com"}, "the page of 2026-02-26"),
    "data-services": (
        set[str](),
        {"arcdataservicesrow2.azurecr.io"},
        "…/azure-arc/data/connectivity, 2026-06-23: required, and of the two registries the "
        "gateway carries row1 alone",
    ),
}


def direct(*features: str, vaults: tuple[str, ...] = ()) -> dict[tuple[str, int], bool]:
    """What must be open beside the gateway: host and port, and whether it certainly must."""
    rows = catalogue.endpoints(*CORE, features, GATEWAY, vaults)
    return {(row.host, row.port): row.required for row in rows}


def test_the_nine_names() -> None:
    """The core with cluster connect is exactly the page's nine names, all required; beside them
    stands what documents disagree about."""
    found = direct("cluster-connect")
    assert {target for target, is_required in found.items() if is_required} == set(NAMES.values())
    assert len(NAMES) == 9


@pytest.mark.parametrize("written", NAMES)
def test_a_name(written: str) -> None:
    """Each row of the page is a row of the catalogue; it reads otherwise where a reason stands."""
    host, port = NAMES[written]
    assert (host, port) in direct("cluster-connect")
    filled = written.replace("<Your URL prefix>", "contoso").replace("<region>", "eastus")
    assert (filled == host and port == 443) == (written not in NAMES_DIFFER)


@pytest.mark.parametrize("feature", SCENARIOS)
def test_a_scenario(feature: str) -> None:
    """What a scenario adds to the core is the page's row, but for what a newer page changed."""
    vaults = ("shop",) if feature == "key-vault" else ()
    core = direct()
    added = {host for host, port in direct(feature, vaults=vaults).keys() - core.keys()}
    gone, more, _who = SCENARIOS_DIFFER.get(feature, (set(), set(), ""))
    assert added == (SCENARIOS[feature] - gone) | more


def test_what_is_gone_is_carried() -> None:
    """What the newer page no longer names may be closed behind the gateway."""
    gone, _more, _who = SCENARIOS_DIFFER["policy"]
    closed = {row.host for row in catalogue.removable(*CORE, ("policy",))}
    assert gone <= closed
