"""Addresses as the clients' own parsers read them, and sets of addresses as intervals."""

from __future__ import annotations

import socket

import pytest
from hypothesis import example, given, strategies as st

from arcprobe.no_proxy.addresses import (
    ascii_name,
    intervals,
    is_seen_by_others,
    networks_of,
    parse_address,
    parse_aton,
    parse_network,
    parse_prefix,
    parse_run,
    strip_brackets,
    subtract,
)


@given(st.text(alphabet="0123456789abcdefxX. \t", max_size=18))
@example("0x7f.1")
@example("010.1.2.3")
@example("1.2.3.4 x")
@example("08")
@example("256.1")
@example("1.16777216")
@example("4294967295")
@example("037777777777")
@example("0037777777777")
@example("1.2.3.4.5")
@example("1.2.3.4.0")
def test_short_addresses_are_read_as_the_c_library_reads_them(text: str) -> None:
    """The IPv4 reading under requests and .NET agrees with inet_aton(3)."""
    try:
        due: str | None = socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        due = None
    got = parse_aton(text)
    if len(text) <= 12:  # longer numbers of leading zeros are not told apart
        assert (None if got is None else str(got)) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("fd00:0::1", "fd00::1"),
        ("010.1.2.3", None),
        ("10.1", None),
        ("fe80::1%eth0", None),
        ("[fd00::1]", None),
        ("", None),
    ],
)
def test_addresses(text: str, due: str | None) -> None:
    """As inet_pton(3): no leading zeros, no short forms, no zone, no brackets."""
    found = parse_address(text)
    assert (None if found is None else str(found)) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("10.1.2.3", True),
        ("fd00::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("169.254.1.1", False),
        ("fe80::1", False),
        ("proxy.example", False),
    ],
)
def test_addresses_that_others_see(text: str, due: bool) -> None:
    """A proxy or firewall sees a client by it: neither loopback nor the address of a link."""
    assert is_seen_by_others(text) is due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.1.2.3/08", "10.0.0.0/8"),
        ("10.1.2.3/0", "0.0.0.0/0"),
        ("10.1.2.3/32", "10.1.2.3/32"),
        ("10.1.2.3/33", None),
        ("10.1.2.3", None),
        ("10.1.2.3/", None),
        ("10.1.2.3/8x", None),
        ("fd00::1/128", "fd00::1/128"),
        ("fd00::1/129", None),
        ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
        ("::ffff:10.1.2.3/96", "0.0.0.0/0"),
        ("::ffff:10.1.2.3/95", "::fffe:0:0/95"),
    ],
)
def test_networks(text: str, due: str | None) -> None:
    """As Go's net.ParseCIDR, which takes an IPv4-mapped network for one of IPv4."""
    found = parse_network(text)
    assert (None if found is None else str(found)) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [("0", 0), ("000", 0), ("0016", 16), ("999", 999), ("1000", None), ("", None), ("٣", None)],
)
def test_prefix_lengths(text: str, due: int | None) -> None:
    """Decimal digits of ASCII, leading zeros or not."""
    assert parse_prefix(text) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("10.0.0.1", (4, 0x0A000001, 0x0A000001)),
        ("10.0.0.1-10.0.0.3", (4, 0x0A000001, 0x0A000003)),
        ("10.0.0.1 - 10.0.0.1", (4, 0x0A000001, 0x0A000001)),
        ("10.0.0.0/30", (4, 0x0A000000, 0x0A000003)),
        ("::1-::3", (6, 1, 3)),
        ("10.0.0.3-10.0.0.1", None),
        ("10.0.0.1-::1", None),
        ("10.0.0.1-", None),
        ("10.0.0.0/33", None),
        ("a", None),
    ],
)
def test_runs(text: str, due: tuple[int, int, int] | None) -> None:
    """An address, a run of them, a network; else nothing."""
    assert parse_run(text) == due


def test_intervals_are_merged() -> None:
    """Neighbours become one interval, families stay apart, what is no address is left out."""
    runs = ("10.0.0.2", "10.0.0.1", "10.0.0.4", "10.0.0.5-10.0.0.7", "10.0.0.6", "::1", "x")
    assert intervals(runs) == ((4, 0x0A000001, 0x0A000002), (4, 0x0A000004, 0x0A000007), (6, 1, 1))


@given(
    st.lists(st.tuples(st.sampled_from([4, 6]), st.integers(0, 30), st.integers(0, 6)), max_size=5),
    st.lists(st.tuples(st.sampled_from([4, 6]), st.integers(0, 30), st.integers(0, 6)), max_size=5),
)
def test_subtraction_is_exact(
    wanted: list[tuple[int, int, int]], covered: list[tuple[int, int, int]]
) -> None:
    """Address by address, what is left is what is wanted and not covered."""

    def spread(runs: list[tuple[int, int, int]]) -> set[tuple[int, int]]:
        return {(version, at) for version, low, high in runs for at in range(low, high + 1)}

    first = [(version, low, low + size) for version, low, size in wanted]
    second = [(version, low, low + size) for version, low, size in covered]
    left = subtract(first, second)
    assert spread(left) == spread(first) - spread(second)
    assert left == sorted(left)


@pytest.mark.parametrize(
    ("wanted", "covered", "due"),
    [
        ([(4, 5, 9)], [(4, 3, 6)], [(4, 7, 9)]),
        ([(4, 5, 9)], [(4, 9, 12)], [(4, 5, 8)]),
        ([(4, 5, 9)], [(4, 6, 6), (4, 8, 8)], [(4, 5, 5), (4, 7, 7), (4, 9, 9)]),
        ([(4, 0, 2), (4, 5, 9)], [(4, 1, 6)], [(4, 0, 0), (4, 7, 9)]),
        ([(4, 5, 9)], [(6, 5, 9)], [(4, 5, 9)]),
        ([(6, 5, 9)], [(4, 5, 9), (6, 5, 8)], [(6, 9, 9)]),
        ([(4, 5, 9)], [(4, 5, 9)], []),
    ],
)
def test_what_is_left(
    wanted: list[tuple[int, int, int]],
    covered: list[tuple[int, int, int]],
    due: list[tuple[int, int, int]],
) -> None:
    """What overlaps at either end, within, over several, in another family, or wholly."""
    assert subtract(wanted, covered) == due


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("a.svc", "a.svc"),
        ("A.svc", "A.svc"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("例え。example", "xn--r8jz45g.example"),
        ("a\u0301.example", "xn--1ca.example"),  # composed first
        # what no label may be stays as it was written: no client looks it up as anything else
        ("xn--abc-.ü", "xn--abc-.ü"),
        ("xn--mller-kva.ü", "xn--mller-kva.xn--tda"),
        ("\u0301a.ü", "\u0301a.ü"),
        ("a\u200cb.ü", "a\u200cb.ü"),
    ],
)
def test_international_names(name: str, due: str) -> None:
    """Labels as xn--, mapped for look-up; a name of ASCII stays as it is."""
    assert ascii_name(name) == due


@pytest.mark.parametrize(
    ("host", "due"), [("[fd00::1]", "fd00::1"), ("[", "["), ("[a", "[a"), ("a]", "a]"), ("", "")]
)
def test_brackets(host: str, due: str) -> None:
    """Brackets around a host go, others stay."""
    assert strip_brackets(host) == due


def test_networks_of_both_families() -> None:
    """Intervals become exactly the networks that make them up, of IPv4 and of IPv6."""
    ipv6 = 0x20010DB8 << 96
    given = [(4, 0x0A600001, 0x0A600003), (6, ipv6, ipv6 + 2**64 - 1)]
    assert [str(network) for network in networks_of(given)] == [
        "10.96.0.1/32",
        "10.96.0.2/31",
        "2001:db8::/64",
    ]
