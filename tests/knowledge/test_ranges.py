"""Address ranges that no public service has."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.ranges import is_nobodys, is_private, leads_nowhere


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"),
        *("192.168.0.0", "192.168.255.255", "100.64.0.0", "100.127.255.255"),
        *("169.254.0.0", "169.254.255.255", "fc00::", "fdff:ffff::1", "fe80::", "febf::1"),
    ],
)
def test_private(address: str) -> None:
    """Addresses of RFC 1918, 6598, 3927, 4193 and link-local ones are private, to the edge."""
    assert is_private(address)


@pytest.mark.parametrize(
    "address",
    [
        *("9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0"),
        *("192.167.255.255", "192.169.0.0", "100.63.255.255", "100.128.0.0"),
        *("169.253.255.255", "169.255.0.0", "fbff::1", "fe00::1", "fec0::1"),
        *("20.49.97.1", "192.0.2.1", "2603:1030::1", "nonsense", ""),
    ],
)
def test_public(address: str) -> None:
    """Their neighbours, documentation ranges and what is no address are not."""
    assert not is_private(address)


@pytest.mark.parametrize(
    ("address", "due"),
    [
        ("0.0.0.0", True),
        ("0.255.255.255", True),
        ("1.0.0.0", False),
        ("126.255.255.255", False),
        ("127.0.0.0", True),
        ("127.255.255.255", True),
        ("128.0.0.0", False),
        ("::", True),
        ("::1", True),
        ("::2", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_nowhere(address: str, due: bool) -> None:
    """This host itself and nobody are nowhere for everybody else."""
    assert leads_nowhere(address) is due


@pytest.mark.parametrize(
    ("address", "due"),
    [
        *(("0.0.0.0", True), ("127.0.0.1", True), ("::", True), ("255.255.255.255", True)),
        *(("169.254.0.0", True), ("169.254.255.255", True), ("169.255.0.0", False)),
        *(("223.255.255.255", False), ("224.0.0.0", True), ("240.0.0.0", True)),
        *(("fe80::1", True), ("ff02::1", True), ("100::1", True), ("100:0:0:1::", False)),
        *(("192.0.2.1", False), ("10.0.0.1", False), ("2603:1030::1", False), ("", False)),
    ],
)
def test_nobodys(address: str, due: bool) -> None:
    """Nor has any name of the Internet an address of a link, of a group, or of a reserved range."""
    assert is_nobodys(address) is due
