"""The runner: whatever a probe, a discovery or a user does, the run ends in time and its report
holds all checks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from arcprobe.findings.reading import discovered_hosts, read
from arcprobe.model import (
    Attempt,
    Check,
    Config,
    Exchange,
    Experiment,
    Head,
    Kind,
    Observation,
    Route,
    Settings,
)
from arcprobe.plan import further
from arcprobe.probes import runner as _runner
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.runner import Runner, time_to_tell
from tests.probes import peers as wire


def question(number: int) -> Check:
    return msgspec.structs.replace(wire.check(), id=f"https {number}")


def runner(
    monkeypatch: pytest.MonkeyPatch,
    probe: Callable[[Check, ProbeContext], Awaitable[tuple[Attempt, ...]]],
    *checks: Check,
) -> Runner:
    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, probe)
    return Runner(
        checks or tuple(question(number) for number in range(3)), wire.context(), lambda *_: ()
    )


async def _good(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    return (
        Attempt(
            label=Experiment.AGENTS,
            steps=(Exchange(method="GET", path="/", head=Head(status=200)),),
        ),
    )


def test_a_probe_that_raises_costs_its_own_check_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of arcprobe's own is recorded where it happened, and the others are asked all the
    same."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        if check.id == "https 1":
            raise RuntimeError("broken\x1b[2J within")
        return await _good(check, context)

    ran = runner(monkeypatch, probe)
    asyncio.run(ran.run(wire.LIMIT))
    crashes = [observation.crash for observation in ran.observations]
    assert [bool(crash) for crash in crashes] == [False, True, False]
    assert "\x1b" not in crashes[1]
    assert not ran.interrupted


def test_a_probe_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has not ended at the deadline is unfinished, what has ended is kept."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        if check.id == "https 1":
            await asyncio.Event().wait()
        return await _good(check, context)

    ran = runner(monkeypatch, probe)
    asyncio.run(ran.run(0.3))
    assert [observation.unfinished for observation in ran.observations] == [False, True, False]
    assert "deadline" in ran.interrupted


def test_a_check_that_waits_lets_the_next_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few may begin at once, one that only waits for the network holds nobody up."""
    begun: list[str] = []

    async def patient(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        begun.append(check.id)
        if len(begun) == 9:
            all_begun.set()
        await all_begun.wait()
        return await _good(check, context)

    all_begun = asyncio.Event()
    monkeypatch.setattr(_runner, "_TURNS", 2)
    run = runner(monkeypatch, patient, *(question(number) for number in range(9)))
    asyncio.run(run.run(wire.LIMIT))
    assert not run.interrupted
    assert begun == [f"https {number}" for number in range(9)]


def test_every_check_has_its_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    """One observation for each check, in the order of the plan; empty, never unfinished, where
    nothing is asked for its sake."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        await asyncio.Event().wait()
        return ()

    ran = runner(monkeypatch, probe, DISCOVERY, question(0))
    asyncio.run(ran.run(0.1))
    assert [observation.check for observation in ran.observations] == [DISCOVERY.id, "https 0"]
    assert [observation.unfinished for observation in ran.observations] == [False, True]


def test_the_deadline_is_told_as_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a deadline of one second when the probes begin is told as one second."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        await asyncio.Event().wait()
        return ()

    ran = runner(monkeypatch, probe)
    asyncio.run(ran.run(1.0001234))
    assert ran.interrupted == "the deadline of 1 s passed"


@pytest.mark.parametrize(
    ("deadline", "checks", "kept"), [(60.0, 40, 0.04), (60.0, 4000, 4.0), (8.0, 4000, 2.0)]
)
def test_a_deadline_is_for_the_report_too(deadline: float, checks: int, kept: float) -> None:
    """Something is kept for judging and printing, more for many checks, never over a quarter."""
    assert time_to_tell(deadline, checks) == pytest.approx(kept)


def test_nothing_is_asked_in_the_time_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in which an hour is kept for the report out of an hour ends at once, and its deadline
    is told as it was set."""

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(_runner, "_TO_TELL", 3599.9)
    monkeypatch.setattr(_runner, "_MOST_TO_TELL", 1.0)
    ran = runner(monkeypatch, probe, question(0))
    asyncio.run(ran.run(3600.0))
    assert ran.interrupted == "the deadline of 3600 s passed"


def test_a_run_that_is_stopped_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a signal no further connection is made, and the report says why."""
    asked: list[str] = []

    async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
        asked.append(check.id)
        if check.id == "https 2":
            ran.stop("ended by SIGTERM")
        await asyncio.Event().wait()
        return ()

    ran = runner(monkeypatch, probe)
    begun = time.monotonic()
    asyncio.run(ran.run(wire.LIMIT))
    assert time.monotonic() - begun < wire.LIMIT
    assert asked == ["https 0", "https 1", "https 2"]
    assert ran.interrupted == "ended by SIGTERM"
    assert all(observation.unfinished for observation in ran.observations)


# --------------------------------------------------------------------------------------------------

DISCOVERY = Check(
    id="discovery *.servicebus.windows.net:443",
    kind=Kind.DISCOVERY,
    target="*.servicebus.windows.net:443",
    route=Route.DIRECT,
    required=True,
    feature="cluster-connect",
    host="*.servicebus.windows.net",
    pattern="*.servicebus.windows.net",
    discovery="gns",
    observed_with="https 0",
)


def told(body: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Observation:
    step = Exchange(method="GET", path="/", head=Head(status=status, body=body, headers=headers))
    return Observation(check="https 0", attempts=(Attempt(label=Experiment.AGENTS, steps=(step,)),))


def named_in(discovery: Check, observation: Observation) -> tuple[str, ...]:
    return discovered_hosts(discovery, read(discovery, observation))


def test_ten_thousand_hosts_are_bounded() -> None:
    """A discovery that names thousands of hosts adds a bounded number of questions."""
    body = json.dumps([f"h{number}.servicebus.windows.net" for number in range(10_000)])
    assert len(named_in(DISCOVERY, told(body))) == 32
    config = Config(settings=Settings(region="eastus", features=("cluster-connect",)))
    added = further(config, (), DISCOVERY, named_in(DISCOVERY, told(body)))
    assert 0 < len(added) < 200


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "servicebus.windows.net.evil.example",
        "a\x1b[2J.servicebus.windows.net",
        "a\n.servicebus.windows.net",
        "a .servicebus.windows.net",
        "xservicebus.windows.net",
        "127.0.0.1",
        "[::1]",
        "https://[::1",
        "https://user:pass@127.0.0.1/.servicebus.windows.net",
        "-.servicebus.windows.net",
        "a" * 64 + ".servicebus.windows.net",
        "a." * 200 + "servicebus.windows.net",
        "ａ.servicebus.windows.net",
        ".servicebus.windows.net",
        "",
    ],
)
def test_a_name_that_does_not_fit_is_not_asked(name: str) -> None:
    """Hosts outside the pattern, with control characters or that are addresses are never connected
    to."""
    assert named_in(DISCOVERY, told(json.dumps([name]))) == ()


@pytest.mark.parametrize(
    "body",
    ["", "null", "5", "[" * 5000, "[[]]", '{"a":1}', "[1e999]", "9" * 5000, "<html>", "\x00"],
)
def test_an_answer_of_another_shape_names_nobody(body: str) -> None:
    """JSON of any shape, and what is none, names no host."""
    assert named_in(DISCOVERY, told(body)) == ()


def test_a_discovery_that_cannot_be_read_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading an answer fails, the run goes on and the check that carried it is kept."""

    def unreadable(*_: object) -> tuple[Check, ...]:
        raise ValueError("Invalid IPv6 URL")

    monkeypatch.setitem(_runner.PROBES, Kind.HTTPS, _good)
    ran = Runner((question(0), DISCOVERY), wire.context(), unreadable)
    asyncio.run(ran.run(wire.LIMIT))
    assert [observation.crash or observation.unfinished for observation in ran.observations] == [
        False,
        False,
    ]
    assert len(ran.checks) == 2


def test_a_redirect_to_nowhere_names_nobody() -> None:
    """A registry's redirect to a URL that is none names no host, and raises nothing beyond
    ValueError."""
    registry = msgspec.structs.replace(
        DISCOVERY, discovery="mcr", pattern="*.data.mcr.microsoft.com"
    )
    good = told("", status=307, headers=(("Location", "https://eastus.data.mcr.microsoft.com/x"),))
    assert named_in(registry, good) == ("eastus.data.mcr.microsoft.com",)
    for location in (
        "https://127.0.0.1/",
        "/relative",
        "https://x.example/.data.mcr.microsoft.com",
    ):
        assert named_in(registry, told("", status=307, headers=(("Location", location),))) == ()
