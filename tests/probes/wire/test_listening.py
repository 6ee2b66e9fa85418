"""The event loop whose clock stands still while nobody listens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from arcprobe.probes.wire import listening

_WAIT = 0.1  # seconds


async def _answer_that_came_meanwhile() -> bytes:
    """The peer answers at once, and this thread is not run for three times the time-out; so again
    at each step of the answer."""
    near, far = socket.socketpair()
    near.setblocking(False)
    loop, heard = asyncio.get_running_loop(), b""

    def away(step: bytes) -> None:
        far.send(step)
        time.sleep(3 * _WAIT)

    with contextlib.closing(near), contextlib.closing(far):
        async with asyncio.timeout(_WAIT):
            for step in (b"1", b"2", b"3"):
                loop.call_soon(away, step)
                heard += await loop.sock_recv(near, 1)
    return heard


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows' own loop all time counts")
def test_who_answered_is_not_called_silent() -> None:
    """Time in which this thread was not run is no silence of the peer: what it sent meanwhile is
    read, whatever the time-out was."""
    assert listening.run(_answer_that_came_meanwhile()) == b"123"
    with pytest.raises(TimeoutError):
        asyncio.run(_answer_that_came_meanwhile())


def test_silence_ends_a_wait() -> None:
    """Who listens and hears nothing stops at the time-out."""

    async def asked() -> None:
        async with asyncio.timeout(_WAIT):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        listening.run(asked())


async def _not_run() -> None:
    loop = asyncio.get_running_loop()
    while True:
        loop.call_soon(time.sleep, _WAIT)
        await asyncio.sleep(0)


async def _listens() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("work", [_not_run, _listens])
@pytest.mark.parametrize("runs", [listening.run, asyncio.run])
def test_a_deadline_is_one_of_the_clock_on_the_wall(
    work: Callable[[], Coroutine[Any, Any, None]], runs: Callable[[Any], None]
) -> None:
    """A run ends at its deadline, however little of the time it could listen, whose loop it is."""

    async def run() -> None:
        async with listening.deadline(2 * _WAIT):
            await work()

    with pytest.raises(TimeoutError):
        runs(run())
