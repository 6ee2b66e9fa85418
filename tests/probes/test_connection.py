"""One connection records each of its steps, and ends at the first that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from arcprobe.model import Attempt, Dial, Experiment, FailureKind, Lookup, Role
from arcprobe.probes.connection import Connection, open_connections
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.wire import listening
from tests.probes import peers


def made(context: ProbeContext, walk: Callable[[Connection], Awaitable[object]]) -> Attempt:
    """What one connection recorded."""

    async def bounded() -> Attempt:
        async with asyncio.timeout(peers.LIMIT), Connection(context, Experiment.AGENTS) as one:
            await walk(one)
        return one.attempt

    return listening.run(bounded())


def test_leaving_early_keeps_what_was_seen() -> None:
    """A step that fails is the last one recorded, and nothing is raised."""

    async def walk(connection: Connection) -> None:
        await connection.dial(("127.0.0.1",), 9, role=Role.TARGET)
        raise AssertionError("nobody listens there")

    attempt = made(peers.context(), walk)
    assert attempt.label == "agents"
    assert [type(step) for step in attempt.steps] == [Dial]
    assert attempt.steps[0].failure is not None
    assert attempt.steps[0].failure.kind is FailureKind.REFUSED


def test_the_next_address_is_tried() -> None:
    """Each address is a step; the first that takes the connection is the one that is used."""
    with peers.peer(lambda wire: wire.drain()) as server:
        context = peers.context()
        attempt = made(
            context,
            lambda connection: connection.dial(
                ("127.0.0.2", "127.0.0.1"), server.port, role=Role.TARGET
            ),
        )
    steps = [step for step in attempt.steps if isinstance(step, Dial)]
    assert [step.address for step in steps] == ["127.0.0.2", "127.0.0.1"]
    assert [step.failure is None for step in steps] == [False, True]
    assert steps[1].source == "127.0.0.1"


@pytest.mark.parametrize(("count", "tried"), [(0, 1), (8, 8), (9, 8)])
def test_eight_addresses_are_tried(count: int, tried: int) -> None:
    """No more than eight addresses are dialled; none at all is a failure of its own."""
    addresses = tuple(f"127.0.0.{number}" for number in range(1, count + 1))
    attempt = made(
        peers.context(), lambda connection: connection.dial(addresses, 9, role=Role.TARGET)
    )
    assert len(attempt.steps) == tried
    if not count:
        assert attempt.steps[0].failure is not None
        assert attempt.steps[0].failure.kind is FailureKind.NO_ADDRESS


def test_a_rehearsal_reaches_loopback_only() -> None:
    """With a map of dials an address that is not in it is nowhere, whatever it is."""
    context = peers.context((peers.HOST, 443, 9))
    attempt = made(
        context, lambda connection: connection.dial(("192.0.2.1",), 443, role=Role.TARGET)
    )
    assert attempt.steps[0].failure is not None
    assert attempt.steps[0].failure.kind is FailureKind.UNREACHABLE


def test_an_address_is_not_looked_up() -> None:
    """An address stands for itself; a name of --resolve is recorded with that engine."""
    found: list[tuple[str, ...]] = []

    async def walk(connection: Connection) -> None:
        found.append(await connection.addresses("2001:db8::1", 443))
        found.append(await connection.addresses(peers.HOST, 443))

    attempt = made(peers.context((peers.HOST, 443, 9)), walk)
    assert found == [("2001:db8::1",), ("192.88.99.1",)]
    assert [step.engine for step in attempt.steps if isinstance(step, Lookup)] == ["--resolve"]


def test_open_connections_are_known_to_their_check() -> None:
    """A check that is cut short finds the connections that it had begun."""
    seen: list[Connection] = []

    async def cut_short() -> None:
        open_connections.set(seen)
        async with Connection(peers.context(), Experiment.CONTROL):
            pass

    asyncio.run(cut_short())
    assert [connection.label for connection in seen] == ["control"]
