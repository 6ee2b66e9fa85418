"""Addresses that unrelated names share: a sinkhole, or one front of many services?"""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.findings.addresses import (
    is_certificate_for,
    is_lost_beyond,
    lies_of_servers,
    shared_sinks,
)
from arcprobe.findings.ladder import climb
from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Dial,
    Experiment,
    FailureKind,
    Kind,
    Lookup,
    Observation,
)
from tests.findings.seen import LEAF, attempt, check, failed, observed, scene, shaken

ADDRESS, ELSEWHERE = "192.0.2.10", "192.0.2.99"
HOSTS = ("a.azure.com", "b.microsoft.com", "c.windows.net")
OF_AZURE = shaken(
    name_matches=False,
    server_name=HOSTS[0],
    chain=(msgspec.structs.replace(LEAF, names=("*.microsoft.com",)),),
)


def seen(host: str, address: str, *steps: AnyStep) -> list[tuple[Check, Observation]]:
    """A name that was looked up, and the connection to what it is."""
    carrier = check(host=host)
    name = msgspec.structs.replace(carrier, id=f"dns {host}", kind=Kind.DNS)
    lookup = Lookup(name=host, addresses=(address,))
    return [
        (name, Observation(check=name.id, attempts=(attempt(lookup, label=Experiment.SYSTEM),))),
        (carrier, observed(carrier, lookup, *steps)),
    ]


def refused(host: str, address: str = ADDRESS) -> list[tuple[Check, Observation]]:
    """A host where nobody takes the connection."""
    dial = Dial(address=address, port=443, failure=failed(FailureKind.REFUSED))
    return seen(host, address, dial)


def shown(host: str, address: str = ADDRESS, *, own: bool) -> list[tuple[Check, Observation]]:
    """A host that shows a certificate, its own or another's."""
    dial = Dial(address=address, port=443)
    names = (host,) if own else ("block.filter.example",)
    leaf = msgspec.structs.replace(LEAF, names=names)
    return seen(host, address, dial, shaken(name_matches=own, server_name=host, chain=(leaf,)))


def sinks(*groups: list[tuple[Check, Observation]]) -> frozenset[str]:
    """The sinkholes that these show together."""
    around = scene(*(pair for group in groups for pair in group))
    climbs = {
        reading.check.id: climb(reading, around)
        for reading in around.readings.values()
        if reading.check.connects
    }
    return shared_sinks(around, climbs)


@pytest.mark.parametrize(
    ("others", "due"),
    [
        # three domains at one address where none answers, and another that works elsewhere
        ([*map(refused, HOSTS), shown("d.example", ELSEWHERE, own=True)], {ADDRESS}),
        # two are no proof
        ([*map(refused, HOSTS[:2]), shown("d.example", ELSEWHERE, own=True)], set()),
        # nothing works at all: a firewall may be before everything
        ([*map(refused, HOSTS)], set()),
        # a certificate for another name is proof for two
        ([shown(HOSTS[0], own=False), refused(HOSTS[1])], {ADDRESS}),
        # … but not for one
        ([shown(HOSTS[0], own=False)], set()),
        # a genuine certificate of another service of Azure: a wrong record, and no filter
        (
            [
                seen(HOSTS[0], ADDRESS, Dial(address=ADDRESS, port=443), OF_AZURE),
                refused(HOSTS[1]),
                refused(HOSTS[2]),
                shown("d.example", ELSEWHERE, own=True),
            ],
            set(),
        ),
        # one of them is itself: a front of several services
        ([shown(HOSTS[0], own=True), *map(refused, HOSTS[1:])], set()),
        # the same wrong certificate at other addresses: what leads there is no DNS answer
        (
            [
                shown(HOSTS[0], own=False),
                shown(HOSTS[1], own=False),
                shown(HOSTS[2], ELSEWHERE, own=False),
            ],
            set(),
        ),
    ],
)
def test_shared_sinks(others: list[list[tuple[Check, Observation]]], due: set[str]) -> None:
    """Unrelated names with one address, none of which is there, are a sinkhole; and only those."""
    assert sinks(*others) == due


def test_one_domain_is_not_unrelated() -> None:
    """Names of one registered domain may well share an address."""
    hosts = ("a.azure.com", "b.azure.com", "c.azure.com")
    assert sinks(*map(refused, hosts), shown("d.example", ELSEWHERE, own=True)) == set()


def test_certificate_and_loss() -> None:
    """Whether a host's own certificate came back, and whether its address leads to it."""
    around = scene(
        *shown("a.azure.com", own=True), *shown("b.azure.com", own=False), *refused("c.azure.com")
    )
    climbs = {
        reading.check.id: climb(reading, around)
        for reading in around.readings.values()
        if reading.check.connects
    }
    hosts = ("a.azure.com", "b.azure.com", "c.azure.com", "unknown.example")
    assert [is_certificate_for(host, around) for host in hosts] == [True, False, None, None]
    assert [is_lost_beyond(host, around, climbs) for host in hosts] == [False, True, True, False]


def _asked(host: str, **answers: str) -> tuple[Check, Observation]:
    """A name, and the address that each name server gave."""
    name = msgspec.structs.replace(check(host=host), id=f"dns {host}", kind=Kind.DNS)
    attempts = tuple(
        Attempt(
            label=Experiment.NAME_SERVER.of(server),
            steps=(Lookup(name=host, engine=server, record="A", addresses=(address,)),),
        )
        for server, address in answers.items()
    )
    return name, Observation(check=name.id, attempts=attempts)


def test_what_one_server_alone_says_of_many() -> None:
    """An address that one name server alone gives to names of three domains is a lie of it; what
    two give, or what two domains have, is none."""
    right = dict(zip(HOSTS, ("20.0.0.1", "20.0.0.2", "20.0.0.3"), strict=True))
    apart = [_asked(host, first=right[host], second=ELSEWHERE) for host in HOSTS]
    assert lies_of_servers(scene(*apart)) == {"second": frozenset({ELSEWHERE})}
    assert lies_of_servers(scene(*apart[:2])) == {}
    alike = [_asked(host, first=ELSEWHERE, second=ELSEWHERE) for host in HOSTS]
    assert lies_of_servers(scene(*alike)) == {}
