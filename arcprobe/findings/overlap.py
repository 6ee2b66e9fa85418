"""A proxy or a name server whose address lies in the cluster's own Service or pod range: pods and
nodes do not reach it, whatever stands there in the network."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from itertools import chain

import msgspec

from arcprobe.findings.case import Case
from arcprobe.model import Check, Cluster, Code, Judgement, Kind, Owner, Range, Role, line
from arcprobe.model.text import parse_address

_SERVER_LOST = frozenset({Code.RESOLVER_SILENT, Code.RESOLVER_UNREACHABLE})
_LOST = frozenset({Code.PROXY_SILENT, Code.PROXY_UNREACHABLE, Code.PROXY_REFUSED})


def retold(check: Check, words: tuple[Judgement, ...], case: Case) -> tuple[Judgement, ...]:
    """The same words; of a proxy or a name server that is not reached, that the cluster's own
    range holds its address."""
    if any(word.code in _SERVER_LOST for word in words):
        return tuple(_server_retold(word, case) for word in words)
    if check.proxy is None or not any(word.code in _LOST for word in words):
        return words
    connections = case.reading(check).connections
    dials = chain.from_iterable(made.dials for made in connections)
    addresses = {dial.address for dial in dials if dial.role is Role.PROXY}
    found = next(_overlaps(addresses or {check.proxy.host}, case), None)
    if found is None:
        return words
    address, known = found
    return tuple(_retold(word, address, known) if word.code in _LOST else word for word in words)


def _overlaps(addresses: set[str], case: Case) -> Iterator[tuple[str, Range]]:
    for cluster in _clusters(case):
        own = set(chain.from_iterable(service.addresses for service in cluster.services))
        for address in sorted(addresses - own):  # a proxy may well be a Service of this cluster
            yield from ((address, known) for known in cluster.ranges if _holds(known, address))


def _clusters(case: Case) -> Iterator[Cluster]:
    for check in case.checks.values():
        if check.kind is Kind.SKIP_RANGE:
            found = (made.cluster for made in case.reading(check).connections)
            yield from filter(None, found)


def _holds(known: Range, address: str) -> bool:
    parsed = parse_address(address)
    if parsed is None or known.inferred or known.what == "nodes":
        return False
    try:
        return parsed in ip_network(known.cidr, strict=False)
    except ValueError:
        return False


def _server_retold(word: Judgement, case: Case) -> Judgement:
    """Of a name server that does not answer."""
    server = str(dict(word.values).get("server", ""))
    found = next(_overlaps({server}, case), None)
    if word.code not in _SERVER_LOST or found is None:
        return word
    address, known = found
    told = _retold(word, address, known)
    remedy = line("overlap.server-remedy", address=address, cidr=known.cidr)
    return msgspec.structs.replace(told, remedy=remedy)


def _retold(word: Judgement, address: str, known: Range) -> Judgement:
    told = line(f"overlap.{known.what}", address=address, cidr=known.cidr, source=known.source)
    return msgspec.structs.replace(
        word,
        evidence=(*word.evidence, told),
        remedy=line("overlap.remedy", address=address, cidr=known.cidr),
        product="",
        owner=Owner.CLUSTER,
    )
