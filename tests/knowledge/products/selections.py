"""A selection of four made-up endpoints, one of each kind that allow lists tell apart."""

from __future__ import annotations

from datetime import date
from typing import Literal

from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.knowledge.selection import Selection


def endpoint(
    host: str, port: int = 443, protocol: Literal["https", "wss", "http"] = "https"
) -> Endpoint:
    """One that must be open."""
    return Endpoint(
        host=host,
        port=port,
        protocol=protocol,
        feature="core",
        purpose_key="entra",
        initiator="agents",
        source="made up",
        as_of=date(2026, 11, 1),
    )


def selection(*endpoints: Endpoint) -> Selection:
    """The core of a cluster in East US."""
    return Selection(
        cloud="AzureCloud", region="eastus", gateway=None, features=("core",), endpoints=endpoints
    )


FOUR = selection(
    endpoint("*.relay.example", protocol="wss"),
    endpoint("api.example", 8084),
    endpoint("eastus.relay.example"),
    endpoint("crl.example", 80, "http"),
)
TITLE = "# Azure Arc-enabled Kubernetes, AzureCloud, eastus, without gateway; features: core\n"
