"""The rung of the tunnel by SOCKS."""

from __future__ import annotations

import pytest

from arcprobe.findings.reading import read
from arcprobe.findings.rungs.socks import judge
from arcprobe.model import Experiment, FailureKind, Lookup, Proxy, Tunnel
from tests.findings.seen import (
    SOCKS_PROXY,
    answer,
    attempt,
    check,
    ended_at,
    failed,
    head,
    observed,
    said,
    scene,
    to_proxy,
)


@pytest.mark.parametrize(
    ("protocol", "reply", "credentials", "due"),
    [
        ("socks5", 1, "", "proxy-cannot-connect"),
        ("socks5", 2, "", "proxy-denied"),
        ("socks5", 3, "", "proxy-cannot-connect"),
        ("socks5", 4, "", "proxy-cannot-connect"),
        ("socks5", 5, "", "proxy-cannot-connect"),
        ("socks5", 8, "", "proxy-cannot-connect"),
        ("socks4", 91, "", "proxy-denied"),
        ("socks4", 92, "", "proxy-auth-required"),
        ("socks4", 93, "username", "proxy-auth-rejected"),
    ],
)
def test_socks_replies(protocol: str, reply: int, credentials: str, due: str) -> None:
    """Each reply of a SOCKS server means what RFC 1928 section 6, or the protocol of version 4,
    says."""
    refused = failed(FailureKind.SOCKS_REFUSED)
    tunnel = answer(
        None, protocol=protocol, socks_reply=reply, credentials=credentials, failure=refused
    )
    assert ended_at(check(proxy=SOCKS_PROXY), *to_proxy(SOCKS_PROXY), tunnel) == due


@pytest.mark.parametrize(
    ("protocol", "reply", "due"),
    [
        ("socks5", 1, "reply 1: general failure (RFC 1928 section 6)"),
        ("socks5", 2, "reply 2: not allowed by the ruleset (RFC 1928 section 6)"),
        ("socks5", 3, "reply 3: network unreachable (RFC 1928 section 6)"),
        ("socks5", 4, "reply 4: host unreachable (RFC 1928 section 6)"),
        ("socks5", 5, "reply 5: connection refused (RFC 1928 section 6)"),
        ("socks5", 6, "reply 6: TTL expired (RFC 1928 section 6)"),
        ("socks5", 7, "reply 7: command not supported (RFC 1928 section 6)"),
        ("socks5", 8, "reply 8: address type not supported (RFC 1928 section 6)"),
        ("socks5", 9, "reply 9: see the SOCKS server (RFC 1928 section 6)"),
        ("socks4", 90, "reply 90: granted"),
        ("socks4", 91, "reply 91: rejected or failed"),
        ("socks4", 92, "reply 92: no identd on this host"),
        ("socks4", 93, "reply 93: identd names another user"),
        ("socks4", 94, "reply 94: see the SOCKS server"),
    ],
)
def test_a_reply_is_told_in_the_protocols_words(protocol: str, reply: int, due: str) -> None:
    """Its number, and what the protocol's own page says of it; of others the number alone."""
    refused = failed(FailureKind.SOCKS_REFUSED)
    tunnel = answer(None, protocol=protocol, socks_reply=reply, failure=refused)
    asked = check(proxy=SOCKS_PROXY)
    seen = observed(asked, *to_proxy(SOCKS_PROXY), tunnel)
    found = judge(read(asked, seen), scene((asked, seen)))
    assert found is not None
    assert said(found)[1] == due


@pytest.mark.parametrize(
    ("kind", "credentials", "due"),
    [
        (FailureKind.SOCKS_AUTH, "", "proxy-auth-required"),
        (FailureKind.SOCKS_AUTH, "username", "proxy-auth-rejected"),
        (FailureKind.SOCKS_MALFORMED, "", "proxy-not-http"),
        (FailureKind.TIMED_OUT, "", "proxy-hung"),
        (FailureKind.CLOSED, "", "proxy-closed"),
        (FailureKind.RESET, "", "proxy-reset"),
    ],
)
def test_socks_failures(kind: FailureKind, credentials: str, due: str) -> None:
    """A SOCKS server that asks for a password, or is none, is told by how it ended."""
    tunnel = answer(None, protocol="socks5", credentials=credentials, failure=failed(kind))
    asked = check(proxy=SOCKS_PROXY)
    assert ended_at(asked, *to_proxy(SOCKS_PROXY), tunnel) == due
    plain = attempt(*to_proxy(), answer(head(200)), label=Experiment.PROXY_PLAIN)
    assert ended_at(asked, *to_proxy(SOCKS_PROXY), tunnel, more=(plain,)) == "proxy-not-http"


@pytest.mark.parametrize(
    ("kind", "is_told"), [(FailureKind.SOCKS_MALFORMED, True), (FailureKind.CLOSED, False)]
)
def test_what_is_no_socks_server_is_told_so(kind: FailureKind, is_told: bool) -> None:
    """Who speaks another protocol than SOCKS is told in words of its own; who ends the connection
    may well speak it."""
    tunnel = answer(None, protocol="socks5", failure=failed(kind))
    asked = check(proxy=SOCKS_PROXY)
    seen = observed(asked, *to_proxy(SOCKS_PROXY), tunnel)
    found = judge(read(asked, seen), scene((asked, seen)))
    assert found is not None
    assert (found.summary is not None, found.remedy is not None) == (is_told, is_told)


@pytest.mark.parametrize(
    ("other", "due"),
    [
        (Tunnel(target="x:443", protocol="socks5", socks_reply=0), "proxy-port-denied"),
        (
            Tunnel(
                target="x:443",
                protocol="socks5",
                socks_reply=5,
                failure=failed(FailureKind.SOCKS_REFUSED),
            ),
            "proxy-port-denied",
        ),
        (
            Tunnel(
                target="x:443",
                protocol="socks5",
                socks_reply=2,
                failure=failed(FailureKind.SOCKS_REFUSED),
            ),
            "proxy-denied",
        ),
        (
            Tunnel(target="x:443", protocol="socks5", failure=failed(FailureKind.TIMED_OUT)),
            "proxy-denied",
        ),
    ],
)
def test_socks_port_or_name(other: Tunnel, due: str) -> None:
    """A ruleset that denies one port of a name is told from one that denies the name."""
    asked = check(proxy=SOCKS_PROXY, port=8084)
    denied = answer(
        None, protocol="socks5", socks_reply=2, failure=failed(FailureKind.SOCKS_REFUSED)
    )
    assert (
        ended_at(
            asked, *to_proxy(SOCKS_PROXY), denied, more=(attempt(other, label=Experiment.PORT_443),)
        )
        == due
    )


def test_socks4_name_unknown_here() -> None:
    """With socks4:// a name that is unknown here is the settings' matter only if the server does
    not know it either."""
    proxy = Proxy(scheme="socks4", host="proxy.example", port=1080)
    asked = check(proxy=proxy)
    lookup = Lookup(name=asked.host, failure=failed(FailureKind.NAME_UNKNOWN))
    refused = Tunnel(
        target="x:443", protocol="socks4", socks_reply=91, failure=failed(FailureKind.SOCKS_REFUSED)
    )
    assert (
        ended_at(
            asked, *to_proxy(proxy), lookup, more=(attempt(refused, label=Experiment.SOCKS_4A),)
        )
        == "proxy-denied"
    )
