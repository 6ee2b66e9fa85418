"""What does this cluster tell of its own addresses, that the bypass list has to cover?"""

from __future__ import annotations

from arcprobe.model import Attempt, Check, Cluster, Experiment
from arcprobe.probes.connection import Place


async def probe(check: Check, place: Place) -> tuple[Attempt, ...]:
    """One attempt with one step. Nothing is asked of the cluster where no proxy is set: there is
    nothing to bypass."""
    if not check.note:
        return (Attempt(label=Experiment.CLUSTER, steps=(await _observed(place),)),)
    return ()


async def _observed(place: Place) -> Cluster:
    from arcprobe.probes.cluster import observe as cluster

    return await cluster.observe(place.cluster, timeout=place.timeout, started=place.now())
