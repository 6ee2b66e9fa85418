"""All scenarios, by layer: each file has a tuple `SCENARIOS`, and each of them is one network with
what must be said about it."""

from __future__ import annotations

from ..scenario import Scenario
from . import (
    answers,
    chains,
    dns,
    dns_answers,
    dns_behind_proxy,
    field,
    further_names,
    further_proxies,
    further_tls,
    further_ways,
    gateway,
    handshakes,
    interception,
    mixtures,
    path,
    proxy_auth,
    proxy_manners,
    proxy_policy,
    proxy_reach,
    proxy_scheme,
    socks,
    tcp,
    tls,
    websockets,
)

_LAYERS = (
    dns,
    dns_answers,
    dns_behind_proxy,
    proxy_reach,
    proxy_scheme,
    proxy_auth,
    proxy_policy,
    proxy_manners,
    socks,
    tcp,
    tls,
    chains,
    handshakes,
    interception,
    answers,
    websockets,
    gateway,
    path,
    mixtures,
    field,
    further_names,
    further_proxies,
    further_tls,
    further_ways,
)
SCENARIOS: tuple[Scenario, ...] = tuple(
    scenario for layer in _LAYERS for scenario in layer.SCENARIOS
)


def by_name(name: str) -> Scenario:
    """The scenario of that name; a KeyError names the ones that are close."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    close = ", ".join(known.name for known in SCENARIOS if name in known.name)
    raise KeyError(f"there is no scenario {name}; close: {close or 'none'}")
