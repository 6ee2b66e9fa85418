"""File descriptors: how many this process may still open, and who waits until there are some.

A limit of this host must never look like a fault of the network: ``socket`` fails with EMFILE, and
getaddrinfo(3), which cannot open its own, says that the name server did not answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextvars import ContextVar

LOOKUP = 4
"""Descriptors of one getaddrinfo(3): a socket for each of three name servers, which glibc keeps
until it has an answer (resolv/res_send.c), and a file or netlink socket at a time."""

CLUSTER = 8
"""Descriptors of reading the cluster: three ``kubectl`` at once with two pipes each, and what is
there for a moment; or connections to the API server."""

# What a run can use at most: a thousand endpoints with a few connections each. More would only be
# handed on to kubectl.
_WANTED = 4096

# Kept free for what is opened for a moment and not counted: hosts files, certificates, libraries.
# One less than needed would make an operation fail as a fault of this host (exit 3).
_RESERVE = 6
_LEAST = 2  # below that nothing can be asked; who has fewer is told so
_FOR_LOOKUPS = 3  # a third: a look-up that waits for a silent name server holds its own for 30 s
_MOST_LOOKUPS = 200 * LOOKUP  # each is a thread, and a pod may have few
_UNLIMITED = _WANTED  # where the system tells no limit: Windows counts no descriptors
_IN_REHEARSAL = 5  # a connection's descriptors where its proxy and its origin live in this process


class Pool:
    """A number of things that are free, such as descriptors, given out in the order in which they
    were asked for."""

    def __init__(self, free: int) -> None:
        self.total = max(free, _LEAST)
        self._free = self.total
        self._queue = asyncio.Lock()  # who waits for many is not overtaken by who needs one
        self._given_back = asyncio.Event()

    async def take(self, count: int = 1) -> Lease:
        """Waits for ``count`` of them, or for all where there never are so many."""
        count = min(count, self.total)
        async with self._queue:
            while self._free < count:
                self._given_back.clear()
                await self._given_back.wait()
            self._free -= count
        return Lease(self, count)

    def take_now(self, count: int) -> Lease | None:
        """As ``take``, where nobody has to wait; else None."""
        count = min(count, self.total)
        if self._queue.locked() or self._free < count:
            return None
        self._free -= count
        return Lease(self, count)

    def give(self, count: int) -> None:
        """Takes some back."""
        self._free += count
        self._given_back.set()


class Lease:
    """What may be used until it is given back."""

    def __init__(self, pool: Pool | None = None, count: int = 0) -> None:
        self._pool = pool
        self._count = count

    def give_back(self) -> None:
        """Once; again it does nothing."""
        count, self._count = self._count, 0
        if self._pool is not None:
            self._pool.give(count)


_sockets: ContextVar[Pool | None] = ContextVar("sockets", default=None)
_lookups: ContextVar[Pool | None] = ContextVar("lookups", default=None)


def begin(*, is_rehearsed: bool) -> int:
    """Raises the soft limit as far as this host allows, and counts from now on for all tasks that
    are begun from here; how many sockets may be open at once."""
    free = _raised_limit() - _in_use() - _RESERVE
    for_lookups = 0 if is_rehearsed else min(free // _FOR_LOOKUPS, _MOST_LOOKUPS)
    sockets = Pool(free // _IN_REHEARSAL if is_rehearsed else free - for_lookups)
    _sockets.set(sockets)
    _lookups.set(Pool(for_lookups))
    return sockets.total


async def take(count: int = 1) -> Lease:
    """Waits until so many sockets may be opened."""
    pool = _sockets.get()
    return Lease() if pool is None else await pool.take(count)


def take_lookup_now() -> Lease | None:
    """As ``take_lookup``, where nobody has to wait; else None."""
    pool = _lookups.get()
    return Lease() if pool is None else pool.take_now(LOOKUP)


async def take_lookup() -> Lease:
    """Waits until the system's resolver may be asked."""
    pool = _lookups.get()
    return Lease() if pool is None else await pool.take(LOOKUP)


@contextlib.asynccontextmanager
async def held(count: int = 1) -> AsyncIterator[None]:
    """``count`` of them, for as long as the body runs."""
    lease = await take(count)
    try:
        yield
    finally:
        lease.give_back()


def refuse_exhausted() -> None:
    """OSError where this process cannot open one more: what getaddrinfo(3) then says of the name
    servers is not to be believed."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _raised_limit() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return _UNLIMITED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _WANTED
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], _WANTED)


def _in_use() -> int:
    """Descriptors that are open now; those of listing them among them."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 0
