"""What the namespace of the Arc agents tells."""

from __future__ import annotations

import msgspec


class Deployment(msgspec.Struct, frozen=True):
    """A Deployment of the agents, and how many of its pods are ready."""

    name: str
    ready: int
    wanted: int


class ProxySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Proxy settings that stand in the cluster: URLs without user and password. ``source``: where
    they stand."""

    source: str
    https: str = ""
    http: str = ""
    no_proxy: str = ""


class Agents(msgspec.Struct, frozen=True, kw_only=True):
    """What was read. None: could not be read, ``unread`` has what and why."""

    config: dict[str, str] = {}  # ConfigMap azure-clusterconfig
    deployments: tuple[Deployment, ...] | None = None
    proxy_pods: tuple[str, ...] | None = None  # pods arc-proxy-… that run
    proxies: tuple[ProxySettings, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
