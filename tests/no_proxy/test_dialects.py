"""The table of clients."""

from __future__ import annotations

import ipaddress

import pytest

from arcprobe.no_proxy.dialects import DIALECTS

RANGE, NAME = "10.0.0.0/8", ".svc"


def test_names() -> None:
    """The clients, as reports and ``skip-range explain`` name them, Go first."""
    assert list(DIALECTS) == ["go", "curl", "python-requests", "python-urllib", "dotnet"]


@pytest.mark.parametrize("name", DIALECTS)
def test_each_reads_a_suffix(name: str) -> None:
    """Each client sends a host past the proxy by a suffix, and others through it."""
    matches = DIALECTS[name].matcher(NAME)
    assert matches("a.svc", None, "https").entry == NAME
    assert not matches("a.example", None, "https").bypassed


@pytest.mark.parametrize(
    ("name", "reads_ranges"),
    [
        ("go", True),
        ("curl", True),
        ("python-requests", True),
        ("python-urllib", False),
        ("dotnet", False),
    ],
)
def test_who_reads_ranges(name: str, reads_ranges: bool) -> None:
    """Python's urllib and .NET know no ranges; the others send all of them past the proxy."""
    assert DIALECTS[name].matcher(RANGE)("10.1.2.3", None, "https").bypassed is reads_ranges
    networks = (ipaddress.ip_network(RANGE),) if reads_ranges else ()
    assert DIALECTS[name].networks(RANGE)[: len(networks)] == networks  # then Go's own loopback
