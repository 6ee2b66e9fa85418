"""What is asked of an endpoint over a connection that stands: the check's own request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arcprobe.model import Attempt, Check, Exchange, Experiment, Kind
from arcprobe.probes.connection import Connection
from arcprobe.probes.registry import next_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from arcprobe.probes.context import ProbeContext

    Walk = Callable[[Connection], Awaitable[None]]

HTTPS_PORT = 443

# Bytes of a discovery's answer: a manifest, or a list of hosts, has some thousand. Less would cut
# a long list; a cut answer names nobody.
_DISCOVERY_BODY = 128 * 1024
_CONTINUED = 5  # connections, for a registry that closes after each answer


async def recorded(
    context: ProbeContext, label: str, walk: Walk, *, mss: int | None = None
) -> Attempt:
    """One connection by ``walk``, as far as it came."""
    connection = Connection(context, label, mss=mss)
    async with connection:
        await walk(connection)
    return connection.attempt


async def go(connection: Connection, check: Check, *, hold: float = 0.0) -> None:
    """The agents' way: reach the endpoint, shake hands, ask."""
    await connection.reach(check)
    if check.protocol != "http":
        await connection.handshake(check.host)
    await ask(connection, check, hold=hold)


async def ask(connection: Connection, check: Check, *, hold: float = 0.0) -> None:
    """The request that belongs to the check. ``hold``: seconds that a WebSocket is kept open."""
    if check.kind is Kind.WEBSOCKET:
        await connection.upgrade(check.path, _authority(check), hold=hold)
    elif check.discovery == "mcr":
        await _registry(connection, check)
    else:
        await _get(connection, check)


async def _get(connection: Connection, check: Check) -> None:
    """A discovery's answer is read whole, others only at their beginning."""
    path = check.path
    if check.protocol == "http" and check.proxy is not None:
        path = f"http://{check.target}{check.path}"  # absolute form, RFC 9112 section 3.2.2
    await connection.exchange(
        "GET",
        path,
        _authority(check),
        headers=(("Accept", "*/*"),),
        body_limit=_DISCOVERY_BODY if check.discovery else None,
        patience=connection.context.timeout if check.discovery else None,
    )


async def _registry(connection: Connection, check: Check) -> None:
    """Up to three questions on the same connection, as far as the registry keeps it open."""
    while (path := next_path(check, connection.steps)) and connection.is_reusable:
        await _pull(connection, check, path, keep_alive=True)


async def continued(check: Check, context: ProbeContext, main: Attempt) -> tuple[Attempt, ...]:
    """A registry that closes after each answer is asked on over further connections, each
    recorded."""
    found: list[Attempt] = []
    steps = list(main.steps)

    async def walk(connection: Connection) -> None:
        await connection.reach(check)
        await connection.handshake(check.host)
        await _pull(connection, check, next_path(check, steps))

    end = context.now() + 2 * context.timeout
    while len(found) < _CONTINUED and context.now() < end and next_path(check, steps):
        attempt = await recorded(context, Experiment.REGISTRY_CONTINUED, walk)
        found.append(attempt)
        steps += attempt.steps
        if not any(isinstance(step, Exchange) for step in attempt.steps):
            break
    return tuple(found)


async def _pull(
    connection: Connection, check: Check, path: str, *, keep_alive: bool = False
) -> None:
    accept = check.accept if "/manifests/" in path else ("*/*",)
    await connection.exchange(
        "GET",
        path,
        _authority(check),
        headers=tuple(("Accept", value) for value in accept),
        body_limit=_DISCOVERY_BODY,
        keep_alive=keep_alive,
    )


def _authority(check: Check) -> str:
    """What goes into Host: the port only where it is not the usual one."""
    return check.host if check.port == HTTPS_PORT else check.target
