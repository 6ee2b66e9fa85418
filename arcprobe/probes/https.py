"""Can an agent talk to the endpoint by its route? One connection; a further one only to explain why
it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arcprobe.model import Attempt, Check, Experiment
from arcprobe.probes.connection import Connection
from arcprobe.probes.explaining import Explaining
from arcprobe.probes.request import continued, go, recorded

if TYPE_CHECKING:
    from arcprobe.probes.context import ProbeContext


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """The agents' way to the endpoint, and what explains its end."""

    async def walk(connection: Connection) -> None:
        connection.on_silence = explaining.begin
        await go(connection, check, hold=context.websocket_hold)

    async with Explaining(check, context) as explaining:
        main = await recorded(context, Experiment.AGENTS, walk)
        attempts: tuple[Attempt, ...] = (main,)
        if check.discovery == "mcr" and main.steps:
            attempts += await continued(check, context, main)
        return attempts + await explaining.explain(main)
