"""How whoever runs name servers finds the one that fails: questions for dig(1), and what answers to
them mean."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from arcprobe.model import Cause, Code, Report
from arcprobe.model.text import printable
from arcprobe.no_proxy import is_seen_by_others

_CONTROL = "www.example.com"  # a name that no policy is about (RFC 2606)
_FIRST = "dig {server}{name}"
_UNCHECKED = "dig +cd {server}{name}"  # without DNSSEC validation (RFC 4035 section 3.2.2)
_CONTROLLED = f"dig {{server}}{_CONTROL}"


class Search(NamedTuple):
    """Commands, and the key in [report.ticket] of what their answers mean."""

    meaning: str
    commands: tuple[str, ...]


_SEARCHES = {
    Code.NAME_UNKNOWN: Search("find-unknown", (_FIRST, _CONTROLLED)),
    Code.NAME_EMPTY: Search("find-unknown", (_FIRST, _CONTROLLED)),
    Code.RESOLVER_FAILED: Search("find-failed", (_FIRST, _UNCHECKED, _CONTROLLED)),
}


def search(report: Report, causes: Iterable[Cause]) -> Search | None:
    """For the first of the causes that is about a name; asked of the name server that failed, where
    others can reach it. None where no cause is."""
    for cause in causes:
        found = _SEARCHES.get(cause.code)
        host = next(chain.from_iterable(change.hosts for change in cause.change), "")
        if found and host:
            server, name = next(_servers(report, cause), ""), shlex.quote(printable(host))
            commands = (each.format(server=server, name=name) for each in found.commands)
            return found._replace(commands=tuple(commands))
    return None


def _servers(report: Report, cause: Cause) -> Iterator[str]:
    """The name servers that did not find it, as dig is told them."""
    seen = (each for each in report.observations if each.check in cause.explains)
    for engine in chain.from_iterable(each.resolvers_without for each in seen):
        address, _, port = engine.partition("#")
        if is_seen_by_others(address):
            yield f"@{address} " + (f"-p {port} " if port.isdecimal() else "")
