"""Does a WebSocket upgrade survive the way? One connection; a further one only to explain why it
ended."""

from __future__ import annotations

from arcprobe.model import Attempt, Check
from arcprobe.probes.connection import Connection, Place
from arcprobe.probes.https import by_route


async def probe(check: Check, place: Place) -> tuple[Attempt, ...]:
    """Reach, shake hands, upgrade; after 101 a ping, its pong, and the hold."""

    async def walk(connection: Connection) -> None:
        await connection.reach(check)
        await connection.handshake(check.host)
        authority = check.host if check.port == 443 else check.target
        await connection.upgrade(check.path, authority, hold=place.websocket_hold)

    return await by_route(check, place, walk)
