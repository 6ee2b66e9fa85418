"""What a run costs: ``python -m tests.bench``. No test: figures to compare with what is asked for,
on a machine that is quiet.

Start-up as a ratio to ``python -c pass`` (at most 6), CPU seconds and peak memory of ``demo clean``
(at most 1.5 and 120 MiB), and how long a route that swallows everything takes, as a ratio to
--timeout (one, and two seconds for each layer that is still reached: the name and the connection).
What a format and a language add to a run, in ms of CPU with its imports (at most 150).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import NamedTuple

import click

from arcprobe.knowledge.language import LANGUAGES
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from arcprobe.pipeline import preflight
from arcprobe.report import RENDERERS
from tests.support.rehearsed import config_in
from tests.support.silent import SilentPeer

RUNS = 5
TIMEOUT = 10.0  # the default


class Cost(NamedTuple):
    """Of one process: seconds on the clock, seconds of CPU, peak resident memory in MiB."""

    seconds: float
    cpu: float
    memory: float


def cost_of(*arguments: str) -> Cost:
    """What one interpreter with these arguments costs. Linux counts memory in KiB (getrusage(2)),
    macOS in bytes."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Cost(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def median_of(*arguments: str) -> Cost:
    """The median of ``RUNS``, each figure by itself, after one run that fills the caches."""
    cost_of(*arguments)
    costs = [cost_of(*arguments) for _ in range(RUNS)]
    return Cost(*(median(figures) for figures in zip(*costs, strict=True)))


def swallowed(script: NetworkScript, *, through: str) -> float:
    """Seconds that a check takes where every connection, or every connection to the proxy, is taken
    and never answered."""
    with SilentPeer() as peer, Rehearsal(script) as network:
        network.dial_map = dict.fromkeys(network.dial_map, ("127.0.0.1", peer.port))
        config = config_in(network, timeout=str(TIMEOUT))
        begun = time.monotonic()
        report = preflight(config)
        seconds = time.monotonic() - begun
        causes = ", ".join(cause.code for cause in report.causes)
        click.echo(f"  {through}: {peer.taken} connections, causes {causes}")
    return seconds


_RENDERING = """
import sys, time
from arcprobe.knowledge.language import language
from arcprobe.pipeline import spoken
from tests.support.golden import played
report = played("everything")
begun = time.process_time()
words = language(sys.argv[2])
from arcprobe.report import renderer
renderer(sys.argv[1])(spoken(report, words), language=words)
print(1000 * (time.process_time() - begun))
"""


def rendering(form: str, lang: str) -> float:
    """Milliseconds of CPU that a format adds to a process that has judged: the median of ``RUNS``
    fresh ones."""
    command = [sys.executable, "-c", _RENDERING, form, lang]
    told = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(RUNS))
    return median(map(float, told))


def main() -> None:
    """Measures, and prints one figure a line."""
    for lang in LANGUAGES:
        costs = (f"{form} {rendering(form, lang):.0f}" for form in RENDERERS)
        click.echo(f"rendering `demo everything`, {lang}, ms of CPU: {', '.join(costs)}")
    nothing = median_of("-c", "pass")
    version = median_of("-m", "arcprobe", "--version")
    click.echo(
        f"--version: {version.seconds / nothing.seconds:.1f} times `python -c pass` "
        f"({version.cpu / nothing.cpu:.1f} in CPU)"
    )
    clean = median_of("-m", "arcprobe", "demo", "clean")
    click.echo(f"demo clean: {clean.cpu:.2f} s CPU, {clean.seconds:.2f} s, {clean.memory:.0f} MiB")
    for script, through in (
        (NetworkScript(proxy=None), "direct"),
        (NetworkScript(proxy=ProxyPolicy()), "proxy"),
    ):
        seconds = swallowed(script, through=through)
        click.echo(
            f"a route that swallows everything, {through}: {seconds:.1f} s, "
            f"{seconds / TIMEOUT:.2f} of --timeout {TIMEOUT:g}"
        )


if __name__ == "__main__":
    main()
