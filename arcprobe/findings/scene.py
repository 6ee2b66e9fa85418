"""What all readings of a run say together: the ground on which one of them is judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from arcprobe.findings.chains import is_taken_by_agents, moment
from arcprobe.findings.comparison import Comparison, compare
from arcprobe.findings.interception import ChainKind, ChainState, classify_all
from arcprobe.findings.reading import Reading, read_all
from arcprobe.model import Check, FailureKind, Observation, Run, Settings


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the rungs see it. Keys of ``readings`` and ``states`` are check ids.

    ``started``: this host's clock when the run was made, so that a recording is judged as it was.
    ``comparison``: what the chains and clocks of all readings say together. ``states``: what each
    chain is, decided once. ``vantage``: pod, node or laptop.
    """

    settings: Settings
    started: datetime
    readings: Mapping[str, Reading]
    comparison: Comparison
    states: Mapping[str, ChainState]
    http_proxies: frozenset[str] = frozenset()
    vantage: str = ""

    def state(self, reading: Reading) -> ChainState | None:
        """What the chain of a reading is; None where none came."""
        return self.states.get(reading.check.id)

    def is_genuine(self, reading: Reading) -> bool:
        """Whether what came inside this connection can only be the endpoint's own: TLS with it, not
        intercepted."""
        return reading.check.protocol != "http" and not self.is_intercepted(reading)

    def is_intercepted(self, reading: Reading) -> bool:
        """Whether somebody on the way opened the session."""
        state = self.state(reading)
        return state is not None and state.kind is ChainKind.INTERCEPTED

    def is_refused(self, reading: Reading) -> bool:
        """Whether somebody on the way opened the session, and the agents do not take what he
        shows."""
        handshake = reading.speaks.handshake
        if handshake is None or not self.is_intercepted(reading):
            return False
        return not is_taken_by_agents(handshake)


def look(checks: Iterable[Check], observations: Iterable[Observation], run: Run) -> Scene:
    """The scene of a run."""
    asked = tuple(checks)
    seen = {observation.check: observation for observation in observations}
    readings = read_all(asked, seen)
    started = moment(run.started) or datetime.fromtimestamp(0, UTC)
    own = [readings[check.id] for check in asked if check.id in seen]
    comparison = compare(own, run.settings, started)
    return Scene(
        settings=run.settings,
        started=started,
        readings=readings,
        comparison=comparison,
        states=classify_all(comparison),
        http_proxies=frozenset(_opened_by(own)),
        vantage=run.vantage,
    )


def _opened_by(readings: Iterable[Reading]) -> Iterator[str]:
    """The proxies of tunnels that were opened, and not in word only: a web server says 200 to all,
    and then sends a page."""
    for reading in readings:
        proxy, handshake = reading.check.proxy, reading.speaks.handshake
        failure = handshake.failure if handshake is not None else None
        is_page = failure is not None and failure.kind is FailureKind.TLS_PLAINTEXT
        if proxy is not None and reading.speaks.is_tunnel_open and not is_page:
            yield proxy.url
