"""One run of a ``Runner`` from its start to its end, for callers without an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable
from types import FrameType

from arcprobe.probes.runner import Runner
from arcprobe.probes.wire import listening

_STOPPING = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")  # Windows has the first two
_SHORTEST = 0.1  # seconds, so that a deadline that has passed already still makes a report


_BEGUN = 8  # turns of the event loop after which every check has asked for something


def run_to_end(
    runner: Runner,
    deadline: float,
    on_signal: Callable[[], object],
    meanwhile: Iterable[object] = (),
) -> None:
    """Runs for ``deadline`` seconds at most, and stops in order on a signal, so that what was
    seen until then is reported. ``on_signal`` is called when one came. ``meanwhile`` is gone
    through, an item at a time, while the run waits for the network."""
    listening.run(_watched(runner, max(deadline, _SHORTEST), on_signal, meanwhile))


async def _watched(
    runner: Runner, deadline: float, on_signal: Callable[[], object], meanwhile: Iterable[object]
) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        on_signal()
        name = signal.Signals(number).name
        loop.call_soon_threadsafe(runner.stop, f"ended by {name}")

    # Not by the loop's own way, which leaves the system's default behind: a signal that comes
    # between the last probe and the report would kill.
    before = {}
    with contextlib.suppress(ValueError):  # in a thread somebody else has the signals
        for name in _STOPPING:
            if number := getattr(signal, name, None):
                before[number] = signal.signal(number, stop)
    beside = asyncio.create_task(_gone_through(meanwhile))
    try:
        await runner.run(deadline)
    finally:
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        for number, handler in before.items():
            signal.signal(number, handler)


async def _gone_through(items: Iterable[object]) -> None:
    """Each item after a turn of the event loop, so that whatever the network says is heard first.
    A fault in one is left to whoever needs it."""
    for _turn in range(_BEGUN):
        await asyncio.sleep(0)
    with contextlib.suppress(Exception):
        for _item in items:
            await asyncio.sleep(0)
