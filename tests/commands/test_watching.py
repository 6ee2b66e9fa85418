"""``arcprobe watch``: rounds against real sockets."""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.rounds import rounds
from tests.support.rehearsed import Ended, run


class Turning(socketserver.StreamRequestHandler):
    """A proxy that denies, and from the third connection on is overloaded."""

    timeout = 5
    asked = 0

    def handle(self) -> None:
        """One CONNECT."""
        if not self.rfile.readline(1000):
            return
        while self.rfile.readline(1000).strip():
            pass
        type(self).asked += 1
        status = b"403 Forbidden" if self.asked <= 2 else b"503 Busy"
        self.wfile.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture
def proxy() -> Iterator[int]:
    """Where it listens."""
    Turning.asked = 0
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Turning) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def watched(port: int, *more: str) -> Ended:
    """``watch`` of one endpoint behind the proxy, a second between rounds."""
    return run(
        *("watch", "--region", "westeurope", "--endpoint", "https://a.example/"),
        *("--proxy-https", f"http://127.0.0.1:{port}", "--proxy-skip-range", "localhost"),
        *("--only", "a.example", "--skip", "dns", "--every", "1", "--timeout", "2", *more),
    )


def test_changes_are_events(proxy: int, tmp_path: Path) -> None:
    """The first round and what changes later are told, once each; the metrics are those of the
    last round; the exit code is that of its verdict."""
    file = tmp_path / "arcprobe.prom"
    ended = watched(proxy, "--times", "3", "-o", "json", "--textfile", str(file))
    events = [json.loads(text) for text in ended.out.splitlines()]
    assert (ended.code, ended.err) == (1, "")
    assert events[0]["round"] == 1
    assert events[0]["before"] is None
    assert "proxy-denied" in [cause["code"] for cause in events[0]["appeared"]]
    assert [cause["code"] for cause in events[-1]["gone"]] == ["proxy-denied"]
    assert file.read_text().startswith("# ")
    assert [path.name for path in tmp_path.iterdir()] == ["arcprobe.prom"]


def test_flat(proxy: int) -> None:
    """After ten rounds as many descriptors and threads are open as after two."""

    def kept() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    watched(proxy, "--times", "2")
    before = kept()
    assert watched(proxy, "--times", "4").code == 1
    assert kept() == before


@pytest.mark.skipif(sys.platform != "linux", reason="what is held is read from Linux's /proc")
def test_nothing_grows() -> None:
    """After three hundred rounds as much memory and as many descriptors and threads are held as
    after one hundred; 10,000: python -m tests.bench.rounds."""
    kept = list(rounds(300))
    warm, last = kept[99], kept[-1]
    assert (last.descriptors, last.threads) == (warm.descriptors, warm.threads)
    assert last.memory - warm.memory < 2


def test_stdin_is_read_once() -> None:
    """Services from stdin are there for one round alone: refused."""
    ended = run("watch", "--region", "westeurope", "--services", "-")
    assert (ended.code, ended.out) == (2, "")
    assert "--services" in ended.err
