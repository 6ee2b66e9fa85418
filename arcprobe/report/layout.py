"""What the formats for people share: characters made visible, the endpoint × layer table, skips in
groups, facts of the run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec

from arcprobe.model import Cause, Check, Finding, Kind, Layer, Report, Route, Verdict
from arcprobe.report import ACTORS

COLUMNS = (Layer.DNS, Layer.PROXY, Layer.TCP, Layer.TLS, Layer.HTTP, Layer.WEBSOCKET)

_SEVERITY = (Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.ERROR)

# the rung that the question of a kind is about, where the code's layer is none of the table's
# columns, or nothing was asked
_OWN_COLUMN = {
    Kind.DNS: Layer.DNS,
    Kind.PROXY: Layer.PROXY,
    Kind.HTTPS: Layer.HTTP,
    Kind.TLS: Layer.TLS,
    Kind.WEBSOCKET: Layer.WEBSOCKET,
    Kind.DISCOVERY: Layer.HTTP,
}


def visible(text: str) -> str:
    """One line in which every character prints: controls, bidirectional overrides and the like
    become escapes such as ``\\x1b``.

    Reports hold bytes that strangers sent; none of them may move a cursor, reorder a line or hide.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    if unicodedata.category(character) == "Zs":
        return " "  # every other blank: harmless, but not told apart by eye
    number = ord(character)
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": " "}[character]
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )


def visible_lines(text: str) -> tuple[str, ...]:
    """The lines of a text of several, each ``visible``."""
    return tuple(visible(line) for line in text.replace("\r\n", "\n").split("\n"))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of them; ``skip`` when there is none."""
    return max(verdicts, key=_SEVERITY.index, default=Verdict.SKIP)


# --------------------------------------------------------------------------------------------------


def verdict_line(report: Report) -> str:
    """One sentence: will it work, what stands in the way, who must act."""
    broken = [cause for cause in report.causes if cause.verdict in (Verdict.FAIL, Verdict.ERROR)]
    warned = [cause for cause in report.causes if cause.verdict is Verdict.WARN]
    if report.verdict is Verdict.PASS:
        return "Azure Arc will work from here."
    if report.verdict is Verdict.WARN:
        return f"Azure Arc will work from here, with {_number(len(warned), 'warning')}. {_acting(warned)}".rstrip()
    if report.verdict is Verdict.FAIL:
        strict = " (warnings count: --strict)" if not broken and report.run.settings.strict else ""
        who = _acting(broken or warned)
        return f"Azure Arc will not work from here: {_number(len(broken or warned), 'cause')}{strict}. {who}".rstrip()
    finished = f" What was seen until then shows {_number(len(broken), 'cause')}." if broken else ""
    why = f": {visible(report.run.interrupted)}" if report.run.interrupted else ""
    return f"arcprobe could not finish{why}.{finished}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _acting(causes: Iterable[Cause]) -> str:
    owners = list(dict.fromkeys(actor(cause.owner) for cause in causes if cause.owner))
    if not owners:
        return ""
    return (
        f"To act: {owners[0]}."
        if len(owners) == 1
        else f"To act: {', '.join(owners[:-1])} and {owners[-1]}."
    )


def actor(owner: str) -> str:
    """Who must act, in words."""
    return ACTORS.get(owner, visible(owner) or "nobody named")


def targets_of(report: Report, cause: Cause) -> tuple[str, ...]:
    """The ``host:port``s of the checks that a cause explains, each once, in the order of the
    checks."""
    explained = set(cause.explains)
    return tuple(
        dict.fromkeys(
            check.target for check in report.checks if check.id in explained and check.target
        )
    )


def evidence_of(report: Report, cause: Cause) -> tuple[str, ...]:
    """The evidence of a cause without a line that only names its endpoints once more: every format
    lists them by itself."""
    targets = targets_of(report, cause)
    return tuple(
        line
        for line in cause.evidence
        if len(targets) < 2 or not all(target in line for target in targets)
    )


def unexplained(report: Report) -> tuple[Finding, ...]:
    """Findings that are not well and that no cause explains, errors of the run among them."""
    explained = {check for cause in report.causes for check in cause.explains}
    bad = (Verdict.WARN, Verdict.FAIL, Verdict.ERROR)
    return tuple(
        finding
        for finding in report.findings
        if finding.verdict in bad and finding.check not in explained
    )


# --------------------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """One endpoint by one route: what each layer came to; no entry where nothing was asked or
    known."""

    target: str
    route: str
    cells: dict[Layer, Verdict]


def table(report: Report) -> tuple[Row, ...]:
    """The endpoint × layer table. A layer below one that was reached is passed, unless a finding
    says otherwise.

    What DNS says of a name stands in the rows of all its routes: it is asked once.
    """
    checks = {check.id: check for check in report.checks}
    shown = [
        finding for finding in report.findings if finding.kind in _OWN_COLUMN and finding.target
    ]
    routes: dict[str, list[str]] = {}
    for finding in shown:
        if finding.kind is not Kind.DNS and finding.route not in routes.setdefault(
            finding.target, []
        ):
            routes[finding.target].append(finding.route)
    said: dict[tuple[str, str], dict[Layer, Verdict]] = {}
    implied: dict[tuple[str, str], set[Layer]] = {}
    for finding in shown:
        own = _OWN_COLUMN[finding.kind]
        column = (
            finding.layer
            if finding.layer in COLUMNS and finding.verdict is not Verdict.SKIP
            else own
        )
        rungs = _rungs(finding, checks.get(finding.check))
        for route in (
            routes.get(finding.target, [finding.route])
            if finding.kind is Kind.DNS
            else [finding.route]
        ):
            cells = said.setdefault((finding.target, route), {})
            cells[column] = worst((cells.get(column, Verdict.SKIP), finding.verdict))
            if column not in rungs:
                continue
            if finding.verdict is not Verdict.SKIP:
                implied.setdefault((finding.target, route), set()).update(
                    rungs[: rungs.index(column)]
                )
            for rung in (
                rungs[rungs.index(column) + 1 : rungs.index(own) + 1] if own in rungs else ()
            ):
                cells.setdefault(rung, Verdict.SKIP)
    for key, layers in implied.items():
        for layer in layers:
            if said[key].get(layer, Verdict.SKIP) is Verdict.SKIP:
                said[key][layer] = Verdict.PASS
    return tuple(Row(target, route, cells) for (target, route), cells in said.items())


def _rungs(finding: Finding, check: Check | None) -> tuple[Layer, ...]:
    """The way that a connection of this finding goes, lowest first."""
    if finding.kind not in (Kind.HTTPS, Kind.TLS, Kind.WEBSOCKET):
        return ()
    first = (Layer.PROXY,) if finding.route == Route.PROXY else (Layer.DNS, Layer.TCP)
    plain = check is not None and check.protocol == "http"
    return (
        *first,
        *(() if plain else (Layer.TLS,)),
        Layer.HTTP if finding.kind is not Kind.WEBSOCKET else Layer.WEBSOCKET,
    )


# --------------------------------------------------------------------------------------------------


class Skipped(msgspec.Struct, frozen=True):
    """Checks that were not asked for the same reason."""

    reason: str
    targets: tuple[str, ...]
    count: int


def skipped(report: Report) -> tuple[Skipped, ...]:
    """The skipped findings, grouped by their reason; a reason that names its own endpoint counts as
    the same for all."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.verdict is Verdict.SKIP:
            reason = finding.summary
            for own in (finding.target, finding.target.rpartition(":")[0]):
                reason = reason.replace(own, "…") if own else reason
            groups.setdefault(reason, []).append(finding)
    found = []
    for reason, findings in groups.items():
        targets = tuple(dict.fromkeys(finding.target for finding in findings if finding.target))
        found.append(
            Skipped(reason if len(targets) > 1 else findings[0].summary, targets, len(findings))
        )
    return tuple(found)


def facts(report: Report) -> tuple[tuple[str, str], ...]:
    """The facts of the run, name and value, without secrets: when, where, by which proxy, with
    which settings."""
    run = report.run
    settings = run.settings
    where = " ".join(filter(None, (run.vantage, run.host)))
    inside = ", ".join(
        f"{name} {value}" for name, value in (("node", run.node), ("pod", run.pod)) if value
    )
    proxies = []
    for name, proxy in (("HTTPS", settings.proxy_https), ("HTTP", settings.proxy_http)):
        if proxy is not None:
            source = f", from {proxy.setting}" if proxy.setting else ""
            proxies.append(
                f"{name} {proxy.url} ({'with' if proxy.has_credentials else 'without'} credentials{source})"
            )
    origin = f" (from {settings.skip_range_setting})" if settings.skip_range_setting else ""
    proxied = [check for check in report.checks if check.route == Route.PROXY]
    direct = [check for check in report.checks if check.route == Route.DIRECT]
    rows = (
        ("Run", f"{run.started}, {run.seconds:.1f} s, arcprobe {run.version}"),
        ("Cut short", run.interrupted),
        ("Vantage", where + (f" ({inside})" if inside else "")),
        ("Route", f"{_number(len(proxied), 'check')} through the proxy, {len(direct)} direct"),
        ("Proxy", "; ".join(proxies) or "none"),
        ("Proxy notes", "; ".join(settings.proxy_notes)),
        ("Skip range", f"{settings.skip_range or ''}{origin}"),
        ("Proxy CA", ", ".join(filter(None, (settings.proxy_cert, *settings.proxy_cert_notes)))),
        ("Cloud", " ".join(filter(None, (settings.cloud, settings.region)))),
        ("Gateway", settings.gateway_host or settings.gateway_url),
        ("Features", ", ".join(settings.features)),
        ("Public roots", settings.public_roots),
        (
            "Software",
            ", ".join(filter(None, (f"Python {run.python}" if run.python else "", run.openssl))),
        ),
    )
    return tuple((name, visible(value)) for name, value in rows if value.strip())


def passes(report: Report) -> tuple[Finding, ...]:
    """The findings that passed."""
    return tuple(finding for finding in report.findings if finding.verdict is Verdict.PASS)
