"""What files of products share."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products.lines import filled, heading, remark, suffixes
from arcprobe.knowledge.selection import Selection


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{host}:{port}", "*.b.example:8084"),
        ("{suffix} {domain}", ".b.example b.example"),
        ("^{regex}$", r"^.*\.b\.example$"),
        ("{hosts}", "*.b.example a.b.example c.example"),
        ("{suffixes}", ".b.example c.example"),
        ("\n{unknown} {} { host }\n", "{unknown} {} { host }"),
    ],
)
def test_fields_are_filled(template: str, expected: str) -> None:
    """Each field becomes its word; other braces and what is no field stay."""
    hosts = ("*.b.example", "a.b.example", "c.example", "*.b.example")
    assert filled(template, "*.b.example", 8084, hosts) == expected


def test_what_is_filled_in_is_not_filled_again() -> None:
    """A host that looks like a field stays a host."""
    assert filled("{host} {port}", "{port}", 1, ("{port}",)) == "{port} 1"


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ((), ()),
        (("a.example", "a.example"), ("a.example",)),
        (("*.a.example", "b.a.example", "a.example"), (".a.example",)),
        (("*.b.a.example", "*.a.example"), (".a.example",)),
        (("ba.example", "*.a.example"), ("ba.example", ".a.example")),
    ],
)
def test_suffixes_cover_what_is_below_them(
    hosts: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """A suffix stands for the name itself and all below it; names that only end alike stay."""
    assert suffixes(hosts) == expected


def test_comments() -> None:
    """Each line of a sentence is a comment of its own, the title of the list first."""
    selection = Selection(
        cloud="AzureCloud", region="eastus", gateway=None, features=("core",), endpoints=()
    )
    assert heading(selection, "fortigate.untested") == [
        "# Azure Arc-enabled Kubernetes, AzureCloud, eastus, without gateway; features: core",
        "# FortiOS CLI; not tested on a device. Use the groups and services in your policy; "
        "the exemptions go into your own",
        "# (not a default) SSL inspection profile, here called azure-arc-inspection.",
    ]
    assert remark("zscaler.port", port=8084) == [
        "# Firewall control: network service TCP 8084 to the next entries, allowed"
    ]
