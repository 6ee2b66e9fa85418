"""How a run begins: its clock, and the look-up that everything waits for, before what the rest
needs is imported."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from arcprobe.model.text import is_address
from arcprobe.probes.wire.system_lookup import HeadStart

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcprobe.model import Config


def run_clock() -> Callable[[], float]:
    """A clock that starts now: seconds since then."""
    started = time.monotonic()

    def now() -> float:
        return round(time.monotonic() - started, 6)

    return now


def begin(config: Config, now: Callable[[], float]) -> HeadStart | None:
    """Looks the proxy's name up already, where a run does so by the system's resolver: importing
    what else it needs takes about as long as an answer."""
    proxy = config.settings.proxy_https
    is_rehearsed = bool(config.name_servers or config.dial_map)
    if proxy is None or is_rehearsed or is_address(proxy.host):
        return None
    if (proxy.host, proxy.port) in config.resolve:
        return None
    with contextlib.suppress(RuntimeError):  # no thread: the run tells of it when it asks again
        return HeadStart(proxy.host, now)
    return None
