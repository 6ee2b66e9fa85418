"""Verdicts have one order; a line is a key with values."""

from __future__ import annotations

import pytest

from arcprobe.model import Line, Verdict, line

ORDER = [Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.ERROR]


def test_one_order_of_severity() -> None:
    """skip, pass, warn, fail, error: each graver than the one before."""
    assert [verdict.severity for verdict in ORDER] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], Verdict.SKIP),
        ([Verdict.SKIP, Verdict.PASS], Verdict.PASS),
        ([Verdict.FAIL, Verdict.ERROR, Verdict.WARN], Verdict.ERROR),
        ([Verdict.WARN, Verdict.FAIL, Verdict.PASS], Verdict.FAIL),
    ],
)
def test_worst(verdicts: list[Verdict], worst: Verdict) -> None:
    """The gravest of several; skip where there is none."""
    assert Verdict.worst(verdicts) is worst


def test_who_must_act() -> None:
    """Somebody must act on a warning, a failure, a fault, and on nothing else."""
    acting = {Verdict.WARN, Verdict.FAIL, Verdict.ERROR}
    assert {verdict for verdict in Verdict if verdict.needs_action} == acting


def test_line() -> None:
    """A key, and values in the order in which they were given."""
    made = line("answer.status", who="b", status=1)
    assert made == Line(key="answer.status", values=(("who", "b"), ("status", 1)))
    assert line("answer.status") == Line(key="answer.status")
