"""Does a proxy take connections that no endpoint of this run would use? (--proxy-http, where
nothing is asked over http)"""

from __future__ import annotations

from arcprobe.model import Attempt, Check, Experiment
from arcprobe.probes.connection import Connection
from arcprobe.probes.context import ProbeContext


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """One connection to the proxy and, with https://, a handshake. None where the endpoints' own
    connections show it."""
    if not check.unused or check.proxy is None:
        return ()
    async with Connection(context, Experiment.AGENTS) as connection:
        await connection.reach_proxy(check.proxy, tls=check.proxy.scheme == "https")
    return (connection.attempt,)
