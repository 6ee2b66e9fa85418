"""``arcprobe check --until-pass``: the preflight again and again while somebody changes the
network; after the first report only what changed is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import click

from arcprobe.commands import again
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Line, Report, Value, line

PAUSE = 15.0
"""Seconds between two preflights, about: long enough for a proxy to load its rules, short enough
for a call."""

MOST = 120
"""Preflights at most: at least half an hour. A forgotten terminal does not ask for ever."""


def repeat(
    ask: Callable[[], Report],
    first: Callable[[Report], object],
    ended: Event,
    *,
    pause: float = PAUSE,
    most: int = MOST,
    words: Language | None = None,
) -> Report:
    """Asks until a report passes (warnings allowed), ``ended`` is set, a run could not finish, or
    ``most`` reports are there; the last report. ``first`` shows the first one whole; then the
    causes that are fixed, new and still there, and the endpoints that are, go to stdout; nothing
    where all is as before.
    ``words``: the language of all that is written."""
    say = (words or language()).say

    reports: list[Report] = []

    def asked() -> Report:
        reports.append(ask())
        del reports[:-2]
        return reports[-1]

    def wait(seconds: float) -> bool:
        if reports[-1].run.interrupted or ended.is_set():
            return True
        _tell(say, "again", seconds=round(seconds), count=shown + 1, most=most)
        return ended.wait(seconds)

    shown = 0
    rounds = again.rounds(asked, wait, every=pause, times=most, until_pass=True)
    for shown, report in enumerate(rounds, 1):
        if shown == 1:
            first(report)
        else:
            _show_change(reports[0], report, words or language())
    if not shown:
        first(reports[-1])
    return reports[-1]


def _tell(say: Callable[[Line], str], key: str, **values: Value) -> None:
    click.echo(say(line(f"until-pass.{key}", **values)), err=True)


def _show_change(before: Report, after: Report, words: Language) -> None:
    from arcprobe.fleet.difference import compare
    from arcprobe.fleet.difference_text import changed_causes, changed_endpoints
    from arcprobe.pipeline import issuers, spoken
    from arcprobe.report.words import Words

    difference = compare(spoken(before, words), spoken(after, words), issuers)
    told = Words(words)
    causes = difference.causes_gone or difference.causes_new
    endpoints = tuple(changed_endpoints(difference, told))
    if before.verdict is after.verdict and not causes and not endpoints:
        return
    moment = f"{datetime.now(UTC):%H:%M:%SZ}"
    verdicts = {"before": before.verdict.upper(), "after": after.verdict.upper()}
    head = words.say(line("until-pass.changed", moment=moment, **verdicts))
    click.echo("\n".join((head, *changed_causes(difference, told), *endpoints)))
    sys.stdout.flush()
