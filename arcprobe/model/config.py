"""What a run needs: its settings, and beside them what does not leave the process."""

from __future__ import annotations

import msgspec

from arcprobe.model.asked import Proxy
from arcprobe.model.cluster import ClusterSource
from arcprobe.model.report import Settings
from arcprobe.model.secret import Secret


class CustomEndpoint(msgspec.Struct, frozen=True):
    """An endpoint of --endpoint. The path keeps its query, which may be secret."""

    protocol: str  # https | wss
    host: str
    port: int
    path: str
    shown: str = ""  # the path as reports have it, where the path has a query


class Config(msgspec.Struct, kw_only=True):
    """Everything that a run needs: ``settings`` go into the report, the rest does not leave the
    process."""

    settings: Settings
    credentials: dict[Proxy, tuple[str, Secret]] = {}
    baseline_file: str = ""  # read by pipeline.prepare, into settings.baseline
    services_file: str = ""  # read by pipeline.prepare, into cluster.services
    proxy_cert: bytes = b""  # read by pipeline.prepare
    public_roots: bytes = b""  # read by pipeline.prepare; empty: the shipped ones
    resolve: dict[tuple[str, int], tuple[str, ...]] = {}
    endpoints: tuple[CustomEndpoint, ...] = ()
    cluster: ClusterSource = ClusterSource()
    name_servers: tuple[tuple[str, int], ...] = ()  # rehearsals only
    dial_map: dict[tuple[str, int], tuple[str, int]] = {}  # rehearsals only
    gateway_id: str = ""  # whose endpoint stands in the place of --gateway-url
    demo: str = ""  # scenario of a rehearsal
    lang: str = ""  # language of what is written for people; empty: that of the locale
