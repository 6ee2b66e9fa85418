"""What ``arcprobe skip-range`` prints: findings of the one check, and the table of hosts and
clients."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from arcprobe import no_proxy
from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_answers.bypass_facts import suggest, unknown
from arcprobe.findings.old_answers.skip_range import judge
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.model import Check, Cluster, Code, Config, Finding, Kind, Layer, Proxy, Route, Verdict

__all__ = [
    "as_json",
    "as_text",
    "exit_code",
    "explained_json",
    "explained_text",
    "judged",
    "lacking",
    "suggest",
]

_WORST = (Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.SKIP)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a list, and the list that would be right."""

    verdict: Verdict
    skip_range: str | None
    findings: tuple[Finding, ...]
    suggestion: no_proxy.Suggestion


def judged(
    loaded: Config,
    cluster: Cluster,
    azure_hosts: tuple[tuple[str, int], ...],
    *,
    assume_proxy: bool,
) -> Answer:
    """The list of the settings, judged against the cluster. ``assume_proxy``: as if one were
    set."""
    settings = loaded.settings
    proxy = Proxy(scheme="http", host="", port=0, setting="assumed") if assume_proxy else None
    check = Check(
        id="skip-range",
        kind=Kind.SKIP_RANGE,
        target="kubernetes.default.svc:443",
        route=Route.DIRECT,
        required=True,
        feature="core",
        proxy=proxy,
    )
    judgements = judge(check, cluster, settings, azure_hosts)
    findings = tuple(_finding(check, judgement) for judgement in judgements)
    return Answer(
        verdict=min((finding.verdict for finding in findings), key=_WORST.index),
        skip_range=settings.skip_range,
        findings=findings,
        suggestion=suggest(settings.skip_range or "", cluster, azure_hosts),
    )


def _finding(check: Check, judgement: Judgement) -> Finding:
    code = codes.row(judgement.code)
    return Finding(
        check=check.id,
        kind=check.kind,
        layer=Layer.SKIP_RANGE,
        target=check.target,
        route=check.route,
        verdict=judgement.verdict or code.verdict,
        code=code.name,
        summary=judgement.summary or language().code(code.name, "summary", judgement.fields),
        evidence=judgement.evidence,
        remedy=judgement.remedy or language().code(code.name, "remedy", judgement.fields),
        owner=judgement.owner or code.owner,
        subject=judgement.subject,
    )


def exit_code(answer: Answer, strict: bool) -> int:
    """As for ``check``: 1 when something failed, or warned where that counts."""
    return int(answer.verdict is Verdict.FAIL or (strict and answer.verdict is Verdict.WARN))


def as_json(answer: Answer) -> str:
    """The answer as one document."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def as_text(answer: Answer) -> str:
    """The verdict, each finding with its evidence and remedy, and the corrected list once."""
    lines = [
        f"{answer.verdict.value.upper()}  skip range: {_plain(answer.skip_range or '(none)', 2000)}"
    ]
    for finding in answer.findings:
        lines += ["", f"{finding.verdict.value:<5} {finding.code}: {_plain(finding.summary)}"]
        lines += [f"      {_plain(line)}" for line in finding.evidence]
    if (
        answer.verdict in (Verdict.FAIL, Verdict.WARN)
        and answer.suggestion.skip_range != answer.skip_range
    ):
        lines += ["", "Corrected list:", answer.suggestion.skip_range]
    for finding in answer.findings:
        if finding.code == Code.SERVICES_UNREADABLE:
            lines += ["", _plain(finding.remedy, 1000)]
    return "\n".join(lines)


def _plain(text: str, most: int = 400) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def lacking(cluster: Cluster) -> str:
    """Why nothing certain is known of the Services; empty where something is."""
    if not unknown(cluster):
        return ""
    if cluster.failure is None:
        return "no Service with an address was found; --services FILE or --service-cidr RANGE tells"
    return _plain(
        f"{cluster.failure.kind.value}: {cluster.failure.detail}; --services FILE or --service-cidr RANGE tells"
    )


def _dialects(skip_range: str, host: str, port: int | None) -> dict[str, no_proxy.Bypass]:
    return {name: no_proxy.bypass(name, skip_range, host, port) for name in no_proxy.DIALECTS}


def explained_json(skip_range: str, rows: Iterable[tuple[str, str, int | None]]) -> Iterator[str]:
    """The contract's document, a line a host, made as the hosts come."""
    before: str | None = None
    for text, host, port in rows:
        dialects: dict[str, Any] = {
            name: {"bypassed": found.bypassed, "entry": found.entry}
            for name, found in _dialects(skip_range, host, port).items()
        }
        if before is not None:
            yield before + ","
        else:
            yield '{"hosts": ['
        before = json.dumps({"host": text, "dialects": dialects})
    yield '{"hosts": []}' if before is None else before
    if before is not None:
        yield "]}"


def explained_text(skip_range: str, rows: Iterable[tuple[str, str, int | None]]) -> Iterator[str]:
    """A line a host: for each client the entry by which it goes direct, ``(own rule)``, or
    ``proxy``."""
    headed = False
    for text, host, port in rows:
        if not headed:  # only now: a file that cannot be read prints nothing but its error
            yield _columns("host", no_proxy.DIALECTS)
            headed = True
        found = _dialects(skip_range, host, port).values()
        yield _columns(
            text, ((one.entry or "(own rule)") if one.bypassed else "proxy" for one in found)
        )


def _columns(first: str, rest: Iterable[str]) -> str:
    cells = [f"{_plain(first, 60):<40}", *(f"{_plain(cell, 40):<17}" for cell in rest)]
    return "  ".join(cells).rstrip()
