"""Question: does the bypass list keep the cluster's own traffic off the proxy, and nothing else?

What decides is Go's reading of the list (``no_proxy``), because the agents of Azure Arc are mostly
Go (their release notes name "Microsoft Go"). What other clients make of it is evidence.

One broken thing, one judgement: a malformed entry is judged once, and coverage is then judged on
what it certainly meant; an absent list is one judgement, whatever it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from arcprobe import no_proxy
from arcprobe.findings.questions.bypass_agents import other_agents
from arcprobe.findings.questions.bypass_breadth import NOTHING_CLOSED, too_broad
from arcprobe.findings.questions.bypass_facts import (
    AzureHosts,
    Traffic,
    api_targets,
    flux_suffix,
    has_flux,
    has_lost_services,
    inferred_services,
    is_unknown,
    known_ranges,
    required,
    services_in,
    split_target,
    suggest,
    traffic_of,
)
from arcprobe.findings.questions.bypass_guess import LikelyRange, likely_ranges, narrowly_covered
from arcprobe.findings.questions.bypass_words import MOST_LINES, bounded, fault, listed
from arcprobe.model import (
    Check,
    Cluster,
    Code,
    FailureKind,
    Judgement,
    Line,
    Owner,
    Range,
    Settings,
    SkipReason,
    Value,
    Verdict,
    line,
)
from arcprobe.model.text import printable
from arcprobe.no_proxy import Problem, Suggestion

_LONGEST_REASON = 300
_EMPTY = " \t\r\n,"  # a list of these alone names nothing

_NO_NAMES = ("network", "address")
_WARNINGS = frozenset(
    {
        Code.PODS_UNCOVERED,
        Code.NODES_UNCOVERED,
        Code.ENTRY_INEFFECTIVE,
        Code.SERVICE_RANGE_UNKNOWN,
        Code.SERVICES_UNREADABLE,
    }
)
_FIXES = {
    FailureKind.FORBIDDEN: line("list.fix-forbidden"),
    FailureKind.UNAUTHORIZED: line("list.fix-unauthorized"),
    FailureKind.TLS_OTHER: line("list.fix-tls-other"),
    FailureKind.HTTP_MALFORMED: line("list.fix-http-malformed"),
    FailureKind.TIMED_OUT: line("list.fix-timed-out"),
    FailureKind.REFUSED: line("list.fix-refused"),
    FailureKind.UNAVAILABLE: line("list.fix-unavailable"),
    FailureKind.PARTIAL: line("list.fix-partial"),
}


def judge(
    check: Check,
    cluster: Cluster | None,
    settings: Settings,
    azure_hosts: AzureHosts,
    closed: Mapping[str, AzureHosts] = NOTHING_CLOSED,
) -> tuple[Judgement, ...]:
    """What follows for the list of ``settings`` from what the cluster told.

    ``azure_hosts``: host and port of every required endpoint that must go through the proxy.
    ``cluster`` None: nobody asked it. ``closed``: entries that name hosts to which no direct way
    leads.
    """
    proxies = (settings.proxy_https, settings.proxy_http, check.proxy)
    if not any(proxies):
        return (_unneeded(),)
    given = settings.skip_range or ""
    kept = ",".join(entry.text for entry in no_proxy.entries(given) if entry.text not in closed)
    suggestion = suggest(kept, cluster, azure_hosts, has_flux=has_flux(settings))
    if given.strip(_EMPTY):
        traffic = traffic_of(cluster, given)
        found = list(_faults(given, traffic, cluster, too_broad(given, azure_hosts, closed)))
        if has_flux(settings):
            found += _dotted_suffix(traffic)
        if not found:
            evidence = tuple(_passing(traffic, settings, given))
            return (Judgement(code=Code.CLUSTER_TRAFFIC_BYPASSES, evidence=evidence),)
    else:
        found = [_without_list(cluster, settings)]
    return tuple(_finished(judgement, check, cluster, suggestion) for judgement in found)


def _unneeded() -> Judgement:
    return Judgement(
        code=Code.CLUSTER_TRAFFIC_BYPASSES,
        verdict=Verdict.SKIP,
        skip=SkipReason.UNNEEDED,
        summary=line("list.no-proxy"),
        evidence=(line("list.unneeded"),),
    )


def _finished(
    judgement: Judgement, check: Check, cluster: Cluster | None, suggestion: Suggestion
) -> Judgement:
    """A fault with its verdict, and the list that would heal it."""
    is_mild = judgement.verdict is Verdict.WARN or judgement.code in _WARNINGS
    verdict = Verdict.WARN if is_mild or not check.required else Verdict.FAIL
    values, corrected = judgement.values, suggestion.skip_range
    if judgement.code is not Code.SERVICES_UNREADABLE:
        values = (*values, ("corrected", corrected))
    remedy = judgement.remedy
    if judgement.code is Code.SERVICES_UNCOVERED and is_unknown(cluster):
        remedy = line("list.add-service-range", rest=corrected)
    return msgspec.structs.replace(
        judgement, verdict=verdict, values=values, remedy=remedy, owner=judgement.owner or Owner.YOU
    )


def _without_list(cluster: Cluster | None, settings: Settings) -> Judgement:
    setting = settings.skip_range_setting or "--proxy-skip-range"
    key = "list.not-set" if settings.skip_range is None else "list.empty"
    lines = [line(key, setting=setting)]
    runs = cluster.addresses if cluster is not None else ()
    if cluster is not None and cluster.service_count:
        lines.append(line("list.all-services", count=cluster.service_count))
    if not runs and not required(cluster).ranges:
        lines.append(line("list.range-unknown"))
    missing = listed(services_in(cluster, runs)) if runs else line("list.no-list")
    return fault(Code.SERVICES_UNCOVERED, *lines, missing=missing)


# ---------------------------------------------------------------------- faults of a list, in order


def _faults(
    given: str, traffic: Traffic, cluster: Cluster | None, broad: Iterator[Judgement]
) -> Iterator[Judgement]:
    ineffective = _of_severity("ineffective", traffic)
    blamed = tuple(filter(traffic.would_help, ineffective))
    yield from _malformed(_of_severity("malformed", traffic), traffic, given)
    yield from _services(traffic, blamed)
    yield from _range_unknown(traffic)
    yield from _names_only(given, traffic, cluster)
    yield from _api_server(traffic)
    yield from _suffixes(traffic)
    yield from _pods(traffic)
    yield from _nodes(traffic)
    yield from broad
    yield from _ineffective(tuple(problem for problem in ineffective if problem not in blamed))
    yield from _unreadable(cluster)


def _of_severity(severity: str, traffic: Traffic) -> tuple[Problem, ...]:
    return tuple(problem for problem in traffic.problems if problem.severity == severity)


def _malformed(problems: tuple[Problem, ...], traffic: Traffic, given: str) -> Iterator[Judgement]:
    if not problems:
        return
    lines = [
        _entry_line(problem, ",".join(problem.entry.instead)) for problem in problems[:MOST_LINES]
    ]
    if lost := no_proxy.uncovered("go", given, traffic.cluster.addresses):
        lines.append(line("list.to-proxy-now", names=listed(services_in(traffic.cluster, lost))))
    texts = tuple(problem.entry.text or ",," for problem in problems)
    yield fault(
        Code.ENTRY_MALFORMED,
        *lines,
        entry=printable(f"`{texts[0]}`", _LONGEST_REASON),
        entries=listed(texts),
        reason=problems[0].words,
    )


def _entry_line(problem: Problem, instead: str = "") -> Line:
    return line(
        "list.entry",
        position=problem.entry.position,
        text=bounded(problem.entry.text),
        problem=problem.words,
        instead=bounded(instead),
    )


def _services(traffic: Traffic, blamed: tuple[Problem, ...]) -> Iterator[Judgement]:
    missing = traffic.addresses or tuple(known.cidr for known in traffic.service_ranges)
    if not missing:
        return
    lines: list[Line] = []
    if traffic.addresses:
        names = services_in(traffic.cluster, traffic.addresses)
        lines.append(line("list.services", names=listed(names)))
    lines += [_range_line(known, traffic) for known in traffic.service_ranges[:MOST_LINES]]
    lines += map(_likely_line, likely_ranges(traffic.cluster))
    inferred = inferred_services(traffic.cluster)
    lines += [line("list.inferred", **_range(known)) for known in inferred]
    lines += [_problem_line("list.no-help", problem) for problem in blamed[:MOST_LINES]]
    yield fault(Code.SERVICES_UNCOVERED, *lines, missing=listed(missing))


def _likely_line(likely: LikelyRange) -> Line:
    return line("list.likely", cidr=likely.cidr, name=likely.name)


def _range_unknown(traffic: Traffic) -> Iterator[Judgement]:
    """Nobody names the range, and the list holds no more than what is in use. Where Services go to
    the proxy today, or not all were read, that is told."""
    cluster = traffic.cluster
    if has_lost_services(traffic) or cluster.failure is not None:
        return
    narrow = narrowly_covered(cluster, traffic.lenient)
    if narrow:
        ranges = listed(likely.cidr for likely in narrow)
        lines = [line("list.covered-today", count=cluster.service_count)]
        yield fault(Code.SERVICE_RANGE_UNKNOWN, *lines, *map(_likely_line, narrow), range=ranges)


def _problem_line(key: str, problem: Problem) -> Line:
    return line(key, text=bounded(problem.entry.text), problem=problem.words)


def _range_line(known: Range, traffic: Traffic) -> Line:
    parts = listed(traffic.uncovered((known.cidr,)))
    is_read = traffic.cluster.service_count > 0 and traffic.cluster.failure is None
    are_covered = is_read and not traffic.addresses
    key = "list.service-range-of-later" if are_covered else "list.service-range"
    return line(key, **_range(known), parts=parts)


def _range(known: Range) -> dict[str, Value]:
    return {"cidr": bounded(known.cidr), "source": bounded(known.source)}


def _names_only(given: str, traffic: Traffic, cluster: Cluster | None) -> Iterator[Judgement]:
    """Whatever the addresses of unknown Services are, a list of names covers none of them."""
    if not is_unknown(cluster) or traffic.addresses or traffic.service_ranges:
        return
    entries = no_proxy.entries(given)
    has_others = any(entry.problem or entry.kind in _NO_NAMES for entry in entries)
    if not has_others and all(entry.text != "*" for entry in entries):
        evidence, missing = line("list.names-only"), line("list.no-range")
        yield fault(Code.SERVICES_UNCOVERED, evidence, missing=missing)


def _api_server(traffic: Traffic) -> Iterator[Judgement]:
    if traffic.api:
        names = listed(traffic.api)
        evidence = line("list.api-server", names=names, source=bounded(traffic.cluster.source))
        yield fault(Code.API_SERVER_UNCOVERED, evidence, missing=names)


def _suffixes(traffic: Traffic) -> Iterator[Judgement]:
    """The names by which Pods reach each other, each asked for by a name below it."""
    domain = traffic.cluster.cluster_domain
    samples = {
        "kubernetes.default.svc": "kubernetes.default.svc",
        ".svc": "service.namespace.svc",
        f".svc.{domain}": f"service.namespace.svc.{domain}",
    }
    missing = {
        suffix: host
        for suffix, host in samples.items()
        if not no_proxy.bypass("go", traffic.meant, host).bypassed
    }
    if ".svc" in missing:
        missing.pop("kubernetes.default.svc", None)  # `.svc` covers it
    if missing:
        lines = [
            line("list.suffix", host=bounded(host), suffix=bounded(suffix))
            for suffix, host in missing.items()
        ]
        yield fault(Code.CLUSTER_SUFFIX_MISSING, *lines, missing=", ".join(map(bounded, missing)))


def _dotted_suffix(traffic: Traffic) -> Iterator[Judgement]:
    """Flux asks with a dot at the end, and Go compares literally. Where the suffix lacks without
    the dot as well, that says it."""
    suffix = flux_suffix(traffic.cluster)
    host = f"source-controller.flux-system.svc{suffix}"
    dotted, plain = (
        no_proxy.bypass("go", traffic.meant, name).bypassed for name in (host, host[:-1])
    )
    if plain and not dotted:
        told = line("list.flux", host=bounded(host), suffix=bounded(suffix))
        judgement = fault(Code.CLUSTER_SUFFIX_MISSING, told, missing=bounded(suffix))
        yield msgspec.structs.replace(judgement, verdict=Verdict.WARN, subject="flux")


def _pods(traffic: Traffic) -> Iterator[Judgement]:
    """Only what is known for certain."""
    if ranges := _uncovered_ranges("pods", traffic):
        lines = [line("list.range-of-pods", **told) for told in ranges[:MOST_LINES]]
        missing = listed(str(told["cidr"]) for told in ranges)
        yield fault(Code.PODS_UNCOVERED, *lines, missing=missing)


def _nodes(traffic: Traffic) -> Iterator[Judgement]:
    """Only what is known for certain, and nothing that the API server's judgement names already."""
    named = {split_target(target)[0] for target in traffic.api}
    others = (node for node in traffic.cluster.nodes if node not in named)
    proxied = tuple(filter(traffic.is_proxied, others))
    ranges = _uncovered_ranges("nodes", traffic)
    lines = [line("list.range-of-nodes", **told) for told in ranges]
    if proxied:
        lines.insert(0, line("list.nodes", names=listed(proxied)))
    if lines:
        missing = listed((*proxied, *(str(told["cidr"]) for told in ranges)))
        yield fault(Code.NODES_UNCOVERED, *lines[:MOST_LINES], missing=missing)


def _uncovered_ranges(what: str, traffic: Traffic) -> list[dict[str, Value]]:
    uncovered = (
        (known, traffic.uncovered((known.cidr,))) for known in known_ranges(traffic.cluster, what)
    )
    return [{**_range(known), "parts": listed(parts)} for known, parts in uncovered if parts]


def _ineffective(problems: tuple[Problem, ...]) -> Iterator[Judgement]:
    if problems:
        texts = listed([problem.entry.text for problem in problems])
        yield fault(
            Code.ENTRY_INEFFECTIVE,
            *map(_entry_line, problems[:MOST_LINES]),
            entry=texts,
            entries=texts,
            client=line("list.go"),
        )


def _unreadable(cluster: Cluster | None) -> Iterator[Judgement]:
    """Nothing known, or not all read. Only a range that the settings give stands for Services that
    cannot be read."""
    told = cluster or Cluster(source="")
    is_given = any(known.source.startswith("--") for known in known_ranges(told, "services"))
    if is_given or (told.failure is None and not is_unknown(cluster)):
        return
    reason, fix = _why_unread(cluster)
    notes = [line("list.note", note=printable(note, _LONGEST_REASON)) for note in told.notes]
    judgement = fault(
        Code.SERVICES_UNREADABLE,
        line("list.reason", reason=reason),
        *notes[:MOST_LINES],
        line("list.rest-judged"),
        reason=reason,
    )
    remedy = line("list.fix", fix=fix)
    yield msgspec.structs.replace(judgement, remedy=remedy, owner=Owner.CLUSTER)


def _why_unread(cluster: Cluster | None) -> tuple[Value, Line]:
    """The reason, and what heals it."""
    if cluster is None:
        return line("list.not-asked"), line("list.fix-not-asked")
    failure = cluster.failure
    if failure is None:
        return line("list.no-service"), line("list.fix-not-asked")
    reason = printable(f"{failure.kind}: {failure.detail}", _LONGEST_REASON)
    return reason, _FIXES.get(failure.kind, line("list.fix-other"))


def _passing(traffic: Traffic, settings: Settings, given: str) -> Iterator[Line]:
    """What was compared, and what other clients make of the list. A cluster of which nothing is
    known passes nowhere."""
    cluster = traffic.cluster
    servers = len(api_targets(cluster)) or ""
    yield line("list.covered", count=cluster.service_count, servers=servers)
    for likely in likely_ranges(cluster):
        yield line("list.covered-likely", cidr=likely.covering(traffic.lenient))
    yield from other_agents(given, cluster, settings.features)
    for problem in _of_severity("uneven", traffic)[:MOST_LINES]:
        yield _problem_line("list.uneven", problem)
    for proxy in filter(None, (settings.proxy_https, settings.proxy_http)):
        entry = no_proxy.bypass("go", given, proxy.host, proxy.port).entry
        if entry is not None:
            yield line("list.own-address", address=bounded(proxy.host), text=bounded(entry))
            return
