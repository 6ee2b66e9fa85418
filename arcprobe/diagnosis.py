"""Findings in, causes out: what is broken, once, however many checks it broke. Pure.

Findings that say the same of the same thing are one cause; a few rules say which fault makes others
(``_SWALLOWS``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.knowledge.products import directive
from arcprobe.model import Cause, Check, Code, Finding, Layer, Run, Verdict

_BAD = (Verdict.WARN, Verdict.FAIL, Verdict.ERROR)
_WORST = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.SKIP, Verdict.PASS)
_EVIDENCE_LIMIT = 12
_NAMED = 2

# The first code explains findings of the others where they concern the same thing: same subject,
# or no subject at all.
_SWALLOWS: tuple[tuple[str, frozenset[str]], ...] = (
    (Code.GATEWAY_INSPECTED, frozenset({Code.TLS_INTERCEPTED})),
    (Code.CLOCK_SKEWED, frozenset({Code.CERTIFICATE_EXPIRED, Code.CERTIFICATE_NOT_YET_VALID})),
    (Code.RESOLVER_SILENT, frozenset({Code.LOOKUP_SLOW, Code.IPV6_LOOKUP_DROPPED})),
    (Code.IPV6_LOOKUP_DROPPED, frozenset({Code.LOOKUP_SLOW})),
    (Code.NAME_SINKHOLED, frozenset({Code.UNKNOWN_NAMES_REWRITTEN})),
    (Code.PRIVATE_LINK_UNRESOLVED, frozenset({Code.NAME_UNKNOWN})),
)
# What a direct way says of an endpoint that only goes direct because the skip range is too broad
# follows from that.
_TOO_BROAD = Code.SKIP_RANGE_TOO_BROAD


def diagnose(findings: Iterable[Finding], checks: Iterable[Check], run: Run) -> tuple[Cause, ...]:
    """Root causes, lowest layer first. Every finding that is ``warn``, ``fail`` or ``error`` is
    explained by exactly one."""
    by_id = {check.id: check for check in checks}
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.verdict in _BAD:
            groups[finding.code, finding.subject].append(finding)
    _swallow(groups)
    _too_broad(groups, by_id)
    causes = [
        _cause(group[0].code if not key[0] else key[0], group, by_id)
        for key, group in groups.items()
        if group
    ]
    return tuple(
        sorted(
            causes,
            key=lambda cause: (tuple(Layer).index(cause.layer), -len(cause.explains), cause.code),
        )
    )


def _swallow(groups: dict[tuple[str, str], list[Finding]]) -> None:
    for stronger, weaker in _SWALLOWS:
        takers = [key for key in groups if key[0] == stronger]
        for key in [key for key in groups if key[0] in weaker]:
            taker = next((each for each in takers if each[1] == key[1]), None) or next(
                (each for each in takers if not each[1] or not key[1]), None
            )
            if taker is not None:
                groups[taker] += groups.pop(key)


def _too_broad(groups: dict[tuple[str, str], list[Finding]], checks: Mapping[str, Check]) -> None:
    takers = [key for key in groups if key[0] == _TOO_BROAD]
    if not takers:
        return
    for key in [key for key in groups if key not in takers]:
        stays = [
            finding
            for finding in groups[key]
            if not (check := checks.get(finding.check)) or not check.via_bypass
        ]
        groups[takers[0]] += [finding for finding in groups[key] if finding not in stays]
        groups[key] = stays


def _cause(code_name: str, group: Sequence[Finding], checks: Mapping[str, Check]) -> Cause:
    code = codes.row(code_name)
    own = [finding for finding in group if finding.code == code_name] or list(group)
    first = own[0]
    targets = tuple(dict.fromkeys(finding.target for finding in own))
    # hosts behind a pattern change: what is allowed or exempted is the pattern
    hosts = tuple(dict.fromkeys(_host(finding, checks) for finding in own))
    fields = dict(first.fields) | {
        "targets": _listed(targets),
        "hosts": " ".join(hosts),
        "count": str(len(targets)),
        "subject": first.subject,
    }
    entries = tuple(dict.fromkeys(dict(finding.fields).get("entry", "") for finding in own))
    fields["entries"] = ", ".join(filter(None, entries))
    remedy = first.remedy if len(targets) == 1 else language().code(code.name, "remedy", fields)
    if (
        first.product
        and (first.owner or code.owner) != "you"
        and (
            line := directive(
                first.product, code_name, host=hosts[0], port=_port(targets[0]), hosts=hosts
            )
        )
    ):
        remedy = f"{first.product}: {line}"
    elif _overridden(first):
        remedy = first.remedy
    worst = min((finding.verdict for finding in group), key=_WORST.index)
    return Cause(
        code=code_name,
        verdict=worst,
        headline=language().code(code.name, "headline", fields),
        remedy=remedy,
        owner=first.owner or code.owner,
        explains=tuple(dict.fromkeys(finding.check for finding in group)),
        evidence=_evidence(own),
        layer=code.layer,
    )


def _overridden(finding: Finding) -> bool:
    """Whether the judge wrote a remedy of its own, which knows more than the table's."""
    return bool(finding.remedy) and finding.remedy != language().code(
        finding.code, "remedy", finding.fields
    )


def _evidence(own: Sequence[Finding]) -> tuple[str, ...]:
    """The first finding's evidence whole, of the others what is not alike."""
    lines = list(own[0].evidence)
    for finding in own[1:]:
        lines += [f"{finding.target}: {line}" for line in finding.evidence[:1] if line not in lines]
    kept = list(dict.fromkeys(lines))
    if len(kept) > _EVIDENCE_LIMIT:
        kept = [
            *kept[: _EVIDENCE_LIMIT - 1],
            f"… and {len(kept) - _EVIDENCE_LIMIT + 1} more lines in the findings",
        ]
    return tuple(kept)


def _listed(targets: Sequence[str]) -> str:
    if len(targets) <= _NAMED:
        return ", ".join(targets)
    return f"{', '.join(targets[:_NAMED])} and {len(targets) - _NAMED} more"


def _host(finding: Finding, checks: Mapping[str, Check]) -> str:
    check = checks.get(finding.check)
    return (check.pattern or check.host if check else "") or finding.target.rsplit(":", 1)[0].strip(
        "[]"
    )


def _port(target: str) -> int:
    port = target.rsplit(":", 1)[-1]
    return int(port) if port.isdigit() else 443


def verdict_of(findings: Iterable[Finding], run: Run) -> Verdict:
    """The verdict of a run: ``error`` where it could not finish, else the worst finding;
    ``--strict`` makes warnings fail."""
    found = {finding.verdict for finding in findings}
    if Verdict.ERROR in found or run.interrupted:
        return Verdict.ERROR
    if Verdict.FAIL in found:
        return Verdict.FAIL
    if Verdict.WARN in found:
        return Verdict.FAIL if run.settings.strict else Verdict.WARN
    return Verdict.PASS
