"""``commands/again.py``: rounds, their end, and what is told of them."""

from __future__ import annotations

import msgspec
import pytest

from arcprobe.commands.again import change, pause, rounds
from arcprobe.model import Cause, Report, Verdict
from arcprobe.report.as_json import load
from tests.support.rehearsed import recording


def report(scenario: str) -> Report:
    """The report of a demo."""
    return load(recording(scenario).out.encode())


PASSED, FAILED = "clean", "auth-required"


@pytest.mark.parametrize(
    ("verdicts", "times", "until_pass", "due"),
    [
        (("fail", "fail", "pass"), 2, False, 2),
        (("fail", "warn", "pass"), 0, True, 2),
        (("pass", "fail", "fail"), 3, False, 3),
        (("fail", "fail", "fail"), 0, True, 3),
    ],
)
def test_how_rounds_end(verdicts: tuple[str, ...], times: int, until_pass: bool, due: int) -> None:
    """After so many rounds, with the first good one, or by a signal in a pause."""
    left = [msgspec.structs.replace(report(PASSED), verdict=Verdict(each)) for each in verdicts]
    every = rounds(
        lambda: left.pop(0), lambda _seconds: not left, every=1, times=times, until_pass=until_pass
    )
    assert len(list(every)) == due


def test_an_interrupted_round_is_none() -> None:
    """A round that a signal ended says nothing of the network."""
    whole = report(PASSED)
    run = msgspec.structs.replace(whole.run, interrupted="ended by SIGTERM")
    cut = msgspec.structs.replace(whole, run=run)
    assert list(rounds(lambda: cut, lambda _seconds: True, every=1)) == []


def test_the_pause_has_jitter() -> None:
    """A tenth more or less, never the same for all."""
    pauses = [pause(100) for _ in range(200)]
    assert 90 <= min(pauses) < 95 < 105 < max(pauses) <= 110


def codes(causes: tuple[Cause, ...]) -> list[str]:
    """Their codes."""
    return [cause.code.value for cause in causes]


def test_what_changed() -> None:
    """The first round is told, the same again is not, then what appeared and what is gone."""
    good, bad = report(PASSED), report(FAILED)
    first = change(good, None, 1)
    assert first is not None
    assert (first.verdict, first.before, first.appeared) == ("pass", "", ())
    assert change(good, good, 2) is None
    found = change(bad, good, 3)
    assert found is not None
    assert (found.before, found.verdict, codes(found.gone)) == ("pass", "fail", [])
    assert codes(found.appeared) == [cause.code.value for cause in bad.causes]
    back = change(good, bad, 4)
    assert back is not None
    assert codes(back.gone) == codes(found.appeared)
