"""One run of a ``Runner`` from its start to its end, for callers without an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

from arcprobe.probes.runner import Runner

_SHORTEST = 0.1  # seconds, so that a deadline that has passed already still makes a report


def run_to_end(runner: Runner, deadline: float, on_signal: Callable[[], object]) -> None:
    """Runs for ``deadline`` seconds at most, and stops in order on SIGTERM and SIGINT, so that what
    was seen until then is reported. ``on_signal`` is called when one came."""
    asyncio.run(_watched(runner, max(deadline, _SHORTEST), on_signal))


async def _watched(runner: Runner, deadline: float, on_signal: Callable[[], object]) -> None:
    def stop(name: str) -> None:
        on_signal()
        runner.stop(f"ended by {name}")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # not on Windows, and not in a thread: there Ctrl-C comes as KeyboardInterrupt
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop, signal.Signals(number).name)
    await runner.run(deadline)
