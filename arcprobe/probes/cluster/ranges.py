"""Addresses and texts of the cluster in, ranges with their source out. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from arcprobe.model import Range
from arcprobe.model.text import IPAddress
from arcprobe.probes.cluster.objects import Network

# Nobody gives a cluster less: a node's pods have a /24, or an IPv6 network of /64. For Services
# findings/questions/bypass_guess.py knows better; here only too many ranges of theirs are joined.
_NARROWEST = {
    ("services", 4): 24,
    ("services", 6): 112,
    ("nodes", 4): 24,
    ("nodes", 6): 64,
    ("pods", 4): 24,
    ("pods", 6): 64,
}
_WIDEST = {4: 8, 6: 48}  # a wider guess would say nothing
_KEPT = 32  # ranges of one source; a list of more is no list that anyone keeps
_CONFIG_LIMIT = 32_768  # characters of a ClusterConfiguration, which has some thousand


def inferred_ranges(addresses: Sequence[IPAddress], what: str, source: str) -> tuple[Range, ...]:
    """The smallest range that holds the addresses of one IP version, at least as wide as clusters
    have them.

    Addresses too far apart for one range give one for each neighbourhood. All are ``inferred``.
    """
    if not addresses:
        return ()
    version = addresses[0].version
    narrowest = _NARROWEST[what, version]
    whole = _covering(min(addresses), max(addresses), narrowest)
    networks: Iterable[Network] = [whole]
    if whole.prefixlen < _WIDEST[version]:
        networks = dict.fromkeys(_around(address, narrowest) for address in addresses)
    return tuple(
        Range(cidr=str(network), what=what, source=source, inferred=True)
        for network in list(networks)[:_KEPT]
    )


def _covering(first: IPAddress, last: IPAddress, narrowest: int) -> Network:
    bits = (int(first) ^ int(last)).bit_length()
    return _around(first, min(narrowest, first.max_prefixlen - bits))


def _around(address: IPAddress, prefix: int) -> Network:
    return ipaddress.ip_network(f"{address}/{prefix}", strict=False)


def joined(texts: Iterable[str], what: str, source: str) -> tuple[Range, ...]:
    """Ranges that the cluster itself names, neighbours joined. Too many to list: the range that
    holds them, ``inferred``."""
    networks = [network for network in map(parse, texts) if network is not None]
    four = [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
    six = [network for network in networks if isinstance(network, ipaddress.IPv6Network)]
    return (
        *_listed(list(ipaddress.collapse_addresses(four)), what, source),
        *_listed(list(ipaddress.collapse_addresses(six)), what, source),
    )


def _listed(networks: Sequence[Network], what: str, source: str) -> tuple[Range, ...]:
    """Of one IP version, neighbours joined."""
    if len(networks) <= _KEPT:
        return tuple(Range(cidr=str(network), what=what, source=source) for network in networks)
    edges = [*chain.from_iterable((network[0], network[-1]) for network in networks)]
    return inferred_ranges(edges, what, f"{source} ({len(networks)} ranges)")


def parse(text: str) -> Network | None:
    """A range, or None when the text is none."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def kubeadm_ranges(cluster_configuration: str) -> tuple[Range, ...]:
    """``networking.serviceSubnet`` and ``podSubnet`` of kubeadm's ClusterConfiguration
    (kubeadm.k8s.io/v1beta2 to v1beta4)."""
    networking = _mapping(_mapping(_yaml(cluster_configuration)).get("networking"))
    found: list[Range] = []
    for key, what in (("serviceSubnet", "services"), ("podSubnet", "pods")):
        texts = str(networking.get(key) or "").split(",")
        found += joined(texts, what, f"ConfigMap kube-system/kubeadm-config: networking.{key}")
    return tuple(found)


def kubeadm_domain(cluster_configuration: str) -> str:
    """``networking.dnsDomain`` of kubeadm's ClusterConfiguration, or the empty string."""
    return str(
        _mapping(_mapping(_yaml(cluster_configuration)).get("networking")).get("dnsDomain") or ""
    )


def _yaml(text: str) -> object:
    import yaml  # few clusters have this text

    try:
        return yaml.safe_load(text) if len(text) < _CONFIG_LIMIT else None
    # PyYAML's own for a date, a number or an int that does not exist or is empty
    except (yaml.YAMLError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _mapping(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}


# kube-apiserver's ipallocator.ErrNotInRange: "The range of valid IPs is 10.96.0.0/12", until the
# ServiceCIDR objects took over in 1.33 ("no ServiceCIDR available ..."). The dry run of an old
# server (1.20.2, measured by tests/cluster) does not ask the allocator and refuses nothing.
_VALID_RANGE = re.compile(r"range of valid IPs is ([0-9A-Fa-f:.]{2,45}/\d{1,3})")


def ranges_in_refusal(message: str) -> tuple[Range, ...]:
    """The Service ranges that the API server names when it refuses a ClusterIP out of range."""
    return joined(
        _VALID_RANGE.findall(message), "services", "API server, dry run of a ClusterIP out of range"
    )


def domain_of(search: Iterable[str]) -> str:
    """The cluster's domain from a pod's search list (``<namespace>.svc.cluster.local
    svc.cluster.local cluster.local``)."""
    for entry in search:
        name = entry.strip().rstrip(".").lower()
        if name.startswith("svc.") and len(name) > 4:
            return name[4:]
    return ""
