"""The DNS probe asks the system and each name server, whatever they answer, and bounds what it
asks."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from arcprobe.model import (
    Attempt,
    Check,
    Experiment,
    Finding,
    Kind,
    Lookup,
    Observation,
    Route,
    Surroundings,
)
from arcprobe.probes import dns
from arcprobe.probes.wire import listening
from arcprobe.probes.wire.resolver import Resolver
from tests.probes import peers as wire
from tests.probes.wire.test_resolver import GOOD, NAME, Answer, answer, says, server

CHECK = Check(
    id=f"dns {NAME}",
    kind=Kind.DNS,
    target=f"{NAME}:443",
    route=Route.DIRECT,
    required=True,
    feature="core",
    host=NAME,
    path="",
)


def probed(
    *servers: tuple[str, int], search: tuple[str, ...] = (), ndots: int = 1
) -> tuple[Attempt, ...]:
    context = wire.context()
    context.resolver = Resolver(time.monotonic, servers)
    context.resolver.surroundings = Surroundings(
        search=search, ndots=ndots, name_servers=tuple(host for host, _port in servers)
    )

    async def bounded() -> tuple[Attempt, ...]:
        async with asyncio.timeout(wire.LIMIT):
            return await dns.probe(CHECK, context)

    return listening.run(bounded())


def judged(attempts: tuple[Attempt, ...]) -> Finding:
    from arcprobe.findings import judge

    (finding,) = judge((CHECK,), (Observation(check=CHECK.id, attempts=attempts),), wire.run_of())
    return finding


def by_record(a: Answer, aaaa: Answer) -> Answer:
    return lambda query, send: (aaaa if query.question[0].rdtype == 28 else a)(query, send)


SILENT: Answer = lambda query, send: None  # noqa: E731


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (by_record(says(GOOD), says()), "name-resolves"),
        (says(rcode="NXDOMAIN"), "name-unknown"),
        (says(), "name-empty"),
        (says(rcode="SERVFAIL"), "resolver-failed"),
        (says(rcode="REFUSED"), "resolver-refused"),
        (SILENT, "resolver-silent"),
        (says(truncated=True), "dns-tcp-blocked"),
        (by_record(says(GOOD), SILENT), "ipv6-lookup-dropped"),
        (by_record(says((f"{NAME}.", "A", "0.0.0.0")), says()), "name-sinkholed"),
        (by_record(says((f"{NAME}.", "A", "127.0.0.1")), says()), "name-sinkholed"),
        (by_record(says((f"{NAME}.", "A", "10.1.2.3")), says()), "name-private"),
        (
            says((f"{NAME}.", "CNAME", "x.privatelink.his.arc.azure.com."), rcode="NXDOMAIN"),
            "private-link-unresolved",
        ),
        (
            says((f"{NAME}.", "CNAME", "a.example."), ("a.example.", "CNAME", f"{NAME}.")),
            "name-empty",
        ),
    ],
)
def test_every_row_has_its_code(script: Answer, code: str) -> None:
    """What a name server does to a name is named for what it is."""
    with server(script) as where:
        finding = judged(probed(where))
    assert finding.code == code, finding


def test_a_wildcard_of_the_search_list_is_asked_for() -> None:
    """With ndots above the name's dots each suffix is asked, bounded in number."""
    with server(
        lambda query, send: send(
            answer(query, (query.question[0].name.to_text(), "A", "192.88.99.9"))
        )
    ) as where:
        attempts = probed(
            where, search=tuple(f"s{number}.example" for number in range(30)), ndots=5
        )
    asked = next(attempt for attempt in attempts if attempt.label == Experiment.SEARCH_LIST)
    assert len(asked.steps) == 6
    assert all(isinstance(step, Lookup) and step.addresses for step in asked.steps)


def test_unknown_names() -> None:
    """Without a host two names that nobody registered are asked; a server that answers them
    rewrites."""
    unknown = msgspec.structs.replace(CHECK, host="")
    with server(
        lambda query, send: send(
            answer(query, (query.question[0].name.to_text(), "A", "192.88.99.9"))
        )
    ) as where:
        context = wire.context()
        context.resolver = Resolver(time.monotonic, (where,))
        attempts = asyncio.run(dns.probe(unknown, context))
    assert len(attempts[0].steps) == 2
    assert all(isinstance(step, Lookup) and step.addresses for step in attempts[0].steps)
