"""Who runs a packet filter of the lab: its rules are a file, as on a machine that starts with
them."""

from __future__ import annotations

import subprocess

from ..scenario import Scenario
from ..topology import Topology
from .administrator import CureError
from .places import Files

_HEAD = "#!/usr/sbin/nft -f\ntable inet lab\ndelete table inet lab\n"
_HOOKS = ("forward", "output")


class PacketFilter:
    """Of the first host that forwards or sends through rules of the scenario."""

    software = "nftables"

    def __init__(self, topology: Topology, scenario: Scenario) -> None:
        hosts = [rules.host for rules in scenario.filters if rules.hook in _HOOKS]
        if not hosts:
            raise CureError("no rule of this network is about packets that leave")
        self._topology = topology
        self._host = hosts[0]
        self._command: str | None = None

    def files(self) -> Files:
        """The rules as they are loaded."""
        listed = self._topology.command(self._host, "nft", "list", "table", "inet", "lab")
        return {"nftables.conf": _HEAD + listed}

    def write(self, files: Files) -> None:
        """Writes them where the machine keeps them."""
        self._topology.file_in_etc(self._host, "nftables.conf", files["nftables.conf"])

    def apply(self, command: str | None) -> None:
        """Runs the command, on that host."""
        self._command = command
        words = ["ip", "netns", "exec", self._topology.name(self._host), "sh", "-c", command or ""]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)
        if done.returncode:
            raise CureError(f"{command} ended with {done.returncode}: {done.stderr.strip()[-300:]}")

    def undo(self, command: str) -> None:
        """Runs the command that takes rules out again. CureError where some are left."""
        kept = self._command
        # the namespace sees a file of this machine, which sed cannot replace from inside
        there = f"/etc/netns/{self._topology.name(self._host)}/nftables.conf"
        for part in command.replace("d' /etc/nftables.conf", f"d' {there}").split(" && "):
            self.apply(part)
        self._command = kept
        if "arcprobe_" in self._topology.command(self._host, "cat", "/etc/nftables.conf"):
            raise CureError(f"{command} leaves lines behind")

    def apply_again(self) -> None:
        """Applies other rules by the command of last time."""
        self.apply(self._command)
