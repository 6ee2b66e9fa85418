"""docker/for-linux #1290, kubernetes/minikube #13007, golang/go #40909: a proxy is set, but not for
https."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from arcprobe.model import Report
from arcprobe.settings.load import load
from tests.cases import FOLDER, World, causes_of, played

SERVICES = str(FOLDER / "private-link-suffix" / "services.json")
URL = "http://proxy.corp.example:3128"
LIST = "10.96.0.0/12,.svc,.svc.cluster.local"
UNKNOWN = World("", services=SERVICES)
"""Names of the internet are unknown, as is usual behind a proxy."""


def _report(flags: dict[str, Any], environ: dict[str, str], world: World) -> Report:
    given = {"region": "westeurope", "proxy-skip-range": LIST, **flags}
    return played(load(given, environ), world)


def _faults(report: Report) -> list[tuple[str, str, str]]:
    """The causes; that nothing can be discovered is this network's own."""
    return [cause for cause in causes_of(report) if cause[0] != "wildcard-unproven"]


@pytest.mark.parametrize(
    ("flags", "environ", "setting", "remedy"),
    [
        ({}, {"HTTP_PROXY": URL}, "HTTP_PROXY", f"--proxy-https {URL} "),
        ({}, {"http_proxy": URL}, "http_proxy", f"--proxy-https {URL} "),
        ({"proxy-http": URL}, {}, "--proxy-http", f"--proxy-https {URL} "),
        (
            {},
            {"ALL_PROXY": "http://user:Gr33n-Teapot@proxy.corp.example:3128"},
            "ALL_PROXY",
            "Give the proxy as --proxy-https, or set HTTPS_PROXY.",
        ),
        (
            {},
            {"all_proxy": URL},
            "all_proxy",
            "Give the proxy as --proxy-https, or set HTTPS_PROXY.",
        ),
    ],
)
@pytest.mark.parametrize(
    "world", [UNKNOWN, World(is_closed=True, services=SERVICES)], ids=["unknown", "closed"]
)
def test_the_direct_way_fails(
    flags: dict[str, Any], environ: dict[str, str], setting: str, remedy: str, world: World
) -> None:
    """One cause, of the settings, with the one line that heals."""
    report = _report(flags, environ, world)
    assert causes_of(report) == [("proxy-variables-disagree", "fail", "you")]
    (cause,) = report.causes
    assert setting in cause.headline
    assert remedy in cause.remedy
    assert ("Check again" in cause.remedy) is (URL in remedy)
    assert "Gr33n" not in str(msgspec.json.encode(report))


@pytest.mark.parametrize(
    ("flags", "environ"),
    [({}, {"HTTP_PROXY": URL}), ({"proxy-http": URL}, {}), ({}, {"ALL_PROXY": URL})],
)
def test_the_direct_way_is_open(flags: dict[str, Any], environ: dict[str, str]) -> None:
    """Where https goes direct, nothing is wrong."""
    assert _faults(_report(flags, environ, World(services=SERVICES))) == []


def test_nothing_is_set() -> None:
    """Without any proxy the network is the cause; so it is where a flag says that there is none."""
    for flags in ({}, {"proxy-https": ""}):
        environ = {"HTTP_PROXY": URL} if flags else {}
        report = _report(flags, environ, UNKNOWN)
        assert _faults(report) == [("name-unknown", "fail", "dns")]


def test_with_https_all_is_well() -> None:
    """The same network with HTTPS_PROXY."""
    assert _faults(_report({}, {"HTTPS_PROXY": URL}, UNKNOWN)) == []
