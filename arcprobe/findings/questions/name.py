"""Question: does a name resolve here, to what is meant? The system's answer decides; the name
servers' own tell why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

import msgspec

from arcprobe.findings.lookups import (
    CUT,
    DENIALS,
    TOLD,
    NameLookups,
    all_failed,
    code_of,
    has_failed,
    has_lost_tcp,
    latest,
    lookup_failed,
    lookups_of,
    sort_of_answer,
    what_came,
)
from arcprobe.findings.questions.sunk import is_of_this_machine, leads_nowhere
from arcprobe.findings.reading import Reading
from arcprobe.knowledge.ranges import is_private
from arcprobe.model import (
    Check,
    Code,
    FailureKind,
    Judgement,
    Line,
    Lookup,
    Owner,
    SkipReason,
    Value,
    Verdict,
    line,
)

# Seconds. A resolver that works answers in tenths, and glibc's first retry comes after 5
# (resolv.conf(5)); less would call a busy resolver slow, more would miss a search list that waits.
_SLOW = 2.0
_PRIVATE_LINK = "privatelink"  # a label of the zones of Azure Private Link
_MOST_ADDRESSES = 4  # in the summary; three in evidence


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the run says; it only makes a suspicion certain.

    ``fails_beyond``: the route beyond this name's addresses does not lead to the endpoint.
    ``shared``: addresses that unrelated names of this run have in common, and behind which none of
    them answers. ``lies``: by name server, addresses that it alone gives to unrelated names.
    ``unreachable``: name servers that cannot be reached, as the run was told once.
    """

    is_gateway: bool = False
    fails_beyond: bool = False
    shared: frozenset[str] = frozenset()
    lies: Mapping[str, frozenset[str]] = {}
    unreachable: frozenset[str] = frozenset()


class _Name(msgspec.Struct, frozen=True, kw_only=True):
    """A name that was looked up, and everything that is known of it."""

    check: Check
    system: Lookup
    seen: NameLookups
    circumstances: Circumstances

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the system's resolver gave."""
        return self.system.addresses

    @property
    def private_alias(self) -> str:
        """The first alias that leads into Private Link; empty for none."""
        return next((name for name in self.seen.aliases if _PRIVATE_LINK in name), "")

    def judged(
        self,
        code: Code,
        *lines: Line,
        values: Mapping[str, Value] | None = None,
        verdict: Verdict | None = None,
        subject: str = "",
    ) -> Judgement:
        """A judgement of a name that resolves."""
        known: dict[str, Value] = {
            "addresses": ", ".join(self.addresses[:_MOST_ADDRESSES]),
            "seconds": f"{self.system.took:.1f}",
        }
        return Judgement(
            code=code,
            evidence=(*lines, *self.seen.evidence),
            verdict=verdict,
            values=tuple((known | dict(values or {})).items()),
            subject=subject,
        )


def judge(reading: Reading, circumstances: Circumstances) -> Judgement:
    """What is said of a name, or of names that do not exist."""
    if not reading.check.host:
        return _unknown_names(reading)
    seen = lookups_of(reading)
    if seen.system is None:
        return _not_asked("name.not-looked-up")
    name = _Name(check=reading.check, system=seen.system, seen=seen, circumstances=circumstances)
    return _resolved(name) if name.system.failure is None else _failed(name)


def _not_asked(reason: str) -> Judgement:
    return Judgement(
        code=Code.NAME_RESOLVES,
        verdict=Verdict.SKIP,
        skip=SkipReason.NOT_ASKED,
        summary=line(reason),
    )


def _server(server: str) -> dict[str, Value]:
    return {"resolver": line("name.server", server=server), "server": server}


# --------------------------------------------------------------------- a name that does not resolve


def _failed(name: _Name) -> Judgement:
    """The system says little (EAI_AGAIN stands for many things): the servers' own answers name the
    reason."""
    seen, check = name.seen, name.check
    deciding = _deciding(seen)
    if deciding is None:
        return _undecided(name)
    server, lookup = deciding
    code, subject = _failure_code(name, server, lookup), ""
    if code in DENIALS and check.proxy is not None:
        code, subject = Code.PROXY_NAME_UNKNOWN, check.proxy.url
    values: dict[str, Value] = {
        **_server(server),
        "reason": lookup.failure.detail if lookup.failure is not None else "",
        "name": seen.aliases[-1] if seen.aliases else check.host,
        "seconds": f"{name.system.took:.1f}",
    }
    return Judgement(
        code=code, evidence=seen.evidence, subject=subject, values=tuple(values.items())
    )


def _failure_code(name: _Name, server: str, lookup: Lookup) -> Code:
    code = code_of(lookup)
    if code is Code.RESOLVER_SILENT and server in name.circumstances.unreachable:
        # routers limit how often they say so (RFC 1812 section 4.3.2.8)
        return Code.RESOLVER_UNREACHABLE
    if has_lost_tcp(lookup):
        return Code.DNS_TCP_BLOCKED
    return Code.PRIVATE_LINK_UNRESOLVED if code in DENIALS and name.private_alias else code


def _undecided(name: _Name) -> Judgement:
    """No server denied the name. The system asks without EDNS and takes 512 bytes over UDP (RFC
    1035 section 4.2.1); arcprobe takes more, so that only the system may have needed TCP."""
    if (late := _too_late(name)) is not None:
        return late  # before TCP, which may well be late too
    for server, asked in name.seen.servers.items():
        over_udp = any(lookup.transport == "udp" and lookup.addresses for lookup in asked)
        if over_udp and any(map(has_lost_tcp, asked)):
            return Judgement(
                code=Code.DNS_TCP_BLOCKED,
                evidence=name.seen.evidence,
                values=tuple(_server(server).items()),
            )
    return lookup_failed(name.check, name.system)


def _too_late(name: _Name) -> Judgement | None:
    """Every server answers, later than the system waits for it (resolv.conf(5), timeout)."""
    patience = name.seen.surroundings.timeout
    late = latest(name.seen, patience)
    if late is None:
        return None
    said = line("name.too-late", seconds=late.took, patience=patience)
    values = tuple(_server(late.engine).items())
    return Judgement(code=Code.RESOLVER_SILENT, evidence=(said, *name.seen.evidence), values=values)


def _deciding(seen: NameLookups) -> tuple[str, Lookup] | None:
    """The answer that decided: one that needed TCP and got none; else that of the first server that
    answered at all; else that of the first server."""
    for wanted in (_lost_answer, _denial, _failed_question):
        for server, asked in seen.servers.items():
            if (lookup := wanted(asked)) is not None:
                return server, lookup
    return None


def _lost_answer(asked: tuple[Lookup, ...]) -> Lookup | None:
    """A question that was to be asked again over TCP, where nobody answered."""
    if not any(lookup.truncated for lookup in asked):
        return None
    return next(filter(has_lost_tcp, asked), None)


def _failed_question(asked: tuple[Lookup, ...]) -> Lookup | None:
    failed = (each for each in reversed(asked) if each.failure is not None and each.record == "A")
    return next((lookup for lookup in failed if lookup.transport == "udp"), None)


def _denial(asked: tuple[Lookup, ...]) -> Lookup | None:
    lookup = _failed_question(asked)
    return None if lookup is None or has_failed(lookup, CUT) else lookup


# ----------------------------------------------------------------------------- a name that resolves


def _resolved(name: _Name) -> Judgement:
    # of the proxy's own name the first ones say nothing: it may well be private
    suspicions = _OF_ANY_NAME if name.check.proxy is not None else (*_OF_ENDPOINTS, *_OF_ANY_NAME)
    for suspicion in suspicions:
        if (judgement := suspicion(name)) is not None:
            return judgement
    return name.judged(Code.NAME_RESOLVES)


def _sunk(name: _Name) -> Judgement | None:
    """An address that leads nowhere. A name of --endpoint may well be this host."""
    beyond = name.circumstances.fails_beyond
    is_meant = name.check.custom and not beyond
    is_sunk = not is_meant and leads_nowhere(name.addresses, beyond)
    return _sinkholed(name, "name.sink-address") if is_sunk else None


def _sinkholed(name: _Name, why: str) -> Judgement:
    who = "hosts" if is_of_this_machine(name.seen, name.addresses) else ""
    told = {"filter": line("name.hosts-file" if who else "name.dns-filter")}
    word = name.judged(Code.NAME_SINKHOLED, line(why), values=told, subject=who)
    remedy = line("name.hosts-file-remedy", name=name.check.host)
    return msgspec.structs.replace(word, owner=Owner.YOU, remedy=remedy) if who else word


def _captured(name: _Name) -> Judgement | None:
    """A name of --endpoint that does not exist by itself was meant to be completed by the search
    list."""
    if name.check.custom and not any(lookup.addresses for lookup in name.seen.direct):
        return None
    capturing = _capturing(name)
    if capturing is None:
        return None
    place = name.seen.surroundings
    return name.judged(
        Code.NAME_HIJACKED_BY_SEARCH,
        line("name.search-answer", name=capturing.name, addresses=capturing.addresses[:3]),
        line("name.search-list", suffixes=" ".join(place.search), ndots=place.ndots),
        values={
            "domain": capturing.name.removeprefix(f"{name.check.host}."),
            "resolver": capturing.engine,
        },
    )


def _capturing(name: _Name) -> Lookup | None:
    """The name of the search list whose answer the system's resolver gave, where no server gave it
    for the name itself."""
    found = set(name.addresses)
    meant = (lookup for lookup in name.seen.direct if lookup.record == "A")
    if any(found & set(lookup.addresses) for lookup in meant):
        return None
    answered = (lookup for lookup in name.seen.searched if lookup.failure is None)
    return next((lookup for lookup in answered if found <= set(lookup.addresses)), None)


def _shared(name: _Name) -> Judgement | None:
    is_shared = not name.circumstances.shared.isdisjoint(name.addresses)
    if not name.circumstances.fails_beyond or not is_shared:
        return None
    return _sinkholed(name, "name.shared-address")


def _private(name: _Name) -> Judgement | None:
    """A private address. An endpoint that somebody named may well have one."""
    private = tuple(filter(is_private, name.addresses))
    if name.check.custom or not private:
        return None
    alias = name.private_alias
    why = line("name.private-alias", alias=alias) if alias else line("name.no-private-alias")
    is_gateway = name.circumstances.is_gateway
    word = name.judged(
        Code.GATEWAY_PRIVATE_LINK if is_gateway else Code.NAME_PRIVATE,
        line("name.private", addresses=private[:3], why=why),
        values={"name": alias or name.check.host},
    )
    if name.check.via_bypass and not is_gateway:
        values: dict[str, Value] = {"entry": name.check.via_bypass, "host": name.check.host}
        word = msgspec.structs.replace(word, remedy=line("name.private-bypassed", **values))
    # a private endpoint that works is meant; one behind which nothing is, is a wrong answer
    return (
        word
        if not name.circumstances.fails_beyond
        else msgspec.structs.replace(word, verdict=Verdict.FAIL)
    )


def _tcp_blocked(name: _Name) -> Judgement | None:
    for server, asked in name.seen.servers.items():
        if _lost_answer(asked) is not None:
            return name.judged(Code.DNS_TCP_BLOCKED, values=_server(server))
    return None


def _disagreement(name: _Name) -> Judgement | None:
    """One server knows the name and another denies it, or one gives private addresses, or such
    that are nobody's, and another public ones."""
    lies = name.circumstances.lies
    every = (
        (server, sort_of_answer(asked, lies.get(server, frozenset())))
        for server, asked in name.seen.servers.items()
    )
    said = {server: what for server, what in every if what is not None}
    if len(set(said.values())) < 2:
        return None
    lines = [line("name.says", server=server, what=what) for server, what in said.items()]
    return name.judged(Code.RESOLVERS_DISAGREE, *lines, values={"detail": lines[0]})


def _ipv6_dropped(name: _Name) -> Judgement | None:
    for server, asked in name.seen.servers.items():
        knows = any(lookup.record == "A" and lookup.rcode for lookup in asked)
        if knows and all_failed(asked, (FailureKind.TIMED_OUT,), "AAAA"):
            reason = line("name.only-a")
            return name.judged(Code.IPV6_LOOKUP_DROPPED, reason, values=_server(server))
    return None


def _slow(name: _Name) -> Judgement | None:
    if name.system.took < _SLOW:
        return None
    dead = [line("name.server-silent", server=server) for server in name.seen.silent]
    lost = [lookup for lookup in name.seen.searched if has_failed(lookup, CUT)]
    dead += [line("name.suffix-silent", name=lookup.name) for lookup in lost]
    return name.judged(Code.LOOKUP_SLOW, *dead)


def _dead_server(name: _Name) -> Judgement | None:
    """A server that is silent, or cannot be reached, beside one that answers: names resolve, only
    slowly now and then."""
    servers = name.seen.servers
    told = (server for server, asked in servers.items() if all_failed(asked, TOLD))
    for code, dead in (
        (Code.RESOLVER_SILENT, next(iter(name.seen.silent), "")),
        (Code.RESOLVER_UNREACHABLE, next(told, "")),
    ):
        if dead:
            other = line("name.another-answers")
            return name.judged(
                code, other, verdict=Verdict.WARN, subject=dead, values=_server(dead)
            )
    return None


_Suspicion = Callable[[_Name], Judgement | None]
_OF_ENDPOINTS: tuple[_Suspicion, ...] = (_sunk, _captured, _shared, _private)
_OF_ANY_NAME: tuple[_Suspicion, ...] = (
    _tcp_blocked,
    _disagreement,
    _ipv6_dropped,
    _slow,
    _dead_server,
)


# ----------------------------------------------------------------- names that do not exist


def _unknown_names(reading: Reading) -> Judgement:
    """Names that cannot exist are rewritten only if none of them stays unknown."""
    asked = list(chain.from_iterable(made.lookups for made in reading.connections))
    if not asked:
        return _not_asked("name.no-server")
    evidence = tuple(
        line("name.unknown", name=lookup.name, answer=what_came(lookup)) for lookup in asked
    )
    if not all(lookup.addresses for lookup in asked):
        summary = line("name.unknown-stay")
        return Judgement(code=Code.NAME_RESOLVES, evidence=evidence, summary=summary)
    addresses = sorted(set(chain.from_iterable(lookup.addresses for lookup in asked)))
    return Judgement(
        code=Code.UNKNOWN_NAMES_REWRITTEN,
        evidence=evidence,
        values=(
            ("addresses", ", ".join(addresses[:_MOST_ADDRESSES])),
            ("resolver", asked[0].engine),
        ),
    )
