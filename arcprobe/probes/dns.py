"""What do the resolvers of this place say of a name? The system's first, then each configured name
server by itself."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from arcprobe.model import Attempt, Check, Experiment, FailureKind, Lookup
from arcprobe.probes.wire.resolver import ask

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from arcprobe.probes.connection import Place

_TRIES = 2  # a lost datagram is no silent server: each try is recorded
_SUFFIXES = 6
_SHARE = 0.45  # of the time-out for each try
# seconds for the question over TCP, which is only needed where an answer over UDP is truncated
_TCP = 3.0


async def probe(check: Check, place: Place) -> tuple[Attempt, ...]:
    """Attempts: ``system``, one a name server, ``search list``; without a name only ``unknown
    names``."""
    name = check.host
    servers = place.resolver.servers
    if not name:
        return (await _unknown(place, servers[0]),) if servers else ()
    asked = [_system(place, name), *(_server(place, name, server) for server in servers)]
    if servers and (suffixes := _searched(place, name)):
        asked.append(_suffixes(place, name, servers[0], suffixes))
    return tuple(attempt for attempt in await asyncio.gather(*asked) if attempt.steps)


def _searched(place: Place, name: str) -> tuple[str, ...]:
    """The suffixes that a resolver here tries before the name itself (resolv.conf(5), ndots)."""
    surroundings = place.resolver.place
    return surroundings.search[:_SUFFIXES] if name.count(".") < surroundings.ndots else ()


async def _system(place: Place, name: str) -> Attempt:
    # glibc gives a silent first name server 5 s before it asks the second: a shorter limit
    # would call a slow lookup a failed one
    lookup = await place.resolver.lookup(name, max(place.timeout, 6.0))
    return Attempt(label=Experiment.SYSTEM, steps=(place.resolver.place, lookup))


async def _server(place: Place, name: str, server: tuple[str, int]) -> Attempt:
    over_tcp = ask(
        name, server, "A", transport="tcp", timeout=min(_TCP, place.timeout * _SHARE), now=place.now
    )
    *both, tcp = await asyncio.gather(
        *(_asked(place, name, server, record) for record in ("A", "AAAA")), _one(over_tcp)
    )
    return Attempt(
        label=f"name server {server[0]}",
        steps=tuple(step for steps in (*both, tcp) for step in steps),
    )


async def _one(question: Awaitable[Lookup]) -> tuple[Lookup, ...]:
    return (await question,)


async def _asked(
    place: Place, name: str, server: tuple[str, int], record: str
) -> tuple[Lookup, ...]:
    steps: list[Lookup] = []
    for _number in range(_TRIES):
        step = await ask(
            name, server, record, transport="udp", timeout=place.timeout * _SHARE, now=place.now
        )
        steps.append(step)
        if step.failure is None or step.failure.kind is not FailureKind.TIMED_OUT:
            break
    if steps[-1].truncated and record != "A":
        steps.append(
            await ask(
                name, server, record, transport="tcp", timeout=place.timeout * _SHARE, now=place.now
            )
        )
    return tuple(steps)


async def _suffixes(
    place: Place, name: str, server: tuple[str, int], suffixes: tuple[str, ...]
) -> Attempt:
    limit = place.timeout * _SHARE
    steps = await asyncio.gather(
        *(
            ask(f"{name}.{suffix}", server, "A", transport="udp", timeout=limit, now=place.now)
            for suffix in suffixes
        )
    )
    return Attempt(label=Experiment.SEARCH_LIST, steps=tuple(steps))


async def _unknown(place: Place, server: tuple[str, int]) -> Attempt:
    """Two names that no one registered, in two domains: RFC 2606 reserves example.com, and nobody
    holds a 20-letter top level."""
    limit = place.timeout * _SHARE
    names = (
        f"arcprobe-{secrets.token_hex(6)}.example.com",
        f"arcprobe-{secrets.token_hex(6)}.nowhere-{secrets.token_hex(4)}",
    )
    steps = await asyncio.gather(
        *(ask(each, server, "A", transport="udp", timeout=limit, now=place.now) for each in names)
    )
    return Attempt(label=Experiment.UNKNOWN_NAMES, steps=tuple(steps))
