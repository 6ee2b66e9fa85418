"""What a run needs: its settings, and beside them what does not leave the process."""

from __future__ import annotations

import msgspec

from arcprobe.model.cluster import ClusterSource
from arcprobe.model.report import Settings
from arcprobe.model.secret import Secret


class Config(msgspec.Struct, kw_only=True):
    """Everything that a run needs: ``settings`` go into the report, the rest does not leave the
    process."""

    settings: Settings
    credentials: dict[str, tuple[str, Secret]] = {}  # by Proxy.url
    proxy_cert: bytes = b""
    public_roots: bytes = b""  # empty: the shipped ones
    resolve: dict[tuple[str, int], tuple[str, ...]] = {}
    endpoints: tuple[tuple[str, str, int, str], ...] = ()  # protocol, host, port, path
    cluster: ClusterSource = ClusterSource()
    name_servers: tuple[tuple[str, int], ...] = ()  # rehearsals only
    dial_map: dict[tuple[str, int], tuple[str, int]] = {}  # rehearsals only
