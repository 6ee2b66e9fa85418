"""The rung of the TCP connection, to the proxy or to the target."""

from __future__ import annotations

import pytest

from arcprobe.findings.rungs.dial import judge
from arcprobe.model import AnyStep, Check, Dial, FailureKind, Lookup
from tests.findings.seen import (
    DIRECT,
    THROUGH,
    ended_at,
    failed,
    observed,
    reading,
    scene,
    to_proxy,
    to_target,
)


@pytest.mark.parametrize(
    ("kind", "at_proxy", "at_target"),
    [
        (FailureKind.REFUSED, "proxy-refused", "target-refused"),
        (FailureKind.TIMED_OUT, "proxy-silent", "target-silent"),
        (FailureKind.RESET, "proxy-reset", "tls-reset"),
        (FailureKind.UNREACHABLE, "proxy-unreachable", "target-unreachable"),
        (FailureKind.PROHIBITED, "proxy-unreachable", "target-unreachable"),
        (FailureKind.NO_ADDRESS, "proxy-unreachable", "target-unreachable"),
    ],
)
def test_dial_table(kind: FailureKind, at_proxy: str, at_target: str) -> None:
    """A port that does not accept is told by how, and by whose it is."""
    assert ended_at(THROUGH, *to_proxy(failure=failed(kind))) == at_proxy
    assert ended_at(DIRECT, *to_target(failure=failed(kind))) == at_target


@pytest.mark.parametrize("first", [FailureKind.REFUSED, FailureKind.TIMED_OUT])
@pytest.mark.parametrize("last", [FailureKind.UNREACHABLE, FailureKind.NO_ADDRESS])
def test_a_missing_ipv6_route_hides_nothing(first: FailureKind, last: FailureKind) -> None:
    """Of several addresses, the one that this place has no route to tells less than the one that
    said something."""
    steps = (
        Lookup(name=DIRECT.host, addresses=("20.49.97.1", "2603:1030::1")),
        Dial(address="20.49.97.1", port=443, failure=failed(first)),
        Dial(address="2603:1030::1", port=443, failure=failed(last)),
    )
    assert (
        ended_at(DIRECT, *steps)
        == {FailureKind.REFUSED: "target-refused", FailureKind.TIMED_OUT: "target-silent"}[first]
    )


@pytest.mark.parametrize(
    ("steps", "asked", "subject"),
    [
        (to_proxy(failure=failed(FailureKind.REFUSED)), THROUGH, "http://proxy.example:3128"),
        (to_target(failure=failed(FailureKind.REFUSED)), DIRECT, ""),
    ],
)
def test_who_is_at_fault(steps: tuple[AnyStep, ...], asked: Check, subject: str) -> None:
    """A proxy that refuses is named by its URL, so that all endpoints behind it are one cause; a
    target stands for itself."""
    found = judge(reading(asked, *steps), scene((asked, observed(asked, *steps))))
    assert found is not None
    assert found.subject == subject
    assert dict(found.values)["address"] in {"10.20.0.8", "20.49.97.1"}
