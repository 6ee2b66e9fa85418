"""learn.microsoft.com, azure-arc/kubernetes/manage-agent-proxy-settings: the suffixes of private
endpoints behind a proxy, as ``az connectedk8s --add-proxy-bypass Arc`` writes them."""

from __future__ import annotations

import pytest

from arcprobe.model import Report
from tests.cases import FOLDER, World, causes_of, played
from tests.plan.asked import config_of
from tests.support.rehearsed import run

CASE = FOLDER / "private-link-suffix"
SERVICES = str(CASE / "services.json")
LISTS = (CASE / "lists.txt").read_text("ascii").splitlines()
GOOD = "10.96.0.0/12,.svc,.svc.cluster.local"


@pytest.mark.parametrize("bypass_list", LISTS)
def test_offline(bypass_list: str) -> None:
    """A documented design is no failure, a warning says with what it is right; it is kept."""
    flags = ("--services", SERVICES, "--region", "westeurope", "--skip-range", bypass_list)
    judged = run("skip-range", "check", *flags, "--format", "json")
    assert (judged.code, judged.report["verdict"]) == (0, "warn")
    (finding,) = judged.report["findings"]
    assert (finding["code"], finding["owner"]) == ("skip-range-too-broad", "you")
    assert "right only with private endpoints" in finding["summary"]
    assert run("skip-range", "suggest", *flags).out == f"{bypass_list}\n"


@pytest.mark.parametrize("bypass_list", [f"{GOOD},.azure.com", f".arc.azure.com,{GOOD}"])
def test_a_wider_suffix_is_too_broad(bypass_list: str) -> None:
    """It takes hosts along that have no private endpoint."""
    flags = ("--services", SERVICES, "--region", "westeurope", "--skip-range", bypass_list)
    judged = run("skip-range", "check", *flags, "--format", "json")
    assert (judged.code, judged.report["verdict"]) == (1, "fail")
    assert run("skip-range", "suggest", *flags).out == f"{GOOD}\n"


@pytest.mark.parametrize(
    "flags",
    [
        ("--skip-range", f"{GOOD},Arc,Microsoft.AzureMonitor.Containers"),
        ("--skip-range", GOOD, "--add-proxy-bypass", "Arc"),
    ],
)
def test_keywords_offline(flags: tuple[str, ...]) -> None:
    """Settings of az: nothing to warn of, and the list stays as it was given."""
    given = ("--services", SERVICES, "--region", "westeurope", *flags)
    judged = run("skip-range", "check", *given, "--format", "json")
    assert (judged.code, judged.report["verdict"]) == (0, "pass")
    assert run("skip-range", "suggest", *given).out == f"{flags[1]}\n"


def test_explain_reads_the_keyword_as_check_does() -> None:
    """The list that agents get from az is the one that is explained."""
    told = run("skip-range", "explain", "--skip-range", "10.96.0.0/12,arc", "gbl.his.arc.azure.com")
    assert told.out.splitlines()[1].split() == [
        "gbl.his.arc.azure.com",
        *[".his.arc.azure.com"] * 5,
    ]


# ------------------------------------------------------------------------------------- `check`


def _checked(bypass_list: str, world: World, keyword: str = "") -> Report:
    flags = {
        "region": "westeurope",
        "proxy-https": "http://proxy.corp:3128",
        "proxy-skip-range": bypass_list,
        "only": ["management.azure.com", "westeurope.dp.*", "gbl.his.*", "skip-range"],
        "add-proxy-bypass": [keyword] if keyword else [],
    }
    return played(config_of(flags), world)


@pytest.mark.parametrize(
    ("world", "keyword", "wanted"),
    [
        # private endpoints that answer: the design
        (World("10.1.2.3", services=SERVICES), "", [("name-private", "warn", "dns")]),
        (World("10.1.2.3", services=SERVICES), "Arc", [("name-private", "warn", "dns")]),
        # no private endpoints, but the direct way is open: all works, as the list is
        (World(services=SERVICES), "", [("skip-range-too-broad", "warn", "you")]),
        (World(services=SERVICES), "Arc", []),
        # the direct way is closed: the list sends them there, unless a keyword of az asks for it
        (World(is_closed=True, services=SERVICES), "", [("skip-range-too-broad", "fail", "you")]),
        (World(is_closed=True, services=SERVICES), "Arc", [("target-silent", "fail", "firewall")]),
    ],
)
def test_the_direct_route_decides(
    world: World, keyword: str, wanted: list[tuple[str, str, str]]
) -> None:
    """`check` judges those hosts by the direct route."""
    bypass_list = GOOD if keyword else LISTS[0]
    assert causes_of(_checked(bypass_list, world, keyword)) == wanted


def test_words_of_a_private_endpoint_in_the_list() -> None:
    """What stands in the list is not to be added to it."""
    report = _checked(LISTS[1], World("10.1.2.3", services=SERVICES))
    (cause,) = report.causes
    assert "no change is needed" in cause.remedy
    assert "--proxy-skip-range" not in cause.remedy
