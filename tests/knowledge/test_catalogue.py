"""The endpoint data and its loader."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path

import pytest

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import (
    CLOUDS,
    CORE,
    DEFAULT_FEATURES,
    FEATURES,
    EndpointRow,
    UnknownName,
)
from arcprobe.knowledge.language import language

GATEWAY = "contoso.gw.arc.azure.com"
GATEWAY_LISTS = tomllib.loads(
    Path(catalogue.__file__).with_name("gateway-carried.toml").read_text(encoding="utf-8")
)
"""Microsoft's own lists for the gateway, as they were published."""


def rows() -> list[tuple[str, EndpointRow]]:
    return [(cloud, row) for cloud in CLOUDS for row in catalogue.load(cloud).endpoint]


def hosts(
    cloud: str,
    region: str,
    features: Iterable[str] = DEFAULT_FEATURES,
    gateway: str | None = None,
    key_vaults: Iterable[str] = (),
) -> dict[str, catalogue.Endpoint]:
    chosen = catalogue.endpoints(cloud, region, features, gateway, key_vaults)
    return {f"{endpoint.host}:{endpoint.port}": endpoint for endpoint in chosen}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_selection_never_holds_a_host_and_port_twice(cloud: str) -> None:
    """With everything switched on, in every region, each host and port comes once."""
    for region in catalogue.load(cloud).regions:
        for gateway in (None, GATEWAY):
            chosen = catalogue.endpoints(
                cloud, region, FEATURES, gateway, ("one-vault", "two-vault")
            )
            keys = [(each.host, each.port) for each in chosen]
            assert len(keys) == len(set(keys))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_placeholder_is_left(cloud: str) -> None:
    """Every region fills every host, path and discovery URL, whatever the features."""
    for region in catalogue.load(cloud).regions:
        for each in catalogue.endpoints(cloud, region, FEATURES, GATEWAY, ()):
            assert "{" not in each.host + each.path
        for found in catalogue.discovery(cloud, region).values():
            assert "{region}" not in found.url


@pytest.mark.parametrize(
    ("cloud", "row"),
    rows(),
    ids=lambda value: value if isinstance(value, str) else f"{value.host}:{value.port}",
)
def test_a_row_is_sourced_dated_and_known(cloud: str, row: EndpointRow) -> None:
    """Each row names a source, a date that has been, known features, existing marks and
    discoveries, and a plausible host."""
    loaded = catalogue.load(cloud)
    assert row.source
    assert date(2022, 1, 1) <= row.as_of <= date(2026, 11, 30)
    assert language().template(f"purpose.{row.purpose_key}").endswith(".")
    assert row.features
    assert set(row.features) <= {CORE, *FEATURES}
    assert set(row.marks) <= set(loaded.marks)
    assert not row.discover or loaded.discovery[row.discover].pattern == row.host
    assert row.path.startswith("/")
    assert re.fullmatch(
        r"(\*\.)?([a-z0-9-]|\{region\}|\{vault\}|\{gateway\})+(\.([a-z0-9-]|\{region\})+)*",
        row.host,
    )


def test_rows_are_unique() -> None:
    """One row a host pattern and port, in each file."""
    for cloud in CLOUDS:
        loaded = catalogue.load(cloud)
        keys = [(row.host, row.port) for row in loaded.endpoint]
        assert len(keys) == len(set(keys))
        assert loaded.cloud == cloud


def test_no_purpose_is_idle() -> None:
    """Each sentence about what a host is for is used by a row."""
    known = language().keys()
    keys = {key for key in known if key.startswith("purpose.")}
    assert keys == {f"purpose.{row.purpose_key}" for _cloud, row in rows()}


def test_marks_are_regular_expressions() -> None:
    """Every mark compiles, and only headers have names."""
    for cloud in CLOUDS:
        for mark in (mark for marks in catalogue.load(cloud).marks.values() for mark in marks):
            re.compile(mark.pattern, re.IGNORECASE)
            assert bool(mark.name) == (mark.where == "header")
            assert mark.name == mark.name.lower()


@pytest.mark.parametrize(
    ("where", "text", "key"),
    [
        ("body", '{"portal":"https://portal.azure.com","authentication":{', "arm"),
        (
            "body",
            '["azgnrelay-eastus-l1.servicebus.windows.net","azgnrelay-eastus-l1.servicebus.windows.net"]',
            "notification",
        ),
        ("body", '"https://eus.his.arc.azure.com"', "identity"),
        ("body", "https://eus.his.arc.azure.com", "identity"),
        ("reason", "This endpoint is only for web-socket requests", "relay"),
        (
            "reason",
            "MissingToken: Relay security token is required. "
            "TrackingId:0a1b2c3d-0000-1111-2222-333344445555_G1",
            "relay",
        ),
        ("body", '<title type="text">Publicly Listed Services</title>', "relay"),
    ],
)
def test_marks_know_the_answers_of_the_services(where: str, text: str, key: str) -> None:
    """The answers that are known of Azure's services carry the mark of their row."""
    marks = catalogue.load("AzureCloud").marks[key]
    assert any(
        mark.where == where and re.search(mark.pattern, text, re.IGNORECASE) for mark in marks
    )


def test_core_and_cluster_connect_by_default() -> None:
    """Without any feature named, the selection is Microsoft's own list for agents with cluster
    connect."""
    assert list(hosts("AzureCloud", "westeurope")) == [
        "management.azure.com:443",
        "westeurope.dp.kubernetesconfiguration.azure.com:443",
        "login.microsoftonline.com:443",
        "westeurope.login.microsoft.com:443",
        "login.windows.net:443",
        "mcr.microsoft.com:443",
        "*.data.mcr.microsoft.com:443",
        "gbl.his.arc.azure.com:443",
        "*.his.arc.azure.com:443",
        "guestnotificationservice.azure.com:443",
        "*.guestnotificationservice.azure.com:443",
        "sts.windows.net:443",
        "*.servicebus.windows.net:443",
        "westeurope.obo.arc.azure.com:8084",
    ]
    without = hosts("AzureCloud", "westeurope", ())
    assert {each.feature for each in without.values()} == {CORE}


def test_relay_is_asked_with_websocket() -> None:
    """The relay pattern is the one WebSocket endpoint, and is discovered wherever Microsoft
    documents how."""
    for cloud, region, discover in (
        ("AzureCloud", "eastus", "gns"),
        ("AzureUSGovernment", "usgovvirginia", "gns"),
        ("AzureChinaCloud", "chinanorth3", ""),
    ):
        (relay,) = [each for each in catalogue.endpoints(cloud, region) if each.protocol == "wss"]
        assert ".servicebus." in relay.host
        assert relay.discover == discover


def test_with_the_gateway_only_what_must_stay_direct_is_left() -> None:
    """With a gateway the gateway and Microsoft's names that must stay open are left, the
    on-behalf-of port included."""
    left = hosts("AzureCloud", "eastus", DEFAULT_FEATURES, GATEWAY)
    assert set(left) == {
        f"{GATEWAY}:443",
        "management.azure.com:443",
        "eastus.obo.arc.azure.com:8084",
        "login.microsoftonline.com:443",
        "eastus.login.microsoft.com:443",
        "gbl.his.arc.azure.com:443",
        "*.his.arc.azure.com:443",
        "mcr.microsoft.com:443",
        "*.data.mcr.microsoft.com:443",
    }
    assert not any(each.via_gateway for each in left.values())


def test_the_onboarding_machine_is_not_behind_the_gateway() -> None:
    """With `onboarding` on, what that machine needs stays required although the gateway carries it
    for the agents."""
    left = hosts("AzureCloud", "eastus", ("onboarding",), GATEWAY)
    assert left["eastus.dp.kubernetesconfiguration.azure.com:443"].initiator == "onboarding"
    assert "dl.k8s.io:443" in left
    assert "*.servicebus.windows.net:443" not in hosts("AzureCloud", "eastus", FEATURES, GATEWAY)


def carries(entry: str, host: str, port: int) -> bool:
    name, _, given = entry.partition(":")
    return int(given or 443) == port and fnmatchcase(host, name)


@pytest.mark.parametrize(
    "row", [row for _, row in rows() if row.via_gateway], ids=lambda row: row.host
)
def test_what_goes_by_the_gateway_is_on_microsofts_list(row: EndpointRow) -> None:
    """A row is marked as carried only if the list of carried hosts has it and the list of direct
    hosts of 2026 does not."""
    host = row.host.replace("{region}", "eastus")
    assert any(carries(entry, host, row.port) for entry in GATEWAY_LISTS["carried"])
    direct = [listed for listed in GATEWAY_LISTS["direct"] if listed["in_2026"]]
    assert (row.host, row.port) not in {(listed["host"], listed["port"]) for listed in direct}
    assert row.initiator not in {"onboarding", "browser"}


def test_the_gateways_lists_are_whole() -> None:
    """180 carried hosts, seven names to keep open in 2025 and nine in 2026, each of which is a row
    that stays direct."""
    carried, direct = GATEWAY_LISTS["carried"], GATEWAY_LISTS["direct"]
    assert len(carried) == len(set(carried)) == 180
    by_default = [listed for listed in direct if listed["feature"] in ("core", "cluster-connect")]
    assert sum(listed["in_2026"] for listed in by_default) == 9
    rows = {(row.host, row.port): row for row in catalogue.load("AzureCloud").endpoint}
    for listed in direct:
        row = rows[listed["host"], listed["port"]]
        assert listed["feature"] in row.features
        assert row.via_gateway is not listed["in_2026"]


def test_removable_is_what_the_gateway_takes_over() -> None:
    """What may be closed was needed without the gateway, is not needed with it, and is nothing that
    nodes pull images from."""
    settings = ("AzureCloud", "eastus", FEATURES)
    closed = {(each.host, each.port) for each in catalogue.removable(*settings)}
    before = {(each.host, each.port) for each in catalogue.endpoints(*settings)}
    after = {
        (each.host, each.port)
        for each in catalogue.endpoints("AzureCloud", "eastus", FEATURES, GATEWAY)
    }
    assert closed
    assert closed < before
    assert not closed & after
    assert ("linuxgeneva-microsoft.azurecr.io", 443) not in closed
    assert ("eastus.obo.arc.azure.com", 8084) not in closed
    assert not catalogue.removable("AzureChinaCloud", "chinaeast2", FEATURES)


def test_every_feature_adds_a_host() -> None:
    """In the public cloud each feature brings hosts; in the others some have no public list."""
    assert catalogue.unlisted("AzureCloud", FEATURES) == ()
    no_list = ("extensions", "gitops", "portal", "data-services")
    assert catalogue.unlisted("AzureUSGovernment", FEATURES) == no_list
    assert catalogue.unlisted("AzureChinaCloud", FEATURES) == (
        "extensions",
        "gitops",
        "data-services",
    )
    core = set(hosts("AzureCloud", "eastus", ()))
    for feature in FEATURES:
        assert set(hosts("AzureCloud", "eastus", (feature,))) > core


@pytest.mark.parametrize(
    ("cloud", "region", "feature", "wanted"),
    [
        (
            "AzureUSGovernment",
            "usgovvirginia",
            "container-insights",
            {
                "*.ods.opinsights.azure.us",
                "*.oms.opinsights.azure.us",
                "dc.services.visualstudio.com",
                "global.handler.control.monitor.azure.us",
                "usgovvirginia.handler.control.monitor.azure.us",
                "*.ingest.monitor.azure.us",
                "*.metrics.ingest.monitor.azure.us",
            },
        ),
        (
            "AzureUSGovernment",
            "usgovvirginia",
            "policy",
            {"data.policy.azure.us", "store.policy.azure.us"},
        ),
        (
            "AzureUSGovernment",
            "usgovvirginia",
            "defender",
            {
                "*.ods.opinsights.azure.us",
                "*.oms.opinsights.azure.us",
                "*.cloud.defender.microsoft.com",
            },
        ),
        (
            "AzureChinaCloud",
            "chinaeast2",
            "policy",
            {"data.policy.azure.cn", "store.policy.azure.cn"},
        ),
        (
            "AzureChinaCloud",
            "chinaeast2",
            "defender",
            {"*.ods.opinsights.azure.cn", "*.oms.opinsights.azure.cn"},
        ),
        ("AzureCloud", "westeurope", "gitops", {"linuxgeneva-microsoft.azurecr.io"}),
    ],
)
def test_what_a_feature_adds(cloud: str, region: str, feature: str, wanted: set[str]) -> None:
    """The hosts of November 2026's pages, no more."""
    core = {row.host for row in catalogue.endpoints(cloud, region)}
    added = {row.host for row in catalogue.endpoints(cloud, region, ("cluster-connect", feature))}
    assert added - core == wanted


def test_features_only_ever_add() -> None:
    """Switching a further feature on never takes a host away."""
    for one, other in combinations(FEATURES, 2):
        assert set(hosts("AzureCloud", "eastus", (one,))) <= set(
            hosts("AzureCloud", "eastus", (one, other))
        )


def test_key_vaults() -> None:
    """A named vault is an endpoint and switches the feature on; without a name it is the
    pattern."""
    assert "shop.vault.azure.net:443" in hosts(
        "AzureCloud", "eastus", (), None, ("Shop", "https://shop.vault.azure.net/")
    )
    assert "*.vault.azure.net:443" in hosts("AzureCloud", "eastus", ("key-vault",))
    assert "shop.vault.azure.cn:443" in hosts("AzureChinaCloud", "chinaeast2", (), None, ("shop",))
    for wrong in ("", "a b", "1shop", "shop--two", "x" * 25, "shop\x00"):
        with pytest.raises(UnknownName, match="key vault"):
            catalogue.check_key_vault(wrong)


@pytest.mark.parametrize("length", [3, 24])
def test_key_vaults_have_3_to_24_characters(length: int) -> None:
    """The shortest and the longest name that Azure gives are taken, one more or less is not."""
    assert catalogue.check_key_vault("x" * length) == "x" * length
    with pytest.raises(UnknownName):
        catalogue.check_key_vault("x" * (2 if length == 3 else 25))


@pytest.mark.parametrize(("length", "is_taken"), [(253, True), (254, False)])
def test_hosts_have_253_characters(length: int, is_taken: bool) -> None:
    """A host with as many characters as DNS carries is taken for a gateway, no longer one."""
    host = ("x" * 60 + ".") * 4 + "y" * (length - 244)
    if is_taken:
        assert catalogue.gateway_host(host) == host
    else:
        with pytest.raises(ValueError, match="is not the host"):
            catalogue.gateway_host(host)


@pytest.mark.parametrize("given", ["westeurope", "West Europe", " WESTEUROPE ", "west-europe"])
def test_regions_are_taken_as_people_write_them(given: str) -> None:
    """A region's display name, capitals and blanks are understood."""
    assert catalogue.check_region("AzureCloud", given) == "westeurope"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_display_names_lead_to_their_regions(cloud: str) -> None:
    """Each region is found by its display name, and its name is what host names hold."""
    for name, display in catalogue.load(cloud).regions.items():
        assert catalogue.check_region(cloud, display) == name
        assert re.fullmatch(r"[a-z]+[0-9]?[a-z]*", name)


def test_an_unknown_region_names_the_nearest() -> None:
    """A misspelt region is refused with the names most like it, and one of another cloud with that
    cloud."""
    with pytest.raises(UnknownName) as wrong:
        catalogue.check_region("AzureCloud", "westeurop")
    assert wrong.value.nearest[0] == "westeurope"
    assert "westeurope" in str(wrong.value)
    with pytest.raises(UnknownName, match="AzureUSGovernment"):
        catalogue.check_region("AzureCloud", "usgovvirginia")
    with pytest.raises(UnknownName, match="AzureChinaCloud"):
        catalogue.check_region("AzureCloud", "chinasouth9")
    with pytest.raises(UnknownName) as hostile:
        catalogue.check_region("AzureCloud", "\x1b[31m" + "x" * 100_000)
    assert str(hostile.value).isprintable()
    assert len(str(hostile.value)) < 300


def test_unknown_clouds_and_features_name_the_nearest() -> None:
    """The same goes for clouds and features."""
    with pytest.raises(UnknownName) as cloud:
        catalogue.check_cloud("AzureGovernment")
    assert cloud.value.nearest[0] == "AzureUSGovernment"
    assert catalogue.check_cloud("azurechinacloud") == "AzureChinaCloud"
    with pytest.raises(UnknownName) as feature:
        catalogue.check_feature("clusterconnect")
    assert feature.value.nearest[0] == "cluster-connect"
    with pytest.raises(UnknownName):
        catalogue.endpoints("AzureCloud", "eastus", ("core-ish",))
    with pytest.raises(UnknownName):
        catalogue.load("../AzureCloud")


@pytest.mark.parametrize(
    "given",
    [
        "contoso.gw.arc.azure.com",
        "https://Contoso.gw.arc.azure.com/",
        "https://contoso.gw.arc.azure.com:443",
        " contoso.gw.arc.azure.com. ",
    ],
)
def test_gateways_are_hosts_or_urls(given: str) -> None:
    """The gateway's URL is taken as the portal and `az arcgateway list` show it."""
    assert catalogue.gateway_host(given) == GATEWAY


@pytest.mark.parametrize(
    "given",
    [
        "",
        "contoso",
        "http://contoso.gw.arc.azure.com",
        "https://a.b/path",
        "a b.c",
        "https://u:p@a.b",
        "a.b\x00",
    ],
)
def test_other_gateways_are_refused(given: str) -> None:
    """What is no host, or not reached by https on 443, is refused in one printable line."""
    with pytest.raises(ValueError, match="gateway") as wrong:
        catalogue.gateway_host(given)
    assert str(wrong.value).isprintable()
    assert "u:p" not in str(wrong.value)


def test_discoveries_are_asked_of_hosts_in_the_selection() -> None:
    """Whatever a discovery asks is itself an endpoint of the cloud, so that a broken path to it is
    explained by that endpoint."""
    for cloud in CLOUDS:
        region = next(iter(catalogue.load(cloud).regions))
        known = {each.host for each in catalogue.endpoints(cloud, region)}
        for found in catalogue.discovery(cloud, region).values():
            assert found.url.split("/")[2] in known
            assert bool(found.images) == bool(found.accept) == ("{repository}" in found.url)


def test_keywords_keep_hosts_open() -> None:
    """What goes past the gateway by a keyword of az stays needed beside it, and is nothing to
    close."""
    keywords = ("Arc", "Microsoft.AzureMonitor.Containers")
    features = ("cluster-connect", "container-insights")
    sent_past = {
        "westeurope.dp.kubernetesconfiguration.azure.com",
        "dc.services.visualstudio.com",
        "global.handler.control.monitor.azure.com",
        "westeurope.handler.control.monitor.azure.com",
        "*.ingest.monitor.azure.com",
        "*.metrics.ingest.monitor.azure.com",
    }
    place = ("AzureCloud", "westeurope", features)
    with_them = {row.host for row in catalogue.endpoints(*place, GATEWAY, (), keywords)}
    without = {row.host for row in catalogue.endpoints(*place, GATEWAY)}
    assert with_them - without == sent_past
    closable = {row.host for row in catalogue.removable(*place)}
    assert closable - {row.host for row in catalogue.removable(*place, (), keywords)} == sent_past


def test_a_region_that_the_data_does_not_know() -> None:
    """It is taken as it is, and its hosts follow the patterns; Hyderabad's is known."""
    assert catalogue.check_region("AzureCloud", "Finland Central") == "finlandcentral"
    assert not catalogue.is_known_region("AzureCloud", "finlandcentral")
    assert catalogue.is_known_region("AzureCloud", "indiasouthcentral")
    hosts = {row.host for row in catalogue.endpoints("AzureCloud", "finlandcentral")}
    assert {
        "finlandcentral.dp.kubernetesconfiguration.azure.com",
        "finlandcentral.login.microsoft.com",
        "finlandcentral.obo.arc.azure.com",
    } <= hosts
