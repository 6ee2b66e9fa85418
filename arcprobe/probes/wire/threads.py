"""Blocking work that cannot be cancelled, with a limit all the same."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(
    work: Callable[[], T], timeout: float, ended: Callable[[], object] = lambda: None
) -> T:
    """Runs blocking ``work`` in a daemon thread and stops waiting after ``timeout`` seconds
    (TimeoutError).

    ``ended`` is called on the event loop when the work itself has ended, or was not begun.

    getaddrinfo(3) cannot be cancelled, and asyncio's own executor would hold the interpreter's exit
    until it came back.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(settle: Callable[[], None]) -> None:
        if not future.done():
            settle()

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # the run ended before this thread did
            try:
                result = work()
            except Exception as error:
                failed = error
                loop.call_soon_threadsafe(deliver, lambda: future.set_exception(failed))
            else:
                loop.call_soon_threadsafe(deliver, lambda: future.set_result(result))
            loop.call_soon_threadsafe(ended)

    try:
        threading.Thread(target=run, daemon=True, name="lookup").start()
    except RuntimeError:
        ended()
        raise
    async with asyncio.timeout(timeout):
        return await future
