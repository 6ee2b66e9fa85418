"""The rung of the name that a connection needs first."""

from __future__ import annotations

import pytest

from arcprobe.findings.rungs.name import judge
from arcprobe.model import Dial, Experiment, FailureKind, Lookup, Proxy, Tunnel
from tests.findings.seen import (
    DIRECT,
    PROXY,
    THROUGH,
    attempt,
    check,
    ended_at,
    failed,
    reading,
    scene,
)

SOCKS4 = Proxy(scheme="socks4", host="proxy.example", port=1080)


@pytest.mark.parametrize(
    ("kind", "of_target", "of_proxy"),
    [
        (FailureKind.NAME_UNKNOWN, "name-unknown", "proxy-name-unknown"),
        (FailureKind.NAME_EMPTY, "name-empty", "proxy-name-unknown"),
        (FailureKind.RESOLVER_FAILED, "resolver-failed", "resolver-failed"),
        (FailureKind.RESOLVER_REFUSED, "resolver-refused", "resolver-refused"),
        (FailureKind.TIMED_OUT, "resolver-silent", "resolver-silent"),
        (FailureKind.UNREACHABLE, "resolver-unreachable", "resolver-unreachable"),
    ],
)
def test_a_name_that_is_no_address(kind: FailureKind, of_target: str, of_proxy: str) -> None:
    """Each way to fail has its code; that the proxy's name is unknown has one of its own."""
    assert ended_at(DIRECT, Lookup(name=DIRECT.host, failure=failed(kind))) == of_target
    assert ended_at(THROUGH, Lookup(name=PROXY.host, failure=failed(kind))) == of_proxy


def test_a_name_that_is_one_stands() -> None:
    """Where the name became an address, this rung says nothing, whatever comes after it."""
    steps = (
        Lookup(name=DIRECT.host, addresses=("20.49.97.1",)),
        Dial(address="20.49.97.1", port=443, failure=failed(FailureKind.REFUSED)),
    )
    assert judge(reading(DIRECT, *steps), scene()) is None


@pytest.mark.parametrize(
    ("host", "due"), [("eastus.his.arc.azure.com", False), ("proxy.example", True)]
)
def test_a_name_that_the_proxy_was_asked_for(host: str, due: bool) -> None:
    """With SOCKS 4 the server was asked for the target's name before; for its own name it was
    not."""
    asked = check(proxy=SOCKS4)
    lookup = Lookup(name=host, failure=failed(FailureKind.NAME_UNKNOWN))
    named = attempt(Tunnel(target="x:443", protocol="socks4"), label=Experiment.SOCKS_4A)
    word = judge(reading(asked, lookup, more=(named,)), scene())
    assert (word is not None) is due
