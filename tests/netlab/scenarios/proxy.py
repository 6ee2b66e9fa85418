from __future__ import annotations

from ..scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = ()
