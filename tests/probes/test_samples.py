"""Of many connections that end alike the first few are explained, and the others where one of
those showed something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from arcprobe.model import AnyStep, Attempt, Dial, Experiment, Failure, FailureKind, Handshake, Role
from arcprobe.probes.samples import Ending, Place, Samples

CUT: Ending = (None, (Experiment.SMALL_HELLO, Experiment.CONTROL))
ELSE: Ending = (None, (Experiment.SMALL_HELLO,))


def run(story: Callable[[Samples], Awaitable[None]]) -> None:
    async def told() -> None:
        async with asyncio.timeout(5):
            await story(Samples())

    asyncio.run(told())


def shook(kind: FailureKind | None) -> AnyStep:
    failure = Failure(kind=kind) if kind else None
    return Handshake(server_name="endpoint.example", peer=Role.TARGET, failure=failure)


def dialled(kind: FailureKind | None) -> AnyStep:
    failure = Failure(kind=kind) if kind else None
    return Dial(address="192.0.2.77", port=443, role=Role.CONTROL, failure=failure)


def attempt(*steps: AnyStep) -> Attempt:
    return Attempt(label=Experiment.SMALL_HELLO, steps=steps)


def all_places(samples: Samples) -> list[Place]:
    places = [samples.join(CUT) for _ in range(64)]
    return [place for place in places if place is not None]


def test_sixty_four_are_first() -> None:
    """64 that end alike have a place; another that ends so has none, one that ends otherwise
    has."""

    async def story(samples: Samples) -> None:
        assert len(all_places(samples)) == 64
        assert samples.is_full(CUT)
        assert samples.join(CUT) is None
        assert not samples.is_full(ELSE)
        assert samples.join(ELSE) is not None

    run(story)


SHOWN = (
    ((shook(None),), True),
    ((shook(FailureKind.RESET),), True),
    ((shook(FailureKind.TIMED_OUT),), False),
    ((dialled(None),), True),
    ((dialled(None), shook(FailureKind.TIMED_OUT)), False),
    ((dialled(FailureKind.REFUSED),), False),
    ((), False),
)


@pytest.mark.parametrize(("steps", "due"), SHOWN)
def test_the_others_wait_for_what_the_first_show(steps: tuple[AnyStep, ...], due: bool) -> None:
    """One of the first that was answered is enough; silence and a dial that nobody took show
    nothing."""

    async def story(samples: Samples) -> None:
        places = all_places(samples)
        waiting = asyncio.create_task(samples.have_shown(CUT))
        for place in places[:-1]:
            samples.settle(place, (attempt(shook(FailureKind.TIMED_OUT)),))
        await asyncio.sleep(0)
        assert not waiting.done()
        samples.settle(places[-1], (attempt(*steps),))
        assert await waiting is due

    run(story)


def test_who_leaves_makes_room() -> None:
    """A place that was left before it was settled is free, and nobody waits for it; a settled one
    stays taken."""

    async def story(samples: Samples) -> None:
        first, second, *others = all_places(samples)
        for place in (second, *others):
            samples.settle(place, ())
        samples.leave(CUT, second)
        assert samples.is_full(CUT)
        waiting = asyncio.create_task(samples.have_shown(CUT))
        await asyncio.sleep(0)
        samples.leave(CUT, first)
        assert await waiting is False
        assert samples.join(CUT) is not None

    run(story)


def test_who_is_cancelled_leaves_the_first_to_the_others() -> None:
    """One of those who wait is cut short: the experiments that it waited for go on."""

    async def story(samples: Samples) -> None:
        place = samples.join(CUT)
        assert place is not None
        waiting = asyncio.create_task(samples.have_shown(CUT))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not place.done()
        samples.settle(place, ())
        assert not await samples.have_shown(CUT)

    run(story)
