"""What was asked of the catalogue."""

from __future__ import annotations

import msgspec
import pytest

from tests.knowledge.products.selections import FOUR


@pytest.mark.parametrize(
    ("changes", "route"),
    [
        ({}, "without gateway"),
        ({"gateway": "c.gw.arc.azure.com"}, "with the gateway c.gw.arc.azure.com"),
        ({"removable": True}, "what may be closed once the Arc gateway carries it"),
        (
            {"removable": True, "gateway": "c.gw.arc.azure.com"},
            "what may be closed once the Arc gateway carries it",
        ),
    ],
)
def test_the_title_says_what_the_list_is_of(changes: dict[str, object], route: str) -> None:
    """Cloud, region, route and features stand in one line."""
    chosen = msgspec.structs.replace(FOUR, features=("core", "gitops"), **changes)
    assert chosen.title == (
        f"Azure Arc-enabled Kubernetes, AzureCloud, eastus, {route}; features: core, gitops"
    )


def test_hosts_are_sorted_by_port() -> None:
    """The lowest port comes first, and the hosts of a port stay in their order."""
    assert list(FOUR.hosts_by_port().items()) == [
        (80, ("crl.example",)),
        (443, ("*.relay.example", "eastus.relay.example")),
        (8084, ("api.example",)),
    ]


def test_hosts_and_protocols() -> None:
    """Every host once, in the order of the rows, and what is spoken."""
    twice = msgspec.structs.replace(FOUR, endpoints=(*FOUR.endpoints, FOUR.endpoints[1]))
    assert twice.hosts == ("*.relay.example", "api.example", "eastus.relay.example", "crl.example")
    assert twice.protocols == {"wss", "https", "http"}
