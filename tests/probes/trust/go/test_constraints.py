"""Name constraints as Go checks them."""

from __future__ import annotations

import pytest

from arcprobe.probes.trust.go.constraints import is_below, uri_host


@pytest.mark.parametrize(
    ("name", "rule", "due"),
    [
        ("a.example.com", "example.com", True),
        ("example.com", "example.com", True),
        ("EXAMPLE.com", "example.COM", True),
        ("xexample.com", "example.com", False),
        ("example.com", "a.example.com", False),
        ("a.example.com", ".example.com", True),
        ("example.com", ".example.com", False),
        ("anything", "", True),
    ],
)
def test_is_below(name: str, rule: str, due: bool) -> None:
    """Whole labels, in any case; a dot before the rule asks for one label more."""
    assert is_below(name, rule) is due


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://Example.com/a", "example.com"),
        ("https://u:p@example.com:8443/a?b#c", "example.com"),
        ("https://[::1]:443/", "[::1]:443"),
        ("urn:a:b", ""),
        ("https:///a", ""),
    ],
)
def test_uri_host(uri: str, host: str) -> None:
    """The host alone; none where there is none."""
    assert uri_host(uri) == host
