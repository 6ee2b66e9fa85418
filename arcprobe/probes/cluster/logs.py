"""The logs of pods as a stream of bytes: by the API in a pod, by kubectl elsewhere. The memory does
not grow with the log, and every wait has a limit.

kubectl is asked for the API's path: `kubectl logs` would ask for the pod as well, which is a
further right (get pods).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec

from arcprobe.model import ClusterSource, FailureKind
from arcprobe.model.text import one_line
from arcprobe.probes.cluster.access import read_paths, speaks_as_pod
from arcprobe.probes.cluster.api import account_of
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError, last_words, refusal
from arcprobe.probes.cluster.observe import pod_server
from arcprobe.probes.cluster.told import Refused, told
from arcprobe.probes.http_client import closed_after

_CHUNK = 1 << 20
_ERROR_KEPT = 8_192  # bytes of what kubectl complains
_SECONDS_TO_END = 5.0  # for kubectl, when its output has ended
_LONGEST = 600.0  # seconds for one log: a gigabyte at 2 MB/s


class _Named(msgspec.Struct):
    name: str = ""


class _Spec(msgspec.Struct):
    containers: list[_Named] = []


class _Pod(msgspec.Struct):
    metadata: _Named = msgspec.field(default_factory=_Named)
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _Pods(msgspec.Struct):
    items: list[_Pod] = []


class Log(NamedTuple):
    """The log of one container; of an empty name: of the only one of its pod."""

    pod: str
    container: str = ""


def logs(source: ClusterSource, namespace: str, begin: str, timeout: float) -> tuple[Log, ...]:
    """The logs of the pods of a namespace whose names begin so: of the containers that are named
    so too, of all where none is. Raises ``Refused``."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    body = read_paths(source, (path,), timeout)[path]
    if isinstance(body, Refused):
        raise body
    try:
        found = msgspec.json.decode(body, type=_Pods)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        words = one_line(str(error), 120)
        detail = told("log.pods", namespace=namespace, words=words)
        raise Refused(FailureKind.HTTP_MALFORMED, detail) from None
    named = [pod for pod in found.items if pod.metadata.name.startswith(begin)]
    return tuple(sorted(chain.from_iterable(_of_pod(pod, begin) for pod in named)))


def _of_pod(pod: _Pod, begin: str) -> Iterator[Log]:
    """Agents of Arc have a container beside them that ships logs, with hosts of its own."""
    every = [each.name for each in pod.spec.containers]
    own = [name for name in every if name.startswith(begin.rstrip("-"))]
    for name in own or every or [""]:
        yield Log(pod.metadata.name, name)


def stream(source: ClusterSource, namespace: str, log: Log, timeout: float) -> Iterator[bytes]:
    """What a container has logged until now, each line with its time before it. ``timeout``:
    seconds without a byte. Raises ``Refused``."""
    named = {"container": log.container} if log.container else {}
    query = urlencode({**named, "timestamps": "true"})
    path = f"/api/v1/namespaces/{namespace}/pods/{log.pod}/log?{query}"
    if speaks_as_pod(source):
        return _from_api(source, path, timeout)
    return _from_kubectl(source, path)


def _from_api(source: ClusterSource, path: str, timeout: float) -> Iterator[bytes]:
    environ = os.environ if source.environ is None else source.environ
    token, context = account_of(Path(source.service_account))
    url = f"https://{pod_server(environ)}{path}"
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "arcprobe"}
    try:
        with (
            httpx.Client(verify=context, timeout=timeout, trust_env=False) as client,
            closed_after(client, _LONGEST),
            client.stream("GET", url, headers=headers) as answer,
        ):
            if answer.status_code != 200:
                begun = next(answer.iter_bytes(_ERROR_KEPT), b"")
                words = one_line(begun.decode("utf-8", "replace"), 200)
                detail = told("status", status=answer.status_code, path=path, words=words)
                raise Refused(FailureKind.OTHER, detail, answer.status_code)
            yield from answer.iter_bytes(_CHUNK)
    except httpx.TimeoutException:
        raise Refused(FailureKind.TIMED_OUT, told("log.silent", seconds=timeout)) from None
    except TimeoutError as error:
        raise Refused(FailureKind.TIMED_OUT, told("log.broken-off", words=str(error))) from None
    except httpx.HTTPError as error:
        words = one_line(str(error), 120)
        raise Refused(FailureKind.CLOSED, told("log.broken-off", words=words)) from None


def _from_kubectl(source: ClusterSource, path: str) -> Iterator[bytes]:
    environ = os.environ if source.environ is None else source.environ
    try:
        kubectl = Kubectl(environ, source.kubeconfig, source.context)
    except KubectlError as error:
        raise Refused(error.kind, str(error)) from None
    argv = kubectl.argv("get", "--raw", path)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=kubectl.environ,
        )
        guard = threading.Timer(_LONGEST, process.kill)
        guard.start()
        try:
            assert process.stdout is not None
            while chunk := process.stdout.read(_CHUNK):
                yield chunk
            code = process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            code = 0  # the log has ended; what else kubectl waits for is nobody's concern
        finally:
            guard.cancel()
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if code:
            errors.seek(0)
            raise refusal(last_words(errors.read(_ERROR_KEPT).decode("utf-8", "replace")))
