"""What files of products share."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products.lines import Asked, filled, heading, remark, suffixes
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
        ("{ports_apart}", ("443 8084",)),
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
    assert filled((block,), "proxy-denied", Asked(targets=targets)) == expected


def test_names_tell_the_kind_and_differ_with_the_hosts() -> None:
    """A name is arcprobe's, a kind's and one list's: what is pasted later does not meet it."""
    first, again, other = (
        filled(("{name}",), "proxy-denied", Asked(targets=((host, 443),)))[0]
        for host in ("a.example", "a.example", "b.example")
    )
    assert first == again != other
    assert first.startswith("arcprobe_denied_")
    assert len(first) == len("arcprobe_denied_") + 6


@pytest.mark.parametrize("host", ["a\nhttp_access allow all", "a b", "", "a;b", "{port}", "a'b"])
def test_what_is_no_host_is_in_no_line(host: str) -> None:
    """Text from outside that is no host name or address is not pasted into a server."""
    assert filled(("{host}",), "proxy-denied", Asked(targets=((host, 443),))) == ()
    assert filled(
        ("{host}",), "proxy-denied", Asked(targets=((host, 443), ("c.example", 443)))
    ) == ("c.example",)


@pytest.mark.parametrize(("length", "kept"), [(70, 70), (71, 70)])
def test_a_long_name_of_an_object_is_cut(length: int, kept: int) -> None:
    """The name of an object holds 70 characters of the host."""
    host = "x" * length
    assert filled(("{object}",), "proxy-denied", Asked(targets=((host, 443),))) == (
        f"arcprobe {host[:kept]}",
    )


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
    assert heading(selection, "only") == [
        "# Azure Arc-enabled Kubernetes, AzureCloud, eastus, without gateway; features: core",
        "# Commented lines are only for a product that inspects TLS.",
    ]
    assert remark("apply", command="nginx -t") == ["# then: nginx -t"]


@pytest.mark.parametrize(
    ("clients", "expected"),
    [
        ((), ("from 0.0.0.0/0", "all granted")),
        (
            ("10.0.0.1", "10.1.0.0/16"),
            (
                "acl src 10.0.0.1",
                "acl src 10.1.0.0/16",
                "from 10.0.0.1",
                "from 10.1.0.0/16",
                "ip 10.0.0.1 10.1.0.0/16",
            ),
        ),
    ],
)
def test_only_the_clients_that_are_known_are_allowed(
    clients: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """A line for each client, and other words where nobody knows them."""
    blocks = ("[[acl src {client}]]", "from {client}", "[[ip {clients}||all granted]]")
    asked = Asked(targets=(("a.example", 443),), clients=clients)
    assert filled(blocks, "proxy-denied", asked) == expected


def test_a_rule_of_addresses_has_those_of_each_host() -> None:
    """A firewall that knows no names gets each address of each host, and nothing for a host
    without one."""
    asked = Asked(
        targets=(("a.example", 443), ("*.b.example", 443), ("c.example", 8084)),
        addresses=(("a.example", ("192.0.2.1", "192.0.2.2")), ("c.example", ("192.0.2.3",))),
    )
    assert filled(("{address} {port} {host}", "{port}: {addresses}"), "target-silent", asked) == (
        "192.0.2.1 443 a.example",
        "192.0.2.2 443 a.example",
        "192.0.2.3 8084 c.example",
        "443: 192.0.2.1 192.0.2.2",
        "8084: 192.0.2.3",
    )


@pytest.mark.parametrize(
    "client", ["10.0.0.0/8\nhttp_access allow all", "all", "10.0.0.0/8 ", "10.0.0.0/8;x", ""]
)
def test_what_is_no_client_makes_no_line(client: str) -> None:
    """A report of strangers writes nothing of its own into a product; without its clients the lines
    might be for everybody."""
    block = "allow[[ {client}]] {host}"
    asked = Asked(targets=(("a.example", 443),), clients=("10.0.0.1", client))
    assert filled((block,), "proxy-denied", asked) == ()
    asked = Asked(targets=(("a.example", 443),), clients=("10.0.0.1", "2001:db8::/32"))
    assert filled((block,), "proxy-denied", asked) == (
        "allow 10.0.0.1 a.example",
        "allow 2001:db8::/32 a.example",
    )


def test_what_is_no_address_is_in_no_line() -> None:
    """Of the addresses in a report those that can be some stand in a rule."""
    addresses = (("a.example", ("192.0.2.1", "192.0.2.2 accept\ntcp dport 22")),)
    asked = Asked(targets=(("a.example", 443),), addresses=addresses)
    assert filled(("to {address}",), "target-silent", asked) == ("to 192.0.2.1",)
