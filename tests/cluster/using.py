"""What the tests of this folder share: runs, namespaces, what is left of arcprobe."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.cluster.cluster import Cluster
from tests.cluster.hosts import CONTROL, ROOT, SECONDS
from tests.cluster.network import SILENT
from tests.support import images

REGION = ("--region", "westeurope")
NOWHERE = (*REGION, "--timeout", "2", "--image", images.IMAGE, "--pull-policy", "Never")
"""Settings of a cluster without a way out."""
WAITING = (*NOWHERE, "--proxy-https", f"http://jane:geheim@{SILENT}", "--deadline", "290")
"""Of a run that waits for an answer, for so long as the --timeout that is given."""
_OURS = "namespaces,clusterroles,clusterrolebindings,daemonsets,jobs,cronjobs,configmaps,secrets"
_LABEL = ("-l", "app.kubernetes.io/name=arcprobe")

Done = subprocess.CompletedProcess[str]


def content(done: Done) -> dict[str, Any]:
    """The JSON that a command printed."""
    assert done.stdout, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


@contextlib.contextmanager
def namespace(cluster: Cluster, name: str) -> Iterator[str]:
    """A namespace of somebody else's; its end is not waited for."""
    cluster.kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def _alive(cluster: Cluster, kinds: str) -> list[dict[str, Any]]:
    """Objects of arcprobe that nobody has deleted, themselves or with their namespace."""
    spaces = cluster.get("namespaces")["items"]
    ending = {item["metadata"]["name"] for item in spaces if _is_ending(item)}
    return [
        item
        for item in cluster.get(kinds, "-A", *_LABEL)["items"]
        if not _is_ending(item) and item["metadata"].get("namespace") not in ending
    ]


def _is_ending(item: dict[str, Any]) -> bool:
    return "deletionTimestamp" in item["metadata"]


def staying(cluster: Cluster) -> list[str]:
    """Objects of arcprobe that nobody has deleted: ``Kind/name``."""
    return [f"{item['kind']}/{item['metadata']['name']}" for item in _alive(cluster, _OURS)]


def running_pods(cluster: Cluster) -> int:
    """How many pods of arcprobe run that nobody has deleted."""
    return sum(pod["status"]["phase"] == "Running" for pod in _alive(cluster, "pods"))


def has_pods(cluster: Cluster) -> bool:
    """Whether a pod of arcprobe runs that nobody has deleted."""
    return running_pods(cluster) > 0


def all_at_once(cluster: Cluster, runs: Mapping[str, Sequence[str]]) -> dict[str, Done]:
    """Several ``arcprobe run`` side by side, by name."""
    with ThreadPoolExecutor() as pool:
        done = pool.map(lambda given: cluster.arcprobe("run", *given), runs.values())
        return dict(zip(runs, done, strict=True))


def begun(cluster: Cluster, *given: str) -> subprocess.Popen[str]:
    """``arcprobe run``, not waited for."""
    return subprocess.Popen(
        [*cluster.entering(CONTROL), sys.executable, "-m", "arcprobe", "run", *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=cluster.environment(),
        start_new_session=True,
    )


def printed_command(text: str, word: str) -> str:
    """A command of the head of a manifest, without what explains it."""
    match = re.search(rf"^# {word}: +(.*?)(   \(.*)?$", text, re.MULTILINE)
    assert match is not None, text[:1000]
    return match[1]


def assert_only_reads(audited: list[dict[str, Any]]) -> None:
    """The pods asked the API server for reading alone, and were refused nothing."""
    pattern = r"system:serviceaccount:[^:]*:arcprobe"
    own = [entry for entry in audited if re.match(pattern, entry["user"]["username"])]
    assert own
    assert {entry["verb"] for entry in own} <= {"get", "list"}
    codes = {entry["responseStatus"]["code"] for entry in own}
    assert codes <= {200, 404}, [entry["requestURI"] for entry in own]


def with_server_away(cluster: Cluster, seconds: float, timeout: int) -> tuple[int, str, str]:
    """A run on all nodes, during which the API server is away for so many seconds while the pods
    wait for ``timeout``: exit code, stdout, stderr."""
    with begun(cluster, *WAITING, "--nodes", "all", "--timeout", str(timeout)) as process:
        cluster.wait_for("pods", lambda: has_pods(cluster))
        cluster.stop("apiserver")
        time.sleep(seconds)
        cluster.start_api_server()
        out, words = process.communicate(timeout=SECONDS)
    return process.returncode, out, words
