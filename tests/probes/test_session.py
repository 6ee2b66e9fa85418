"""A run from its start to its end: it stops in order at a signal."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from arcprobe.model import Attempt, Check, Kind
from arcprobe.probes import runner as _runner, session
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.runner import Runner
from tests.probes import peers


@pytest.mark.skipif(os.name == "nt", reason="a process of Windows gets no SIGTERM")
def test_a_signal_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM ends the run at once, is told to the caller, and is in the report."""
    told: list[str] = []

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()
        return ()

    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, probe)
    runner = Runner((peers.check(),), peers.context(), lambda *_: ())
    session.run_to_end(runner, peers.LIMIT, lambda: told.append("told"))
    assert told == ["told"]
    assert runner.interrupted == "ended by SIGTERM"
    assert [observation.unfinished for observation in runner.observations] == [True]


@pytest.mark.parametrize("deadline", [0.0, -5.0])
def test_a_deadline_that_has_passed_makes_a_report(
    deadline: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of a second is left in any case, so that what ends at once is seen."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        return ()

    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, probe)
    runner = Runner((peers.check(),), peers.context(), lambda *_: ())
    session.run_to_end(runner, deadline, lambda: None)
    assert not runner.interrupted
    assert [observation.unfinished for observation in runner.observations] == [False]
