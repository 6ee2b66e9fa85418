"""Of many connections that end alike: the first few are explained, the others only where one of
those showed something. A way that swallows a thousand connections is one fault, and three thousand
more connections would tell no more of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from arcprobe.model import Attempt, Dial, Experiment, FailureKind, Proxy

Ending = tuple[Proxy | None, tuple[Experiment, ...]]
Place = asyncio.Future[bool]

# Checks: more than a cloud has endpoints, so that only a long list of one's own is sampled. Each
# may hold four TLS sessions of 45 KiB (measured with OpenSSL 3.0).
MOST = 64


class Samples:
    """Shared by the checks of a run. ``turns``: for those after the first, as many at once."""

    def __init__(self) -> None:
        self._first: dict[Ending, list[Place]] = defaultdict(list)
        self.turns = asyncio.Semaphore(MOST)

    def join(self, ending: Ending) -> Place | None:
        """A place among the first, whose holder settles or leaves it; None where all are taken."""
        if self.is_full(ending):
            return None
        place: Place = asyncio.get_running_loop().create_future()
        self._first[ending].append(place)
        return place

    def settle(self, place: Place, attempts: tuple[Attempt, ...]) -> None:
        """What the experiments of one of the first came to."""
        place.set_result(any(map(_shows, attempts)))

    def leave(self, ending: Ending, place: Place) -> None:
        """One of the first was answered after all, or was cut short: its place is free, unless it
        was settled."""
        if not place.done():
            self._first[ending].remove(place)
            place.set_result(False)

    def is_full(self, ending: Ending) -> bool:
        """Whether all places are taken."""
        return len(self._first[ending]) >= MOST

    async def have_shown(self, ending: Ending) -> bool:
        """Whether the experiments of any of the first showed more than the same silence. Waits for
        them, one after the other: a thousand who wait for all at once would hang a callback each on
        every one. Who is cancelled leaves them to the others."""
        return any([await asyncio.shield(place) for place in tuple(self._first[ending])])


def _shows(attempt: Attempt) -> bool:
    """Whether somebody answered. A dial that nobody took is an answer of nobody's."""
    last = attempt.steps[-1] if attempt.steps else None
    if last is None or last.failure is None:
        return last is not None
    return not isinstance(last, Dial) and last.failure.kind is not FailureKind.TIMED_OUT
