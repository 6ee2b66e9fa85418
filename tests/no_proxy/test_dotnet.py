"""Bypass lists as .NET reads them, against what it was seen to do."""

from __future__ import annotations

import pytest

from arcprobe.no_proxy import dotnet
from arcprobe.no_proxy.answer import Bypass
from tests.no_proxy.clients import HOSTS, further, measured


@pytest.mark.parametrize(("skip_range", "due"), measured("dotnet"))
def test_the_eleven_hosts(skip_range: str, due: str) -> None:
    """Exactly the hosts go direct that the client was measured, or read, to go direct to."""
    match = dotnet.matcher(skip_range)
    assert "".join("D" if match(host, None, "https").bypassed else "p" for host in HOSTS) == due


@pytest.mark.parametrize(("skip_range", "host", "port", "entry"), further("dotnet"))
def test_the_entry_is_named(
    skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    found = dotnet.matcher(skip_range)(host, port, "https")
    assert found == Bypass(bypassed=entry is not None, entry=entry)


@pytest.mark.parametrize(
    ("host", "due"),
    [
        ("A.Svc", "a.svc"),
        ("10.1", "10.0.0.1"),
        ("FD00:0:0::1", "[fd00::1]"),
        ("[fd00::1]", "[fd00::1]"),
        ("::ffff:10.1.2.3", "[::ffff:10.1.2.3]"),
    ],
)
def test_the_host_as_a_uri_has_it(host: str, due: str) -> None:
    """Addresses in their shortest form, IPv6 in brackets, names in lower case."""
    assert dotnet.uri_host(host) == due


def test_networks() -> None:
    """Single addresses as a URI writes them; no networks."""
    found = dotnet.networks("10.1.2.3, [fd00::1],fd00::2,10.0.0.0/8,10.1,[FD00:0::3]")
    assert [str(network) for network in found] == ["10.1.2.3/32", "fd00::1/128"]


def test_no_host() -> None:
    """Without a host no entry matches."""
    assert not dotnet.matcher(".")("", None, "https").bypassed
