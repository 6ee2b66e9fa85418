"""All checks at once: one deadline, one crash barrier, results in the order of the plan.

Checks share nothing and wait for nobody, so that a way that drops everything costs one time-out a
layer, not one an endpoint.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Attempt, Check, Kind, Observation
from arcprobe.model.hushed import hushed
from arcprobe.probes import dns, https, onboarding, proxy, skip_range, websocket
from arcprobe.probes.connection import Connection, open_connections
from arcprobe.probes.experiments import ask_alone, cut_beside_others
from arcprobe.probes.listener import Asked, Listener
from arcprobe.probes.wire import descriptors, listening
from arcprobe.probes.wire.failure import words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from arcprobe.probes.context import ProbeContext

    Probe = Callable[[Check, ProbeContext], Awaitable[tuple[Attempt, ...]]]
    Further = Callable[[tuple[Check, ...], Check, Observation], tuple[Check, ...]]

# The kinds that make connections of their own; the others are judged from what these saw.
PROBES: dict[Kind, Probe] = {
    Kind.DNS: dns.probe,
    Kind.PROXY: proxy.probe,
    Kind.HTTPS: https.probe,
    Kind.WEBSOCKET: websocket.probe,
    Kind.SKIP_RANGE: skip_range.probe,
    Kind.ONBOARDING: onboarding.probe,
}

# Checks that begin at once, and seconds after which one that still waits for the network lets the
# next begin: a thousand begin within half a second, so that a thousand silences last as long as
# one. Sockets are counted by themselves. More at once would be a flood to a small name server.
_TURNS = 200
_TURN = 0.1

# Seconds that judging and printing a check take (measured on a core that was busy elsewhere; of 50
# millicores it is more), and the most of a deadline that is kept for them: it is for the whole run.
_TO_TELL = 0.001
_MOST_TO_TELL = 0.25

# Checks that are asked again, one after the other: one answer may be luck, three are a pattern,
# and each may cost a short time-out.
_ASKED_ALONE = 3


def time_to_tell(deadline: float, checks: int) -> float:
    """Seconds at the end of a run in which nothing is asked any more, since its report has to be
    out within ``deadline`` seconds."""
    return min(_TO_TELL * checks, _MOST_TO_TELL * deadline)


def openssl_version() -> str:
    """The TLS library of this process, as it names itself."""
    return ssl.OPENSSL_VERSION


class Runner:
    """Runs checks, and those that a discovery adds, until all are done or the deadline passes.

    ``checks`` and ``observations`` hold what there is at any moment, so that an interrupted run
    still has its report.
    """

    def __init__(
        self,
        checks: Iterable[Check],
        context: ProbeContext,
        further: Further,
        listener: Listener | None = None,
    ) -> None:
        self.checks: tuple[Check, ...] = ()
        self.interrupted = ""
        self._context = context
        self._further = further
        self._listener = listener or Listener()
        self._seen: dict[str, Observation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = descriptors.Pool(_TURNS)
        self._asking = 0  # checks that ask something
        self._discoveries: dict[str, list[Check]] = defaultdict(list)  # by what they are read from
        self._add(tuple(checks))

    def _add(self, checks: tuple[Check, ...]) -> None:
        self.checks += checks
        self._asking += sum(check.kind in PROBES for check in checks)
        for check in checks:
            if check.kind is Kind.DISCOVERY:
                self._discoveries[check.observed_with].append(check)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """One for each check, in the order of the plan; what has not ended is ``unfinished``.

        Empty for a check that makes no connection of its own: it is judged from what others saw.
        """
        return tuple(
            self._seen.get(check.id) or Observation(check=check.id, unfinished=check.kind in PROBES)
            for check in self.checks
        )

    def preparations(self) -> Iterator[object]:
        """What the first handshake will need, a piece at a time."""
        return self._context.stores.preparations()

    async def run(self, deadline: float) -> None:
        """Runs to the end, or until no more of ``deadline`` seconds is left than the report needs.
        Never raises for what a probe does."""
        total = descriptors.begin(is_rehearsed=bool(self._context.dial_map))
        self._turns = descriptors.Pool(min(_TURNS, total))
        self._listener.planned(self._asking, deadline)
        for check in self.checks:
            self._start(check)
        try:
            async with listening.deadline(deadline - time_to_tell(deadline, self._asking)):
                while self._tasks:
                    await asyncio.wait(self._tasks)  # one that ended may have begun more
                if not self.interrupted:
                    await self._ask_alone()
        except TimeoutError:
            seconds = f"{deadline:.0f}" if deadline >= 1 else f"{deadline:.1g}"
            self.interrupted = f"the deadline of {seconds} s passed"
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self, why: str) -> None:
        """Ends the run early; ``why`` is kept."""
        self.interrupted = self.interrupted or why
        for task in self._tasks:
            task.cancel()

    def _start(self, check: Check) -> None:
        if check.kind in PROBES:
            task = asyncio.create_task(self._probe(check), name=check.id)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _probe(self, check: Check) -> None:
        connections: list[Connection] = []
        open_connections.set(connections)  # each task has a context of its own
        turn = await self._turns.take()
        asyncio.get_running_loop().call_later(_TURN, turn.give_back)
        self._listener.began(Asked(check, connections))
        try:
            observation = await self._observed(check, PROBES[check.kind])
        except asyncio.CancelledError:
            seen = tuple(connection.attempt for connection in connections if connection.steps)
            cut = Observation(check=check.id, attempts=seen, unfinished=True)
            self._end(check, hushed(cut))
            raise
        finally:
            turn.give_back()
        self._end(check, observation)
        for discovery in tuple(self._discoveries[check.id]):
            self._discover(discovery, observation)

    def _end(self, check: Check, observation: Observation) -> None:
        self._seen[check.id] = observation
        self._listener.ended(check, observation, len(self._seen), self._asking)

    async def _observed(self, check: Check, probe: Probe) -> Observation:
        """The one broad barrier: a fault of arcprobe's own must not cost the rest of the report."""
        try:
            return hushed(Observation(check=check.id, attempts=await probe(check, self._context)))
        except Exception as error:
            return Observation(check=check.id, crash=_fault(error))

    def _discover(self, discovery: Check, observation: Observation) -> None:
        try:
            added = self._further(self.checks, discovery, observation)
        except Exception:  # an answer that no one can read names no host: ``wildcard-unproven``
            return
        self._add(added)
        for check in added:
            self._start(check)

    async def _ask_alone(self) -> None:
        """Where a proxy opened some tunnels and cut others: the same question again, one at a time,
        now that all is quiet. Tells a limit of connections from a policy."""
        for check in cut_beside_others(self.checks, self._seen)[:_ASKED_ALONE]:
            seen = self._seen[check.id]
            again = await self._observed(check, _once_more)
            self._seen[check.id] = msgspec.structs.replace(
                seen, attempts=seen.attempts + again.attempts
            )


async def _once_more(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    return (await ask_alone(check, context),)


def _fault(error: BaseException) -> str:
    """A fault of arcprobe's own in one line: what, and where in the source. No values: they might
    be secret."""
    trace, where = error.__traceback__, "nowhere"
    while trace is not None:
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}: {words(error)} ({where})"
