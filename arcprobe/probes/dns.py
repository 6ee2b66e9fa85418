"""What do the resolvers of this place say of a name? The system's first, then each configured name
server by itself."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from arcprobe.model import Attempt, Check, Experiment, FailureKind, Lookup
from arcprobe.probes.connection import look_up
from arcprobe.probes.wire.resolver import ask

if TYPE_CHECKING:
    from arcprobe.probes.context import ProbeContext

    Server = tuple[str, int]

_SUFFIXES = 6  # of the search list that are asked; glibc knew no more until 2.26

# Shares of the time-out: when a question that was not answered is asked again, since a lost
# datagram is no silent server; and until when an answer to either is waited for. A server that
# needs 4 s is heard; Go's resolver gives up after 5 (net/dnsconfig_unix.go).
_AGAIN = 0.24
_SHARE = 0.48


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """Attempts: ``system``, one a name server, ``search list``; without a name only ``unknown
    names``."""
    name = check.host
    servers = context.resolver.servers
    if not name:
        return (await _unknown_names(context, servers[0]),) if servers else ()
    asked: list[Coroutine[None, None, Attempt]] = [_system(context, name)]
    asked += [_server(context, name, server) for server in servers]
    surroundings = context.resolver.surroundings
    if servers and name.count(".") < surroundings.ndots:
        names = tuple(f"{name}.{suffix}" for suffix in surroundings.search[:_SUFFIXES])
        asked.append(_asked_once(context, Experiment.SEARCH_LIST, names, servers[0]))
    return tuple(attempt for attempt in await asyncio.gather(*asked) if attempt.steps)


async def _system(context: ProbeContext, name: str) -> Attempt:
    steps = (context.resolver.surroundings, await look_up(context, name))
    return Attempt(label=Experiment.SYSTEM, steps=steps)


async def _server(context: ProbeContext, name: str, server: Server) -> Attempt:
    # over TCP as long as over UDP: a server that is slow over both does not lack one
    limit = context.timeout * _SHARE
    v4, v6, tcp = await asyncio.gather(
        _tried(context, name, server, "A"),
        _tried(context, name, server, "AAAA"),
        ask(name, server, "A", transport="tcp", timeout=limit, now=context.now),
    )
    return Attempt(label=Experiment.NAME_SERVER.of(server[0]), steps=(*v4, *v6, tcp))


async def _tried(
    context: ProbeContext, name: str, server: Server, record: str
) -> tuple[Lookup, ...]:
    """A question over UDP, again where it was not answered, over TCP where the answer was cut."""
    limit = context.timeout * _SHARE

    def put(seconds: float) -> asyncio.Task[Lookup]:
        question = ask(name, server, record, transport="udp", timeout=seconds, now=context.now)
        return asyncio.create_task(question)

    first = put(limit)
    await asyncio.wait({first}, timeout=context.timeout * _AGAIN)
    steps = await _repeated(first, put, limit - context.timeout * _AGAIN)
    if steps[-1].truncated and record != "A":  # A is asked over TCP in any case
        steps.append(
            await ask(name, server, record, transport="tcp", timeout=limit, now=context.now)
        )
    return tuple(steps)


async def _repeated(
    first: asyncio.Task[Lookup], put: Callable[[float], asyncio.Task[Lookup]], left: float
) -> list[Lookup]:
    """The question, and the same once more for what is ``left`` of the seconds, unless an answer to
    the first comes before."""
    if first.done():
        return [first.result()]
    second = put(left)
    await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
    if first.done() and _is_answered(first.result()):
        second.cancel()
        return [first.result()]
    if _is_answered(await second) and not first.done():
        first.cancel()
        return [await second]
    return [await first, await second]


def _is_answered(step: Lookup) -> bool:
    return step.failure is None or step.failure.kind is not FailureKind.TIMED_OUT


async def _unknown_names(context: ProbeContext, server: Server) -> Attempt:
    """Two names that no one registered, in two domains: RFC 2606 reserves example.com, and nobody
    holds a 16-letter top level."""
    names = (
        f"arcprobe-{secrets.token_hex(6)}.example.com",
        f"arcprobe-{secrets.token_hex(6)}.nowhere-{secrets.token_hex(4)}",
    )
    return await _asked_once(context, Experiment.UNKNOWN_NAMES, names, server)


async def _asked_once(
    context: ProbeContext, label: Experiment, names: tuple[str, ...], server: Server
) -> Attempt:
    limit = context.timeout * _SHARE
    steps = await asyncio.gather(
        *(ask(name, server, "A", transport="udp", timeout=limit, now=context.now) for name in names)
    )
    return Attempt(label=label, steps=tuple(steps))
