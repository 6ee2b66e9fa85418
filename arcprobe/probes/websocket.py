"""Does a WebSocket upgrade survive the way? Reach, shake hands, upgrade; after 101 a ping, its
pong, and the hold. A further connection only to explain why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arcprobe.probes import https

if TYPE_CHECKING:
    from arcprobe.model import Attempt, Check
    from arcprobe.probes.context import ProbeContext


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """As https; ``request.ask`` upgrades where the check is about a WebSocket."""
    return await https.probe(check, context)
