"""What `arcprobe traffic` costs on a large log: ``python -m tests.bench.audit [MIB]``, 1024 MiB
where none is given (at most 60 s on the clock, 150 MiB of memory). The lines are of the formats
that it reads, no two alike, and noise."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from arcprobe.knowledge import catalogue
from tests.bench.cost import cost_of

MIB = 1024
_REGION = "westeurope"
_BEGIN = datetime(2026, 11, 26, tzinfo=UTC)
_PIECE = 4 << 20  # bytes that are written at once
_FORMS = (
    '{{"time":"{when}","level":"info","msg":"tunnel","host":"{host}:443","status":200,"n":{n}}}',
    'time={when} level=info msg="CONNECT established" target={host}:443 bytes={n}',
    '[{when}] "CONNECT {host}:443 HTTP/1.1" 200 - - 0 {n} 31 - "-" "Go-http-client/1.1" "{n}"',
    '10.0.0.7 - - [26/Nov/2026:08:00:00 +0000] "CONNECT {host}:443 HTTP/1.1" 200 {n} "-" "-"',
    "{when} I proxy.go:{n}] CONNECT to {host}:443 failed: dial tcp: i/o timeout",
    "{when} I cache.go:{n}] synced, nothing to do",
)


def lines() -> Iterator[str]:
    """A log without end."""
    chance = random.Random(7)
    rows = catalogue.endpoints("AzureCloud", _REGION, catalogue.FEATURES)
    hosts = [row.host.replace("*", "x1") for row in rows]
    for number, form in enumerate(cycle(_FORMS)):
        when = (_BEGIN + timedelta(milliseconds=7 * number)).isoformat()
        yield form.format(when=when, host=chance.choice(hosts), n=number)


def write(file: Path, mebibytes: int) -> None:
    """Writes a log of that size."""
    source, left = lines(), mebibytes << 20
    with file.open("w", encoding="ascii") as stream:
        while left > 0:
            piece, size = [], 0
            while size < _PIECE:
                piece.append(next(source))
                size += len(piece[-1]) + 1
            stream.write("\n".join((*piece, "")))
            left -= size


def main() -> None:
    """Measures, and prints one line."""
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else MIB
    with TemporaryDirectory() as folder:
        log = Path(folder) / "arc-proxy.log"
        write(log, mebibytes)
        traffic = ("traffic", str(log), "--region", _REGION, "--format", "json")
        cost = cost_of((sys.executable, "-c", _ENDS_WELL, *traffic))
    told = f"{cost.seconds:.0f} s, {cost.cpu:.0f} s of CPU, {cost.memory:.0f} MiB"
    click.echo(f"traffic, a log of {mebibytes} MiB: {told}")


# whatever the log says, and so the exit code
_ENDS_WELL = "import sys; from arcprobe.cli import run; run(sys.argv[1:])"

if __name__ == "__main__":
    main()
