"""How long each check took on the wire, and when it was asked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from arcprobe.model import Report


def times(report: Report) -> dict[str, float]:
    """Seconds of each check. One connection that several checks are judged from is shared out
    evenly, so that the sum is what the run spent."""
    by = {check.id: check.observed_with or check.id for check in report.checks}
    sharing = Counter(by.values())
    spent = {seen.check: seen.seconds for seen in report.observations}
    return {
        check: spent[source] / sharing[source] for check, source in by.items() if source in spent
    }


def moment(started: str) -> datetime | None:
    """The start of a run; None where a stranger's report has none."""
    try:
        return datetime.fromisoformat(started.replace("Z", "+00:00"))
    except ValueError:
        return None


def later(begin: datetime | None, seconds: float) -> datetime | None:
    """So many seconds after a moment; None where no calendar has it, which a stranger's report may
    ask for."""
    try:
        return None if begin is None else begin + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
