"""What a cluster has made on this machine, kept in a file, so that the next start removes what a
crash left behind, and another process can use a cluster that runs."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.netlab.state import Process, end, existing_namespaces, identify

STATE = Path("/tmp/arcprobe-cluster")
GROUPS = Path("/sys/fs/cgroup")

# What a kubelet sets for the whole machine (cm/container_manager_linux.go, setupKernelTunables).
_TUNABLES = """vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes""".split()


class Record(Struct, kw_only=True):
    """One cluster: who owns it, what it is made of, and what it has made; written before the thing
    is made. ``binaries``: folder of Kubernetes' programs; ``archives``: images of every node;
    ``plugins``: further admission plugins of the API server; ``log_size``: of a container, before a
    kubelet rotates it; ``least_memory``: free on a node, with less its pods are evicted (a kubelet
    does not start where this is more than the machine has)."""

    owner: Process
    prefix: str
    nodes: list[str]
    binaries: str
    archives: list[str]
    plugins: list[str] = msgspec.field(default_factory=list)
    log_size: str = "10Mi"
    least_memory: str = "100Mi"
    processes: dict[str, Process] = msgspec.field(default_factory=dict)
    tunables: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """Where the cluster keeps its files."""
        return STATE / self.prefix

    @property
    def namespaces(self) -> list[str]:
        """Network namespaces: of the control plane and of each node."""
        return [self.name("cp"), *(self.name(node) for node in self.nodes)]

    @property
    def is_running(self) -> bool:
        """Whether its owner still is."""
        return identify(self.owner.pid) == self.owner

    @property
    def is_left(self) -> bool:
        """Whether it was left running by ``up``: then it goes with its own etcd."""
        return self.is_running and self.owner in self.processes.values()

    def name(self, host: str) -> str:
        """The network namespace of a host; also the node's part of every cgroup hierarchy."""
        return f"{self.prefix}-{host}"

    def save(self) -> None:
        """Writes the record whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self.folder / ".record"
        scratch.write_bytes(msgspec.json.encode(self))
        scratch.replace(self.folder / "record.json")


def new(nodes: int, binaries: Path, archives: Sequence[Path]) -> Record:
    """A record for a cluster of this process, which has made nothing yet."""
    owner = identify(os.getpid())
    assert owner is not None
    record = Record(
        owner=owner,
        prefix=f"ac{secrets.token_hex(2)}",
        nodes=[f"n{number}" for number in range(1, nodes + 1)],
        binaries=str(binaries),
        archives=list(map(str, archives)),
        tunables={name: (Path("/proc/sys") / name).read_text().strip() for name in _TUNABLES},
    )
    _hold_in_memory(record.folder)
    record.save()
    return record


def _hold_in_memory(folder: Path) -> None:
    """Images, logs and the API server's store are many files that nobody needs later: on a disk to
    remove them takes a minute."""
    folder.mkdir(parents=True)
    mount = ("mount", "-t", "tmpfs", "-o", "mode=0755", "arcprobe-cluster", str(folder))
    subprocess.run(mount, capture_output=True, check=True)


def groups(record: Record, node: str) -> Iterator[Path]:
    """A node's own part of every cgroup hierarchy, version 2's among them."""
    for hierarchy in [GROUPS] if is_unified() else GROUPS.iterdir():
        if hierarchy.is_dir() and not hierarchy.is_symlink():
            yield hierarchy / record.name(node)


def is_unified() -> bool:
    """Whether this machine has cgroups of version 2 alone."""
    return (GROUPS / "cgroup.controllers").is_file()


def remove(record: Record) -> None:
    """Ends every process of a cluster and removes its namespaces, cgroups and files; safe to call
    twice."""
    for process in record.processes.values():
        end(process)
    for namespace in set(record.namespaces) & existing_namespaces():
        # Only processes of this cluster can live in a namespace that it made.
        listed = subprocess.run(
            ["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False
        )
        _kill(map(int, listed.stdout.split()))
    for node in record.nodes:
        for group in groups(record, node):
            _remove_group(group)
    for namespace in set(record.namespaces) & existing_namespaces():
        subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, check=False)
    for name, text in record.tunables.items():
        (Path("/proc/sys") / name).write_text(text)
    subprocess.run(["umount", "-l", str(record.folder)], capture_output=True, check=False)
    shutil.rmtree(record.folder, ignore_errors=True)


def _kill(pids: Iterator[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _remove_group(group: Path) -> None:
    """Kills what is left of a node's pods, then removes their cgroups, innermost first."""
    for _ in range(100):  # the kernel may still be taking a process out of its group
        if not group.is_dir():
            return
        for procs in group.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                _kill(map(int, procs.read_text().split()))
        for path, _names, _files in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(path).rmdir()
        time.sleep(0.05)


def known() -> Iterator[Record]:
    """All clusters that this machine has."""
    for path in sorted(STATE.glob("*/record.json")):
        with contextlib.suppress(OSError, msgspec.DecodeError):
            yield msgspec.json.decode(path.read_bytes(), type=Record)


def sweep() -> tuple[str, ...]:
    """Removes the clusters whose owner is gone; returns their prefixes."""
    gone = [record for record in known() if not record.is_running]
    for record in gone:
        remove(record)
    return tuple(record.prefix for record in gone)
