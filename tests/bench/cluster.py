"""What a large cluster costs: ``python -m tests.bench.cluster``. No test: figures, on a machine
that is quiet.

Five thousand reports of real runs through ``report merge`` (under 10 s and 400 MiB); the skip range
against fifty thousand Services from a paged API, in a pod and with the real kubectl (under 3 s of
CPU and 150 MiB each, kubectl's own left out).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.support import apiserver, processes, rehearsed

NODES, SERVICES = 5_000, 50_000
SKIP_RANGE = "10.96.0.0/12,10.244.0.0/16,10.77.1.0/24,.svc,.cluster.local"
SETTINGS = (
    "--region",
    "westeurope",
    "--proxy-https",
    "http://127.0.0.1:9",
    "--proxy-skip-range",
    SKIP_RANGE,
)


def reports(folder: Path) -> list[str]:
    """Five thousand report files: a tenth of the nodes is denied by the proxy, a fiftieth has five
    faults."""
    texts = [rehearsed.recording(scenario).out for scenario in ("clean", "denied", "everything")]
    names = []
    for number in range(NODES):
        text = texts[2 if number % 50 == 0 else 1 if number % 10 == 0 else 0]
        names.append(folder / f"{number:04}.json")
        names[-1].write_text(text.replace('"node": ""', f'"node": "node-{number:04}"', 1))
    return [str(name) for name in names]


def merging(folder: Path) -> str:
    """``report merge`` of them."""
    names = reports(folder)
    size = sum(Path(name).stat().st_size for name in names) >> 20
    begun = time.monotonic()
    found = processes.cost(processes.COMMAND, "report", "merge", *names)
    seconds = time.monotonic() - begun
    lines = len(found.out.splitlines())
    return (
        f"report merge, {NODES} reports, {size} MiB: {seconds:.1f} s, {figures(found)}, "
        f"{lines} lines (asked: 10 s, 400 MiB, one screen)"
    )


def figures(found: processes.Cost) -> str:
    """What a process cost: CPU and peak memory."""
    return f"{found.cpu:.2f} s CPU, {found.memory:.0f} MiB"


def in_pod(api: apiserver.ApiServer) -> str:
    """``check --only skip-range`` in a pod."""
    arguments = ("--only", "skip-range", "--format", "json", *SETTINGS)
    found = processes.cost(
        processes.CHECK_IN_POD, api.service_account, *arguments, environ=api.environ, seconds=120
    )
    verdict = json.loads(found.out)["verdict"]
    return f"check --only skip-range in a pod: {verdict}, {figures(found)} (asked: 3 s, 150 MiB)"


def with_kubectl(api: apiserver.ApiServer) -> str:
    """``skip-range check`` on a laptop."""
    arguments = (
        "skip-range",
        "check",
        "--kubeconfig",
        api.kubeconfig,
        "--timeout",
        "40",
        *SETTINGS,
    )
    found = processes.cost(processes.COMMAND, *arguments, seconds=120)
    first = found.out.splitlines()[0]
    return f"skip-range check with kubectl: {first}; {figures(found)} (asked: 3 s, 150 MiB)"


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(merging(Path(folder)) + "\n")
    with tempfile.TemporaryDirectory() as folder, apiserver.running(Path(folder)) as api:
        api.add_services(SERVICES)
        sys.stdout.write(in_pod(api) + "\n")
        if shutil.which("kubectl"):
            sys.stdout.write(with_kubectl(api) + "\n")


if __name__ == "__main__":
    main()
