"""The cluster as its API server, or the settings, tell of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arcprobe.model.noun import Noun
from arcprobe.model.wire import Step

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where Kubernetes mounts a pod's token and CA (Kubernetes documentation, "Accessing the API from a
Pod")."""


class Range(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """An address range of the cluster, and where it is known from. ``inferred``: only deduced from
    addresses in use."""

    cidr: str
    what: str  # services | pods | nodes
    source: str
    inferred: bool = False


class Service(Noun, frozen=True, kw_only=True):
    """A Kubernetes Service's name and its cluster addresses."""

    namespace: str
    name: str
    addresses: tuple[str, ...]


class Cluster(Step, frozen=True, kw_only=True, tag="cluster"):
    """What the cluster tells of itself. Large clusters: all addresses as runs, the first thousand
    Services by name."""

    source: str  # file | api | kubectl | settings
    services: tuple[Service, ...] = ()
    service_count: int = 0
    addresses: tuple[str, ...] = ()  # all ClusterIPs, as "a" or "a-b" runs, sorted
    ranges: tuple[Range, ...] = ()
    api_servers: tuple[str, ...] = ()  # host or host:port of the API server, as clients name it
    api_server_addresses: tuple[str, ...] = ()  # endpoints of default/kubernetes
    nodes: tuple[str, ...] = ()  # node addresses
    cluster_domain: str = "cluster.local"
    notes: tuple[str, ...] = ()  # what could not be read, and why


class ClusterSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where the cluster's facts come from: Services that were read already, the API server or
    ``kubectl``, and what the settings add. Never part of a report."""

    services: Cluster | None = None  # of --services, read before anything is probed
    service_cidrs: tuple[str, ...] = ()
    pod_cidrs: tuple[str, ...] = ()
    api_servers: tuple[str, ...] = ()
    kubeconfig: str = ""
    context: str = ""
    environ: Mapping[str, str] | None = None  # a rehearsal's, instead of the process's
    service_account: str = SERVICE_ACCOUNT
