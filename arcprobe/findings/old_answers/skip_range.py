"""Does the bypass list keep the cluster's own traffic off the proxy, and nothing else?

What decides is Go's reading of the list (``no_proxy``), because the Azure Arc agents are mostly Go
(facts of the issue's record: release notes name "Microsoft Go"). What other clients make of it is
evidence.

One broken thing, one judgement: a malformed entry is judged once, and coverage is then judged on
what it certainly meant; an absent list is one judgement, whatever it lacks.
"""

from __future__ import annotations

from arcprobe import no_proxy
from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_answers.bypass_facts import (
    AzureHosts,
    Facts,
    api_targets,
    blamed_for,
    concrete,
    host_of,
    known,
    of,
    required,
    suggest,
    unknown,
)
from arcprobe.model import Check, Cluster, Code, FailureKind, Owner, Settings, Verdict
from arcprobe.no_proxy import Problem, Suggestion

_MOST_LINES = 8
_LONGEST_LINE = 300

WARNINGS = frozenset(
    {Code.PODS_UNCOVERED, Code.NODES_UNCOVERED, Code.ENTRY_INEFFECTIVE, Code.SERVICES_UNREADABLE}
)

_FIXES = {
    FailureKind.FORBIDDEN: (
        'add to the ClusterRole of this ServiceAccount: {apiGroups: [""], resources: ["services"], verbs: ["list"]}'
        " (`arcprobe job` prints the whole role)"
    ),
    FailureKind.UNAUTHORIZED: "the API server refused this token: sign in again, or mount the ServiceAccount's token",
    FailureKind.TLS_OTHER: (
        "the CA that was given is not the API server's: mount this cluster's ServiceAccount, or renew the kubeconfig; an"
        " inspecting proxy before the API server gives the same: put its address and name into NO_PROXY"
    ),
    FailureKind.HTTP_MALFORMED: "a proxy answered in the API server's place: put the API server's address and name into NO_PROXY",
    FailureKind.TIMED_OUT: "let this place reach the API server: NetworkPolicies, kube-proxy or the CNI, firewall",
    FailureKind.REFUSED: "let this place reach the API server: its address and port, kube-proxy or the CNI",
    FailureKind.UNAVAILABLE: "run where `kubectl` works, or in a pod with a ServiceAccount",
}
_FIX_BY_HAND = "or `kubectl get svc -A -o json > services.json` and --services services.json; or --service-cidr RANGE"


def judge(
    check: Check, cluster: Cluster | None, settings: Settings, azure_hosts: AzureHosts
) -> tuple[Judgement, ...]:
    """What follows for the list of ``settings`` from what the cluster told.

    ``azure_hosts``: host and port of every required endpoint that must go through the proxy.
    ``cluster`` None: nobody asked it.
    """
    if settings.proxy_https is None and settings.proxy_http is None and check.proxy is None:
        reason = "No proxy is set, so there is nothing to bypass"
        return (
            Judgement(
                code=Code.CLUSTER_TRAFFIC_BYPASSES,
                verdict=Verdict.SKIP,
                summary=reason,
                evidence=(reason + ".",),
            ),
        )
    given = settings.skip_range or ""
    suggestion = suggest(given, cluster, azure_hosts)
    if not given.strip(" \t\r\n,"):
        return (_without_list(check, cluster, settings, suggestion),)
    list_as_meant = ",".join(no_proxy.mended(given, ineffective=False))
    problems = no_proxy.lint(given)
    malformed = tuple(problem for problem in problems if problem.severity == "malformed")
    facts = Facts(cluster, given, list_as_meant, blamed_for(malformed))
    ineffective = tuple(problem for problem in problems if problem.severity == "ineffective")
    blamed = tuple(problem for problem in ineffective if facts.would_help(problem))
    found: list[Judgement] = [
        *_malformed(malformed, facts),
        *_services(facts, blamed),
        *_api_server(facts),
        *_suffixes(facts),
        *_ranges(facts, "pods"),
        *_ranges(facts, "nodes"),
        *_too_broad(given, azure_hosts),
        *_ineffective(tuple(problem for problem in ineffective if problem not in blamed)),
        *_unreadable(cluster),
    ]
    if not found:
        return (
            Judgement(
                code=Code.CLUSTER_TRAFFIC_BYPASSES,
                verdict=Verdict.PASS,
                evidence=_passing(facts, settings, problems),
            ),
        )
    return tuple(_finished(judgement, check, cluster, suggestion) for judgement in found)


def _finished(
    judgement: Judgement, check: Check, cluster: Cluster | None, suggestion: Suggestion
) -> Judgement:
    warns = judgement.code in WARNINGS or not check.required
    remedy = judgement.remedy
    if judgement.code == Code.SERVICES_UNCOVERED and unknown(cluster):
        rest = suggestion.skip_range
        remedy = f"Put the cluster's Service range (`kubectl get svc -A` shows its addresses) before the rest of the list: {rest}"
    fields = (
        ()
        if judgement.code == Code.SERVICES_UNREADABLE
        else (("corrected", suggestion.skip_range),)
    )
    return Judgement(
        code=judgement.code,
        verdict=Verdict.WARN if warns else Verdict.FAIL,
        evidence=tuple(_short(line) for line in judgement.evidence),
        fields=(*judgement.fields, *fields),
        subject=judgement.subject,
        summary=judgement.summary,
        remedy=remedy,
        owner=judgement.owner or "you",
    )


def _without_list(
    check: Check, cluster: Cluster | None, settings: Settings, suggestion: Suggestion
) -> Judgement:
    setting = settings.skip_range_setting or "--proxy-skip-range"
    count = cluster.service_count if cluster is not None else 0
    lines = [
        f"A proxy is set, and {setting} is {'not set' if settings.skip_range is None else 'empty'}."
    ]
    if count:
        lines.append(f"All {count} Services of the cluster would be asked for through the proxy.")
    if not required(cluster).ranges and not (cluster and cluster.addresses):
        lines.append(
            "The Service range is not known here: add it to the list (`kubectl get svc -A` shows the addresses)."
        )
    missing = (
        _listed(_named(cluster, cluster.addresses))
        if cluster is not None and cluster.addresses
        else "no skip range is set"
    )
    bare = Judgement(
        code=Code.SERVICES_UNCOVERED, evidence=tuple(lines), fields=(("missing", _short(missing)),)
    )
    return _finished(bare, check, cluster, suggestion)


def _malformed(problems: tuple[Problem, ...], facts: Facts) -> tuple[Judgement, ...]:
    if not problems:
        return ()
    first = problems[0]
    lines = [
        f"Entry {one.entry.position} `{one.entry.text}`: {one.words}"
        + (f"; write {','.join(one.entry.instead)}" if one.entry.instead else "")
        for one in problems[:_MOST_LINES]
    ]
    runs = facts.cluster.addresses if facts.cluster is not None else ()
    if lost := no_proxy.uncovered("go", facts.given, runs):
        lines.append(
            f"With the list as it stands these Services go to the proxy: {_listed(_named(facts.cluster, lost))}"
        )
    texts = tuple(one.entry.text or ",," for one in problems)
    return (
        Judgement(
            code=Code.ENTRY_MALFORMED,
            evidence=tuple(lines),
            fields=(
                ("entry", _short(f"`{texts[0]}`")),
                ("entries", _listed(texts)),
                ("reason", first.words),
            ),
        ),
    )


def _services(facts: Facts, blamed: tuple[Problem, ...]) -> tuple[Judgement, ...]:
    if not facts.addresses and not facts.service_ranges:
        return _no_range_at_all(facts)
    lines = []
    if facts.addresses:
        lines.append(
            f"To the proxy, in Go's reading: {_listed(_named(facts.cluster, facts.addresses))}"
        )
    for one in facts.service_ranges[:_MOST_LINES]:
        future = (
            "" if facts.addresses else "; all Services of today are covered, later ones will not be"
        )
        lines.append(
            f"Service range {one.cidr} ({one.source}): uncovered {_listed(facts.range_parts(one))}{future}"
        )
    for one in of(facts.cluster, "services"):
        if one.inferred:
            lines.append(
                f"The Service range looks like {one.cidr} ({one.source}); --service-cidr tells it for certain"
            )
    lines += [
        f"`{problem.entry.text}` does not help: {problem.words}" for problem in blamed[:_MOST_LINES]
    ]
    missing = facts.addresses or tuple(one.cidr for one in facts.service_ranges)
    return (
        Judgement(
            code=Code.SERVICES_UNCOVERED,
            evidence=tuple(lines),
            fields=(("missing", _listed(missing)),),
        ),
    )


def _no_range_at_all(facts: Facts) -> tuple[Judgement, ...]:
    """Unknown Services, but a list of names alone: whatever the addresses are, it covers none of
    them."""
    numbers = any(
        one.kind in ("network", "address") or one.text == "*" or one.problem
        for one in no_proxy.entries(facts.given)
    )
    if numbers or not unknown(facts.cluster):
        return ()
    line = "The list holds names only. Services have addresses, and KUBERNETES_SERVICE_HOST is one: no entry covers any of them."
    return (
        Judgement(
            code=Code.SERVICES_UNCOVERED,
            evidence=(line,),
            fields=(("missing", "it holds no address range"),),
        ),
    )


def _api_server(facts: Facts) -> tuple[Judgement, ...]:
    if not facts.api:
        return ()
    source = facts.cluster.source if facts.cluster is not None else ""
    line = f"To the proxy, in Go's reading: {_listed(facts.api)} (known from: {source})"
    return (
        Judgement(
            code=Code.API_SERVER_UNCOVERED,
            evidence=(line,),
            fields=(("missing", _listed(facts.api)),),
        ),
    )


def _suffixes(facts: Facts) -> tuple[Judgement, ...]:
    domain = facts.cluster.cluster_domain if facts.cluster is not None else "cluster.local"
    samples = {
        "kubernetes.default.svc": "kubernetes.default.svc",
        ".svc": "service.namespace.svc",
        f".svc.{domain}": f"service.namespace.svc.{domain}",
    }
    missing = [
        suffix
        for suffix, host in samples.items()
        if not no_proxy.bypass("go", facts.meant, host).bypassed
    ]
    if not missing:
        return ()
    if ".svc" in missing and "kubernetes.default.svc" in missing:
        missing.remove("kubernetes.default.svc")  # `.svc` covers it
    lines = tuple(
        f"{samples[suffix]} goes to the proxy: no entry covers {suffix}" for suffix in missing
    )
    return (
        Judgement(
            code=Code.CLUSTER_SUFFIX_MISSING,
            evidence=lines,
            fields=(("missing", ", ".join(missing)),),
        ),
    )


def _ranges(facts: Facts, what: str) -> tuple[Judgement, ...]:
    """Pods and nodes: only what is known for certain, and nothing that the API server's judgement
    already names."""
    named = {host_of(one)[0] for one in facts.api}
    nodes = facts.cluster.nodes if facts.cluster is not None and what == "nodes" else ()
    missing = [
        address
        for address in nodes
        if address not in named and facts.address_goes_to_proxy(address)
    ]
    lines = [f"{what.capitalize()}: {_listed(tuple(missing))}"] if missing else []
    for one in known(facts.cluster, what):
        if parts := facts.range_parts(one):
            missing.append(one.cidr)
            lines.append(
                f"Range of the {what} {one.cidr} ({one.source}): uncovered {_listed(parts)}"
            )
    if not missing:
        return ()
    return (
        Judgement(
            code=f"{what}-uncovered",
            evidence=tuple(lines[:_MOST_LINES]),
            fields=(("missing", _listed(tuple(missing))),),
        ),
    )


def _too_broad(given: str, azure_hosts: AzureHosts) -> tuple[Judgement, ...]:
    """A host that stands in the list by its own full name is meant to go direct (private
    endpoints): that is no breadth."""
    asked = dict(zip(concrete(azure_hosts), azure_hosts, strict=True))
    by_entry: dict[str, tuple[str, ...]] = {}
    for entry in no_proxy.entries(given):
        if entry.kind != "malformed" and (taken := no_proxy.too_broad(entry.text, asked)):
            by_entry[entry.text] = tuple(f"{asked[one][0]}:{one[1]}" for one in taken)
    if not by_entry:
        return ()
    lines = tuple(
        f"`{entry}` takes past the proxy: {_listed(hosts)}" for entry, hosts in by_entry.items()
    )[:_MOST_LINES]
    first = next(iter(by_entry.values()))[0].rpartition(":")[0]
    names = _listed(tuple(by_entry))
    fields = (("entry", names), ("entries", names), ("host", first))
    return (
        Judgement(code=Code.SKIP_RANGE_TOO_BROAD, evidence=lines, fields=fields, subject=names),
    )


def _ineffective(problems: tuple[Problem, ...]) -> tuple[Judgement, ...]:
    if not problems:
        return ()
    texts = tuple(problem.entry.text for problem in problems)
    lines = tuple(
        f"Entry {one.entry.position} `{one.entry.text}`: {one.words}"
        for one in problems[:_MOST_LINES]
    )
    fields = (
        ("entry", _listed(texts)),
        ("entries", _listed(texts)),
        ("client", "Go, the agents' language"),
    )
    return (Judgement(code=Code.ENTRY_INEFFECTIVE, evidence=lines, fields=fields),)


def _unreadable(cluster: Cluster | None) -> tuple[Judgement, ...]:
    """Nothing known, or not all read. Only a range that the person gave stands for Services that
    cannot be read."""
    given = any(one.source.startswith("--") for one in known(cluster, "services"))
    if given or (cluster is not None and cluster.failure is None and not unknown(cluster)):
        return ()
    failure = cluster.failure if cluster is not None else None
    empty = (
        "no Service with an address is in what was read"
        if cluster is not None
        else "no cluster was asked"
    )
    reason = f"{failure.kind}: {failure.detail}" if failure is not None else empty
    fix = (
        _FIXES.get(failure.kind, "see that the API server answers here")
        if failure is not None
        else "run where `kubectl` works"
    )
    notes = cluster.notes[:_MOST_LINES] if cluster is not None else ()
    remedy = f"{fix[0].upper()}{fix[1:]}; {_FIX_BY_HAND}."
    fields = (("reason", _short(reason)),)
    lines = (f"Reason: {reason}", *notes, "The rest of the list was judged all the same.")
    return (
        Judgement(
            code=Code.SERVICES_UNREADABLE,
            evidence=lines,
            fields=fields,
            remedy=remedy,
            owner=Owner.CLUSTER,
        ),
    )


def _passing(facts: Facts, settings: Settings, problems: tuple[Problem, ...]) -> tuple[str, ...]:
    """Information on a passing finding: what was compared, and what other clients make of the
    list."""
    lines = []
    if facts.cluster is not None:
        count, servers = facts.cluster.service_count, len(api_targets(facts.cluster))
        lines.append(
            f"Covered: the addresses of {count} Services"
            + (f", {servers} of the API server" if servers else "")
        )
    lines += [f"`{one.entry.text}`: {one.words}" for one in problems if one.severity == "uneven"][
        :_MOST_LINES
    ]
    for proxy in (settings.proxy_https, settings.proxy_http):
        if (
            proxy is not None
            and (found := no_proxy.bypass("go", facts.given, proxy.host, proxy.port)).entry
            is not None
        ):
            lines.append(
                f"The proxy's own address {proxy.host} is in the list (`{found.entry}`), which changes nothing."
            )
            break
    return tuple(map(_short, lines))


def _named(cluster: Cluster | None, runs: tuple[str, ...]) -> tuple[str, ...]:
    """Runs of addresses, after the Services by name that are in them, as far as names are known."""
    out: list[str] = []
    inside = no_proxy.holds(runs)
    for service in cluster.services if cluster is not None else ():
        lost = [one for one in service.addresses if inside(one)]
        if lost:
            out.append(f"{service.namespace}/{service.name} ({', '.join(lost)})")
        if len(out) > _MOST_LINES:
            return (*out, *runs)
    return tuple(out) or runs


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(texts[:_MOST_LINES])
    rest = len(texts) - _MOST_LINES
    return _short(shown, _LONGEST_LINE - 40) + (f" and {rest} more" if rest > 0 else "")


def _short(text: str, most: int = _LONGEST_LINE) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
