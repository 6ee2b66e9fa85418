"""What does this cluster tell of its own addresses, that the bypass list has to cover?"""

from __future__ import annotations

from arcprobe.model import Attempt, Check, Experiment
from arcprobe.probes.context import ProbeContext
from arcprobe.probes.wire.descriptors import CLUSTER, held


async def probe(check: Check, context: ProbeContext) -> tuple[Attempt, ...]:
    """One attempt with one step. Nothing is asked of the cluster where no proxy is set: there is
    nothing to bypass."""
    if not check.asks_cluster:
        return ()
    from arcprobe.probes.cluster.observe import observe

    async with held(CLUSTER):
        cluster = await observe(context.cluster, timeout=context.timeout, started=context.now())
    return (Attempt(label=Experiment.CLUSTER, steps=(cluster,)),)
