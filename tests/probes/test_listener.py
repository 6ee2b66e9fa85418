"""What a check waits for, told by the last step of its connection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from arcprobe.model import (
    AnyStep,
    Check,
    Dial,
    Exchange,
    Handshake,
    Kind,
    Layer,
    Lookup,
    Observation,
    Role,
    Route,
    Tunnel,
    Upgrade,
)
from arcprobe.probes.listener import Asked, Listener, Listeners
from tests.probes import peers

LOOKUP, DIAL = Lookup(name="a", engine="system"), Dial(address="10.0.0.1", port=443)
TO_PROXY = Handshake(peer=Role.PROXY, server_name="p")
TO_TARGET = Handshake(peer=Role.TARGET, server_name="a")
TUNNEL = Tunnel(protocol="http", target="a:443")


@pytest.mark.parametrize(
    ("route", "steps", "due"),
    [
        (Route.DIRECT, (), Layer.DNS),
        (Route.DIRECT, (LOOKUP,), Layer.TCP),
        (Route.DIRECT, (LOOKUP, DIAL), Layer.TLS),
        (Route.DIRECT, (LOOKUP, DIAL, TO_TARGET), Layer.HTTP),
        (Route.PROXY, (), Layer.PROXY),
        (Route.PROXY, (LOOKUP, DIAL), Layer.PROXY),
        (Route.PROXY, (LOOKUP, DIAL, TO_PROXY), Layer.PROXY),
        (Route.PROXY, (LOOKUP, DIAL, TUNNEL), Layer.TLS),
        (Route.PROXY, (LOOKUP, DIAL, TUNNEL, TO_TARGET), Layer.HTTP),
        (Route.PROXY, (TO_TARGET, Exchange(method="GET", path="/")), Layer.HTTP),
    ],
)
def test_rung(route: Route, steps: tuple[AnyStep, ...], due: Layer) -> None:
    """Until the tunnel stands all waits for the proxy; behind each step comes the next rung."""
    assert asked(steps, route=route).rung is due


def test_rung_of_other_questions() -> None:
    """A WebSocket waits for its upgrade, plain http for no TLS, a look-up for DNS."""
    assert asked((TO_TARGET,), kind=Kind.WEBSOCKET).rung is Layer.WEBSOCKET
    assert asked((Upgrade(path="/"),), kind=Kind.WEBSOCKET).rung is Layer.WEBSOCKET
    assert asked((DIAL,), protocol="http").rung is Layer.HTTP
    assert asked((), kind=Kind.DNS).rung is Layer.DNS
    assert asked((), kind=Kind.SKIP_RANGE).rung is Layer.CLUSTER


def asked(steps: tuple[AnyStep, ...], **fields: Any) -> Asked:
    """A check with one connection that has taken these steps; none where there are none."""
    check = msgspec.structs.replace(peers.check(), **{"route": Route.DIRECT, **fields})
    connections = [SimpleNamespace(steps=list(steps))] if steps else []
    return Asked(check, cast(Any, connections))


class Heard(Listener):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def planned(self, checks: int, deadline: float) -> None:
        self.told.append((checks, deadline))

    def began(self, asked: Asked) -> None:
        self.told.append(asked)

    def ended(self, check: Check, observation: Observation, done: int, total: int) -> None:
        self.told.append((check.id, done, total))


def test_several_hear_the_same() -> None:
    """Each of several is told all; one that is no more than a Listener does nothing with it."""
    one, other = Heard(), Heard()
    several, waiting = Listeners((one, Listener(), other)), asked(())
    several.planned(1, 60.0)
    several.began(waiting)
    several.ended(waiting.check, Observation(check=waiting.check.id), 1, 1)
    assert one.told == other.told == [(1, 60.0), waiting, (waiting.check.id, 1, 1)]
