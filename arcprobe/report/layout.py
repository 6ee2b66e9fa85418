"""What the formats for people show beside the table: marks, endpoints of a cause, skips in groups,
facts of the run."""

from __future__ import annotations

from collections.abc import Container, Iterator

import msgspec

from arcprobe.model import Cause, Finding, Proxy, Report, Route, SkipReason, Verdict
from arcprobe.model.text import printable
from arcprobe.report.words import Words

# in the order of the legend
MARKS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.WARN: "!",
    Verdict.SKIP: "–",
    Verdict.ERROR: "?",
}


def legend(words: Words, shown: Container[Verdict] = MARKS) -> list[str]:
    """What the marks mean, of those that are shown."""
    seen = ((verdict, mark) for verdict, mark in MARKS.items() if verdict in shown)
    return [f"{mark} {words(f'report.legend.{verdict}')}" for verdict, mark in seen]


def lines(text: str) -> list[str]:
    """The lines of a text of several, each printable."""
    return [printable(part) for part in text.replace("\r\n", "\n").split("\n")]


def targets_of(report: Report, cause: Cause) -> tuple[str, ...]:
    """The ``host:port``s of the checks that a cause explains, each once, in the order of the
    checks."""
    explained = set(cause.explains)
    targets = (check.target for check in report.checks if check.id in explained)
    return tuple(dict.fromkeys(filter(None, targets)))


def unexplained(report: Report) -> tuple[Finding, ...]:
    """Findings that need action and that no cause explains, errors of the run among them."""
    explained = {check for cause in report.causes for check in cause.explains}
    bad = (finding for finding in report.findings if finding.verdict.needs_action)
    return tuple(finding for finding in bad if finding.check not in explained)


def passes(report: Report) -> tuple[Finding, ...]:
    """The findings that passed."""
    return tuple(finding for finding in report.findings if finding.verdict is Verdict.PASS)


# --------------------------------------------------------------------------------------------------


class Skipped(msgspec.Struct, frozen=True):
    """Checks that were not asked for the same reason; ``words`` say it."""

    reason: SkipReason | None
    words: str
    targets: tuple[str, ...]
    count: int


def skipped(report: Report, words: Words) -> tuple[Skipped, ...]:
    """The skipped findings in groups: those that are told in the same words, and those whose words
    differ only in the endpoint's own name."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.verdict is Verdict.SKIP:
            key = _unnamed(finding) or finding.summary
            groups.setdefault(key, []).append(finding)
    return tuple(_group(findings, words) for findings in groups.values())


def as_not_asked(group: Skipped, words: Words) -> str:
    """The words of a group, begun with those that the check was not asked where they do not say
    so."""
    key = f"report.not-asked.{group.reason}"
    return words(key, words=group.words) if words.language.has(key) else group.words


def _unnamed(finding: Finding) -> str:
    """The key of the sentence that tells the skip without the endpoint's name, where its own words
    name it: by the direct route the name that does not resolve is the endpoint's own."""
    reason = finding.skip.reason if finding.skip else None
    if reason is SkipReason.NAME_BROKEN and finding.route is Route.DIRECT:
        return f"report.skipped.{reason}"
    return ""


def _group(findings: list[Finding], words: Words) -> Skipped:
    first = findings[0]
    text = first.summary
    if len({finding.summary for finding in findings}) > 1:
        text = words(_unnamed(first))
    return Skipped(
        reason=first.skip.reason if first.skip else None,
        words=text,
        targets=tuple(dict.fromkeys(finding.target for finding in findings if finding.target)),
        count=len(findings),
    )


# --------------------------------------------------------------------------------------------------


def facts(report: Report, words: Words) -> tuple[tuple[str, str], ...]:
    """The facts of the run, name and value, without secrets: when, where, by which proxy, with
    which settings."""
    rows = ((name, printable(value)) for name, value in _facts(report, words) if value.strip())
    return tuple((words(f"report.fact.{name}"), value) for name, value in rows)


def _facts(report: Report, words: Words) -> Iterator[tuple[str, str]]:
    run = report.run
    settings = run.settings
    yield (
        "run",
        words("report.facts.run", started=run.started, seconds=run.seconds, version=run.version),
    )
    yield "interrupted", run.interrupted
    yield "vantage", _vantage(report, words)
    yield "route", _route(report, words)
    yield "proxy", _proxies(report, words)
    yield "proxy-notes", "; ".join(settings.proxy_notes)
    yield (
        "skip-range",
        words(
            "report.facts.skip-range",
            list=settings.skip_range or "",
            setting=settings.skip_range_setting,
        ),
    )
    yield "proxy-cert", _listed(settings.proxy_cert, *settings.proxy_cert_notes)
    yield "cloud", f"{settings.cloud} {settings.region}".strip()
    yield "gateway", settings.gateway_host or settings.gateway_url
    yield "features", _listed(*settings.features)
    yield "public-roots", settings.public_roots
    yield "software", _listed(words("report.facts.python", python=run.python), run.openssl)


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _vantage(report: Report, words: Words) -> str:
    run = report.run
    inside = (words("report.facts.node", node=run.node), words("report.facts.pod", pod=run.pod))
    place = f"{run.vantage} {run.host}".strip()
    return words("report.facts.vantage", place=place, inside=inside)


def _route(report: Report, words: Words) -> str:
    proxied = sum(check.route is Route.PROXY for check in report.checks)
    direct = sum(check.route is Route.DIRECT for check in report.checks)
    checks = words.count("report.count.check", proxied)
    return words("report.facts.route", checks=checks, direct=direct)


def _proxies(report: Report, words: Words) -> str:
    settings = report.run.settings
    named = (("HTTPS", settings.proxy_https), ("HTTP", settings.proxy_http))
    told = [_proxy(name, proxy, words) for name, proxy in named if proxy is not None]
    return "; ".join(told) or words("report.facts.no-proxy")


def _proxy(name: str, proxy: Proxy, words: Words) -> str:
    key = "with" if proxy.has_credentials else "without"
    return words(
        f"report.facts.proxy-{key}-credentials", name=name, url=proxy.url, setting=proxy.setting
    )
