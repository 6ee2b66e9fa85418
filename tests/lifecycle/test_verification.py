"""A connected cluster, judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from arcprobe.lifecycle.verification import Seen, judge
from arcprobe.model import Proxy, Settings
from arcprobe.model.agents import Agents, Deployment, ProxySettings
from arcprobe.model.azure import Answer, Trouble
from tests.support.arm import GATEWAY, cluster

NOW = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
SAME = ProxySettings(source="S", https="http://proxy:3128/", no_proxy=".svc\\,10.0.0.0\\/8")
AGENTS: dict[str, Any] = {
    "config": {"AZURE_ARC_AGENT_VERSION": "1.20.0"},
    "deployments": (Deployment("config-agent", 1, 1),),
    "proxy_pods": ("arc-proxy-1",),
    "proxies": (SAME,),
}


def association(when: str, linked: str | None = GATEWAY) -> Answer:
    properties = {"gatewayProperties": {"gatewayResourceId": linked}}
    return Answer(body={"properties": properties, "systemData": {"lastModifiedAt": when}})


def ends(when: str) -> Answer:
    return Answer(body=cluster(managedIdentityCertificateExpirationTime=when))


def seen(agents: dict[str, Any] | None = None, **changed: Any) -> Seen:
    """A cluster with which nothing is wrong, but for what is changed."""
    given: dict[str, Any] = {
        "name": "edge",
        "cluster": Answer(body=cluster()),
        "association": association("2026-11-26T19:00:00Z"),
        "agents": Agents(**{**AGENTS, **(agents or {})}),
        "settings": Settings(
            region="eastus",
            proxy_https=Proxy(scheme="http", host="proxy", port=3128),
            skip_range="10.0.0.0/8, .svc",
        ),
        "now": NOW,
        "gateway_id": GATEWAY.upper(),
    }
    return Seen(**{**given, **changed})


def codes(what: Seen) -> list[str]:
    return [point.code.value for point in judge(what) if point.code]


def test_nothing_is_wrong() -> None:
    """A cluster as it should be: no code, and each fact is told."""
    assert codes(seen()) == []
    said = [point.summary for point in judge(seen())]
    assert "The agents are 1.36.1" in said
    assert "The cluster has the tested --proxy-skip-range" in said
    assert "The identity certificate is valid until 2099-01-01" in said


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"cluster": Answer(body=cluster(gateway=None))}, ["gateway-not-enabled"]),
        (
            {"association": association("2026-11-26T18:00:00Z", linked="/other")},
            ["gateway-not-enabled"],
        ),
        ({"association": association("2026-11-26T19:00:01Z")}, ["switch-too-recent"]),
        ({"cluster": Answer(body=cluster(agentVersion="1.21.9"))}, ["agent-too-old"]),
        ({"cluster": Answer(body=cluster(agentVersion="1.21.10"))}, []),
        (
            {"cluster": Answer(body=cluster(connectivityStatus="AgentNotInstalled"))},
            ["cluster-not-connected"],
        ),
        ({"agents": {"deployments": (Deployment("x", 0, 1),)}}, ["agents-not-ready"]),
        ({"agents": {"proxy_pods": ()}}, ["agents-not-ready"]),
        ({"agents": {"proxy_pods": None, "unread": (("Pods", "forbidden"),)}}, []),
        (
            {"agents": {"proxies": (SAME, ProxySettings(source="D", https="http://x:1"))}},
            ["proxy-settings-differ"] * 2,
        ),
        (
            {"cluster": Answer(trouble=Trouble.NOT_SIGNED_IN)},
            ["azure-not-signed-in", "agent-too-old"],
        ),
        ({"association": Answer(trouble=Trouble.FORBIDDEN)}, ["azure-forbidden"]),
        ({"cluster": Answer(body=cluster(gateway=None)), "uses_gateway": False}, []),
        ({"uses_gateway": False}, ["gateway-still-enabled"]),
        ({"cluster": ends("2026-11-26T20:00:00Z")}, ["cluster-not-connected"]),
        ({"cluster": ends("2026-11-26T20:00:01Z")}, []),
    ],
)
def test_each_fault(changed: dict[str, Any], expected: list[str]) -> None:
    """Each fault is its own code, at its edge, and no other is said."""
    assert codes(seen(**changed)) == expected


def test_what_differs_in_a_list_is_named() -> None:
    """Of two bypass lists the entries that one lacks are told; the order and az's escapes do not
    count."""
    other = ProxySettings(source="Secret", https="http://proxy:3128", no_proxy=".svc,.corp")
    (point,) = [each for each in judge(seen(agents={"proxies": (other,)})) if each.code]
    assert "--proxy-skip-range" in point.summary
    assert "Secret: +.corp, -10.0.0.0/8" in point.summary
