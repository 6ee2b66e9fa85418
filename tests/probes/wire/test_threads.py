"""Blocking work in a thread: its result, its error, and an end in time."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from arcprobe.probes.wire.threads import in_thread


def test_the_result_comes_back() -> None:
    """What the work gives is what the caller gets."""
    assert asyncio.run(in_thread(lambda: 5, 5.0)) == 5


def test_an_error_is_raised_where_it_was_waited_for() -> None:
    """An exception of the work is the caller's."""

    def work() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        asyncio.run(in_thread(work, 5.0))


def test_work_that_hangs_holds_nobody() -> None:
    """The caller goes on after the limit, and so does the interpreter's exit: the thread is a
    daemon."""
    hung = threading.Event()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(in_thread(lambda: hung.wait(30), 0.2))
    assert time.monotonic() - started < 5
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "lookup")
    hung.set()


def test_the_end_of_the_work_is_told() -> None:
    """Also of work that nobody waits for any more: what it holds is its own until then."""
    hung = threading.Event()

    async def waiting() -> bool:
        ended = asyncio.Event()
        with pytest.raises(TimeoutError):
            await in_thread(hung.wait, 0.05, ended.set)
        before = ended.is_set()
        hung.set()
        async with asyncio.timeout(5):
            await ended.wait()
        return before

    assert asyncio.run(waiting()) is False
