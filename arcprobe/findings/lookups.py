"""Names that were looked up: what was asked of whom, what came, and what a failure means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

import msgspec

from arcprobe.findings.reading import Connection, Reading, failure_kind, failure_words
from arcprobe.knowledge.ranges import is_nobodys, is_private
from arcprobe.model import (
    Check,
    Code,
    Experiment,
    FailureKind,
    Judgement,
    Line,
    Lookup,
    Surroundings,
    Value,
    line,
)

LOOKUP_CODES = {
    FailureKind.NAME_UNKNOWN: Code.NAME_UNKNOWN,
    FailureKind.NAME_EMPTY: Code.NAME_EMPTY,
    FailureKind.RESOLVER_FAILED: Code.RESOLVER_FAILED,
    FailureKind.RESOLVER_REFUSED: Code.RESOLVER_REFUSED,
    FailureKind.TIMED_OUT: Code.RESOLVER_SILENT,
    FailureKind.REFUSED: Code.RESOLVER_UNREACHABLE,
    FailureKind.UNREACHABLE: Code.RESOLVER_UNREACHABLE,
    FailureKind.PROHIBITED: Code.RESOLVER_UNREACHABLE,
}
DENIALS = frozenset({Code.NAME_UNKNOWN, Code.NAME_EMPTY})
"""There was an answer: no such name, or no address for it."""

TOLD = (FailureKind.REFUSED, FailureKind.UNREACHABLE, FailureKind.PROHIBITED)
"""By an ICMP error, not by silence."""

CUT = (FailureKind.TIMED_OUT, *TOLD)
"""There was no answer."""

# Seconds. The shortest time-out that resolv.conf can set is one: who gives up earlier was told.
# More would take silence for an ICMP error.
_AT_ONCE = 0.9
_SAID = {
    FailureKind.NAME_UNKNOWN: line("name.nxdomain"),
    FailureKind.NAME_EMPTY: line("name.nodata"),
    FailureKind.TIMED_OUT: line("name.no-answer"),
}
_MOST_ADDRESSES = 4  # in a line


class NameLookups(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked about one name, in the order in which a resolver would ask. ``servers``: by
    address. ``searched``: the name with the suffixes of the search list."""

    system: Lookup | None
    surroundings: Surroundings
    servers: Mapping[str, tuple[Lookup, ...]]
    searched: tuple[Lookup, ...]

    @property
    def direct(self) -> tuple[Lookup, ...]:
        """All that was asked of name servers, for the name as it is."""
        return tuple(chain.from_iterable(self.servers.values()))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names that lead to the addresses."""
        return tuple(dict.fromkeys(chain.from_iterable(lookup.cnames for lookup in self.direct)))

    @property
    def silent(self) -> tuple[str, ...]:
        """The servers that answered none of the questions for A."""
        silence = (FailureKind.TIMED_OUT,)
        return tuple(
            server for server, asked in self.servers.items() if all_failed(asked, silence, "A")
        )

    @property
    def evidence(self) -> tuple[Line, ...]:
        """A line for the system's resolver, one for each name server, one for the aliases."""
        lines = [
            line("name.server-said", server=server, answers=tuple(map(_asked, asked)))
            for server, asked in self.servers.items()
        ]
        if self.system is not None:
            said, seconds = what_came(self.system), self.system.took
            lines.insert(0, line("name.system-said", answer=said, seconds=seconds))
        if self.aliases:
            lines.append(line("name.aliases", names=self.aliases))
        return tuple(lines)


def lookups_of(reading: Reading) -> NameLookups:
    """What a reading shows of a name."""
    made = reading.experiment(Experiment.SYSTEM) or Connection(experiment=None, steps=())
    searched = (suffixed.lookups for suffixed in reading.all_of(Experiment.SEARCH_LIST))
    return NameLookups(
        system=next(iter(made.lookups), None),
        surroundings=made.surroundings or Surroundings(),
        servers={made.peer: made.lookups for made in reading.all_of(Experiment.NAME_SERVER)},
        searched=tuple(chain.from_iterable(searched)),
    )


def has_failed(lookup: Lookup, kinds: Collection[FailureKind]) -> bool:
    """Whether a lookup failed in one of these ways."""
    return lookup.failure is not None and lookup.failure.kind in kinds


def all_failed(asked: Iterable[Lookup], kinds: Collection[FailureKind], record: str = "") -> bool:
    """Whether questions for this record, or for any, were asked over UDP, and all failed so."""
    over_udp = [lookup for lookup in asked if lookup.transport == "udp"]
    meant = [lookup for lookup in over_udp if record in ("", lookup.record)]
    return bool(meant) and all(has_failed(lookup, kinds) for lookup in meant)


def has_lost_tcp(lookup: Lookup) -> bool:
    """Whether a question over TCP got no answer at all; an answer without addresses is one."""
    return lookup.transport == "tcp" and lookup.failure is not None and not lookup.rcode


def sort_of_answer(asked: tuple[Lookup, ...], lies: frozenset[str]) -> Value | None:
    """What a server gave, in one word; None where it did not answer. ``lies``: addresses that it
    gives to unrelated names, and no other server does."""
    answer = usable_answer(asked)
    if answer is None or has_failed(answer, CUT):
        return None
    if answer.failure is None:
        return line(_sort_of_addresses(answer.addresses, lies))
    is_ipv6_only = any(lookup.addresses for lookup in asked)
    return None if is_ipv6_only else what_came(answer)


def _sort_of_addresses(addresses: tuple[str, ...], lies: frozenset[str]) -> str:
    if all(address in lies or is_nobodys(address) for address in addresses):
        return "name.nobodys-ones"
    return "name.private-ones" if any(map(is_private, addresses)) else "name.public-ones"


def usable_answer(asked: tuple[Lookup, ...]) -> Lookup | None:
    """What a resolver would use: the answer over UDP, and over TCP where that was truncated."""
    whole = (each for each in reversed(asked) if each.rcode and not each.truncated)
    return next((lookup for lookup in whole if lookup.record == "A"), None)


def latest(seen: NameLookups, patience: float) -> Lookup | None:
    """An answer to the question for A, where no server gave one within so many seconds."""
    answers = [usable_answer(asked) for asked in seen.servers.values()]
    late = [answer for answer in answers if answer is not None and answer.took >= patience]
    return late[0] if late and len(late) == len(answers) else None


def what_came(lookup: Lookup) -> Value:
    """The addresses, or how the lookup failed."""
    if lookup.failure is not None:
        return _SAID.get(lookup.failure.kind, failure_words(lookup.failure))
    more = ("…",) if len(lookup.addresses) > _MOST_ADDRESSES else ()
    return (*lookup.addresses[:_MOST_ADDRESSES], *more)


def _asked(lookup: Lookup) -> Line:
    transport = lookup.transport.upper()
    return line("name.asked", record=lookup.record, transport=transport, answer=what_came(lookup))


# ------------------------------------------------------------------------------- what failures mean


def code_of(lookup: Lookup) -> Code:
    """What the failure of a lookup means. The system's EAI_AGAIN says only that it failed."""
    return LOOKUP_CODES.get(failure_kind(lookup.failure), Code.RESOLVER_FAILED)


def lookup_failed(check: Check, lookup: Lookup) -> Judgement:
    """A name that did not become an address, by what the system's resolver said alone.

    That the proxy's own name is not known is the setting's fault; that its resolver fails is DNS's.
    """
    code, subject = code_of(lookup), ""
    if check.proxy is not None and code in DENIALS:
        code, subject = Code.PROXY_NAME_UNKNOWN, check.proxy.url
    failure = failure_words(lookup.failure)
    return Judgement(
        code=code,
        evidence=(line("name.system-failed", name=lookup.name, failure=failure),),
        subject=subject,
        values=(
            ("reason", lookup.failure.detail if lookup.failure else ""),
            ("resolver", line("name.system-resolver")),
        ),
    )


def unreachable_servers(readings: Iterable[Reading]) -> frozenset[str]:
    """Name servers that never answered, and of which at least once an error was heard instead of
    nothing."""
    heard: set[str] = set()
    answered: set[str] = set()
    for reading in readings:
        asked = list(chain.from_iterable(made.lookups for made in reading.connections))
        answered.update(lookup.engine for lookup in asked if lookup.rcode)
        heard.update(lookup.engine for lookup in asked if all_failed((lookup,), TOLD))
        heard |= _told_the_system(reading)
    return frozenset(heard - answered)


def _told_the_system(reading: Reading) -> frozenset[str]:
    """The name servers of a lookup that the system gave up at once: silence would have cost it
    seconds (resolv.conf(5))."""
    seen = lookups_of(reading)
    system = seen.system
    if system is None or system.took >= _AT_ONCE:
        return frozenset()
    gave_up = has_failed(system, (FailureKind.LOOKUP_FAILED,))
    all_silent = len(seen.silent) == len(seen.servers)
    return frozenset(seen.servers) if gave_up and all_silent else frozenset()
