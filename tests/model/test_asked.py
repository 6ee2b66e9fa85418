"""The nouns of what is asked."""

from __future__ import annotations

import pytest

from arcprobe.model import Check, Duty, Kind, Proxy, Route


def check(kind: Kind = Kind.HTTPS, flags: tuple[str, ...] = ()) -> Check:
    """A check that is judged for its own answer, unless it is said."""
    return Check(
        id="x",
        kind=kind,
        target="a.example:443",
        route=Route.DIRECT,
        required=True,
        feature="core",
        compare="compare" in flags,
        supporting="supporting" in flags,
        unused="unused" in flags,
    )


@pytest.mark.parametrize(
    ("flags", "duty"),
    [
        ((), Duty.JUDGED),
        (("unused",), Duty.UNUSED),
        (("compare",), Duty.COMPARED),
        (("supporting",), Duty.SUPPORTING),
        (("supporting", "compare"), Duty.SUPPORTING),
        (("compare", "unused"), Duty.COMPARED),
    ],
)
def test_duty(flags: tuple[str, ...], duty: Duty) -> None:
    """What was left out is asked for others, before it is a comparison, before it is a proxy that
    nobody uses."""
    assert check(flags=flags).duty is duty


def test_what_connects() -> None:
    """Requests and upgrades go to an endpoint by themselves; all else is judged from them, or asks
    something else."""
    connecting = {kind for kind in Kind if check(kind).connects}
    assert connecting == {Kind.HTTPS, Kind.WEBSOCKET}


@pytest.mark.parametrize(
    ("scheme", "host", "url", "is_socks"),
    [
        ("http", "proxy", "http://proxy:3128", False),
        ("https", "192.0.2.1", "https://192.0.2.1:3128", False),
        ("socks5h", "2001:db8::1", "socks5h://[2001:db8::1]:3128", True),
        ("socks4", "proxy", "socks4://proxy:3128", True),
    ],
)
def test_proxy(scheme: str, host: str, url: str, is_socks: bool) -> None:
    """Its URL has no credentials, and an IPv6 address in brackets."""
    proxy = Proxy(scheme=scheme, host=host, port=3128, has_credentials=True)
    assert (proxy.url, proxy.is_socks) == (url, is_socks)
