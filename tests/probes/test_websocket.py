"""A WebSocket goes the agents' way to its upgrade, and is held as long as the settings say."""

from __future__ import annotations

from arcprobe.model import Kind, Upgrade
from tests.probes import peers
from tests.probes.wire.test_websocket import pong, respond


def test_the_upgrade_is_the_last_step_and_held() -> None:
    """Reach, handshake, upgrade; the hold of the settings is kept."""
    question = peers.check(Kind.WEBSOCKET)

    def script(wire: peers.Wire) -> None:
        inner = wire.tls(peers.server_context())
        respond(inner)
        pong(inner)
        inner.drain()

    with peers.peer(script) as server:
        context = peers.context((peers.HOST, 443, server.port), timeout=5, hold=0.2)
        (attempt,) = peers.probed(question, context)
    step = attempt.steps[-1]
    assert isinstance(step, Upgrade)
    assert step.pong
    assert step.held >= 0.2
    assert step.cut == ""
