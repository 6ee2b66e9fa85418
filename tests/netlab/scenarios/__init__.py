"""All scenarios, by layer: each file has a tuple `SCENARIOS`, and each of them is one network with what must be said about it."""

from __future__ import annotations

from ..scenario import Scenario
from . import dns, mixtures, proxy, tcp

SCENARIOS: tuple[Scenario, ...] = (*dns.SCENARIOS, *proxy.SCENARIOS, *tcp.SCENARIOS, *mixtures.SCENARIOS)


def by_name(name: str) -> Scenario:
    """The scenario of that name; a KeyError names the ones that are close."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    close = ", ".join(each.name for each in SCENARIOS if name in each.name)
    raise KeyError(f"there is no scenario {name}; close: {close or 'none'}")
