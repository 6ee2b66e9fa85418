"""The cluster as a source: settings and surroundings in, the noun ``Cluster`` out. Facts only, no
judgement.

One of three readers: a file (or stdin), the API server from inside a pod, ``kubectl`` elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from arcprobe.model import Cluster, ClusterSource, Failure, FailureKind
from arcprobe.model.hushed import hushed
from arcprobe.model.text import host_port, one_line
from arcprobe.probes.cluster.collect import Collected
from arcprobe.probes.cluster.kubectl import KubectlReader
from arcprobe.probes.cluster.objects import decode_services
from arcprobe.probes.cluster.ranges import domain_of
from arcprobe.probes.cluster.reader import read_services, read_surroundings
from arcprobe.probes.cluster.told import Refused, told
from arcprobe.probes.wire import listening
from arcprobe.probes.wire.resolv_conf import RESOLV_CONF, surroundings

_HTTPS_PORT = 443
_DEFAULT = "default"  # the namespace of kubectl without -A, for most people
_PORTS = {"http": 80, "https": _HTTPS_PORT}
_ALL_REQUESTS = 3  # times the time-out of one: Services, and what is read beside them

# With any other failure there is no use in asking the API server anything more.
_STILL_ANSWERS = (FailureKind.FORBIDDEN, FailureKind.TOO_LARGE, FailureKind.HTTP_MALFORMED)


def services_of(body: bytes, where: str) -> Cluster:
    """What ``kubectl get svc -A -o json`` printed; ``where`` it was read. ``ValueError`` with one
    line that names the file, what is wrong and what would be right."""
    collected = Collected(source="file", services=decode_services(body, where))
    _note_missing_api_service(collected)
    _refuse_one_namespace(collected)
    return collected.cluster(0.0, 0.0)


def _refuse_one_namespace(collected: Collected) -> None:
    """No cluster has its Services in one namespace: ``default`` has the API server's, another one
    that of the DNS. With Services of several namespaces nothing is wrong, whatever their names."""
    services = collected.services
    if len(services.namespaces) != 1 or collected.failure is not None:
        return
    (namespace,) = services.namespaces
    if namespace == _DEFAULT or not services.has_api_service:
        words = (
            f"all {services.count} Services are of the namespace {one_line(namespace, 63)}:"
            " -A was left out; give the output of: kubectl get svc -A -o json"
        )
        collected.failure = Failure(kind=FailureKind.PARTIAL, detail=words)


def _note_missing_api_service(collected: Collected) -> None:
    # Every cluster has it (the API server makes it), so its absence says that the list is one
    # namespace's.
    if not collected.services.has_api_service:
        collected.notes.append(told("note.one-namespace"))


async def observe(
    source: ClusterSource,
    *,
    timeout: float = 10.0,
    started: float = 0.0,
    resolv_conf: str = RESOLV_CONF,
) -> Cluster:
    """What the cluster tells of itself, by the API server in a pod, by ``kubectl`` elsewhere, where
    its Services were not given. Never raises.

    ``timeout``: seconds for one request, or one call of ``kubectl``; all requests to the API server
    together have three times as long. ``started``: seconds since the run began, handed through.
    """
    start = time.monotonic()
    environ = os.environ if source.environ is None else source.environ
    if source.services is not None:
        collected = Collected(source=source.services.source)
    else:
        collected = await _from_cluster(source, environ, timeout)
    collected.give(source.service_cidrs, "services", "--service-cidr")
    collected.give(source.pod_cidrs, "pods", "--pod-cidr")
    collected.api_servers += [_server_address(server) for server in source.api_servers]
    if server := pod_server(environ):
        collected.api_servers.append(server)
    search = surroundings(resolv_conf).search
    collected.domain = collected.domain or domain_of(search)
    cluster = collected.cluster(started, time.monotonic() - start)
    return hushed(cluster if source.services is None else _joined(source.services, cluster))


def read(source: ClusterSource, *, timeout: float = 10.0) -> Cluster:
    """``observe``, for callers without an event loop."""
    return listening.run(observe(source, timeout=timeout))


async def _from_cluster(
    source: ClusterSource, environ: Mapping[str, str], timeout: float
) -> Collected:
    is_named = source.kubeconfig or source.context
    if not is_named and is_pod(environ, source.service_account):
        return await _from_api(environ, Path(source.service_account), timeout)
    return await _from_kubectl(source, environ, timeout)


def is_pod(environ: Mapping[str, str], service_account: str) -> bool:
    """Whether the API server is to be asked as a pod. A pod without token and ``kubectl`` counts:
    so it is told what it lacks."""
    if not pod_server(environ):
        return False
    return (
        Path(service_account).is_dir() or shutil.which("kubectl", path=environ.get("PATH")) is None
    )


async def _from_api(environ: Mapping[str, str], account: Path, timeout: float) -> Collected:
    from arcprobe.probes.cluster.api import ApiReader

    collected = Collected(source="api")
    try:
        reader = ApiReader(pod_server(environ), account, timeout, _ALL_REQUESTS * timeout)
    except Refused as refused:
        collected.failure = refused.failure
        return collected
    try:
        await read_services(reader, collected)
        if collected.failure is None or collected.failure.kind in _STILL_ANSWERS:
            await read_surroundings(reader, collected)
    finally:
        await reader.close()
    return collected


async def _from_kubectl(
    source: ClusterSource, environ: Mapping[str, str], timeout: float
) -> Collected:
    collected = Collected(source="kubectl")
    try:
        reader = KubectlReader(environ, timeout, source.kubeconfig, source.context)
    except Refused as refused:
        collected.failure = refused.failure
        return collected
    try:
        printed = await reader.services()
        collected.services = await asyncio.to_thread(decode_services, printed, "kubectl")
        _note_missing_api_service(collected)
    except Refused as refused:
        collected.failure = refused.failure
        if refused.failure.kind not in _STILL_ANSWERS:
            return collected
    except ValueError as error:
        collected.failure = Failure(kind=FailureKind.OTHER, detail=one_line(str(error)))
    try:
        if server := _server_address(await reader.server()):
            collected.api_servers.append(server)
    except Refused as refused:
        collected.notes.append(told("note.server", words=refused.failure.detail))
    await read_surroundings(reader, collected, reader)
    return collected


def pod_server(environ: Mapping[str, str]) -> str:
    """``host:port`` of the API server as Kubernetes tells every pod; empty outside a pod."""
    # a URL with user and password is none, but has been seen
    host = environ.get("KUBERNETES_SERVICE_HOST", "").strip().rpartition("@")[2]
    names = ("KUBERNETES_SERVICE_PORT_HTTPS", "KUBERNETES_SERVICE_PORT")
    ports = [environ[name] for name in names if environ.get(name, "").isdecimal()]
    port = int(ports[0]) if ports else _HTTPS_PORT
    return host_port(host, port) if host else ""


def _server_address(server: str) -> str:
    """``host:port`` of a URL or of what is one already."""
    if "://" not in server:
        return server.strip()
    try:
        parts = urlsplit(server.strip())
        port = parts.port or _PORTS.get(parts.scheme, _HTTPS_PORT)
    except ValueError:
        return ""
    return host_port(parts.hostname or "", port)


def _joined(read_before: Cluster, now: Cluster) -> Cluster:
    """The Services as they were read from the file, with what the settings and the surroundings
    add."""
    given = {known.what for known in now.ranges}
    kept = tuple(
        known for known in read_before.ranges if not (known.inferred and known.what in given)
    )
    return msgspec.structs.replace(
        read_before,
        started=now.started,
        took=now.took,
        ranges=(*kept, *now.ranges),
        api_servers=now.api_servers,
        cluster_domain=now.cluster_domain,
    )
