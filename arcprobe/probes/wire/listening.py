"""An event loop whose clock stands still while nobody listens.

A pod with a twentieth of a processor is not run for most of each tenth of a second, and for seconds
where an import or a certificate has to be read. What a peer sent meanwhile lies in the kernel: a
time-out that rings before it is read would call a peer silent that has answered. So time in which
this thread neither waited for the network nor had a processor does not count.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Measures what was lost: between two waits the time without a processor, and what a wait was
    longer than it was asked to be. ``bells`` ring by the clock on the wall."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0.0  # seconds
        self.bells: dict[float, Callable[[], object]] = {}
        self._back = time.monotonic()
        self._worked = time.thread_time()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        begun = time.monotonic()
        self.lost += max(0.0, begun - self._back - (time.thread_time() - self._worked))
        waits = [max(0.0, bell - begun) for bell in self.bells]
        if timeout is not None:
            waits.append(max(0.0, timeout))
        longest = min(waits, default=None)
        ready = super().select(longest)
        self._back, self._worked = time.monotonic(), time.thread_time()
        if longest is not None:
            self.lost += max(0.0, self._back - begun - longest)
        for bell in [bell for bell in self.bells if bell <= self._back]:
            self.bells.pop(bell)()
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.listening = _Selector()
        super().__init__(self.listening)

    def time(self) -> float:
        return time.monotonic() - self.listening.lost


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, with time-outs that count the time in which an answer could be heard. (On
    Windows, whose own loop waits in another way, all time counts.)"""
    if sys.platform == "win32":
        return asyncio.run(coroutine)
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(coroutine)


@contextlib.asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """As ``asyncio.timeout``, by the clock on the wall: TimeoutError when ``seconds`` have passed,
    listened to or not."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:
        if not isinstance(loop, _Loop):
            yield
            return
        bells, end = loop.listening.bells, time.monotonic() + seconds
        bells[end] = lambda: limit.reschedule(loop.time())
        try:
            yield
        finally:
            bells.pop(end, None)
