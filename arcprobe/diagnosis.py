"""Findings in, causes out: what is broken, once, however many checks it broke. Pure.

Findings that say the same of the same thing are one cause; ``EXPLAINS`` says which fault makes
others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import Language, language as default_language
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
    findings: Iterable[Finding], checks: Iterable[Check], run: Run, language: Language | None = None
) -> tuple[Cause, ...]:
    """Root causes, lowest layer first. Every finding that needs action is explained by exactly
    one."""
    by_id = {check.id: check for check in checks}
    bad = [finding for finding in findings if finding.verdict.needs_action]
    groups = _groups(bad, by_id)
    for code, others in EXPLAINS:
        _explain(groups, code, others)
    words = language or default_language()
    causes = (_cause(code, group, by_id, words) for (code, _), group in groups.items())
    return tuple(sorted(causes, key=_order))


def _groups(findings: Sequence[Finding], checks: Mapping[str, Check]) -> Groups:
    """The findings by what is broken. What the direct route says of an endpoint that goes direct
    only because the bypass list is too broad follows from the list."""
    too_broad = Code.SKIP_RANGE_TOO_BROAD
    subjects = (finding.subject for finding in findings if finding.code is too_broad)
    broad = {entry: (too_broad, subject) for subject in subjects for entry in subject.split(", ")}
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


def _cause(
    code: Code, group: Sequence[Finding], checks: Mapping[str, Check], words: Language
) -> Cause:
    row = codes.row(code)
    own = [finding for finding in group if finding.code is code]
    hosts = list(dict.fromkeys(_host(finding, checks[finding.check]) for finding in own))
    values = dict(own[0].fields) | {
        "targets": _listed(own, words),
        "hosts": " ".join(hosts),
        "count": str(len({finding.target for finding in own})),
        "subject": own[0].subject,
        "entries": _entries(own),
    }
    return Cause(
        code=code,
        verdict=Verdict.worst(finding.verdict for finding in group),
        headline=words.code(code, "headline", values),
        remedy=_product_line(own[0], hosts, checks) or _remedy(own, values, words),
        owner=own[0].owner or row.owner,
        explains=tuple(dict.fromkeys(finding.check for finding in (*own, *group))),
        evidence=tuple(_evidence(own, words)),
        layer=row.layer,
    )


def _host(finding: Finding, check: Check) -> str:
    """What is allowed or exempted: the pattern, as hosts behind a pattern change; for a check of no
    host what it is about."""
    return check.pattern or check.host or finding.target


def _entries(own: Sequence[Finding]) -> str:
    entries = (dict(finding.fields).get("entry", "") for finding in own)
    return ", ".join(filter(None, dict.fromkeys(entries)))


def _listed(own: Sequence[Finding], words: Language) -> str:
    targets = tuple(dict.fromkeys(finding.target for finding in own))
    more = len(targets) - _MOST_NAMED
    if more <= 0:
        return ", ".join(targets)
    return words.say(line("cause.more-targets", named=targets[:_MOST_NAMED], count=more))


def _product_line(first: Finding, hosts: Sequence[str], checks: Mapping[str, Check]) -> str:
    """What to change in the product that is known; it has no line for what the user must do."""
    owner = first.owner or codes.row(first.code).owner
    if owner is Owner.YOU:
        return ""
    port = checks[first.check].port
    lines = directive(first.product, first.code, host=hosts[0], port=port, hosts=hosts)
    return f"{first.product}: {lines}" if lines else ""


def _remedy(own: Sequence[Finding], values: Mapping[str, str], words: Language) -> str:
    """The judge's own advice, else the table's for all that is broken."""
    first = own[0]
    if first.has_own_remedy or len({finding.target for finding in own}) == 1:
        return first.remedy
    return words.code(first.code, "remedy", values)


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
