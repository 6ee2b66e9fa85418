"""Signals at every moment of a command: the end of a terminal session, a kubelet's SIGTERM and
Ctrl-C end it with a line and an exit code of its own, and what was seen is told."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

# SIGQUIT as well: its default writes memory, passwords with it, into a core file (signal(7)).
_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT")
STOPPING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


@contextlib.contextmanager
def handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """While the ``with`` lasts these signals call the handler; not in a thread, where somebody else
    has them."""
    before = {}
    with contextlib.suppress(ValueError):
        for number in STOPPING:
            before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)


def interrupt(number: int, frame: FrameType | None) -> None:
    """A handler: nothing was seen yet that would be lost."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def remembered(tell: Callable[[], object]) -> Iterator[None]:
    """While the ``with`` lasts the first signal is told, and what is being written is written to
    its end; the second one interrupts."""
    came: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)
        tell()

    with handled(remember):
        yield


def keep_no_core() -> None:
    """A crash writes no memory to a file: there may be a password in it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
