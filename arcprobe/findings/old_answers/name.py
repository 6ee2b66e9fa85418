"""Judges what the resolvers of a place say of one name. The system's answer decides; the name
servers' own tell why."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from arcprobe.findings._judgement import Judgement
from arcprobe.findings._way import lookup_failed
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Lookup,
    Observation,
    Surroundings,
    Verdict,
)

# Addresses that no public service has: RFC 1918, RFC 6598, RFC 4193, RFC 3927, RFC 4291. Not
# documentation ranges.
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
_SINK = tuple(
    ipaddress.ip_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128")
)
# seconds; a resolver that works answers in tenths, and glibc's first retry comes after 5
# (resolv.conf(5))
_SLOW = 2.0
_CUT = (FailureKind.TIMED_OUT, FailureKind.REFUSED, FailureKind.UNREACHABLE, FailureKind.PROHIBITED)
_AT_ONCE = 0.9  # seconds; the shortest time-out that resolv.conf can set is one
_TOLD = (FailureKind.REFUSED, FailureKind.UNREACHABLE, FailureKind.PROHIBITED)  # by ICMP
_SAYS = {
    FailureKind.NAME_UNKNOWN: "does not exist (NXDOMAIN)",
    FailureKind.NAME_EMPTY: "no address (NODATA)",
    FailureKind.TIMED_OUT: "no answer",
}


def is_private(address: str) -> bool:
    """Whether an address belongs to a private range."""
    return _within(address, _PRIVATE)


def _within(
    address: str, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in networks)


class _Answers:
    """What was asked and answered, in the order in which a resolver would ask."""

    def __init__(self, observation: Observation) -> None:
        system = next(
            (attempt for attempt in observation.attempts if attempt.label == Experiment.SYSTEM),
            None,
        )
        steps = system.steps if system else ()
        self.system = next((step for step in steps if isinstance(step, Lookup)), None)
        self.place = next(
            (step for step in steps if isinstance(step, Surroundings)), Surroundings()
        )
        self.servers = {
            attempt.label.removeprefix("name server "): _lookups(attempt)
            for attempt in observation.attempts
            if attempt.label.startswith("name server ")
        }
        self.suffixes = [
            step
            for attempt in observation.attempts
            if attempt.label == Experiment.SEARCH_LIST
            for step in _lookups(attempt)
        ]
        self.cnames = tuple(
            dict.fromkeys(
                name
                for lookups in self.servers.values()
                for each in lookups
                for name in each.cnames
            )
        )

    def silent(self) -> list[str]:
        """The servers that answered none of the questions for A."""
        return [
            server
            for server, lookups in self.servers.items()
            if _all(lookups, "A", FailureKind.TIMED_OUT)
        ]

    def evidence(self) -> tuple[str, ...]:
        """One line for the system's resolver and one for each name server."""
        lines: list[str] = []
        if self.system is not None:
            lines.append(
                f"the system's resolver: {_answer(self.system)} in {self.system.took:.2f} s"
            )
        for server, lookups in self.servers.items():
            said = "; ".join(
                f"{each.record} {each.transport.upper()}: {_answer(each)}" for each in lookups
            )
            lines.append(f"name server {server}: {said}")
        if self.cnames:
            lines.append(f"aliases: {' → '.join(self.cnames)}")
        return tuple(lines)


def _lookups(attempt: Attempt) -> list[Lookup]:
    return [step for step in attempt.steps if isinstance(step, Lookup)]


def _all(lookups: list[Lookup], record: str, kind: FailureKind) -> bool:
    asked = [each for each in lookups if each.record == record and each.transport == "udp"]
    return bool(asked) and all(
        each.failure is not None and each.failure.kind is kind for each in asked
    )


def _answer(lookup: Lookup) -> str:
    if lookup.failure is None:
        return ", ".join(lookup.addresses[:4]) + ("" if len(lookup.addresses) <= 4 else ", …")
    return _SAYS.get(lookup.failure.kind) or lookup.failure.detail or lookup.failure.kind.value


def judge(
    check: Check,
    observation: Observation,
    *,
    gateway: bool,
    fails_beyond: bool,
    shared: frozenset[str],
    unreachable: frozenset[str] = frozenset(),
) -> Judgement:
    """``fails_beyond``: the way beyond this name's addresses does not lead to the endpoint.
    ``shared``: addresses that unrelated names of this run have in common, and behind which none of
    them answers. ``unreachable``: name servers of which the run was told that they cannot be
    reached, and which never answered. All three only make a suspicion certain."""
    if not check.host:
        return _unknown_names(observation)
    answers = _Answers(observation)
    if answers.system is None:
        return Judgement(
            code=Code.NAME_RESOLVES, verdict=Verdict.SKIP, summary="The name was not looked up"
        )
    failed = answers.system.failure is not None
    return (
        _failed(check, answers, unreachable)
        if failed
        else _resolved(check, answers, gateway, fails_beyond, shared)
    )


# -------------------------------------------------------------------------------------------------


_REASONS = {
    FailureKind.RESOLVER_FAILED: Code.RESOLVER_FAILED,
    FailureKind.RESOLVER_REFUSED: Code.RESOLVER_REFUSED,
    FailureKind.REFUSED: Code.RESOLVER_UNREACHABLE,
    FailureKind.UNREACHABLE: Code.RESOLVER_UNREACHABLE,
    FailureKind.PROHIBITED: Code.RESOLVER_UNREACHABLE,
    FailureKind.NAME_UNKNOWN: Code.NAME_UNKNOWN,
    FailureKind.NAME_EMPTY: Code.NAME_EMPTY,
    FailureKind.TIMED_OUT: Code.RESOLVER_SILENT,
}


def _failed(check: Check, answers: _Answers, unreachable: frozenset[str]) -> Judgement:
    """The system says little (EAI_AGAIN stands for many things): the servers' own answers name the
    reason."""
    system = answers.system
    assert system is not None
    first = _deciding(answers)
    if first is None and (server := _only_tcp_failed(answers)):
        # the system asks without EDNS and takes 512 bytes over UDP (RFC 1035 section
        # 4.2.1); this probe takes more
        return Judgement(
            code=Code.DNS_TCP_BLOCKED,
            evidence=answers.evidence(),
            fields=(("resolver", f"the name server {server}"), ("server", server)),
        )
    if first is None:
        return lookup_failed(check, system)
    server, lookup = first
    kind = lookup.failure.kind if lookup.failure else FailureKind.OTHER
    code = _REASONS.get(kind, Code.RESOLVER_FAILED)
    if code == Code.RESOLVER_SILENT and server in unreachable:
        code = (
            # routers limit how often they say so (RFC 1812 section 4.3.2.8)
            Code.RESOLVER_UNREACHABLE
        )
    elif _tcp_failed(lookup) and any(each.truncated for each in answers.servers[server]):
        code = Code.DNS_TCP_BLOCKED
    elif code in (Code.NAME_UNKNOWN, Code.NAME_EMPTY) and any(
        "privatelink" in name for name in answers.cnames
    ):
        code = Code.PRIVATE_LINK_UNRESOLVED
    elif code in (Code.NAME_UNKNOWN, Code.NAME_EMPTY) and check.proxy is not None:
        code = Code.PROXY_NAME_UNKNOWN
    return Judgement(
        code=code,
        evidence=answers.evidence(),
        subject=check.proxy.url if code == Code.PROXY_NAME_UNKNOWN and check.proxy else "",
        fields=(
            ("resolver", f"the name server {server}"),
            ("server", server),
            ("reason", lookup.failure.detail if lookup.failure else ""),
            ("name", answers.cnames[-1] if answers.cnames else check.host),
            ("seconds", f"{system.took:.1f}"),
        ),
    )


def _deciding(answers: _Answers) -> tuple[str, Lookup] | None:
    """The answer that decided: of the first server that answered at all, else that of the first
    server."""
    ranked: list[tuple[int, str, Lookup]] = []
    for server, lookups in answers.servers.items():
        asked = [
            each
            for each in lookups
            if each.record == "A" and each.failure is not None and each.transport == "udp"
        ]
        if tcp := [
            each
            for each in lookups
            if _tcp_failed(each) and any(other.truncated for other in lookups)
        ]:
            ranked.append((0, server, tcp[0]))
        elif asked:
            ranked.append(
                (
                    1 if asked[-1].failure and asked[-1].failure.kind not in _CUT else 2,
                    server,
                    asked[-1],
                )
            )
    ranked.sort(key=lambda entry: entry[0])
    return (ranked[0][1], ranked[0][2]) if ranked else None


# --------------------------------------------------------------------------------------------------


def _resolved(
    check: Check, answers: _Answers, gateway: bool, fails_beyond: bool, shared: frozenset[str]
) -> Judgement:
    system = answers.system
    assert system is not None
    evidence = answers.evidence()
    addresses = system.addresses
    fields = [("addresses", ", ".join(addresses[:4])), ("seconds", f"{system.took:.1f}")]

    def judged(code: str, *lines: str, **more: str) -> Judgement:
        return Judgement(code=code, evidence=(*lines, *evidence), fields=(*fields, *more.items()))

    if (
        check.proxy is None
    ):  # of the proxy's own name no such thing can be said: it may well be private
        if all(_within(address, _SINK) for address in addresses) and (
            fails_beyond or not check.custom
        ):
            return judged(Code.NAME_SINKHOLED, "an address of this host itself, or of nobody")
        if captured := _captured(check, answers, addresses):
            suffix = captured.name.removeprefix(f"{check.host}.")
            return judged(
                Code.NAME_HIJACKED_BY_SEARCH,
                f"{captured.name} is answered with {', '.join(captured.addresses[:3])} by a wildcard of the search list",
                f"search list: {' '.join(answers.place.search)}, ndots {answers.place.ndots}",
                domain=suffix,
                resolver=captured.engine,
            )
        if fails_beyond and set(addresses) & shared:
            return judged(
                Code.NAME_SINKHOLED,
                "unrelated names have the same address here, and none of them answers there",
            )
        # an endpoint that the person named may well be private
        if not check.custom and (
            private := [address for address in addresses if is_private(address)]
        ):
            linked = [name for name in answers.cnames if "privatelink" in name]
            line = (
                f"alias {linked[0]}: a private endpoint is meant"
                if linked
                else "no Private Link alias leads there"
            )
            return judged(
                Code.GATEWAY_PRIVATE_LINK if gateway else Code.NAME_PRIVATE,
                f"private: {', '.join(private[:3])}; {line}",
                name=linked[0] if linked else check.host,
            )
    if blocked := _tcp_blocked(answers):
        return judged(Code.DNS_TCP_BLOCKED, resolver=f"the name server {blocked}", server=blocked)
    if lines := _disagreement(answers):
        return judged(Code.RESOLVERS_DISAGREE, *lines, detail=lines[0])
    if dropped := _aaaa_dropped(answers):
        return judged(
            Code.IPV6_LOOKUP_DROPPED,
            "A is answered, AAAA never",
            resolver=f"the name server {dropped[0]}",
            server=dropped[0],
        )
    if system.took >= _SLOW:
        lines = tuple(f"name server {server} does not answer" for server in answers.silent())
        dead = [
            each.name
            for each in answers.suffixes
            if each.failure is not None and each.failure.kind in _CUT
        ]
        lines += tuple(f"{name}: no answer (search list)" for name in dead)
        return judged(Code.LOOKUP_SLOW, *lines)
    if answers.servers and (silent := answers.silent()):
        return Judgement(
            code=Code.RESOLVER_SILENT,
            verdict=Verdict.WARN,
            evidence=("another name server answers, so that names resolve", *evidence),
            fields=(*fields, ("resolver", f"the name server {silent[0]}"), ("server", silent[0])),
            subject=silent[0],
        )
    if told := [server for server, lookups in answers.servers.items() if _unreachable(lookups)]:
        return Judgement(
            code=Code.RESOLVER_UNREACHABLE,
            verdict=Verdict.WARN,
            evidence=("another name server answers, so that names resolve", *evidence),
            fields=(*fields, ("resolver", f"the name server {told[0]}"), ("server", told[0])),
            subject=told[0],
        )
    return judged(Code.NAME_RESOLVES)


def _unreachable(lookups: list[Lookup]) -> bool:
    asked = [each for each in lookups if each.transport == "udp"]
    return bool(asked) and all(
        each.failure is not None and each.failure.kind in _TOLD for each in asked
    )


def _captured(check: Check, answers: _Answers, addresses: tuple[str, ...]) -> Lookup | None:
    """A name of the search list that is answered, and whose answer is what the system's resolver
    gave.

    A name of --endpoint that does not exist without the search list was meant to be completed by
    it.
    """
    if check.custom and not any(
        each.addresses for lookups in answers.servers.values() for each in lookups
    ):
        return None
    for lookup in answers.suffixes:
        if lookup.failure is None and set(addresses) <= set(lookup.addresses):
            absolute = [
                each
                for lookups in answers.servers.values()
                for each in lookups
                if each.record == "A"
            ]
            if not any(set(addresses) & set(each.addresses) for each in absolute):
                return lookup
    return None


def _only_tcp_failed(answers: _Answers) -> str:
    for server, lookups in answers.servers.items():
        if any(each.transport == "udp" and each.addresses for each in lookups) and any(
            _tcp_failed(each) for each in lookups
        ):
            return server
    return ""


def _tcp_failed(lookup: Lookup) -> bool:
    """Whether a question over TCP got no answer at all; an answer without addresses is one."""
    return lookup.transport == "tcp" and lookup.failure is not None and not lookup.rcode


def _tcp_blocked(answers: _Answers) -> str:
    for server, lookups in answers.servers.items():
        if any(each.truncated for each in lookups) and any(_tcp_failed(each) for each in lookups):
            return server
    return ""


def _disagreement(answers: _Answers) -> tuple[str, ...]:
    """One server knows the name and another denies it, or one gives private addresses and another
    public ones."""
    said: dict[str, str] = {}
    for server, lookups in answers.servers.items():
        # the answer that a resolver would use: over UDP, and over TCP where that was truncated
        first = next(
            (
                each
                for each in reversed(lookups)
                if each.record == "A" and each.rcode and not each.truncated
            ),
            None,
        )
        if first is None or (first.failure is not None and first.failure.kind in _CUT):
            continue
        if first.failure is not None:
            if any(each.addresses for each in lookups):
                continue  # an IPv6-only name
            said[server] = _answer(first)
        else:
            said[server] = (
                "private addresses"
                if any(is_private(address) for address in first.addresses)
                else "public addresses"
            )
    if len(set(said.values())) < 2:
        return ()
    return tuple(f"{server} says: {what}" for server, what in said.items())


def _aaaa_dropped(answers: _Answers) -> tuple[str, ...]:
    return tuple(
        server
        for server, lookups in answers.servers.items()
        if _all(lookups, "AAAA", FailureKind.TIMED_OUT)
        and any(each.record == "A" and each.rcode for each in lookups)
    )


def _unknown_names(observation: Observation) -> Judgement:
    lookups = [
        step
        for attempt in observation.attempts
        for step in attempt.steps
        if isinstance(step, Lookup)
    ]
    if not lookups:
        return Judgement(
            code=Code.NAME_RESOLVES,
            verdict=Verdict.SKIP,
            summary="No name server is known here that unknown names could be asked of",
        )
    evidence = tuple(f"{each.name}: {_answer(each)}" for each in lookups)
    if all(each.addresses for each in lookups):
        addresses = sorted({address for each in lookups for address in each.addresses})
        return Judgement(
            code=Code.UNKNOWN_NAMES_REWRITTEN,
            evidence=evidence,
            fields=(("addresses", ", ".join(addresses[:4])), ("resolver", lookups[0].engine)),
        )
    return Judgement(
        code=Code.NAME_RESOLVES, evidence=evidence, summary="Names that do not exist stay unknown"
    )


def unreachable_servers(observations: Iterable[Observation]) -> frozenset[str]:
    """Name servers that never answered, and of which at least once an error was heard instead of
    nothing."""
    heard: set[str] = set()
    answered: set[str] = set()
    for observation in observations:
        for attempt in observation.attempts:
            for step in attempt.steps:
                if isinstance(step, Lookup) and step.rcode:
                    answered.add(step.engine)
                elif (
                    isinstance(step, Lookup)
                    and step.transport == "udp"
                    and step.failure
                    and step.failure.kind in _TOLD
                ):
                    heard.add(step.engine)
        heard |= _told_the_system(observation)
    return frozenset(heard - answered)


def _told_the_system(observation: Observation) -> set[str]:
    """The name servers of a lookup that the system gave up at once: silence would have cost it
    seconds (resolv.conf(5))."""
    answers = _Answers(observation)
    system = answers.system
    if (
        system is None
        or system.failure is None
        or system.failure.kind is not FailureKind.LOOKUP_FAILED
        or system.took >= _AT_ONCE
    ):
        return set()
    return set(answers.servers) if len(answers.silent()) == len(answers.servers) else set()
