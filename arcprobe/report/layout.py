"""What the formats for people show beside the table: marks, endpoints of a cause, skips in groups,
facts of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from datetime import date, timedelta
from itertools import chain
from typing import Any

import msgspec

from arcprobe.model import (
    Cause,
    Change,
    Finding,
    Kind,
    Proxy,
    Report,
    Route,
    Run,
    SkipReason,
    Verdict,
)
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


_FACTS = (
    "run interrupted vantage route proxy proxy-notes skip-range proxy-cert cloud gateway features"
    " notes public-roots software"
).split()


_BRIEFEST = frozenset("run interrupted proxy-notes skip-range proxy-cert notes".split())
_BRIEF = _BRIEFEST | {"proxy"}


def lines(text: str) -> list[str]:
    """The lines of a text of several, each printable."""
    return [printable(part) for part in text.replace("\r\n", "\n").split("\n")]


def pasted(cause: Cause) -> tuple[Change, ...]:
    """The changes that are lines of a product: they are shown verbatim."""
    return tuple(change for change in cause.change if change.product is not None)


def advice(cause: Cause) -> list[str]:
    """What to change in words."""
    general = [change for change in cause.change if change.product is None]
    if not general:
        return lines(cause.remedy)
    return [printable(text) for text in general[0].lines]


def block(change: Change) -> list[str]:
    """The lines of a change, ready to be pasted."""
    return [printable(text) for text in change.lines]


def joined(report: Report, product: str) -> list[list[str]]:
    """The changes of all causes for one product, a block for each place and command: a line that
    says where it goes, the lines, each command of a user once, and what applies them."""
    places: dict[tuple[str, str], dict[str, None]] = {}
    for change in chain.from_iterable(map(pasted, report.causes)):
        if change.product == product:
            place = places.setdefault((change.where, change.apply or ""), {})
            place.update(dict.fromkeys(["\n".join(block(change))]))
    return [
        [f"# {printable(where)}", *blocks, *([f"# {printable(apply)}"] if apply else [])]
        for (where, apply), blocks in places.items()
    ]


def label(change: Change) -> str:
    """What stands above the lines, on a line of its own."""
    return printable(f"{change.title} ({change.where}):")


def targets_of(report: Report, cause: Cause) -> tuple[str, ...]:
    """The ``host:port``s that a cause hits, else those of the checks that it explains, each once,
    in the order of the checks."""
    if cause.affects:
        return cause.affects
    explained = set(cause.explains)
    targets = (check.target for check in report.checks if check.id in explained)
    return tuple(dict.fromkeys(filter(None, targets)))


def unexplained(report: Report) -> tuple[Finding, ...]:
    """Findings that need action and that no cause explains, errors of the run among them."""
    explained = set(chain.from_iterable(cause.explains for cause in report.causes))
    bad = (finding for finding in report.findings if finding.verdict.needs_action)
    return tuple(finding for finding in bad if finding.check not in explained)


def passes(report: Report) -> tuple[Finding, ...]:
    """The findings that passed."""
    return tuple(finding for finding in report.findings if finding.verdict is Verdict.PASS)


_COUNTED = (
    (Verdict.FAIL, "failed"),
    (Verdict.WARN, "warned"),
    (Verdict.ERROR, "errors"),
    (Verdict.SKIP, "skipped"),
)


def checked(report: Report, words: Words) -> dict[str, Any]:
    """How many checks came to what: ``passed``, and the ``others`` that there are."""
    count = Counter(finding.verdict for finding in report.findings)
    others = (
        words(f"report.count.{name}", count=count[verdict])
        for verdict, name in _COUNTED
        if count[verdict]
    )
    passed = words.count("report.count.passed", count[Verdict.PASS])
    return {"passed": passed, "others": tuple(others)}


# --------------------------------------------------------------------------------------------------

# Skips that end when what is broken is healed.
_WAITING = frozenset(
    {
        SkipReason.PROXY_BROKEN,
        SkipReason.NAME_BROKEN,
        SkipReason.NO_TLS,
        SkipReason.OTHER_SERVER,
        SkipReason.PAGE_CERTIFICATE,
        SkipReason.TOLD_BY_OTHERS,
        SkipReason.GATEWAY_URL,
        SkipReason.NO_ANSWER,
    }
)


def is_waiting(finding: Finding) -> bool:
    """Whether a check was not asked only because something else is broken."""
    return finding.skip is not None and finding.skip.reason in _WAITING


class Skipped(msgspec.Struct, frozen=True):
    """Checks that were not asked for the same reason; ``words`` say it."""

    words: str
    targets: tuple[str, ...]
    count: int


def skipped(report: Report, words: Words, *, waiting: bool = True) -> tuple[Skipped, ...]:
    """The skipped findings in groups: those that are told in the same words, and those whose words
    differ only in the endpoint's own name. ``waiting``: also those that wait for a cause."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.verdict is Verdict.SKIP and (waiting or not is_waiting(finding)):
            key = _unnamed(finding) or finding.summary
            groups.setdefault(key, []).append(finding)
    return tuple(_group(findings, words) for findings in groups.values())


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
        words=text,
        targets=tuple(dict.fromkeys(finding.target for finding in findings if finding.target)),
        count=len(findings),
    )


# --------------------------------------------------------------------------------------------------


def facts(report: Report, words: Words, *, is_brief: bool = False) -> tuple[tuple[str, str], ...]:
    """The facts of the run, name and value, without secrets: when, where, by which proxy, with
    which settings. Each is a sentence of [report.fact] over the fields of the run. ``is_brief``:
    those alone that somebody needs to read the causes; without any the first lines name the proxy.
    """
    values = _values(report, words)
    names = _names(report, is_brief)
    told = ((name, words(f"report.fact.{name}.value", **values)) for name in names)
    rows = ((name, printable(value)) for name, value in told if value.strip())
    return tuple((words(f"report.fact.{name}.name"), value) for name, value in rows)


def _names(report: Report, is_brief: bool) -> list[str]:
    """The facts that are told."""
    brief = _BRIEF if report.causes else _BRIEFEST
    shown = brief if is_brief else set(_FACTS)
    if is_merged(report):
        shown = shown - {"route"}  # the places' own checks are not in it
    return [name for name in _FACTS if name in shown]


def is_merged(report: Report) -> bool:
    """Whether it is a report of many places."""
    return bool(report.checks) and all(check.kind is Kind.CLUSTER for check in report.checks)


def _values(report: Report, words: Words) -> dict[str, Any]:
    run, settings = report.run, report.run.settings
    proxied = sum(check.route is Route.PROXY for check in report.checks)
    proxies = (("HTTPS", settings.proxy_https), ("HTTP", settings.proxy_http))
    return {
        **msgspec.structs.asdict(run),
        **msgspec.structs.asdict(settings),
        "stale": _stale(run, words),
        "vantage": words.vantage(run.vantage),
        "inside": (words("report.node", node=run.node), words("report.pod", pod=run.pod)),
        "proxied": words.count("report.count.check", proxied),
        "direct": sum(check.route is Route.DIRECT for check in report.checks),
        "proxies": tuple(_proxy(name, proxy, words) for name, proxy in proxies if proxy)
        or words("report.no-proxy"),
        "skip_range": settings.skip_range or "",
        "proxy_cert": (settings.proxy_cert, *settings.proxy_cert_notes),
        "gateway": settings.gateway_host or settings.gateway_url,
        "software": (words("report.python", python=run.python), run.openssl),
    }


STALE = timedelta(days=180)
"""Microsoft's lists change some times a year: with older ones what is missing may be the list's."""


def data_of(run: Run, words: Words) -> str:
    """Of which day the endpoints are, and whether that was long ago; empty where it is unknown."""
    stale = _stale(run, words)
    return printable(words("report.data", data=run.data, stale=stale)) if run.data else ""


def _stale(run: Run, words: Words) -> str:
    """What is to be said of data that was old when the run was made; empty where it was not."""
    try:
        age = date.fromisoformat(run.started[:10]) - date.fromisoformat(run.data)
    except ValueError:
        return ""
    return words("report.stale", count=age.days) if age > STALE else ""


def _proxy(name: str, proxy: Proxy, words: Words) -> str:
    key = "with" if proxy.has_credentials else "without"
    return words(f"report.proxy-{key}-credentials", name=name, url=proxy.url, setting=proxy.setting)
