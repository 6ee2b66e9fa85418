"""Hosts that somebody named, and what is known of them."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.known_hosts import known_host


@pytest.mark.parametrize(
    ("host", "issuers"),
    [
        ("azgnrelay-westeurope-l1.servicebus.windows.net", ("microsoft", "digicert")),
        ("AZGNRELAY-EASTUS-L1.servicebus.windows.net.", ("microsoft", "digicert")),
        ("corp.vault.azure.net", ("microsoft", "digicert")),
        ("x.gw.arc.azure.com", ("microsoft", "digicert")),
        ("westus3.obo.arc.azure.com", ("microsoft", "digicert")),
        ("a.b.his.arc.azure.cn", ("microsoft", "digicert")),  # of another cloud than the run's
        ("contoso.azurecr.io", ("other",)),  # no row, but a domain of rows
        ("contoso.database.windows.net", ("other",)),
    ],
)
def test_hosts_of_azure_are_known(host: str, issuers: tuple[str, ...]) -> None:
    """A host below a pattern of any cloud, or in a domain of its hosts, is signed by a public
    CA."""
    known = known_host(host)
    assert known is not None
    assert known.issuers == issuers


@pytest.mark.parametrize(
    "host",
    [
        "registry.corp.example",
        "10.0.0.7",
        "servicebus.windows.net.corp.example",
        "vm.westeurope.cloudapp.azure.com",  # a customer's machine
        "mycluster.hcp.westeurope.azmk8s.io",  # an API server has a CA of its own
    ],
)
def test_hosts_of_ones_own_are_not_known(host: str) -> None:
    """They may have a CA of their own."""
    assert known_host(host) is None
