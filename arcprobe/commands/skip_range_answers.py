"""What ``arcprobe skip-range`` prints: findings of the one check, and the table of hosts and
clients."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

from arcprobe import no_proxy
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.findings.questions.bypass_agents import other_agents
from arcprobe.findings.questions.bypass_facts import has_flux, is_unknown, ranges_of, suggest
from arcprobe.findings.questions.bypass_guess import likely_ranges
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Cluster, Code, Config, Finding, Line, Range, Value, Verdict, line
from arcprobe.model.text import printable
from arcprobe.pipeline import cluster_of, judge_bypass_list
from arcprobe.plan import bypass_list_checks
from arcprobe.probes.cluster.collect import NODES_POD_RANGES
from arcprobe.report import columns

Rows: TypeAlias = Iterable[tuple[str, str, int | None]]
"""Hosts: text as given, host, port."""

_LONGEST_LINE = 400  # characters of what a line of text shows
_LONGEST_LIST = 2000
_LONGEST_REMEDY = 1000
_MOST_GUESSES = 4  # ranges named in a note


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a list, and the list that would be right."""

    verdict: Verdict
    skip_range: str | None
    findings: tuple[Finding, ...]
    suggestion: no_proxy.Suggestion


def judged(config: Config, words: Language, *, is_given: bool) -> Answer:
    """The list of the settings, judged against the cluster, in the words of a language.
    ``is_given``: as if a proxy were set."""
    cluster = cluster_of(config)
    findings = judge_bypass_list(config, cluster, assume_proxy=is_given, words=words)
    return Answer(
        verdict=Verdict.worst(finding.verdict for finding in findings),
        skip_range=config.settings.skip_range,
        findings=findings,
        suggestion=_suggestion(config, cluster),
    )


class Suggested(msgspec.Struct, frozen=True, kw_only=True):
    """The list that would be right; what it lacks where nothing certain is known of the Services;
    what in it holds for today alone."""

    suggestion: no_proxy.Suggestion
    lacking: str
    notes: tuple[str, ...]


def suggested(config: Config, words: Language) -> Suggested:
    """The list for the cluster of the settings, and what is to be said of it."""
    cluster = cluster_of(config)
    suggestion = _suggestion(config, cluster)
    notes = _notes(suggestion, cluster, config.settings.features)
    lacking = _line("lacks", reason=_lacking(cluster)) if is_unknown(cluster) else None
    return Suggested(
        suggestion=suggestion,
        lacking=words.say(lacking) if lacking else "",
        notes=tuple(map(words.say, notes)),
    )


def _notes(
    suggestion: no_proxy.Suggestion, cluster: Cluster, features: tuple[str, ...]
) -> Iterator[Line]:
    yield from _removed(suggestion)
    if not suggestion.added:
        return
    yield from _of_today(cluster, suggestion.added)
    for agent in other_agents(suggestion.skip_range, cluster, features):
        yield _line("note", words=agent)


def _removed(suggestion: no_proxy.Suggestion) -> Iterator[Line]:
    """Of each entry that was left out, why."""
    for removal in suggestion.why:
        entry = printable(removal.entry or ",,", _LONGEST_LINE)
        instead = printable(",".join(removal.instead), _LONGEST_LINE)
        yield _line("removed", entry=entry, why=removal.why, instead=instead)


def _of_today(cluster: Cluster, added: tuple[str, ...]) -> Iterator[Line]:
    """What is deduced from addresses in use, or from the nodes that are there: what comes later may
    be outside of it."""
    likely = tuple(found.cidr for found in likely_ranges(cluster) if found.cidr in added)
    if likely:
        yield _line("of-today.services", ranges=likely)
    for what in ("pods", "nodes"):
        known = ranges_of(cluster, what)
        if known and all(map(_is_of_today, known)):
            cidrs = ", ".join(range_.cidr for range_ in known[:_MOST_GUESSES])
            yield _line(f"of-today.{what}", ranges=cidrs)


def _is_of_today(known: Range) -> bool:
    return known.inferred or known.source == NODES_POD_RANGES


def _suggestion(config: Config, cluster: Cluster) -> no_proxy.Suggestion:
    _asked, *endpoints = bypass_list_checks(config)
    hosts = dict.fromkeys((endpoint.host, endpoint.port) for endpoint in endpoints)
    settings = config.settings
    return suggest(settings.skip_range or "", cluster, tuple(hosts), has_flux=has_flux(settings))


def _lacking(cluster: Cluster) -> Line:
    hint = line("skip-range.hint")
    failure = cluster.failure
    if failure is None:
        return _line("no-services", hint=hint)
    detail = printable(failure.detail, _LONGEST_LINE)
    return _line("unread-services", kind=failure.kind, detail=detail, hint=hint)


def _line(key: str, **values: Value) -> Line:
    return line(f"skip-range.{key}", **values)


def exit_code(answer: Answer, strict: bool) -> int:
    """As for ``check``: 1 when something failed, or warned where that counts."""
    fails = (Verdict.FAIL, Verdict.WARN) if strict else (Verdict.FAIL,)
    return FAILED if answer.verdict in fails else DONE


def as_json(answer: Answer) -> str:
    """The answer as one document."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def suggestion_json(suggestion: no_proxy.Suggestion) -> str:
    """The corrected list, and what changed."""
    names = ("skip_range", "added", "removed")
    return json.dumps({name: getattr(suggestion, name) for name in names})


def as_text(answer: Answer, words: Language | None = None) -> str:
    """The verdict, each finding with its evidence and remedy, and the corrected list once."""
    words = words or language()
    entries = printable(answer.skip_range or words.say(_line("no-list")), _LONGEST_LIST)
    lines = [words.say(_line("verdict", verdict=answer.verdict.upper(), entries=entries))]
    for finding in answer.findings:
        summary = printable(finding.summary, _LONGEST_LINE)
        lines += ["", f"{finding.verdict.value:<5} {finding.code}: {summary}"]
        lines += [f"      {printable(fact, _LONGEST_LINE)}" for fact in finding.evidence]
    corrected = answer.suggestion.skip_range
    if answer.verdict.needs_action and corrected != answer.skip_range:
        lines += ["", words.say(_line("corrected")), corrected]
    for finding in answer.findings:
        if finding.code == Code.SERVICES_UNREADABLE:
            lines += ["", printable(finding.remedy, _LONGEST_REMEDY)]
    return "\n".join(lines)


# -------------------------------------------------------------------------------- hosts and clients


def _clients(skip_range: str, host: str, port: int | None) -> dict[str, no_proxy.Bypass]:
    return {name: no_proxy.bypass(name, skip_range, host, port) for name in no_proxy.DIALECTS}


def explained_json(skip_range: str, rows: Rows) -> Iterator[str]:
    """One document, a line a host, made as the hosts come."""
    opening, comma = '{"hosts": [', ""
    for text, host, port in rows:
        clients: dict[str, Any] = {
            name: {"bypassed": bypass.bypassed, "entry": bypass.entry}
            for name, bypass in _clients(skip_range, host, port).items()
        }
        yield f"{comma}{opening}{json.dumps({'host': text, 'dialects': clients})}"
        opening, comma = "", ","
    yield f"{opening}]}}"


def explained_text(skip_range: str, rows: Rows, words: Language | None = None) -> Iterator[str]:
    """A line a host: for each client the entry by which it goes direct, ``(own rule)``, or
    ``proxy``."""
    words, is_headed = words or language(), False
    for text, host, port in rows:
        if not is_headed:  # only now: a file that cannot be read prints nothing but its error
            yield _columns(words.say(_line("host")), no_proxy.DIALECTS)
            is_headed = True
        bypasses = _clients(skip_range, host, port).values()
        yield _columns(text, [_cell(bypass, words) for bypass in bypasses])


def _cell(bypass: no_proxy.Bypass, words: Language) -> str:
    if not bypass.bypassed:
        return words.say(_line("proxy"))
    return bypass.entry or words.say(_line("own-rule"))


def _columns(first: str, rest: Iterable[str]) -> str:
    shown = (columns.padded(printable(cell, 40), 17) for cell in rest)
    cells = [columns.padded(printable(first, 60), 40), *shown]
    return "  ".join(cells).rstrip()
