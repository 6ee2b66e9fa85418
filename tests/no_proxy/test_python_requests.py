"""Bypass lists as Python requests reads them, against what it was seen to do."""

from __future__ import annotations

import pytest

from arcprobe.no_proxy import python_requests
from arcprobe.no_proxy.answer import Bypass
from tests.no_proxy.clients import HOSTS, further, measured, recorded


@pytest.mark.parametrize(("skip_range", "due"), measured("python-requests"))
def test_the_eleven_hosts(skip_range: str, due: str) -> None:
    """Exactly the hosts go direct that the client was measured, or read, to go direct to."""
    match = python_requests.matcher(skip_range)
    assert "".join("D" if match(host, None, "https").bypassed else "p" for host in HOSTS) == due


@pytest.mark.parametrize(("skip_range", "host", "port", "entry"), further("python-requests"))
def test_the_entry_is_named(
    skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    found = python_requests.matcher(skip_range)(host, port, "https")
    assert found == Bypass(bypassed=entry is not None, entry=entry)


def test_the_recorded_client() -> None:
    """On several hundred lists the answer is that of the real client when it was asked."""
    asked = recorded("python-requests")
    wrong = [
        row
        for row in asked
        if python_requests.matcher(row[0])(row[1], row[2], row[3]).bypassed != row[4]
    ]
    assert len(asked) > 200
    assert wrong == []


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3/1", "0.0.0.0/1"),
        ("10.1.2.3/32", "10.1.2.3/32"),
        ("10.0.0.0/0", None),
        ("10.0.0.0/33", None),
        ("10.0.0.0", None),
        ("10.0.0.0/8/8", None),
        ("10.0.0.0/x", None),
        ("fd00::/8", None),
        ("10/8", "0.0.0.0/8"),
    ],
)
def test_what_a_network_is(entry: str, due: str | None) -> None:
    """IPv4 networks of one to 32 bits, as is_valid_cidr takes them."""
    found = python_requests.network_of(entry)
    assert (None if found is None else str(found)) == due


def test_networks() -> None:
    """IPv4 networks, and addresses in their usual spelling; `*` alone is all."""
    found = python_requests.networks("10.0.0.0/8, 10.1.2.3,FD00::1,fd00:0::2,a")
    assert [str(network) for network in found] == ["10.0.0.0/8", "10.1.2.3/32", "fd00::1/128"]
    assert [str(network) for network in python_requests.networks("*")] == ["0.0.0.0/0", "::/0"]


def test_a_port_that_the_url_spells() -> None:
    """An entry with a port matches only URLs that spell it; no host matches nothing."""
    match = python_requests.matcher("a.example:8443")
    assert match("a.example", 8443, "https").entry == "a.example:8443"
    assert not match("a.example", 443, "https").bypassed
    assert not match("a.example", None, "https").bypassed
    assert not match("", None, "https").bypassed
