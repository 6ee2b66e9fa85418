"""Entries of a bypass list that take required endpoints past the proxy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import msgspec

from arcprobe import no_proxy
from arcprobe.findings.questions.bypass_facts import AzureHosts, with_names
from arcprobe.findings.questions.bypass_words import (
    LONGEST_LIST,
    MOST_LINES,
    bounded,
    fault,
    listed,
)
from arcprobe.knowledge.bypass_keywords import is_documented
from arcprobe.model import Code, Judgement, Line, Verdict, line
from arcprobe.model.text import host_port, printable

NOTHING_CLOSED: Mapping[str, AzureHosts] = MappingProxyType({})


def too_broad(
    given: str, azure_hosts: AzureHosts, closed: Mapping[str, AzureHosts] = NOTHING_CLOSED
) -> Iterator[Judgement]:
    """Entries that take required endpoints past the proxy: by a slip, or as az itself does it.
    ``closed``: entries that name hosts to which no direct way leads."""
    broad = dict(_broad_entries(given, azure_hosts)) | dict(closed)
    meant = {
        entry: taken
        for entry, taken in broad.items()
        if entry not in closed and _is_documented(taken)
    }
    slips = {entry: taken for entry, taken in broad.items() if entry not in meant}
    if slips:
        yield _broad(slips)
    if meant:
        first = line("list.documented", entry=listed(meant))
        yield msgspec.structs.replace(
            _broad(meant),
            verdict=Verdict.WARN,
            summary=first,
            remedy=line("list.documented-remedy", entry=listed(meant)),
        )
    yield from _every_address(given, broad)


def _every_address(given: str, told: Collection[str]) -> Iterator[Judgement]:
    """`0.0.0.0/0` and its like bypass no name: what breaks by it are proxies asked for by
    address."""
    found = (entry.text for entry in no_proxy.entries(given) if entry.problem is None)
    texts = [text for text in found if no_proxy.is_every_address(text) and text not in told]
    if not texts:
        return
    judgement = fault(
        Code.SKIP_RANGE_TOO_BROAD,
        *(line("list.every-address-of", text=bounded(text)) for text in texts[:MOST_LINES]),
        subject=printable(", ".join(texts), LONGEST_LIST),
        entry=listed(texts),
        entries=listed(texts),
        host=line("list.all-addresses"),
        what=line("list.all-addresses"),
    )
    yield msgspec.structs.replace(judgement, verdict=Verdict.WARN)


def _broad_entries(given: str, azure_hosts: AzureHosts) -> Iterator[tuple[str, AzureHosts]]:
    """Each entry that is too broad, with what it takes. A host that stands in the list by its own
    full name is meant to go direct (private endpoints): that is no breadth."""
    asked = dict(zip(with_names(azure_hosts), azure_hosts, strict=True))
    for entry in no_proxy.entries(given):
        taken = no_proxy.too_broad(entry.text, asked)
        if taken and entry.kind != "malformed":
            yield entry.text, tuple(asked[host] for host in taken)


def _is_documented(taken: AzureHosts) -> bool:
    """Whether all that an entry takes past the proxy is what az itself sends past it."""
    return all(is_documented(host) for host, _port in taken)


def _broad(broad: Mapping[str, AzureHosts]) -> Judgement:
    lines = [_line(entry, taken) for entry, taken in broad.items()]
    names = listed(broad)
    judgement = fault(
        Code.SKIP_RANGE_TOO_BROAD,
        *lines[:MOST_LINES],
        subject=printable(", ".join(broad), LONGEST_LIST),
        entry=names,
        entries=names,
        host=next(iter(broad.values()))[0][0],
        what=line("list.required-endpoints"),
    )
    return msgspec.structs.replace(judgement, entries=tuple(map(bounded, broad)))


def _line(entry: str, taken: AzureHosts) -> Line:
    hosts = listed(host_port(host, port) for host, port in taken)
    return line("list.too-broad", text=bounded(entry), hosts=hosts)
