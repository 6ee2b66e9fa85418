"""What every probe of a run shares: its clock, its limits, its resolver, its trust, its
credentials."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import ClusterSource, Credentials, Proxy
from arcprobe.model.text import host_port
from arcprobe.probes.samples import Samples
from arcprobe.probes.wire.clock import Clock
from arcprobe.probes.wire.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from arcprobe.model import Config
    from arcprobe.probes.trust.stores import Stores
    from arcprobe.probes.wire.system_lookup import HeadStart

# Seconds for one operation of a connection that only explains a silence: whoever answers at all
# does so in a round trip or two. Shorter would miss a satellite's, longer would double the run.
SHORT_TIMEOUT = 2.0

# Seconds for the round trips before that operation: a connection that explains a silence is begun
# so long, and SHORT_TIMEOUT, before the time-out, and no earlier, since a slow peer that answers
# in time needs none. Longer would ask more slow peers twice, shorter would wait for satellites.
_ROUND_TRIPS = 0.5
_HALF = 0.5  # of a time-out that is not much longer than that


class ProbeContext(Clock, kw_only=True):
    """Given to every probe.

    ``dial_map`` leads (name or address, port) elsewhere at the very bottom: only a rehearsal on
    loopback sets it.
    """

    resolver: Resolver
    stores: Stores
    credentials: dict[Proxy, Credentials] = msgspec.field(default_factory=dict)
    resolve: dict[tuple[str, int], tuple[str, ...]] = msgspec.field(default_factory=dict)
    dial_map: dict[tuple[str, int], tuple[str, int]] = msgspec.field(default_factory=dict)
    # (host as in a request, path as reports have it) -> path with its query, which may be secret
    queries: dict[tuple[str, str], str] = msgspec.field(default_factory=dict)
    websocket_hold: float = 0.0  # seconds
    cluster: ClusterSource = ClusterSource()
    wall_clock: Callable[[], float] = time.time
    samples: Samples = msgspec.field(default_factory=Samples)

    @property
    def doubtful_after(self) -> float:
        """Seconds of silence after which what explains it is asked beside it."""
        return max(self.timeout - SHORT_TIMEOUT - _ROUND_TRIPS, self.timeout * _HALF)


def context_of(
    config: Config, stores: Stores, now: Callable[[], float], ahead: HeadStart | None = None
) -> ProbeContext:
    """What the probes of one run share. ``now``: its clock, in seconds; ``ahead``: the look-up that
    has begun."""
    return ProbeContext(
        now=now,
        timeout=config.settings.timeout,
        resolver=Resolver(now, config.name_servers, ahead),
        stores=stores,
        credentials={proxy: Credentials(*pair) for proxy, pair in config.credentials.items()},
        resolve=config.resolve,
        dial_map=config.dial_map,
        queries=dict(_queries(config)),
        websocket_hold=config.settings.websocket_hold,
        cluster=config.cluster,
    )


def _queries(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    for endpoint in config.endpoints:
        if endpoint.shown:
            for host in (endpoint.host, host_port(endpoint.host, endpoint.port)):
                yield (host, endpoint.shown), endpoint.path


def with_short_timeout(context: ProbeContext) -> ProbeContext:
    """The same with less patience, for connections that only explain: the time-out proper was
    spent already."""
    return msgspec.structs.replace(context, timeout=min(context.timeout, SHORT_TIMEOUT))
