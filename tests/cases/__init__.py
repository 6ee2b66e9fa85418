"""Cases from public bug reports, played through the stages after the wire: plan, findings, causes.
A folder holds what a case came with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from arcprobe.model import Check, Observation, Report, Settings
from arcprobe.pipeline import judged
from tests.findings.seen import RUN

FOLDER = Path(__file__).parent


def report_of(
    seen: Iterable[tuple[Check, Observation]],
    settings: Settings,
    started: datetime = datetime(2026, 11, 26, 12, tzinfo=UTC),
) -> Report:
    """The report of what was asked and seen."""
    pairs = tuple(seen)
    run = msgspec.structs.replace(RUN, settings=settings, started=started.isoformat())
    checks, observations = zip(*pairs, strict=True)
    return judged(run, checks, observations)


def causes_of(report: Report) -> list[tuple[str, str, str]]:
    """Code, verdict and owner of each cause."""
    return [(cause.code.value, cause.verdict.value, cause.owner.value) for cause in report.causes]
