"""``arcprobe watch`` for many rounds: ``python -m tests.bench.rounds [COUNT]`` prints what the
process holds on the way; 10,000 rounds, without a pause, against a proxy on loopback that denies.
"""

from __future__ import annotations

import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

import click

from arcprobe.commands import again
from arcprobe.pipeline import preflight
from arcprobe.settings.load import load

COUNT = 10_000
_TOLD = 20  # lines
_WARM = 100  # rounds until all is loaded, and kept what is kept once
_PAGE = os.sysconf("SC_PAGE_SIZE") / (1024 * 1024)


class Held(NamedTuple):
    """After a round: MiB of resident memory, open descriptors, threads."""

    memory: float
    descriptors: int
    threads: int


class Denying(socketserver.StreamRequestHandler):
    """A proxy that opens no tunnel."""

    timeout = 5

    def handle(self) -> None:
        """One CONNECT."""
        while self.rfile.readline(1000).strip():
            pass
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def held() -> Held:
    """What this process holds now. Linux only."""
    with open("/proc/self/statm", encoding="ascii") as file:
        resident = int(file.read().split()[1]) * _PAGE
    return Held(resident, len(os.listdir("/proc/self/fd")), threading.active_count())


def rounds(count: int) -> Iterator[Held]:
    """So many rounds of one check, as ``watch`` makes them; what is held after each."""
    with socketserver.TCPServer(("127.0.0.1", 0), Denying) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        config = load(
            {
                "region": "westeurope",
                "endpoint": ["https://a.example/"],
                "proxy-https": f"http://127.0.0.1:{server.server_address[1]}",
                "proxy-skip-range": "localhost",
                "only": ["a.example"],
                "skip": ["dns"],
            },
            {},
        )
        before = None
        reports = again.rounds(lambda: preflight(config), lambda _: False, every=0, times=count)
        for number, report in enumerate(reports, 1):
            again.change(report, before, number)
            before = report
            yield held()
        server.shutdown()


def main() -> int:
    """Makes the rounds; 1 where what is held grew."""
    count = int(sys.argv[1]) if sys.argv[1:] else COUNT
    warm = last = Held(0, 0, 0)
    for number, last in enumerate(rounds(count), 1):
        if number == _WARM:
            warm = last
        if number == _WARM or not number % max(count // _TOLD, 1):
            click.echo(f"{number}: {last.memory:.1f} MiB, {last.descriptors} descriptors")
    grown = last.memory - warm.memory
    click.echo(f"from round {_WARM} to {count}: {grown:+.1f} MiB")
    return int(last.descriptors > warm.descriptors or last.threads > warm.threads or grown > 4)


if __name__ == "__main__":
    sys.exit(main())
