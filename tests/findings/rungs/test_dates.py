"""Times in a recording that somebody edited, or that a broken peer sent, are no times: they are
left out, and nothing raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from arcprobe.findings import chains as _chains, judge
from arcprobe.model import AnyStep, Exchange, Handshake, Head, Tunnel, Upgrade
from tests.findings.test_judge import ASKED, CHECKS, RUN, explained, good, recorded

NO_TIMES = """yesterday 2026-13-40T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-14:00 2026-01-01T25:00Z ²""".split()
ODD_TIMES = [
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00Z",
]
HUGE = [1e308, -1e308, 1e12, -1e12, 1e15]


@pytest.mark.parametrize("text", ["", *NO_TIMES])
def test_no_time_is_none(text: str) -> None:
    """What no calendar has is None."""
    assert _chains.moment(text) is None


@pytest.mark.parametrize("text", ODD_TIMES)
def test_odd_time_is_in_utc(text: str) -> None:
    """A time without a zone is UTC, one with a zone is brought to it."""
    assert _chains.moment(text) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("seconds", HUGE)
def test_shift_out_of_the_calendar_is_none(seconds: float) -> None:
    """A clock that is further off than any calendar goes shows no time."""
    assert _chains.shifted(datetime(2026, 1, 1, tzinfo=UTC), seconds) is None


def broken(step: AnyStep, when: str, offset: float) -> AnyStep:
    """The step, with nonsense for each time in it."""
    changes: dict[str, Any] = {}
    if isinstance(step, Handshake):
        chain = tuple(
            msgspec.structs.replace(item, not_before=when, not_after=when) for item in step.chain
        )
        changes = {"chain": chain}
    elif isinstance(step, Exchange):
        changes = {"date_offset": offset}
    elif isinstance(step, Tunnel | Upgrade) and step.head is not None:
        headers = (("Date", f"Mon, 23 Nov {10 ** int(abs(offset)).bit_length()} 12:00:00 GMT"),)
        changes = {"head": Head(status=step.head.status, headers=headers), "took": offset}
    return msgspec.structs.replace(step, **changes)


@pytest.mark.parametrize("offset", HUGE[:3])
@pytest.mark.parametrize("when", [*NO_TIMES, *ODD_TIMES])
@pytest.mark.parametrize("started", ["2026-11-23T12:00:00Z", "9999-12-31T23:59:59Z", "never"])
def test_nonsense_for_times_is_judged(started: str, when: str, offset: float) -> None:
    """A recording whose every time is nonsense is judged without raising, and every fault in it has
    its cause."""
    observations = list(recorded())
    for number, observation in enumerate(observations):
        attempts = tuple(
            msgspec.structs.replace(
                attempt, steps=tuple(broken(step, when, offset) for step in attempt.steps)
            )
            for attempt in observation.attempts
        )
        observations[number] = msgspec.structs.replace(observation, attempts=attempts)
    run = msgspec.structs.replace(RUN, started=started)
    findings = judge(CHECKS, observations, run)
    assert {finding.check for finding in findings} == {check.id for check in CHECKS}
    explained(findings, CHECKS, run)


@pytest.mark.parametrize("offset", HUGE)
def test_a_huge_offset_does_not_hide_an_expired_certificate(offset: float) -> None:
    """Answers from beyond any calendar explain no certificate that is out of date."""
    observations = list(recorded())
    for number, check in enumerate(ASKED):
        if check.kind != "dns":
            steps: list[AnyStep] = []
            for step in good(check):
                if isinstance(step, Handshake):
                    step = broken(step, "2020-01-01T00:00:00Z", 0.0)
                elif isinstance(step, Exchange):
                    step = broken(step, "", offset)
                steps.append(step)
            attempt = msgspec.structs.replace(observations[number].attempts[0], steps=tuple(steps))
            observations[number] = msgspec.structs.replace(
                observations[number], attempts=(attempt,)
            )
    codes = {
        finding.code
        for finding in judge(CHECKS, observations, RUN)
        if finding.check == "tls management.azure.com direct"
    }
    assert codes == {"certificate-expired"}
