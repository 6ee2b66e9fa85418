"""The values that a shell completes: codes, scenarios, regions, features, products. Each is read
when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def codes() -> Iterable[str]:
    """Codes, for ``explain``."""
    from arcprobe.knowledge import codes as table

    return (row.name.value for row in table.rows())


def scenarios() -> Iterable[str]:
    """Scenarios of ``demo``."""
    from arcprobe.lab.scenarios import SCENARIOS

    return (scenario.name for scenario in SCENARIOS)


def products() -> Iterable[str]:
    """Products of ``--product``."""
    from arcprobe.knowledge.products import PRODUCTS

    return PRODUCTS


def _regions() -> Iterable[str]:
    from arcprobe.knowledge.catalogue import CLOUDS, load

    return chain.from_iterable(load(cloud).regions for cloud in CLOUDS)


def _features() -> Iterable[str]:
    from arcprobe.knowledge.catalogue import FEATURES

    return FEATURES


def _clouds() -> Iterable[str]:
    from arcprobe.knowledge.catalogue import CLOUDS

    return CLOUDS


SETTINGS: dict[str, Callable[[], Iterable[str]]] = {
    "region": _regions,
    "feature": _features,
    "no-feature": _features,
    "cloud": _clouds,
}
"""Of the settings that have a known list of values."""


def completing(values: Callable[[], Iterable[str]]) -> Complete:
    """What click asks: the values that begin as what was typed."""

    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        return [value for value in values() if value.startswith(typed)]

    return complete
