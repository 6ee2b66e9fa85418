"""The cluster as a pod reads it from the API server of the tests."""

from __future__ import annotations

import asyncio
from typing import Any

from arcprobe.model import Cluster, ClusterSource
from arcprobe.probes.cluster.observe import observe
from tests.support.apiserver import ApiServer


def in_pod(api: ApiServer, **settings: Any) -> Cluster:
    resolv_conf = api.folder / "resolv.conf"
    resolv_conf.write_text(
        "search arcprobe.svc.corp.internal svc.corp.internal corp.internal\nnameserver 10.96.0.10\n"
    )
    timeout = settings.pop("timeout", 10.0)
    if "service_account" not in settings:
        settings["service_account"] = api.service_account
    source = ClusterSource(environ=api.environ, **settings)
    return asyncio.run(observe(source, timeout=timeout, resolv_conf=str(resolv_conf)))
