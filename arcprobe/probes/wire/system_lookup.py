"""getaddrinfo(3), which blocks and cannot be cancelled; and a look-up by it that has a head
start."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

ADDRESSES_LIMIT = 64  # of one answer; nobody dials more

_ANSWERS = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))  # of a name server

Found = tuple[tuple[str, ...], float]
"""Addresses, and the seconds that it took to find them."""


def system_addresses(name: str) -> tuple[str, ...]:
    """getaddrinfo(3) for ``name``, in the order it gives (RFC 6724). Blocks; socket.gaierror, or
    UnicodeError for a bad name."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return tuple(addresses)[:ADDRESSES_LIMIT]


def timed(name: str) -> Found:
    """``system_addresses`` and the seconds that it took, measured where no event loop waits its
    turn. OSError too, where this process could not open what the look-up needs."""
    started = time.monotonic()
    try:
        addresses = system_addresses(name)
    except socket.gaierror as error:
        if error.errno not in _ANSWERS:
            from arcprobe.probes.wire import descriptors

            descriptors.refuse_exhausted()
        raise
    return addresses, time.monotonic() - started


class HeadStart:
    """A look-up that has begun, in a thread of its own, while what the rest of the run needs is
    still being made ready."""

    def __init__(self, name: str, now: Callable[[], float]) -> None:
        """``now``: the clock of the run, in seconds. RuntimeError where no thread can be started,
        as of ``threading``."""
        self.name = name
        self.started = now()
        self._found: Found | Exception = TimeoutError("not looked up yet")
        self._thread = threading.Thread(target=self._look_up, daemon=True, name="lookup")
        self._thread.start()

    def _look_up(self) -> None:
        try:
            self._found = timed(self.name)
        except Exception as error:
            self._found = error

    @property
    def is_done(self) -> bool:
        """Whether ``wait`` would not block."""
        return not self._thread.is_alive()

    def wait(self) -> Found:
        """What was found. Blocks until then, and raises what ``timed`` raised."""
        self._thread.join()
        if isinstance(self._found, Exception):
            raise self._found
        return self._found
