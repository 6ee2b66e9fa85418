"""The questions about each endpoint, wildcards and their discoveries among them."""

from __future__ import annotations

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.model import Kind, Route
from arcprobe.plan.endpoints import address_of, discoveries_of, rows_of
from tests.plan.asked import CARRIERS, PROXY, config_of, kinds, one, plan_of


def test_endpoints_of_the_cloud_are_all_asked() -> None:
    """Each row of the catalogue is asked as https or wss, or is a pattern with its discovery; no
    other endpoint is."""
    checks = plan_of(PROXY)
    rows = catalogue.endpoints("AzureCloud", "eastus")
    for row in rows:
        kind = (
            Kind.DISCOVERY
            if row.host.startswith("*.")
            else Kind.WEBSOCKET
            if row.protocol == "wss"
            else Kind.HTTPS
        )
        assert one(checks, host=row.host, port=row.port, kind=kind).required is row.required
    known = {row.host for row in rows}
    known |= {check.host for check in checks if check.discovery}
    assert {check.host for check in checks if check.kind in CARRIERS} <= known


def test_features() -> None:
    """What belongs to a feature that is off is not asked; switched on it is."""
    without = {check.target for check in plan_of(PROXY)}
    added = {
        check.target
        for check in plan_of(PROXY, feature=["portal", "key-vault"], key_vault=["corp"])
    } - without
    assert "corp.vault.azure.net:443" in added
    assert not [
        check
        for check in plan_of(PROXY, no_feature=["cluster-connect"])
        if check.feature == "cluster-connect"
    ]


def test_direct_comparison() -> None:
    """--direct asks every endpoint a second time without the proxy, never required, and not its
    name."""
    checks = plan_of(PROXY, direct=True)
    compared = [check for check in checks if check.compare]
    through = {
        check.target for check in checks if check.route == Route.PROXY and check.kind in CARRIERS
    }
    assert through <= {check.target for check in compared}
    assert {(check.route, check.required) for check in compared} == {("direct", False)}
    assert Kind.DNS not in kinds(tuple(compared))
    assert not [check for check in plan_of(direct=True) if check.compare]


def test_endpoint_setting() -> None:
    """--endpoint adds its own questions, required, with its path; two paths of one host are two
    questions."""
    checks = plan_of(
        PROXY, endpoint=["https://a.corp/x", "https://a.corp/y", "wss://[fd00::1]:8443"]
    )
    assert sorted(
        check.path for check in checks if check.host == "a.corp" and check.kind is Kind.HTTPS
    ) == ["/x", "/y"]
    upgrade = one(checks, host="fd00::1", kind=Kind.WEBSOCKET)
    assert (upgrade.target, upgrade.required, upgrade.custom) == ("[fd00::1]:8443", True, True)


def test_discoveries_are_carried() -> None:
    """Each discovery is seen by a check that is asked, and that check asks the discovery's
    question."""
    checks = plan_of(PROXY)
    found = [check for check in checks if check.kind is Kind.DISCOVERY and check.discovery]
    assert {check.discovery for check in found} == {"his", "gns", "mcr"}
    for check in found:
        carrier = one(checks, id=check.observed_with)
        assert (carrier.discovery, carrier.kind, carrier.route) == (
            check.discovery,
            Kind.HTTPS,
            "proxy",
        )


def test_pattern_without_source() -> None:
    """A pattern whose hosts nothing names is kept as a question with its reason."""
    assert all(
        check.note
        for check in plan_of(PROXY, feature=list(catalogue.FEATURES))
        if check.kind is Kind.DISCOVERY and not check.observed_with
    )


def test_a_named_host_of_azure_is_asked_as_its_row() -> None:
    """A host below a pattern of the catalogue has that pattern's issuers and marks, however it was
    named; a host of one's own has none, and may have a CA of its own."""
    relay = "wss://azgnrelay-westeurope-l1.servicebus.windows.net"
    checks = plan_of(PROXY, endpoint=[relay, "https://registry.corp.example/v2/"])
    upgrade = one(checks, target="azgnrelay-westeurope-l1.servicebus.windows.net:443", kind="tls")
    assert (upgrade.issuers, upgrade.may_have_own_ca) == (("microsoft", "digicert"), False)
    own = one(checks, target="registry.corp.example:443", kind=Kind.HTTPS)
    assert (own.issuers, own.may_have_own_ca) == ((), True)


@pytest.mark.parametrize("cloud", catalogue.CLOUDS)
@pytest.mark.parametrize("feature", ["", *catalogue.FEATURES])
def test_who_names_hosts_is_asked_anyway(cloud: str, feature: str) -> None:
    """The endpoint of each discovery is a row of its own in every cloud and with every feature."""
    given = {"feature": [feature]} if feature else {}
    config = config_of(PROXY, cloud=cloud, key_vault=["corp"], **given)
    rows, known = rows_of(config), discoveries_of(config)
    listed = {(row.host, row.port) for row in rows}
    for row in rows:
        if row.discover:
            assert address_of(known[row.discover])[:2] in listed


def test_an_optional_endpoint_that_is_asked_for() -> None:
    """Who names it with --endpoint needs it: its one question is a required one."""
    host = "dl.k8s.io"
    optional = plan_of(PROXY, feature=["onboarding"])
    asked = plan_of(PROXY, feature=["onboarding"], endpoint=[f"https://{host}"])
    assert one(optional, host=host, kind=Kind.TLS).required is False
    assert one(asked, host=host, kind=Kind.TLS).required is True
