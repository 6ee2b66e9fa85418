"""All checks at once: one deadline, one crash barrier, results in the order of the plan.

Checks share nothing and wait for nobody, so that a way that drops everything costs one time-out a
layer, not one an endpoint.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING

from arcprobe.model import Attempt, Check, Kind, Observation
from arcprobe.probes import dns, https, proxy, skip_range, websocket
from arcprobe.probes.connection import Connection, Credentials, Place, begun
from arcprobe.probes.wire.failure import words
from arcprobe.probes.wire.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from arcprobe.model import Config
    from arcprobe.probes.trust.stores import Stores

    Probe = Callable[[Check, Place], Awaitable[tuple[Attempt, ...]]]
    Further = Callable[[tuple[Check, ...], Check, Observation], tuple[Check, ...]]
    Progress = Callable[[int, int, Check], None]

# The kinds that make connections of their own; the others are judged from what these saw.
PROBES: dict[Kind, Probe] = {
    Kind.DNS: dns.probe,
    Kind.PROXY: proxy.probe,
    Kind.HTTPS: https.probe,
    Kind.WEBSOCKET: websocket.probe,
    Kind.SKIP_RANGE: skip_range.probe,
}

# Open connections at once: above what the longest list needs, below what a process may open
# (RLIMIT_NOFILE is 1024 as a rule).
_SLOTS = 200
_ALONE = 3  # questions that are asked again, one after the other


def place_of(config: Config, stores: Stores) -> Place:
    """What the probes of one run share; its clock starts now."""
    begun = time.monotonic()

    def now() -> float:
        return round(time.monotonic() - begun, 6)

    settings = config.settings
    return Place(
        now=now,
        timeout=settings.timeout,
        resolver=Resolver(now, config.name_servers),
        stores=stores,
        credentials={
            url: Credentials(user, password) for url, (user, password) in config.credentials.items()
        },
        resolve=config.resolve,
        dial_map=config.dial_map,
        websocket_hold=settings.websocket_hold,
        cluster=config.cluster,
    )


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
        place: Place,
        further: Further,
        progress: Progress | None = None,
    ) -> None:
        self.checks = tuple(checks)
        self.interrupted = ""
        self._place = place
        self._further = further
        self._progress = progress
        self._seen: dict[str, Observation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_SLOTS)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """One for each check, in the order of the plan; what has not ended is ``unfinished``.

        Empty for a check that makes no connection of its own: it is judged from what others saw.
        """
        return tuple(
            self._seen.get(check.id) or Observation(check=check.id, unfinished=check.kind in PROBES)
            for check in self.checks
        )

    async def run(self, deadline: float) -> None:
        """Runs to the end, or for ``deadline`` seconds. Never raises for what a probe does."""
        for check in self.checks:
            self._start(check)
        try:
            async with asyncio.timeout(deadline):
                while self._tasks:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                if not self.interrupted:
                    await self._ask_alone()
        except TimeoutError:
            self.interrupted = (
                f"the deadline of {deadline:{'.0f' if deadline >= 1 else '.1g'}} s passed"
            )
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask_alone(self) -> None:
        """Where a proxy opened some tunnels and cut others: the same question again, one at a time,
        now that all is quiet.

        Tells a limit of connections from a policy (facts/faults.md section 6, experiment 9).
        """
        opened = {
            check.proxy
            for check in self.checks
            if check.proxy and https.tunnel_opened(self._seen.get(check.id))
        }
        cut = [
            check
            for check in self.checks
            if check.proxy in opened
            and (seen := self._seen.get(check.id)) is not None
            and https.was_cut_by_proxy(seen)
        ]
        for check in cut[:_ALONE]:
            try:
                attempt = await https.request(check, https.hurried(self._place), "alone")
            except Exception:
                continue  # an explanation that cannot be had is none
            seen = self._seen[check.id]
            self._seen[check.id] = Observation(check=check.id, attempts=(*seen.attempts, attempt))

    def stop(self, why: str) -> None:
        """Ends the run early; ``why`` is kept."""
        self.interrupted = self.interrupted or why
        for task in self._tasks:
            task.cancel()

    def _start(self, check: Check) -> None:
        if check.kind in PROBES:
            task = asyncio.create_task(self._one(check), name=check.id)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, check: Check) -> None:
        async with self._slots:
            connections: list[Connection] = []
            begun.set(connections)  # each task has a context of its own
            try:
                observation = Observation(
                    check=check.id, attempts=await PROBES[check.kind](check, self._place)
                )
            except asyncio.CancelledError:
                attempts = tuple(
                    connection.attempt for connection in connections if connection.steps
                )
                self._seen[check.id] = Observation(
                    check=check.id, attempts=attempts, unfinished=True
                )
                raise
            # the one broad barrier: a fault of arcprobe's own must not cost the rest
            # of the report
            except Exception as error:
                observation = Observation(check=check.id, crash=_fault(error))
        self._seen[check.id] = observation
        if self._progress is not None:
            self._progress(len(self._seen), sum(each.kind in PROBES for each in self.checks), check)
        for discovery in [
            each
            for each in self.checks
            if each.kind is Kind.DISCOVERY and each.observed_with == check.id
        ]:
            try:
                added = self._further(self.checks, discovery, observation)
            except Exception:  # an answer that no one can read names no host: ``wildcard-unproven``
                continue
            self.checks += added
            for each in added:
                self._start(each)


def _fault(error: BaseException) -> str:
    """A fault of arcprobe's own in one line: what, and where in the source. No values: they might
    be secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = (
        f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
    )
    return f"{type(error).__name__}: {words(error)} ({where})"
