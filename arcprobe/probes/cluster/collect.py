"""What the readers fill in: one place that turns everything read into the noun ``Cluster``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from arcprobe.model import Cluster, Failure, Range
from arcprobe.model.text import is_address
from arcprobe.probes.cluster import objects, ranges
from arcprobe.probes.cluster.told import told

# Addresses: Kubernetes supports 5,000 nodes (its documentation, "Considerations for large
# clusters"), each of two families.
_NODES_KEPT = 10_000
_RANGES_KEPT = 2 * _NODES_KEPT  # of pods: one of each IP version a node
_NOTES_KEPT = 40


NODES_POD_RANGES = "Nodes: spec.podCIDRs"
"""Source of pod ranges that today's nodes have; the cluster's own range is wider."""


@dataclass
class Collected:
    """Facts as they come in; ``cluster`` makes the noun of them."""

    source: str
    services: objects.ServiceSet = field(default_factory=objects.ServiceSet)
    ranges: list[Range] = field(default_factory=list)
    pod_cidrs: list[str] = field(default_factory=list)
    node_addresses: dict[str, None] = field(default_factory=dict)
    api_servers: list[str] = field(default_factory=list)
    api_server_addresses: dict[str, None] = field(default_factory=dict)
    domain: str = ""
    notes: list[str] = field(default_factory=list)
    failure: Failure | None = None

    def take_service_cidrs(self, items: list[msgspec.Raw]) -> None:
        """ServiceCIDR objects."""
        for item in items:
            found = msgspec.json.decode(item, type=objects.ServiceCidrObject)
            source = f"ServiceCIDR {found.metadata.name[:63]}"
            self.ranges += ranges.joined(found.spec.cidrs or (), "services", source)

    def take_nodes(self, items: list[msgspec.Raw]) -> None:
        """Nodes: pod ranges and addresses (host names among the addresses are left out)."""
        for item in items:
            node = msgspec.json.decode(item, type=objects.NodeObject)
            self.pod_cidrs += node.spec.pod_cidrs or filter(None, [node.spec.pod_cidr])
            for address in node.status.addresses or ():
                if address.type in ("InternalIP", "ExternalIP") and is_address(address.address):
                    self.node_addresses[address.address] = None

    def take_slices(self, items: list[msgspec.Raw]) -> None:
        """The EndpointSlices of ``default/kubernetes``: where the API server really listens."""
        for item in items:
            for endpoint in msgspec.json.decode(item, type=objects.SliceObject).endpoints or ():
                self.api_server_addresses.update(
                    dict.fromkeys(filter(is_address, endpoint.addresses or ()))
                )

    def take_kubeadm(self, body: bytes) -> None:
        """The ConfigMap kube-system/kubeadm-config."""
        text = (msgspec.json.decode(body, type=objects.ConfigMapObject).data or {}).get(
            "ClusterConfiguration", ""
        )
        self.ranges += ranges.kubeadm_ranges(text)
        self.domain = self.domain or ranges.kubeadm_domain(text)

    def has_service_range(self) -> bool:
        """A Service range that was named, not guessed."""
        return any(known.what == "services" and not known.inferred for known in self.ranges)

    def give(self, cidrs: tuple[str, ...], what: str, setting: str) -> None:
        """Ranges from the settings."""
        self.ranges += [Range(cidr=cidr, what=what, source=setting) for cidr in cidrs]

    def cluster(self, started: float, took: float) -> Cluster:
        """The noun, with the ranges of nodes inferred."""
        pods = self.pod_cidrs[:_RANGES_KEPT]
        named = [*self.ranges, *ranges.joined(pods, "pods", NODES_POD_RANGES)]
        inferred = (*self._inferred(4), *self._inferred(6))
        return Cluster(
            started=started,
            took=took,
            failure=self.failure,
            source=self.source,
            services=self.services.services(),
            service_count=self.services.count,
            addresses=self.services.runs(),
            ranges=tuple(dict.fromkeys((*named, *inferred))),
            api_servers=tuple(dict.fromkeys(self.api_servers)),
            api_server_addresses=tuple(self.api_server_addresses),
            nodes=tuple(self.node_addresses)[:_NODES_KEPT],
            cluster_domain=self.domain or "cluster.local",
            notes=(*self.notes, *self._own_notes())[:_NOTES_KEPT],
        )

    def _inferred(self, version: int) -> tuple[Range, ...]:
        """Of the nodes of one IP version, from their addresses."""
        parsed = map(ipaddress.ip_address, self.node_addresses)
        nodes = sorted((node for node in parsed if node.version == version), key=int)
        return ranges.inferred_ranges(nodes, "nodes", "Nodes: status.addresses")

    def _own_notes(self) -> Iterator[str]:
        if lines := self.services.skipped_lines:
            what = "lines" if lines > 1 else "line"
            yield f"{lines} {what} before, within or after the JSON skipped: no part of it"
        if self.services.strange:
            yield told("note.no-address", texts=", ".join(self.services.strange))
        if len(self.node_addresses) > _NODES_KEPT:
            yield told("note.node-addresses", count=len(self.node_addresses), most=_NODES_KEPT)
        if len(self.pod_cidrs) > _RANGES_KEPT:
            yield told("note.pod-ranges", count=len(self.pod_cidrs), most=_RANGES_KEPT)
