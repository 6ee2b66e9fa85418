"""What files of products share."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products.lines import filled, heading, remark, suffixes
from arcprobe.knowledge.selection import Selection


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{host}", ("*.b.example", "a.b.example", "c.example")),
        ("{suffix}", (".b.example", "c.example")),
        ("{domain}", ("b.example", "c.example")),
        ("{suffix} {port}", (".b.example 443", "c.example 8084")),
        ("^{regex}$", (r"^.*\.b\.example$", r"^a\.b\.example$", r"^c\.example$")),
        ("port {port}", ("port 443", "port 8084")),
        ("{{ports}}", ("{443,8084}",)),
        ("{port}: {hosts}", ("443: *.b.example a.b.example", "8084: c.example")),
        ("\nset\n  {unknown} {}\n", ("set", "  {unknown} {}")),
        ("{object}", ("arcprobe *.b.example", "arcprobe a.b.example", "arcprobe c.example")),
    ],
)
def test_blocks_are_filled(block: str, expected: tuple[str, ...]) -> None:
    """A block that names a host is written once for each, one with a port once for each port, any
    other once; other braces stay."""
    targets = (
        ("*.b.example", 443),
        ("a.b.example", 443),
        ("c.example", 8084),
        ("*.b.example", 443),
    )
    assert filled((block,), "proxy-denied", targets) == expected


def test_names_tell_the_kind_and_differ_with_the_hosts() -> None:
    """A name is arcprobe's, a kind's and one list's: what is pasted later does not meet it."""
    first, again, other = (
        filled(("{name}",), "proxy-denied", [(host, 443)])[0]
        for host in ("a.example", "a.example", "b.example")
    )
    assert first == again != other
    assert first.startswith("arcprobe_denied_")
    assert len(first) == len("arcprobe_denied_") + 6


@pytest.mark.parametrize("host", ["a\nhttp_access allow all", "a b", "", "a;b", "{port}", "a'b"])
def test_what_is_no_host_is_in_no_line(host: str) -> None:
    """Text from outside that is no host name or address is not pasted into a server."""
    assert filled(("{host}",), "proxy-denied", [(host, 443)]) == ()
    assert filled(("{host}",), "proxy-denied", [(host, 443), ("c.example", 443)]) == ("c.example",)


@pytest.mark.parametrize(("length", "kept"), [(70, 70), (71, 70)])
def test_a_long_name_of_an_object_is_cut(length: int, kept: int) -> None:
    """The name of an object holds 70 characters of the host."""
    host = "x" * length
    assert filled(("{object}",), "proxy-denied", [(host, 443)]) == (f"arcprobe {host[:kept]}",)


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
