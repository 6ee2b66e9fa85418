"""Findings in, causes out: what is broken, once, however many checks it broke. Pure.

Findings that say the same of the same thing are one cause; ``EXPLAINS`` says which fault makes
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language, language
from arcprobe.knowledge.products import directive
from arcprobe.model import Cause, Check, Code, Finding, Layer, Owner, Run, Verdict, line

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
    findings: Iterable[Finding], checks: Iterable[Check], run: Run, chosen: Language | None = None
) -> tuple[Cause, ...]:
    """Root causes, lowest layer first. Every finding that needs action is explained by exactly
    one."""
    by_id = {check.id: check for check in checks}
    groups: Groups = {}
    for finding in findings:
        if finding.verdict.needs_action:
            groups.setdefault((finding.code, finding.subject), []).append(finding)
    for code, others in EXPLAINS:
        _explain(groups, code, others)
    _explain_bypassed(groups, by_id)
    words = chosen or language()
    causes = [_cause(key[0], group, by_id, words) for key, group in groups.items() if group]
    return tuple(sorted(causes, key=_order))


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


def _explain_bypassed(groups: Groups, checks: Mapping[str, Check]) -> None:
    """What the direct route says of an endpoint that goes direct only because the bypass list is
    too broad follows from the list."""
    broad = [key for key in groups if key[0] is Code.SKIP_RANGE_TOO_BROAD]
    if not broad:
        return
    bypassed = {check.id for check in checks.values() if check.via_bypass}
    for key in [key for key in groups if key not in broad]:
        groups[broad[0]] += [finding for finding in groups[key] if finding.check in bypassed]
        groups[key] = [finding for finding in groups[key] if finding.check not in bypassed]


def _cause(
    code: Code, group: Sequence[Finding], checks: Mapping[str, Check], words: Language
) -> Cause:
    row = codes.row(code)
    own = [finding for finding in group if finding.code is code] or group
    first = own[0]
    owner = first.owner or row.owner
    targets = list(dict.fromkeys(finding.target for finding in own))
    hosts = list(dict.fromkeys(_host(finding, checks[finding.check]) for finding in own))
    entries = dict.fromkeys(dict(finding.fields).get("entry", "") for finding in own)
    values = dict(first.fields) | {
        "targets": _listed(targets, words),
        "hosts": " ".join(hosts),
        "count": str(len(targets)),
        "subject": first.subject,
        "entries": ", ".join(filter(None, entries)),
    }
    remedy = first.remedy
    if len(targets) > 1 and not (first.has_own_remedy or _wrote_own_remedy(first)):
        remedy = words.code(code, "remedy", values)
    if owner is not Owner.YOU:
        port = checks[first.check].port
        lines = directive(first.product, code, host=hosts[0], port=port, hosts=hosts)
        remedy = f"{first.product}: {lines}" if lines else remedy
    return Cause(
        code=code,
        verdict=Verdict.worst(finding.verdict for finding in group),
        headline=words.code(code, "headline", values),
        remedy=remedy,
        owner=owner,
        explains=tuple(dict.fromkeys(finding.check for finding in group)),
        evidence=tuple(_evidence(own, words)),
        layer=row.layer,
    )


def _wrote_own_remedy(finding: Finding) -> bool:
    return bool(finding.remedy) and finding.remedy != language().code(
        finding.code, "remedy", finding.fields
    )


def _host(finding: Finding, check: Check) -> str:
    """What is allowed or exempted: the pattern, as hosts behind a pattern change; for a check of no
    host what it is about."""
    return check.pattern or check.host or finding.target


def _listed(targets: Sequence[str], words: Language) -> str:
    named = tuple(targets[:_MOST_NAMED])
    more = len(targets) - len(named)
    if more == 0:
        return ", ".join(named)
    return words.say(line("cause.more-targets", named=named, count=more))


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


def verdict_of(findings: Iterable[Finding], run: Run) -> Verdict:
    """The verdict of a run: ``error`` where it could not finish, else the worst finding;
    ``--strict`` makes warnings fail."""
    worst = Verdict.worst(finding.verdict for finding in findings)
    if run.interrupted:
        return Verdict.ERROR
    if worst is Verdict.WARN and run.settings.strict:
        return Verdict.FAIL
    return Verdict.PASS if worst is Verdict.SKIP else worst
