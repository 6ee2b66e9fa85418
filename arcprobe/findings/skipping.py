"""A check without a verdict of its own, and why."""

from __future__ import annotations

from arcprobe.knowledge.codes import passing
from arcprobe.model import Check, Judgement, Line, SkipReason, Verdict, line


def skip(check: Check, reason: SkipReason, why: Line) -> Judgement:
    """Not asked, or not answered, because of what ``why`` says."""
    return Judgement(
        code=passing(check.kind),
        verdict=Verdict.SKIP,
        skip=reason,
        summary=line("skip.not-tested", why=why),
        evidence=(why,),
    )
