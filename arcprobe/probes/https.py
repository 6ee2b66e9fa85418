"""Can an agent talk to the endpoint by its route? One connection; a further one only to explain why
it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Attempt, Check, Experiment, Failure, FailureKind, Tunnel
from arcprobe.probes.experiments import explain
from arcprobe.probes.request import continued, go, recorded

if TYPE_CHECKING:
    from arcprobe.probes.context import ProbeContext


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """The agents' way to the endpoint, then what explains its end.

    SOCKS 4 knows addresses only; names are its extension 4A, which some servers lack (Dante 1.4,
    measured by tests/netlab). Where the name is refused the address is tried, as curl does for
    socks4://, and both connections are recorded.
    """
    main = await _by_route(check, context)
    attempts: tuple[Attempt, ...] = (main,)
    if check.proxy is not None and check.proxy.scheme == "socks4" and _is_name_refused(main):
        refused = msgspec.structs.replace(main, label=Experiment.SOCKS_4A)
        main = await _by_route(check, context, names_at_proxy=False)
        attempts = (main, refused)
    if check.discovery == "mcr" and main.steps:
        attempts += await continued(check, context, main)
    return attempts + await explain(check, context, main)


async def _by_route(check: Check, context: ProbeContext, *, names_at_proxy: bool = True) -> Attempt:
    return await recorded(
        context,
        Experiment.AGENTS,
        lambda connection: go(connection, check, hold=context.websocket_hold),
        names_at_proxy=names_at_proxy,
    )


def _is_name_refused(attempt: Attempt) -> bool:
    match attempt.steps[-1:]:
        case [
            Tunnel(
                protocol="socks4",
                failure=Failure(kind=FailureKind.SOCKS_REFUSED | FailureKind.CLOSED),
            )
        ]:
            return True
        case _:
            return False
