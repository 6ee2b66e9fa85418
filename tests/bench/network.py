"""The lab's network in which arcprobe and others are measured: a Squid that resolves, a node whose
name server knows the proxy alone, and, once it is asked for, a line that takes its time."""

from __future__ import annotations

import compileall
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from arcprobe import build
from tests.bench import answering, delay
from tests.bench.cost import Cost, cost_of
from tests.netlab import run, servers
from tests.netlab.made import Built, built
from tests.netlab.scenarios import by_name
from tests.netlab.servers import Server

SCENARIO = "proxy-name-resolves"
PROXY = "proxy.corp.lab:3128"
NAME_SERVER = "resolver"  # the host in the lab
_PEER = "10.77.3.2"
_MANNERS = {"answers": 4001, "tunnels": 4002, "takes": 4003, "drops": 4004}


class Network(NamedTuple):
    """A network that stands. ``roots``: the public roots of the lab."""

    made: Built
    folder: Path

    @property
    def roots(self) -> str:
        """The PEM file of the roots that signed for the endpoints."""
        return str(self.made.pki / "public-roots.pem")

    def command(self, words: Iterable[str]) -> list[str]:
        """``words`` as a command at the node."""
        return ["ip", "netns", "exec", self.made.topology.name("node"), *words]

    @property
    def environ(self) -> dict[str, str]:
        """Of commands at the node: arcprobe is the installed one."""
        usual = run.environment(by_name(SCENARIO), self.made)
        return {**usual, "PYTHONPATH": f"{self.folder / 'installed'}:{servers.ROOT}"}

    def cost(self, words: Iterable[str]) -> Cost:
        """What a command costs at the node."""
        return cost_of(self.command(words), self.environ, self.folder)

    def check(self, form: str = "text") -> list[str]:
        """The words of a whole check of this network."""
        words = run.check_command(by_name(SCENARIO), self.made, form)[4:]
        at = words.index("--timeout")
        return [*words[:at], *words[at + 2 :]]

    def check_many(self, count: int, manner: str, proxy: str = _PEER) -> list[str]:
        """The words of a check of ``count`` endpoints behind the peer of this manner, which is
        called ``proxy``."""
        names = (f"  - https://n{number}.{answering.DOMAIN}" for number in range(count))
        listed = self.folder / f"{count}.yaml"
        listed.write_text("\n".join(("endpoint:", *names, "")))
        url = f"http://{proxy}:{_MANNERS[manner]}"
        words = ("--region", "westeurope", "--config", str(listed), "--proxy-https", url)
        roots = ("--public-roots", str(self.folder / "root.pem"))
        return [
            *(sys.executable, "-m", "arcprobe", "check", *words, *roots),
            *("--only", f"*.{answering.DOMAIN}", "--skip", "skip-range"),
        ]

    def report(self, words: Iterable[str]) -> dict[str, Any]:
        """The JSON report of a check."""
        done = subprocess.run(
            [*self.command(words), "--format", "json"],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=self.environ,
            cwd=self.folder,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def silence(self, host: str, *rules: str) -> None:
        """From now on this host drops what the rules of nftables name, and answers nothing."""
        self.made.topology.filter(host, "input", [f"{rule} drop" for rule in rules])

    def slow_down(self, seconds: float) -> None:
        """From now on every packet of the node takes so long, each way."""
        router = self.made.topology.name("router")
        line = Server(
            software="delay line",
            host="node",
            argv=("@PYTHON@", "-m", "tests.bench.delay", router, str(seconds)),
            says=delay.READY,
        )
        self.start(line)

    def start(self, server: Server) -> int:
        """Starts a server in this network, and waits for it; its process id."""
        running = servers.start(self.made.topology, self.made.pki, server)
        servers.wait_until_ready(running)
        return running.process.pid


def install(folder: Path) -> Path:
    """The package as pip leaves it, tables and modules compiled, in a folder of its own, which is
    the answer."""
    package = folder / "installed" / "arcprobe"
    shutil.copytree(servers.ROOT / "arcprobe", package)
    build.compile_tables(package / "knowledge")
    compileall.compile_dir(package, quiet=1)
    return package.parent


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """The network, with a peer of each manner beside the proxy; gone afterwards."""
    with built(by_name(SCENARIO)) as made:
        here = Network(made, made.folder)
        answering.make(made.folder)
        install(made.folder)
        for manner, port in _MANNERS.items():
            words = (_PEER, str(port), manner, str(made.folder / "leaf.pem"))
            here.start(
                Server(
                    software=f"peer-{manner}",
                    host="proxy",
                    argv=("@PYTHON@", "-m", "tests.bench.answering", *words),
                    listens=(("tcp", port),),
                )
            )
        yield here
