"""Globs of scripts match whole lower-case names."""

from __future__ import annotations

import pytest

from arcprobe.lab.script import matches


@pytest.mark.parametrize(
    ("host", "due"),
    [
        ("gbl.his.arc.azure.com", True),
        ("a.b.his.arc.azure.com", True),
        ("his.arc.azure.com", False),
        ("gbl.his.arc.azure.com.example", False),
    ],
)
def test_matches(host: str, due: bool) -> None:
    """A star stands for one label or several, not for none; either glob is enough."""
    assert matches(host, ("nothing", "*.his.arc.azure.com")) is due
    assert not matches(host, ())
