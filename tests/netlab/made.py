"""Building the network of a scenario."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from . import servers, state
from .name_servers import internet_dns
from .scenario import Scenario
from .software import origins
from .topology import Topology, topology


class Built(Struct, frozen=True, kw_only=True):
    """A network that stands: where it is, where the certificates and the files of the run are, and
    the servers of the scenario."""

    topology: Topology
    pki: Path
    folder: Path
    running: tuple[servers.Running, ...] = ()

    def fill(self, text: str) -> str:
        """Replaces the placeholders of a scenario's settings."""
        return text.replace("@PKI@", str(self.pki)).replace("@FOLDER@", str(self.folder))


@contextlib.contextmanager
def built(scenario: Scenario) -> Iterator[Built]:
    """The scenario's network, with every server accepting; gone afterwards."""
    pki = state.certificates()
    started: list[servers.Running] = []
    try:
        with topology() as network:
            network.resolver_file("node", scenario.resolv_conf)
            if scenario.hosts:
                network.file_in_etc("node", "hosts", f"127.0.0.1 localhost\n{scenario.hosts}")
            if scenario.proxy_resolv_conf:
                network.resolver_file("proxy", scenario.proxy_resolv_conf)
            for command in scenario.commands:
                network.command(command.host, *command.words)
            names = internet_dns(ipv6=scenario.ipv6, extra=scenario.zone)
            for server in (names, origins(), *scenario.servers):
                started.append(servers.start(network, pki, server))
            for running in started:
                servers.wait_until_ready(running)
            for rules in scenario.filters:
                network.filter(rules.host, rules.hook, list(rules.rules), rules.kind)
            folder = network.folder / "run"
            folder.mkdir()
            made = Built(topology=network, pki=pki, folder=folder, running=tuple(started[2:]))
            for name, text in scenario.files:
                (folder / name).write_text(made.fill(text))
            yield made
    finally:
        # The network's end has killed them; this only collects what is left of them.
        for running in started:
            running.process.wait(timeout=10)
