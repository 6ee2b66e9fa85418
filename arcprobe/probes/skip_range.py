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

    source = place.cluster
    return await cluster.observe(
        services=source.services,
        service_cidrs=source.service_cidrs,
        pod_cidrs=source.pod_cidrs,
        api_servers=source.api_servers,
        kubeconfig=source.kubeconfig or None,
        context=source.context or None,
        timeout=place.timeout,
        limit=place.timeout * 3,
        environ=source.environ,
        service_account=source.service_account or cluster.SERVICE_ACCOUNT,
        started=place.now(),
    )
