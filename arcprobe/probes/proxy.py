"""Does a proxy take connections that no endpoint of this run would use? (--proxy-http, where
nothing is asked over http)"""

from __future__ import annotations

from arcprobe.model import Attempt, Check
from arcprobe.probes.connection import Connection, Place
from arcprobe.probes.https import AGENTS


async def probe(check: Check, place: Place) -> tuple[Attempt, ...]:
    """One connection to the proxy and, with https://, a handshake. None where the endpoints' own
    connections show it."""
    if not check.unused or check.proxy is None:
        return ()
    async with Connection(place, AGENTS) as connection:
        await connection.reach_proxy(check.proxy)
    return (connection.attempt,)
