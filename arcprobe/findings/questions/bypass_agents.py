"""What a list that is right for Go leaves to agents that are not Go, or that ask by a bare name.
Words, no faults. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from arcprobe import no_proxy
from arcprobe.model import Cluster, Line, line

# The instance metadata service of Azure and other clouds, which no proxy reaches
# (https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service): on nodes that are
# virtual machines of a cloud these extensions ask it.
_METADATA = "169.254.169.254"
_ASKING_METADATA = frozenset({"extensions", "container-insights", "key-vault", "defender"})

ARC_NAMESPACE = "azure-arc"
# Services that agents in the same namespace ask for by the bare name, which no suffix covers:
# Microsoft's own tests of connectedk8s pass `--proxy-skip-range logcollector`.
_BARE_NAMES = ("logcollector",)


def other_agents(
    skip_range: str, cluster: Cluster | None, features: Collection[str] = ()
) -> Iterator[Line]:
    """A line for each agent, name or address that goes to the proxy although Go's reading of the
    list is right. ``features``: those of the settings."""
    if _ASKING_METADATA & set(features) and not _is_direct("go", skip_range, _METADATA):
        yield line("list.metadata", address=_METADATA)
    if cluster is not None:
        yield from _of_dotnet(skip_range, cluster)
        yield from _of_bare_names(skip_range, cluster)


def _of_dotnet(skip_range: str, cluster: Cluster) -> Iterator[Line]:
    addresses = (each for each in _kubernetes(cluster) if _is_range_alone(skip_range, each))
    first = next(addresses, None)
    if first is not None:
        yield line("list.dotnet", address=first)


def _of_bare_names(skip_range: str, cluster: Cluster) -> Iterator[Line]:
    present = {each.name for each in cluster.services if each.namespace == ARC_NAMESPACE}
    for name in _BARE_NAMES:
        if name in present and not _is_direct("go", skip_range, name):
            yield line("list.bare-name", name=name, namespace=ARC_NAMESPACE)


def _kubernetes(cluster: Cluster) -> Iterator[str]:
    own = (
        service.addresses
        for service in cluster.services
        if (service.namespace, service.name) == ("default", "kubernetes")
    )
    return chain.from_iterable(own)


def _is_range_alone(skip_range: str, address: str) -> bool:
    """Whether Go goes direct, and .NET, which read no ranges before version 11, does not
    (https://github.com/dotnet/runtime/pull/131397)."""
    return _is_direct("go", skip_range, address) and not _is_direct("dotnet", skip_range, address)


def _is_direct(dialect: str, skip_range: str, host: str) -> bool:
    return no_proxy.bypass(dialect, skip_range, host).bypassed
