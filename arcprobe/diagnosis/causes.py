"""Findings in, causes out: what is broken, once, however many checks it broke. Pure.

Findings that say the same of the same thing are one cause; ``EXPLAINS`` says which fault makes
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec

from arcprobe.diagnosis.changes import (
    OF_A_TUNNEL,
    Addresses,
    Broken,
    Faults,
    Roots,
    Skipped,
    changes_of,
)
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language, language as default_language
from arcprobe.knowledge.products import PRODUCTS, name_of
from arcprobe.model import (
    Cause,
    Change,
    Check,
    Code,
    Duty,
    Finding,
    Layer,
    Run,
    SkipReason,
    Unproven,
    Value,
    Verdict,
    line,
)
from arcprobe.model.text import attribute, printable

_MOST_EVIDENCE = 12  # lines of one cause; all are in its findings
_MOST_NAMED = 2  # endpoints in a headline
_BOTTOM_UP = list(Layer)


# A code, and those of the findings that it makes where they concern the same thing: the same
# subject, or none at all. Why stands above each row.
EXPLAINS = (
    # the gateway's own connection is one of those that are inspected
    (Code.GATEWAY_INSPECTED, frozenset({Code.TLS_INTERCEPTED})),
    # by a wrong clock a valid certificate is out of date
    (Code.CLOCK_SKEWED, frozenset({Code.CERTIFICATE_EXPIRED, Code.CERTIFICATE_NOT_YET_VALID})),
    # a client waits for the silent name server before it asks the next
    (Code.RESOLVER_SILENT, frozenset({Code.LOOKUP_SLOW, Code.IPV6_LOOKUP_DROPPED})),
    # a client waits for the answer to AAAA before it takes the one to A
    (Code.IPV6_LOOKUP_DROPPED, frozenset({Code.LOOKUP_SLOW})),
    # a filter answers in the same way for names that it blocks and names that do not exist
    (Code.NAME_SINKHOLED, frozenset({Code.UNKNOWN_NAMES_REWRITTEN})),
    # a name of a private zone does not exist outside of it
    (Code.PRIVATE_LINK_UNRESOLVED, frozenset({Code.NAME_UNKNOWN})),
)

Key = tuple[Code, str]  # what is broken: code and subject
Groups = dict[Key, list[Finding]]


def diagnose(
    findings: Iterable[Finding],
    checks: Iterable[Check],
    run: Run,
    language: Language | None = None,
    *,
    addresses: Addresses = (),
    roots: Roots = (),
    clients: tuple[str, ...] = (),
) -> tuple[Cause, ...]:
    """Root causes, lowest layer first. Every finding that needs action is explained by exactly
    one. ``addresses``: those that were tried for each host; ``roots``: private ones that were
    shown; ``clients``: addresses from which the agents will ask."""
    by_id = {check.id: check for check in checks}
    told = tuple(findings)
    bad = [finding for finding in told if finding.verdict.needs_action]
    groups = _groups(bad, by_id)
    for code, others in EXPLAINS:
        _explain(groups, code, others)
    words = language or default_language()
    seen = Seen(
        checks=by_id,
        skipped=_skipped(told, by_id),
        run=run,
        addresses=addresses,
        roots=roots,
        clients=clients,
        faults=tuple((finding.code, _fields(finding)) for finding in bad),
    )
    causes = (_cause(code, group, seen, words) for (code, _), group in groups.items())
    return tuple(sorted(causes, key=_order))


def _fields(finding: Finding) -> dict[str, str]:
    """What fills the words of a finding, and the entries of the bypass list that it is about."""
    return {**dict(finding.fields), "entries": " ".join(finding.entries)}


def _groups(findings: Sequence[Finding], checks: Mapping[str, Check]) -> Groups:
    """The findings by what is broken. What the direct route says of an endpoint that goes direct
    only because the bypass list is too broad follows from the list."""
    broad: dict[str, tuple[Code, str]] = {}
    for finding in findings:
        broad.update(dict.fromkeys(finding.entries, (finding.code, finding.subject)))
    groups: Groups = {}
    for finding in findings:
        own, entry = (finding.code, finding.subject), checks[finding.check].via_bypass
        key = broad.get(entry, own) if entry else own
        groups.setdefault(key, []).append(finding)
    return groups


def _order(cause: Cause) -> tuple[int, int, Code]:
    """From the bottom, and what breaks most first."""
    return _BOTTOM_UP.index(cause.layer), -len(cause.explains), cause.code


def _explain(groups: Groups, code: Code, others: Set[Code]) -> None:
    """Puts the groups of the other codes into the one that explains them."""
    explaining = [key for key in groups if key[0] is code]
    for key in [key for key in groups if key[0] in others]:
        taker = _same_thing(explaining, key)
        if taker is not None:
            groups[taker] += groups.pop(key)


def _same_thing(keys: Sequence[Key], wanted: Key) -> Key | None:
    """The key about the same subject; else one where either names none."""
    subject = wanted[1]
    same = [key for key in keys if key[1] == subject]
    open_ended = [key for key in keys if not (key[1] and subject)]
    return next(iter(same + open_ended), None)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What all causes share."""

    checks: Mapping[str, Check]
    skipped: Sequence[Skipped]
    run: Run
    addresses: Addresses
    faults: Faults
    roots: Roots
    clients: tuple[str, ...]


def _cause(code: Code, group: Sequence[Finding], seen: Seen, words: Language) -> Cause:
    row, checks = codes.row(code), seen.checks
    # what is said of the list knows more of it than an endpoint that it breaks
    own = sorted(
        (found for found in group if found.code is code), key=lambda found: not found.entries
    )
    hit = _hit(group, checks)
    hosts = list(dict.fromkeys(_host(finding, checks[finding.check]) for finding in own))
    values = dict(own[0].fields) | {
        "targets": _listed(own, row.layer, words),
        "hosts": " ".join(hosts),
        "subject": own[0].subject,
        "entries": _entries(own),
        "clients": ", ".join(map(printable, seen.run.settings.clients)),
    }
    headline = words.code(code, "headline", values | _called(values))
    if code in OF_A_TUNNEL and _is_proxy(checks[own[0].check]):
        # all tunnels break alike and the proxy is the subject: what to change names the endpoints
        values |= _endpoints(hit)
        own = [msgspec.structs.replace(own[0], remedy="", advice=""), *own[1:]]
    advice = _advice(own, values, words)
    broken = Broken(
        first=own[0],
        group=group,
        hit=hit,
        checks=checks,
        skipped=seen.skipped,
        run=seen.run,
        addresses=seen.addresses,
        faults=seen.faults,
        roots=seen.roots,
        clients=seen.clients,
    )
    changes = changes_of(broken, advice, words)
    return Cause(
        code=code,
        verdict=Verdict.worst(finding.verdict for finding in group),
        headline=headline,
        remedy=_remedy(changes),
        owner=own[0].owner or row.owner,
        explains=tuple(dict.fromkeys(finding.check for finding in (*own, *group))),
        evidence=tuple(_evidence(own, words)),
        layer=row.layer,
        affects=tuple(dict.fromkeys(filter(None, (check.target for check in hit)))),
        change=changes,
    )


def _called(values: Mapping[str, Value]) -> dict[str, str]:
    """What people call the CA in a headline; its whole name stands in the evidence."""
    name = str(values.get("ca") or "")
    return {"ca": attribute(name, "CN") or name} if name else {}


def _hit(group: Sequence[Finding], checks: Mapping[str, Check]) -> tuple[Check, ...]:
    """The checks that a fault hits. In the place of a proxy's own those of the endpoints behind
    it."""
    explained = [checks[finding.check] for finding in group]
    ends = [check for check in explained if not _is_proxy(check)]
    if ends:
        return tuple(ends)
    proxies = {check.proxy for check in explained}
    behind = [check for check in checks.values() if check.connects and check.proxy in proxies]
    judged = [check for check in behind if check.duty is Duty.JUDGED]
    return tuple(judged or explained)


def _is_proxy(check: Check) -> bool:
    """Whether it asks about the proxy itself."""
    return check.proxy is not None and check.host == check.proxy.host


def _endpoints(hit: Sequence[Check]) -> dict[str, str]:
    targets = " ".join(dict.fromkeys(check.target for check in hit))
    hosts = " ".join(dict.fromkeys(check.pattern or check.host for check in hit))
    return {"target": targets, "targets": targets, "host": hosts, "hosts": hosts}


def _skipped(findings: Sequence[Finding], checks: Mapping[str, Check]) -> tuple[Skipped, ...]:
    """The required checks that have no verdict, and why."""
    return tuple(
        (checks[finding.check], finding.skip.reason)
        for finding in findings
        if finding.skip and checks[finding.check].required
    )


def _host(finding: Finding, check: Check) -> str:
    """What is allowed or exempted: the pattern, as hosts behind a pattern change; for a check of no
    host what it is about."""
    return check.pattern or check.host or finding.target


def _entries(own: Sequence[Finding]) -> str:
    entries = (dict(finding.fields).get("entry", "") for finding in own)
    return ", ".join(filter(None, dict.fromkeys(entries)))


def _listed(own: Sequence[Finding], layer: Layer, words: Language) -> str:
    """The endpoints; of DNS, which knows no ports, the names."""
    targets = tuple(dict.fromkeys(finding.target for finding in own))
    if layer is Layer.DNS:
        targets = tuple(dict.fromkeys(target.rpartition(":")[0] or target for target in targets))
    more = len(targets) - _MOST_NAMED
    if more <= 0:
        return ", ".join(targets)
    return words.say(line("cause.more-targets", named=targets[:_MOST_NAMED], count=more))


def _advice(own: Sequence[Finding], values: Mapping[str, str], words: Language) -> str:
    """What to change without a product's words: the judge's own, else the table's for all that is
    broken."""
    first = own[0]
    told = first.advice or first.remedy
    is_one = len({finding.target for finding in own}) == 1 and not values["clients"]
    if told and (first.has_own_remedy or is_one):
        return told
    return words.code(first.code, "remedy", values)


def _remedy(changes: Sequence[Change]) -> str:
    """The first change as one text, its label on a line of its own."""
    first = changes[0]
    if first.product is None:
        return "\n".join(first.lines)
    name = name_of(first.product) if first.product in PRODUCTS else first.title
    return "\n".join((f"{name} ({first.where}):", *first.lines))


def _evidence(own: Sequence[Finding], words: Language) -> list[str]:
    """The first finding's evidence whole, of the others what is not alike."""
    lines = list(own[0].evidence)
    for finding in own[1:]:
        lines += [
            words.say(line("cause.evidence-of", target=finding.target, text=text))
            for text in finding.evidence[:1]
            if text not in lines
        ]
    lines = list(dict.fromkeys(lines))
    if len(lines) <= _MOST_EVIDENCE:
        return lines
    kept = lines[: _MOST_EVIDENCE - 1]
    return [*kept, words.say(line("cause.more-evidence", count=len(lines) - len(kept)))]


# Checks that are skipped for these were not missed: nothing could be, or had to be, asked.
_NOTHING_TO_ASK = frozenset(
    {SkipReason.UNNEEDED, SkipReason.NO_PUBLIC_SOURCE, SkipReason.COMPARISON, SkipReason.FILTERED}
)


def verdict_of(findings: Iterable[Finding], run: Run) -> Verdict:
    """The verdict of a run: ``error`` where it could not finish, or nothing was seen, else the
    worst finding; ``--strict`` makes warnings fail."""
    told = tuple(findings)
    worst = Verdict.worst(finding.verdict for finding in told)
    if run.interrupted or _is_nothing_seen(told):
        return Verdict.ERROR
    if worst is Verdict.WARN and run.settings.strict:
        return Verdict.FAIL
    return Verdict.PASS if worst is Verdict.SKIP else worst


def _is_nothing_seen(findings: Sequence[Finding]) -> bool:
    """Whether nothing was asked, or nothing came of it: that is no pass."""
    reasons = {finding.skip.reason if finding.skip else None for finding in findings}
    has_verdict = any(finding.verdict is not Verdict.SKIP for finding in findings)
    return not has_verdict and not (reasons and reasons <= _NOTHING_TO_ASK)


def unproven(findings: Iterable[Finding], checks: Iterable[Check]) -> tuple[Unproven, ...]:
    """The requirements that no run can prove: no public source names the hosts behind a
    wildcard."""
    required = {check.id for check in checks if check.required}
    found = (
        Unproven(target=finding.target, why=finding.summary)
        for finding in findings
        if finding.check in required and _is_unprovable(finding)
    )
    return tuple(dict.fromkeys(found))


def _is_unprovable(finding: Finding) -> bool:
    return finding.skip is not None and finding.skip.reason is SkipReason.NO_PUBLIC_SOURCE
