"""Paths of the Kubernetes API -> their bodies, in a pod by the API itself, by ``kubectl``
elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from arcprobe.model import ClusterSource
from arcprobe.probes.cluster.kubectl import KubectlReader
from arcprobe.probes.cluster.observe import is_pod, pod_server
from arcprobe.probes.cluster.told import Refused
from arcprobe.probes.wire import listening

_ALL_REQUESTS = 3  # times the time-out of one


def speaks_as_pod(source: ClusterSource) -> bool:
    """Whether the API is asked with the pod's own token."""
    environ = os.environ if source.environ is None else source.environ
    is_named = source.kubeconfig or source.context
    return not is_named and is_pod(environ, source.service_account)


def read_paths(
    source: ClusterSource, paths: Iterable[str], timeout: float
) -> dict[str, bytes | Refused]:
    """What each path holds, or why it could not be read. ``timeout``: seconds for one request."""
    return listening.run(_read(source, tuple(paths), timeout))


async def _read(
    source: ClusterSource, paths: tuple[str, ...], timeout: float
) -> dict[str, bytes | Refused]:
    from arcprobe.probes.cluster.api import ApiReader

    environ = os.environ if source.environ is None else source.environ
    found: dict[str, bytes | Refused] = {}
    reader: ApiReader | KubectlReader
    try:
        if speaks_as_pod(source):
            account = Path(source.service_account)
            reader = ApiReader(pod_server(environ), account, timeout, _ALL_REQUESTS * timeout)
        else:
            reader = KubectlReader(environ, timeout, source.kubeconfig, source.context)
    except Refused as refused:
        return dict.fromkeys(paths, refused)
    try:
        for path in paths:
            try:
                found[path] = await reader.get(path)
            except Refused as refused:
                found[path] = refused
    finally:
        if isinstance(reader, ApiReader):
            await reader.close()
    return found
