"""How long each check took on the wire."""

from __future__ import annotations

from collections import Counter

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
