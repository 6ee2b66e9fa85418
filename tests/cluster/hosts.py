"""The hosts of a cluster, which are network namespaces: commands and daemons in them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.cluster.record import Record
from tests.netlab.state import end, identify

ROOT = Path(__file__).parents[2]
CONTROL = "cp"
"""The host of the control plane, through which the nodes reach everything else."""
KUBECONFIG = "pki/admin.conf"
SECONDS = 600
"""Of anything that is waited for, however busy the machine; nothing is asserted of a time."""


class ClusterError(Exception):
    """The cluster itself could not be built: not a finding about arcprobe."""


class Hosts:
    """Runs what a cluster's hosts run, and writes down what it started."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.folder = record.folder
        self.logs = record.folder / "log"
        self._writing = threading.Lock()
        self._children: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        """Of programs that use the cluster: nothing of this process's own settings."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "KUBECONFIG": str(self.folder / KUBECONFIG),
        }

    def entering(self, host: str) -> list[str]:
        """The beginning of a command in a host's network."""
        # not `ip netns exec`: that mounts a new /sys, and the cgroups are gone
        return ["nsenter", f"--net=/run/netns/{self.record.name(host)}"]

    def inside(self, node: str) -> list[str]:
        """The beginning of a command on a node: in its mount and UTS namespace too."""
        holder = self.record.processes[f"{node}-holder"]
        return ["nsenter", "-t", str(holder.pid), "-m", "-n", "-u"]

    def command(
        self, *words: str, text: str | None = None, seconds: float = SECONDS, at: str = CONTROL
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the network of a host."""
        return subprocess.run(
            [*self.entering(at), *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=ROOT,
            env=self.environment(),
        )

    def ip(self, host: str, *lines: str) -> None:
        """Commands of iproute2 in a host's network; they must succeed."""
        command = ["ip", "-n", self.record.name(host), "-batch", "-"]
        text = "\n".join(lines)
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError(f"ip: {done.stderr} in {lines}")

    def daemon(self, name: str, command: Sequence[str]) -> None:
        """Starts what goes on until it is stopped; what it prints goes to its log."""
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self.environment(),
            )
        self._children.append(process)
        if found := identify(process.pid):
            with self._writing:
                self.record.processes[name] = found
                self.record.save()

    def stop(self, name: str) -> None:
        """Kills one daemon: ``apiserver``, ``n1-kubelet`` …"""
        process = self.record.processes.pop(name)
        self.record.save()
        end(process)
        self.wait_for(f"the end of {name}", lambda: identify(process.pid) != process)

    def reap(self) -> None:
        """Takes notice of the ends of what this process started."""
        for process in self._children:
            process.wait(timeout=SECONDS)

    def let_go(self) -> None:
        """Forgets what this process started: it outlives it."""
        for process in self._children:
            process.returncode = process.poll() or 0

    def wait_for(
        self, what: str, is_so: Callable[[], object], seconds: float = SECONDS, pause: float = 0.2
    ) -> None:
        """Waits until it is so, with so many seconds between two looks."""
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                logs = sorted(self.logs.glob("*.log"))
                words = "".join(f"\n{log.name}: {log.read_text()[-600:]}" for log in logs)
                raise ClusterError(f"{what}: not within {seconds:g} s{words}")
            time.sleep(pause)


def succeeds(command: Sequence[str], seconds: float = SECONDS) -> bool:
    """Whether a command ends with 0."""
    done = subprocess.run(command, capture_output=True, check=False, timeout=seconds)
    return done.returncode == 0
