"""What arcprobe costs: ``python -m tests.bench [ROUNDS]``, as root. No test: figures to compare
with what is asked for, on a machine that is quiet; ratios of one run say more than seconds.

Start-up in ``python -c pass`` (--version and --help 3, check --help and explain 4, report show 6 at
most); what formats and languages add (tests.bench.rendering); long lists, silences, and a check
beside other clients (tests.bench.beside).
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.bench import beside, rendering
from tests.bench.cost import cost_of, median_cost
from tests.bench.network import install
from tests.netlab.servers import ROOT

_ROUNDS = 9
_RECORDING = ROOT / "fixtures" / "clean" / "recording.json"
_STARTS = (
    (("--version",), 3),
    (("--help",), 3),
    (("check", "--help"), 4),
    (("explain", "tls-silent"), 4),
    (("report", "show", str(_RECORDING)), 6),
)


def start_up(folder: Path, rounds: int) -> None:
    """What commands cost that ask no network, in CPU."""
    environ = {"PYTHONPATH": str(install(folder)), "LANG": "C.UTF-8"}
    commands = [(sys.executable, "-c", "pass")]
    commands += [(sys.executable, "-m", "arcprobe", *words) for words, _ in _STARTS]
    costs = [[cost_of(command, environ, folder) for command in commands] for _ in range(rounds)]
    least, *medians = (median_cost(seen[1:]).cpu for seen in zip(*costs, strict=True))
    for (words, most), cpu in zip(_STARTS, medians, strict=True):
        name = " ".join(words).replace(str(_RECORDING), "FILE")
        click.echo(f"{name}: {cpu / least:.1f} times `python -c pass` (at most {most})")


def main() -> None:
    """Measures, and prints one figure a line."""
    with TemporaryDirectory() as folder:
        start_up(Path(folder), _ROUNDS)
    rendering.main()
    beside.main()


if __name__ == "__main__":
    main()
