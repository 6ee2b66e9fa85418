"""The clock of a run, and how long one operation on the wire may take."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Clock(msgspec.Struct, kw_only=True):
    """Given to whoever makes a step."""

    now: Callable[[], float]  # seconds since the start of the run
    timeout: float  # seconds
