"""Whole processes of arcprobe measured from inside: CPU seconds and peak memory, without what
started them or what they start.

getrusage's peak is no use for that: on Linux a process begins with the peak of the one that it was
made from.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

IS_LINUX = sys.platform == "linux"

_MEASURED = """
import resource, sys
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
peak = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print("measured", peak, used.ru_utime + used.ru_stime, file=sys.stderr)
"""

COMMAND = """
from arcprobe import cli
try:
    code = cli.run(sys.argv[1:])
except SystemExit as ending:
    code = ending.code
print("exit", code, file=sys.stderr)
"""

# `check` in a pod: the service account is where the first argument says, because /var/run/secrets
# is the cluster's to fill.
CHECK_IN_POD = """
import os
from types import SimpleNamespace
from arcprobe.commands.demo import run_check
place = SimpleNamespace(
    environment=dict(os.environ), name_servers=(), dial_map={}, service_account=sys.argv[1]
)
print("exit", run_check(sys.argv[2:], rehearsal=place), file=sys.stderr)
"""


class Cost(NamedTuple):
    """Of one process: what it printed, its exit code, MiB at the peak, seconds of CPU."""

    out: str
    code: int
    memory: float
    cpu: float


def cost(
    code: str, *arguments: str, environ: Mapping[str, str] | None = None, seconds: float = 55
) -> Cost:
    """Runs Python code in a process of its own; it must come to its end."""
    command = [sys.executable, "-c", _MEASURED.format(code=code), *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, **(environ or {})},
    )
    assert done.returncode == 0, done.stderr
    words = {
        line.split()[0]: line.split()[1:]
        for line in done.stderr.splitlines()
        if line.startswith(("exit ", "measured "))
    }
    peak, used = words["measured"]
    return Cost(done.stdout, int(words["exit"][0]), int(peak) / 1024, float(used))
