"""An endpoint that the bypass list names, and to which no direct way leads."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.model import Report
from arcprobe.settings.load import load
from tests.cases import FOLDER, World, causes_of, played

SERVICES = str(FOLDER / "wininet-list" / "services.json")
LIST = "10.96.0.0/12,.svc,.svc.cluster.local"
CLOSED = World(is_closed=True, services=SERVICES)
UNKNOWN = World("", services=SERVICES)
PRIVATE = World("10.1.2.3", is_closed=True, services=SERVICES)
THE_LIST = [("skip-range-too-broad", "fail", "you")]


def report(named: str, world: World, **flags: Any) -> Report:
    """What is said with these names in the list."""
    given = {
        "region": "westeurope",
        "proxy-https": "http://proxy.corp.example:3128",
        "proxy-skip-range": f"{LIST},{named}",
        **flags,
    }
    return played(load(given, {}), world)


def faults(found: Report) -> list[tuple[str, str, str]]:
    """The causes; that nothing can be discovered is this network's own."""
    return [cause for cause in causes_of(found) if cause[0] != "wildcard-unproven"]


@pytest.mark.parametrize("world", [CLOSED, UNKNOWN], ids=["closed", "unknown"])
@pytest.mark.parametrize(
    "named",
    [
        "mcr.microsoft.com",
        "login.microsoftonline.com,management.azure.com",
        "mcr.microsoft.com:443",
        "*.login.microsoft.com",
        ".login.microsoft.com,mcr.microsoft.com",
        "westeurope.dp.kubernetesconfiguration.azure.com",
    ],
)
def test_the_list_is_the_cause(named: str, world: World) -> None:
    """One cause, of the settings: neither firewall nor DNS, which have nothing to do behind a
    proxy."""
    found = report(named, world)
    assert faults(found) == THE_LIST


def test_all_entries_at_once() -> None:
    """All that are closed, and the list without them."""
    found = report("login.microsoftonline.com,intra.example,mcr.microsoft.com", CLOSED)
    (cause,) = (cause for cause in found.causes if cause.code == "skip-range-too-broad")
    assert f"--proxy-skip-range '{LIST},intra.example'" in cause.remedy
    assert {"login.microsoftonline.com:443", "mcr.microsoft.com:443"} <= set(cause.affects)
    assert "login.microsoftonline.com" in cause.headline
    assert "mcr.microsoft.com" in cause.headline


def test_an_open_direct_way() -> None:
    """A host by its own name whose direct way is open: nothing is wrong."""
    assert faults(report("mcr.microsoft.com", World(services=SERVICES))) == []


def test_what_az_sends_past_without_a_private_endpoint() -> None:
    """An entry as az appends it, where no private endpoint is behind it: worth a warning, also
    where the direct way is open."""
    found = faults(report(".his.arc.azure.com", World(services=SERVICES)))
    assert found == [("skip-range-too-broad", "warn", "you")]


def test_without_the_question_about_the_list() -> None:
    """Also where only the endpoint is asked."""
    found = report("mcr.microsoft.com", CLOSED, only=["mcr.microsoft.com"])
    assert faults(found) == THE_LIST
    (cause,) = (cause for cause in found.causes if cause.code == "skip-range-too-broad")
    assert LIST in cause.remedy
    assert f"{LIST},mcr" not in cause.remedy


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ({"endpoint": ["https://registry.corp.example"]}, "registry.corp.example"),
        ({"add-proxy-bypass": ["Arc"]}, "intra.example"),
    ],
)
def test_what_is_meant_to_go_direct(flags: dict[str, Any], named: str) -> None:
    """What --endpoint names, and what a keyword of az sends past the proxy, is asked for: the
    network is told."""
    found = faults(report(named, CLOSED, **flags))
    assert found
    assert "skip-range-too-broad" not in {cause[0] for cause in found}


def test_a_private_endpoint_that_is_silent() -> None:
    """A private answer behind which nothing is: one fault, the answer."""
    found = faults(report("management.azure.com", PRIVATE))
    assert [cause[:2] for cause in found] == [("name-private", "fail")]
