"""The judging of a run, from checks and observations to findings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from arcprobe.findings.case import Case, open_case
from arcprobe.findings.crash_barrier import fault
from arcprobe.findings.telling import tell
from arcprobe.findings.wording import word
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Check, Finding, Judgement, Observation, Run


def judge(
    checks: Iterable[Check],
    observations: Iterable[Observation],
    run: Run,
    words: Language | None = None,
) -> tuple[Finding, ...]:
    """One or more findings for each check, in the order of the checks, in the words of a language
    (English).

    The same input gives the same findings, for ever. A fault of arcprobe's own costs the check that
    it was met at.
    """
    asked = tuple(checks)
    spoken = words or language()
    try:
        case = open_case(asked, observations, run)
    except Exception as error:  # what all checks share cannot be had: the report says so of each
        return tuple(word(check, fault(error), spoken) for check in asked)
    return tuple(chain.from_iterable(_findings(check, case, spoken) for check in asked))


def _findings(check: Check, case: Case, spoken: Language) -> tuple[Finding, ...]:
    said: tuple[Judgement, ...] = tell(check, case)
    try:
        return tuple(word(check, judgement, spoken) for judgement in said)
    except Exception as error:  # a sentence that is not there, or cannot be filled
        return (word(check, fault(error), spoken),)
