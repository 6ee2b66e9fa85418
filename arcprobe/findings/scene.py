"""What all readings of a run say together: the ground on which one of them is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from arcprobe.findings.comparison import Comparison
from arcprobe.findings.interception import ChainKind, ChainState
from arcprobe.findings.reading import Reading
from arcprobe.model import Settings


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the rungs see it. Keys of ``readings`` and ``states`` are check ids.

    ``started``: this host's clock when the run was made, so that a recording is judged as it was. ``comparison``: what the chains
    and clocks of all readings say together. ``states``: what each chain is, decided once.
    """

    settings: Settings
    started: datetime
    readings: Mapping[str, Reading]
    comparison: Comparison
    states: Mapping[str, ChainState]

    def state(self, reading: Reading) -> ChainState | None:
        """What the chain of a reading is; None where none came."""
        return self.states.get(reading.check.id)

    def is_genuine(self, reading: Reading) -> bool:
        """Whether what came inside this connection can only be the endpoint's own: TLS with it, not intercepted."""
        state = self.state(reading)
        return reading.check.protocol != "http" and (
            state is None or state.kind is not ChainKind.INTERCEPTED
        )
