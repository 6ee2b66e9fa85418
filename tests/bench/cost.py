"""What a command costs. ``python -m tests.bench.cost FILE COMMAND…`` writes it to FILE, from a
process that is small: on Linux the peak of a child begins at the size of who started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024  # of ru_maxrss (getrusage(2))


class Cost(NamedTuple):
    """Of one process: seconds on the clock, seconds of CPU, peak resident memory in MiB."""

    seconds: float
    cpu: float
    memory: float


def cost_of(
    command: Iterable[str],
    environ: Mapping[str, str] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Cost:
    """What one run of ``command`` in ``folder`` costs; what it prints is dropped."""
    with tempfile.NamedTemporaryFile() as file:
        measured = [sys.executable, "-S", __file__, file.name, *command]
        nowhere = subprocess.DEVNULL
        subprocess.run(
            measured,
            check=True,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            env=environ,
            cwd=folder,
        )
        return Cost(*json.load(file))


def median_cost(costs: Iterable[Cost]) -> Cost:
    """The median, each figure by itself."""
    return Cost(*(median(figures) for figures in zip(*costs, strict=True)))


def main() -> None:
    """Runs the command, and writes what it cost."""
    where, *command = sys.argv[1:]
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    _, _, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    with open(where, "w", encoding="utf-8") as file:
        json.dump((seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / _UNIT), file)


if __name__ == "__main__":
    main()
