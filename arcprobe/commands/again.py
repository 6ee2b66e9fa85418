"""The preflight again and again: rounds, the pause between them, and what changed from one to the
next. ``watch`` and ``check --until-pass`` are both this loop."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import msgspec

from arcprobe.model import Cause, Report, Verdict

JITTER = 0.1
"""Part of the pause by which it is longer or shorter: a thousand pods that were started together
must not ask a proxy together."""

GOOD = (Verdict.PASS, Verdict.WARN)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a round brought: its verdict, that of the round before (empty: it is the first), causes
    that are new and that are gone."""

    time: str
    round: int
    verdict: str
    before: str
    appeared: tuple[Cause, ...] = ()
    gone: tuple[Cause, ...] = ()


def rounds(
    preflight: Callable[[], Report],
    wait: Callable[[float], bool],
    *,
    every: float,
    times: int = 0,
    until_pass: bool = False,
) -> Iterator[Report]:
    """One report a round. ``wait`` pauses for seconds, and is true where a signal ended the pause.
    ``times``: rounds at most, 0 for no end; ``until_pass``: the first good verdict is the last
    round. A round that was interrupted is none."""
    done = 0
    while True:
        report = preflight()
        if report.run.interrupted and wait(0.0):
            return
        yield report
        done += 1
        is_good = until_pass and report.verdict in GOOD
        if is_good or done == times or wait(pause(every)):
            return


def pause(every: float) -> float:
    """Seconds until the next round."""
    return every * random.uniform(1 - JITTER, 1 + JITTER)


def change(report: Report, before: Report | None, number: int) -> Change | None:
    """What is to be told of a round; None where it is as the one before."""
    old = {} if before is None else _by_name(before)
    new = _by_name(report)
    verdict = "" if before is None else before.verdict.value
    if before is not None and verdict == report.verdict and old.keys() == new.keys():
        return None
    return Change(
        time=report.run.started,
        round=number,
        verdict=report.verdict.value,
        before=verdict,
        appeared=tuple(cause for name, cause in new.items() if name not in old),
        gone=tuple(cause for name, cause in old.items() if name not in new),
    )


def _by_name(report: Report) -> dict[tuple[str, str], Cause]:
    """Causes by code and owner; how many endpoints one hits, and its words, may vary."""
    return {(cause.code, cause.owner): cause for cause in report.causes}
