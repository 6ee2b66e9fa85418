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

    cidr: str  #: the range, as address/length
    what: str  #: services, pods or nodes
    source: str  #: what it is known from
    inferred: bool = False  #: whether it is deduced from addresses in use


class Service(Noun, frozen=True, kw_only=True):
    """A Kubernetes Service's name and its cluster addresses."""

    namespace: str  #: its namespace
    name: str  #: its name
    addresses: tuple[str, ...]  #: its cluster addresses


class Cluster(Step, frozen=True, kw_only=True, tag="cluster"):
    """What the cluster tells of itself. Large clusters: all addresses as runs, the first thousand
    Services by name."""

    source: str  #: where it is known from: file, api, kubectl or settings
    services: tuple[Service, ...] = ()  #: Services by name, the first thousand
    service_count: int = 0  #: number of all Services
    addresses: tuple[str, ...] = ()  #: all cluster addresses, as "a" or "a-b" runs, sorted
    ranges: tuple[Range, ...] = ()  #: address ranges
    api_servers: tuple[str, ...] = ()  #: the API server as clients name it: host or host:port
    api_server_addresses: tuple[str, ...] = ()  #: endpoints of default/kubernetes
    nodes: tuple[str, ...] = ()  #: addresses of the nodes
    cluster_domain: str = "cluster.local"  #: DNS domain of the cluster
    notes: tuple[str, ...] = ()  #: what could not be read, and why


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
