"""Addresses that unrelated names have in common, and what is behind them: a sinkhole answers
everything with one address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain

from arcprobe.findings.ladder import Climb
from arcprobe.findings.scene import Scene
from arcprobe.knowledge.codes import passes
from arcprobe.model import Experiment, Kind, Store
from arcprobe.model.text import registered_domain

# Names of so many registered domains at one address are no coincidence: with a certificate for
# another name two, else three, and then only where other names work elsewhere. One less would
# call a shared front end of one service a sinkhole.
_DOMAINS_WITH_PROOF = 2
_DOMAINS_WITHOUT = 3


def shared_sinks(scene: Scene, climbs: Mapping[str, Climb]) -> frozenset[str]:
    """Addresses that names of different registered domains have in common, and behind which there
    is none of them.

    That an address is shared and fails proves no sinkhole: one front may serve all names, and a
    firewall may be before it. A certificate for the name that was asked disproves it; one for
    another name, or other names that work elsewhere, prove it.
    """
    domains: dict[str, set[str]] = defaultdict(set)
    working: set[str] = set()
    wrong: set[str] = set()
    for host, address in _looked_up(scene):
        domains[address].add(registered_domain(host))
        is_own = is_certificate_for(host, scene)
        if is_own or _is_another_service(host, scene) or not is_lost_beyond(host, scene, climbs):
            working.add(address)
        elif is_own is False:
            wrong.add(address)

    def is_sink(address: str) -> bool:
        if address in working or wrong - {address}:
            return False  # the same at other addresses: what leads there is no DNS answer
        if address in wrong and len(domains[address]) >= _DOMAINS_WITH_PROOF:
            return True
        return len(domains[address]) >= _DOMAINS_WITHOUT and bool(working - {address})

    return frozenset(filter(is_sink, domains))


def _looked_up(scene: Scene) -> Iterator[tuple[str, str]]:
    """Host and address of each name that the system's resolver was asked for, on direct routes."""
    for reading in scene.readings.values():
        if reading.check.kind is not Kind.DNS or reading.check.proxy is not None:
            continue
        for made in reading.all_of(Experiment.SYSTEM):
            for lookup in made.lookups:
                yield from ((reading.check.host, address) for address in lookup.addresses)


def lies_of_servers(scene: Scene) -> dict[str, frozenset[str]]:
    """By name server, the addresses that it gives to names of different registered domains, to
    which no other server gives them."""
    domains: dict[tuple[str, str], set[str]] = defaultdict(set)
    said_by: dict[tuple[str, str], set[str]] = defaultdict(set)
    for host, server, address in _given(scene):
        domains[server, address].add(registered_domain(host))
        said_by[host, address].add(server)
    alone = {(next(iter(who)), key[1]) for key, who in said_by.items() if len(who) == 1}
    shared = {key for key, names in domains.items() if len(names) >= _DOMAINS_WITHOUT}
    lies: dict[str, frozenset[str]] = {}
    for server, address in shared & alone:
        lies[server] = lies.get(server, frozenset()) | {address}
    return lies


def _given(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Host, name server, and each address that it gave for the host, on direct routes."""
    for reading in scene.readings.values():
        check = reading.check
        if check.kind is Kind.DNS and check.proxy is None:
            for made in reading.all_of(Experiment.NAME_SERVER):
                given = set(chain.from_iterable(lookup.addresses for lookup in made.lookups))
                yield from ((check.host, made.peer, address) for address in given)


def _direct(host: str, scene: Scene) -> Iterator[str]:
    for reading in scene.readings.values():
        check = reading.check
        if check.connects and check.host == host and check.proxy is None:
            yield check.id


def is_certificate_for(host: str, scene: Scene) -> bool | None:
    """Whether the certificate that came back on the direct route to ``host`` is for that name; None
    where none came."""
    for check_id in _direct(host, scene):
        handshake = scene.comparison.handshakes.get(check_id)
        if handshake is not None and handshake.chain:
            return handshake.name_matches
    return None


def _is_another_service(host: str, scene: Scene) -> bool:
    """Whether a genuine certificate of another of the required services came back: a record is
    wrong, and no filter has such a certificate."""
    own = {registered_domain(name) for name, _address in _looked_up(scene)}
    found = (scene.comparison.handshakes.get(check_id) for check_id in _direct(host, scene))
    for handshake in filter(None, found):
        is_genuine = any(each.store is Store.PUBLIC and each.accepted for each in handshake.trust)
        names = handshake.chain[0].names if handshake.chain else ()
        if is_genuine and own & {registered_domain(name.removeprefix("*.")) for name in names}:
            return True
    return False


def is_lost_beyond(host: str, scene: Scene, climbs: Mapping[str, Climb]) -> bool:
    """Whether the direct route to ``host``, its address known, does not lead to the endpoint."""
    return any(
        climbs[check_id].below is not None
        or any(not passes(word.code) for word in climbs[check_id].session)
        for check_id in _direct(host, scene)
        if check_id in climbs
    )
