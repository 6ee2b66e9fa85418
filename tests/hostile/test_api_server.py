"""An API server that means harm, or a box in its place: the cluster is read within a bound of
memory and time, and what could not be read is told."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.netlab.servers import ROOT
from tests.support import apiserver
from tests.support.apiserver import BadDay

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")

MOST_MEMORY = 150.0  # MiB
MOST_SECONDS = 30.0  # on a machine that is busy; each needs one or two

_NODES, _SERVICES = "/api/v1/nodes", "/api/v1/services"
_KUBEADM = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"

_READ = """
import json, re, sys, time
from pathlib import Path
from arcprobe.model import ClusterSource
from arcprobe.probes.cluster.observe import read
environ, account = json.loads(sys.argv[1]), sys.argv[2]
begun = time.monotonic()
found = read(ClusterSource(environ=environ, service_account=account), timeout=5.0)
seconds = time.monotonic() - begun
memory = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
failure = found.failure.detail if found.failure else ""
print(json.dumps([memory, seconds, failure, found.service_count, list(found.notes)]))
"""


class Read(NamedTuple):
    """What came of reading the cluster: MiB, seconds, why it failed, Services, notes."""

    memory: float
    seconds: float
    failure: str
    services: int
    notes: list[str]


def _packed(layers: int, size: int = 300 << 20) -> bytes:
    """So many bytes of nothing, packed again and again."""
    data = gzip.compress(bytes(1 << 20), 1) * (size >> 20)  # members of one stream (RFC 1952 2.2)
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


def _services(count: int) -> bytes:
    item = '{"metadata":{"name":"s","namespace":"n"},"spec":{"clusterIP":"10.%d.%d.%d"}}'
    listed = (item % (n >> 16 & 255, n >> 8 & 255, n & 255) for n in range(count))
    return b'{"items":[' + ",".join(listed).encode() + b"]}"


def _ranges(count: int) -> bytes:
    listed = (f'"10.{n >> 8 & 255}.{n & 255}.0/24"' for n in range(count))
    return b'{"items":[{"spec":{"podCIDRs":[' + ",".join(listed).encode() + b"]}}]}"


def _configuration(size: int) -> bytes:
    text = "networking:\n  serviceSubnet: 10.96.0.0/12\n" + "a: [b, c, {d: e}]\n" * (size // 18)
    return json.dumps({"data": {"ClusterConfiguration": text}}).encode()


# What is answered where, and whether the Services are read all the same.
ROWS: dict[str, tuple[str, dict[str, str], bytes, bool]] = {
    "packed": (_SERVICES, {"Content-Encoding": "gzip"}, _packed(1), False),
    "packed twice": (_SERVICES, {"Content-Encoding": "gzip, gzip"}, _packed(2), False),
    "packed three times": (_SERVICES, {"Content-Encoding": "gzip, gzip, gzip"}, _packed(3), False),
    "one huge answer": (_SERVICES, {}, b'{"items":[' + b" " * (60 << 20), False),
    "all Services at once": (_SERVICES, {}, _services(180_000), True),
    "nested": (_SERVICES, {}, b"[" * 1_000_000, False),
    "nodes with many ranges": (_NODES, {}, _ranges(256_000), True),
    "nodes packed": (_NODES, {"Content-Encoding": "deflate, br"}, _packed(1), True),
    "a huge configuration": (_KUBEADM, {}, _configuration(900_000), True),
    "a long header": (_SERVICES, {"X-Long": "x" * 60_000}, b"{}", False),
}


def read(folder: Path, row: str) -> Read:
    """The cluster, read in a process of its own."""
    path, headers, body, _ = ROWS[row]
    with apiserver.running(folder) as api:
        api.bad_days.append(BadDay(path, status=200, headers=headers, body=body))
        environ = json.dumps(dict(api.environ))
        done = subprocess.run(
            [sys.executable, "-c", _READ, environ, str(api.service_account)],
            capture_output=True,
            check=False,
            timeout=MOST_SECONDS + 30,
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        )
    assert done.returncode == 0, done.stderr.decode()
    return Read(*json.loads(done.stdout))


@pytest.mark.parametrize("row", ROWS)
def test_what_is_read_is_bounded(row: str, tmp_path: Path) -> None:
    """Memory and time have a bound, nothing raises, and a list that is none is no list."""
    is_read = ROWS[row][3]
    found = read(tmp_path, row)
    assert found.memory < MOST_MEMORY
    assert found.seconds < MOST_SECONDS
    assert (found.failure == "") is is_read, found
    assert (found.services > 0) is is_read


def test_more_ranges_than_nodes_have_are_left_out(tmp_path: Path) -> None:
    """Of pod ranges as many are kept as ten thousand nodes have, and a note says so."""
    found = read(tmp_path, "nodes with many ranges")
    assert any("256000" in note and "20000" in note for note in found.notes)
