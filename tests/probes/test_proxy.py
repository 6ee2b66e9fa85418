"""A proxy that no endpoint uses is dialled for its own sake; any other is not."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from arcprobe.model import Check, Kind
from arcprobe.probes import proxy
from tests.probes import peers


def question(scheme: str, *, unused: bool) -> Check:
    check = peers.check(proxy=peers.proxy(scheme))
    return msgspec.structs.replace(check, kind=Kind.PROXY, unused=unused)


def test_a_used_proxy_is_not_dialled() -> None:
    """Where endpoints go through it their own connections show it."""
    assert asyncio.run(proxy.probe(question("http", unused=False), peers.context())) == ()


@pytest.mark.parametrize(
    ("scheme", "steps"), [("http", ["lookup", "dial"]), ("https", ["lookup", "dial", "handshake"])]
)
def test_an_unused_proxy_is_dialled(scheme: str, steps: list[str]) -> None:
    """One connection, with a handshake where the settings say https."""

    def script(wire: peers.Wire) -> None:
        if scheme == "https":
            wire.tls(peers.server_context(peers.PROXY_HOST))
        wire.drain()

    with peers.peer(script) as server:
        context = peers.context((peers.PROXY_HOST, 3128, server.port), timeout=5)
        (attempt,) = asyncio.run(proxy.probe(question(scheme, unused=True), context))
    assert [msgspec.to_builtins(step)["step"] for step in attempt.steps] == steps
    assert not any(step.failure for step in attempt.steps)
