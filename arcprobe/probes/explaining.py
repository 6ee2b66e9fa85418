"""When the experiments are made that explain an end of the agents' connection: after it, or beside
it once it has been silent for long, so that a silence costs one time-out and not two.

What was begun beside a connection that is answered after all is dropped: a slow network is judged
by what it says, however late.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from arcprobe.probes.context import with_short_timeout
from arcprobe.probes.experiments import experiments_after, is_silent, made

if TYPE_CHECKING:
    from types import TracebackType

    from arcprobe.model import Attempt, Check, Experiment
    from arcprobe.probes.context import ProbeContext
    from arcprobe.probes.samples import Ending, Place


class Explaining:
    """The experiments of one check. Leaving the ``async with`` ends those that were not needed."""

    def __init__(self, check: Check, context: ProbeContext) -> None:
        self._check = check
        self._context = context
        self._step = 0  # of the connection, whose end the begun ones explain
        self._begun: dict[Experiment, asyncio.Task[Attempt]] = {}
        self._dropped: list[asyncio.Task[Attempt]] = []
        self._places: dict[Ending, Place] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()
        await asyncio.gather(*self._dropped, return_exceptions=True)

    def begin(self, main: Attempt) -> None:
        """Begins what would explain ``main``, which ends with a silence that is not over yet."""
        self._go_on_to(main)
        chosen = experiments_after(self._check, main)
        if chosen and self._is_first((self._check.proxy, chosen)):
            self._begin(chosen, main)

    async def explain(self, main: Attempt) -> tuple[Attempt, ...]:
        """The further connections that tell why ``main`` ended as it did, side by side. None where
        it ended well, or where many that ended alike showed that there is nothing to learn."""
        self._go_on_to(main)
        chosen = experiments_after(self._check, main)
        if not chosen:
            return ()
        ending, samples = (self._check.proxy, chosen), self._context.samples
        while not self._is_first(ending):
            if await samples.have_shown(ending):
                async with samples.turns:
                    return await self._made(chosen, main)
            if samples.is_full(ending):  # still: none of them left its place
                return ()
        attempts = await self._made(chosen, main)
        samples.settle(self._places[ending], attempts)
        return attempts

    def _is_first(self, ending: Ending) -> bool:
        if ending not in self._places:
            place = self._context.samples.join(ending)
            if place is not None:
                self._places[ending] = place
        return ending in self._places

    def _go_on_to(self, main: Attempt) -> None:
        if len(main.steps) != self._step:
            self._drop()
            self._step = len(main.steps)

    def _drop(self) -> None:
        for task in self._begun.values():
            task.cancel()
        self._dropped += self._begun.values()
        for ending, place in self._places.items():
            self._context.samples.leave(ending, place)
        self._begun, self._places = {}, {}

    def _begin(self, chosen: tuple[Experiment, ...], main: Attempt) -> None:
        context = self._context
        if is_silent(main):
            context = with_short_timeout(context)
        for name in chosen:
            if name not in self._begun:
                experiment = made(name, self._check, context, main)
                self._begun[name] = asyncio.create_task(experiment)

    async def _made(self, chosen: tuple[Experiment, ...], main: Attempt) -> tuple[Attempt, ...]:
        self._begin(chosen, main)
        return tuple([await self._begun[name] for name in chosen])
