"""What the readers fill in: one place that turns everything read into the noun ``Cluster``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

import msgspec

from arcprobe.model import Cluster, Failure, Range
from arcprobe.probes.cluster import objects as _objects, ranges as _ranges

_NODES_KEPT = 10_000


@dataclass
class Collected:
    """Facts as they come in; ``cluster`` makes the noun of them."""

    source: str
    services: _objects.ServiceSet = field(default_factory=_objects.ServiceSet)
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
            found = msgspec.json.decode(item, type=_objects.ServiceCidrObject)
            self.ranges += _ranges.joined(
                found.spec.cidrs or (), "services", f"ServiceCIDR {found.metadata.name[:63]}"
            )

    def take_nodes(self, items: list[msgspec.Raw]) -> None:
        """Nodes: pod ranges and addresses (host names among the addresses are left out)."""
        for item in items:
            node = msgspec.json.decode(item, type=_objects.NodeObject)
            self.pod_cidrs += node.spec.pod_cidrs or (
                [node.spec.pod_cidr] if node.spec.pod_cidr else []
            )
            for address in node.status.addresses or ():
                if address.type in ("InternalIP", "ExternalIP") and _is_address(address.address):
                    self.node_addresses[address.address] = None

    def take_slices(self, items: list[msgspec.Raw]) -> None:
        """The EndpointSlices of ``default/kubernetes``: where the API server really listens."""
        for item in items:
            for endpoint in msgspec.json.decode(item, type=_objects.SliceObject).endpoints or ():
                self.api_server_addresses.update(
                    dict.fromkeys(filter(_is_address, endpoint.addresses or ()))
                )

    def take_kubeadm(self, body: bytes) -> None:
        """The ConfigMap kube-system/kubeadm-config."""
        text = (msgspec.json.decode(body, type=_objects.ConfigMapObject).data or {}).get(
            "ClusterConfiguration", ""
        )
        self.ranges += _ranges.kubeadm_ranges(text)
        self.domain = self.domain or _ranges.kubeadm_domain(text)

    def knows_service_range(self) -> bool:
        """A Service range that was named, not guessed."""
        return any(known.what == "services" and not known.inferred for known in self.ranges)

    def give(self, cidrs: tuple[str, ...], what: str, setting: str) -> None:
        """Ranges from the settings."""
        self.ranges += [Range(cidr=cidr, what=what, source=setting) for cidr in cidrs]

    def cluster(self, started: float, took: float) -> Cluster:
        """The noun, with ranges inferred where none was named."""
        ranges = [*self.ranges, *_ranges.joined(self.pod_cidrs, "pods", "Nodes: spec.podCIDRs")]
        named = {
            (known.what, ipaddress.ip_network(known.cidr, strict=False).version)
            for known in ranges
            if _parses(known)
        }
        for version in (4, 6):
            if ("services", version) not in named:
                ranges += _ranges.inferred_ranges(
                    self.services.addresses(version), "services", "ClusterIPs in use"
                )
            nodes = sorted(
                (
                    address
                    for text in self.node_addresses
                    if (address := ipaddress.ip_address(text)).version == version
                ),
                key=int,
            )
            ranges += _ranges.inferred_ranges(nodes, "nodes", "Nodes: status.addresses")
        notes = list(self.notes)
        if self.services.strange:
            notes.append(f"no address, in spec.clusterIP: {', '.join(self.services.strange)}")
        if len(self.node_addresses) > _NODES_KEPT:
            notes.append(
                f"{len(self.node_addresses)} node addresses, the first {_NODES_KEPT} are kept"
            )
        return Cluster(
            started=started,
            took=took,
            failure=self.failure,
            source=self.source,
            services=self.services.services(),
            service_count=self.services.count,
            addresses=self.services.runs(),
            ranges=tuple(dict.fromkeys(ranges)),
            api_servers=tuple(dict.fromkeys(self.api_servers)),
            api_server_addresses=tuple(self.api_server_addresses),
            nodes=tuple(self.node_addresses)[:_NODES_KEPT],
            cluster_domain=self.domain or "cluster.local",
            notes=tuple(notes[:40]),
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _parses(known: Range) -> bool:
    return _ranges.parse(known.cidr) is not None
