"""What a list that is right for Go leaves to agents that are not Go, or that ask by a bare name.
Words, no faults. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from arcprobe import no_proxy
from arcprobe.model import Cluster, Line, line

ARC_NAMESPACE = "azure-arc"
# Services that agents in the same namespace ask for by the bare name, which no suffix covers:
# Microsoft's own tests of connectedk8s pass `--proxy-skip-range logcollector`.
_BARE_NAMES = ("logcollector",)


def other_agents(skip_range: str, cluster: Cluster | None) -> Iterator[Line]:
    """A line for each agent, or name, that goes to the proxy although Go's reading of the list is
    right."""
    if cluster is None:
        return
    addresses = (
        address for address in _kubernetes(cluster) if _is_range_alone(skip_range, address)
    )
    for address in addresses:
        yield line("list.dotnet", address=address)
        break
    present = {each.name for each in cluster.services if each.namespace == ARC_NAMESPACE}
    for name in _BARE_NAMES:
        if name in present and not no_proxy.bypass("go", skip_range, name).bypassed:
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
    go, dotnet = (no_proxy.bypass(name, skip_range, address).bypassed for name in ("go", "dotnet"))
    return go and not dotnet
