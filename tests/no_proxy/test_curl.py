"""Bypass lists as curl reads them, against what it was seen to do."""

from __future__ import annotations

import pytest

from arcprobe.no_proxy import curl
from arcprobe.no_proxy.answer import Bypass
from tests.no_proxy.clients import HOSTS, further, measured, recorded


@pytest.mark.parametrize(("skip_range", "due"), measured("curl"))
def test_the_eleven_hosts(skip_range: str, due: str) -> None:
    """Exactly the hosts go direct that the client was measured, or read, to go direct to."""
    match = curl.matcher(skip_range)
    assert "".join("D" if match(host, None, "https").bypassed else "p" for host in HOSTS) == due


@pytest.mark.parametrize(("skip_range", "host", "port", "entry"), further("curl"))
def test_the_entry_is_named(
    skip_range: str, host: str, port: int | None, entry: str | None
) -> None:
    """The entry that is named is the one that matched, and none is named for a host that goes to
    the proxy."""
    found = curl.matcher(skip_range)(host, port, "https")
    assert found == Bypass(bypassed=entry is not None, entry=entry)


def test_the_recorded_client() -> None:
    """On several hundred lists the answer is that of the real client when it was asked."""
    asked = recorded("curl")
    wrong = [
        row for row in asked if curl.matcher(row[0])(row[1], row[2], row[3]).bypassed != row[4]
    ]
    assert len(asked) > 200
    assert wrong == []


def test_curl_stops_where_a_blank_parts_two_entries() -> None:
    """Since curl gave up blanks as separators it reads nothing after the first of them."""
    assert list(curl.tokens("a, b c,d")) == ["a", "b"]
    assert list(curl.tokens("a,,,\t b")) == ["a", "b"]
    assert list(curl.tokens("a\0,b")) == ["a"]
    assert list(curl.tokens("")) == []


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        ("10.1.2.3", "10.1.2.3/32"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.1.2.3/0", "10.1.2.3/32"),
        ("10.1.2.3/32", "10.1.2.3/32"),
        ("10.1.2.3/33", None),
        ("10.1.2.3/", None),
        ("10.1.2.3/x", None),
        ("fd00::1/128", "fd00::1/128"),
        ("fd00::1/129", None),
        ("fd00::1", "fd00::1/128"),
        ("10.1.2.3/" + "0" * 118, "10.1.2.3/32"),
        ("10.1.2.3/" + "0" * 119, None),
        ("a.svc", None),
    ],
)
def test_what_an_entry_stands_for(entry: str, due: str | None) -> None:
    """Networks with strict lengths, of at most 127 bytes; 0 is this one address."""
    found = curl.network_of(entry)
    assert (None if found is None else str(found)) == due


def test_networks() -> None:
    """The networks and addresses of the list; `*` alone is all."""
    assert [str(network) for network in curl.networks("10.0.0.0/8,a,fd00::1")] == [
        "10.0.0.0/8",
        "fd00::1/128",
    ]
    assert [str(network) for network in curl.networks("*")] == ["0.0.0.0/0", "::/0"]
    assert curl.networks("a,*") == ()


def test_no_host_goes_direct_by_no_name() -> None:
    """Without a host no entry matches, not even `*`."""
    assert not curl.matcher("*")("", None, "https").bypassed
    assert not curl.matcher(".")("", None, "https").bypassed
