"""Rung: the name that the connection needs first, the target's or the proxy's, becomes an
address."""

from __future__ import annotations

from arcprobe.findings.lookups import lookup_failed
from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene
from arcprobe.model import Experiment, Failure, Judgement, Lookup


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """What the system's resolver said of the name, where that ended the connection."""
    match reading.speaks.last:
        case Lookup(failure=Failure()) as lookup if not _was_given_to_proxy(reading, lookup):
            return lookup_failed(reading.check, lookup)
        case _:
            return None


def _was_given_to_proxy(reading: Reading, lookup: Lookup) -> bool:
    """Whether a SOCKS 4 proxy was asked for the name before: that it is not known here either is
    then no fault."""
    asked = reading.experiment(Experiment.SOCKS_4A)
    proxy = reading.check.proxy
    if asked is None or asked.tunnel is None or proxy is None:
        return False
    return lookup.name != proxy.host
