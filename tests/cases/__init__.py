"""Cases from public bug reports, played through the stages after the wire: plan, findings, causes.
A folder holds what a case came with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Config,
    Dial,
    Exchange,
    Experiment,
    FailureKind,
    Kind,
    Lookup,
    Observation,
    Report,
    Settings,
    Tunnel,
    Upgrade,
)
from arcprobe.pipeline import judged
from arcprobe.plan import make_plan
from tests.findings.seen import LEAF, RUN, attempt, failed, head, shaken, to_proxy
from tests.support.services import read_services_file

FOLDER = Path(__file__).parent
PUBLIC = "20.49.97.1"
SERVER = "10.0.0.53"


class World(msgspec.Struct, frozen=True):
    """A network: a good proxy, genuine origins behind it. ``address``: what names of endpoints
    resolve to, "" for names that nobody knows; ``is_closed``: nothing answers past the proxy."""

    address: str = PUBLIC
    is_closed: bool = False
    services: str = ""


def played(config: Config, world: World) -> Report:
    """The report of a run in that network."""
    checks = make_plan(config)
    return report_of(((check, world_of(check, world)) for check in checks), config.settings)


def world_of(check: Check, world: World) -> Observation:
    """What a check sees there."""
    if check.kind is Kind.SKIP_RANGE and world.services:
        told = attempt(read_services_file(world.services), label=Experiment.CLUSTER)
        return Observation(check=check.id, attempts=(told,))
    if check.kind is Kind.DNS:
        return Observation(check=check.id, attempts=tuple(_looked_up(check, world)))
    if check.kind is Kind.PROXY:
        return Observation(check=check.id, attempts=(attempt(*to_proxy()),))
    if not check.connects:
        return Observation(check=check.id, attempts=())
    return Observation(check=check.id, attempts=(attempt(*_connected(check, world)),))


def _looked_up(check: Check, world: World) -> Iterator[Attempt]:
    is_own = check.proxy is not None
    found = "10.20.0.8" if is_own else world.address
    if not check.host:
        found = ""
    addresses = (found,) if found else ()
    failure = None if found else failed(FailureKind.NAME_UNKNOWN)
    name = check.host or "q8x3.example"
    yield attempt(Lookup(name=name, addresses=addresses, failure=failure), label=Experiment.SYSTEM)
    asked = Lookup(
        name=name,
        addresses=addresses,
        failure=failure,
        engine=SERVER,
        record="A",
        transport="udp",
        rcode="NOERROR" if found else "NXDOMAIN",
    )
    yield Attempt(label=Experiment.NAME_SERVER.of(SERVER), steps=(asked,))


def _connected(check: Check, world: World) -> Iterator[AnyStep]:
    if check.proxy is not None:
        yield from to_proxy(check.proxy)
        yield Tunnel(target=check.target, head=head(200))
    else:
        failure = None if world.address else failed(FailureKind.NAME_UNKNOWN)
        addresses = (world.address,) if world.address else ()
        yield Lookup(name=check.host, addresses=addresses, failure=failure)
        if not world.address:
            return
        silent = failed(FailureKind.TIMED_OUT) if world.is_closed else None
        yield Dial(address=world.address, port=check.port, failure=silent)
        if world.is_closed:
            return
    leaf = msgspec.structs.replace(LEAF, sha256=check.host, names=(check.host,))
    yield shaken(server_name=check.host, chain=(leaf,))
    if check.kind is Kind.WEBSOCKET:
        yield Upgrade(path=check.path, head=head(401, "TrackingId:0"))
    else:
        yield Exchange(method="GET", path=check.path, head=head(200))


def report_of(
    seen: Iterable[tuple[Check, Observation]],
    settings: Settings,
    started: datetime = datetime(2026, 11, 26, 12, tzinfo=UTC),
) -> Report:
    """The report of what was asked and seen."""
    pairs = tuple(seen)
    run = msgspec.structs.replace(RUN, settings=settings, started=started.isoformat())
    checks, observations = zip(*pairs, strict=True)
    return judged(run, checks, observations)


def causes_of(report: Report) -> list[tuple[str, str, str]]:
    """Code, verdict and owner of each cause."""
    return [(cause.code.value, cause.verdict.value, cause.owner.value) for cause in report.causes]
