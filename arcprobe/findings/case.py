"""A run as those see it who tell its findings: every connection climbed, and what follows from all
of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from arcprobe.findings.addresses import is_lost_beyond, lies_of_servers, shared_sinks
from arcprobe.findings.crash_barrier import guarded
from arcprobe.findings.ladder import Climb, climb
from arcprobe.findings.lookups import unreachable_servers
from arcprobe.findings.proxies import faults_of_proxies
from arcprobe.findings.questions import name
from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene, look
from arcprobe.model import Check, Judgement, Kind, Observation, Run


class Case(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """``checks``, ``climbs``: by check id. ``proxy_faults``: by the URL of a proxy that opened no
    tunnel at all, and always for the same reason: that reason. ``names``: what is said of each name
    that was looked up."""

    scene: Scene
    checks: Mapping[str, Check]
    climbs: Mapping[str, Climb]
    proxy_faults: Mapping[str, Judgement]
    names: Mapping[str, Judgement]

    def reading(self, check: Check) -> Reading:
        """What was seen for a check."""
        return self.scene.readings[check.id]

    def carrier(self, check: Check) -> Check | None:
        """The check whose connection this one is judged from."""
        return self.checks.get(check.observed_with)

    def through(self, url: str) -> list[Check]:
        """The checks that connect through a proxy."""
        return [
            check
            for check in self.checks.values()
            if check.connects and check.proxy is not None and check.proxy.url == url
        ]

    def is_lost_beyond(self, host: str) -> bool:
        """Whether the direct route to ``host``, its address known, does not lead to the
        endpoint."""
        return is_lost_beyond(host, self.scene, self.climbs)

    def session_of(self, carrier: Check) -> Check | None:
        """The check that asks about the certificate of a connection."""
        return self._sessions.get(carrier.id)

    @cached_property
    def _sessions(self) -> dict[str, Check]:
        found: dict[str, Check] = {}
        for check in self.checks.values():
            if check.kind is Kind.TLS:
                found.setdefault(check.observed_with, check)
        return found


def open_case(checks: tuple[Check, ...], observations: Iterable[Observation], run: Run) -> Case:
    """The case of a run."""
    scene = look(checks, observations, run)
    climbs = {
        check.id: climb(reading, scene)
        for check in checks
        if check.connects and (reading := scene.readings[check.id]).is_usable
    }
    return Case(
        scene=scene,
        checks={check.id: check for check in checks},
        climbs=climbs,
        proxy_faults=faults_of_proxies(scene, climbs),
        names=dict(_names(scene, climbs)),
    )


def _names(scene: Scene, climbs: Mapping[str, Climb]) -> Iterator[tuple[str, Judgement]]:
    readings = [each for each in scene.readings.values() if each.is_asked]
    shared = shared_sinks(scene, climbs)
    lies = lies_of_servers(scene)
    unreachable = unreachable_servers(readings)
    for reading in readings:
        if reading.check.kind is Kind.DNS and reading.is_usable:
            circumstances = name.Circumstances(
                is_gateway=reading.check.host == scene.settings.gateway_host != "",
                fails_beyond=is_lost_beyond(reading.check.host, scene, climbs),
                shared=shared,
                lies=lies,
                unreachable=unreachable,
            )
            word = guarded(name.judge, reading, circumstances)
            yield reading.check.host, word
