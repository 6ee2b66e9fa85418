"""The Service ranges that distributions have by default."""

from __future__ import annotations

from itertools import pairwise

from arcprobe.knowledge.service_ranges import default_ranges


def test_the_documented_ones() -> None:
    """The ranges that people have most, the widest first."""
    cidrs = [known.cidr for known in default_ranges()]
    assert {
        "10.96.0.0/12",
        "10.43.0.0/16",
        "172.30.0.0/16",
        "10.152.183.0/24",
        "10.0.0.0/16",
        "10.100.0.0/16",
        "172.20.0.0/16",
        "10.233.0.0/18",
    } <= set(cidrs)
    assert all(
        one.network.prefixlen <= other.network.prefixlen
        for one, other in pairwise(default_ranges())
    )


def test_each_has_a_source_that_opens() -> None:
    """A range is written with its first address, and with a page that says so."""
    for known in default_ranges():
        assert str(known.network) == known.cidr
        assert known.source.startswith("https://")
