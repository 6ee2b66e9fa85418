"""What the Arc gateway carries."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.gateway_list import as_of, is_carried


@pytest.mark.parametrize(
    ("host", "port", "is_there"),
    [
        ("mcr.microsoft.com", 443, True),
        ("a.b.servicebus.windows.net", 443, True),
        ("san-af-eastus-prod.azurewebsites.net", 443, True),
        ("eastus.obo.arc.azure.com", 8084, True),
        ("mcr.microsoft.com", 8084, False),
        ("xmcr.microsoft.com", 443, False),
        ("mcrxmicrosoft.com", 443, False),
        ("x.ods.opinsights.azure.com", 443, False),
        ("github.com", 443, False),
    ],
)
def test_carried(host: str, port: int, is_there: bool) -> None:
    """A host is on the list by its own name or by a star in an entry, and only with the entry's
    port."""
    assert is_carried(host, port) is is_there


def test_the_list_has_a_day() -> None:
    """The list says of which day it is."""
    assert as_of() == "2026-02-17"
