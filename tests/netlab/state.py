"""What a lab has made on this machine, kept in files, so that the next start removes what a crash
left behind."""

from __future__ import annotations

import contextlib
import datetime
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import msgspec
from msgspec import Struct

from .zone import SHAPE

STATE = Path("/tmp/arcprobe-netlab")


class Process(Struct, frozen=True):
    """A process and when it started (clock ticks since boot), because numbers are used again."""

    pid: int
    started: int


class Record(Struct, kw_only=True):
    """One lab: who owns it and what it has made. Written before the thing is made, so nothing can
    be missed."""

    owner: Process
    prefix: str
    namespaces: list[str]
    processes: list[Process] = msgspec.field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where this lab keeps its files."""
        return STATE / "labs" / self.prefix

    def save(self) -> None:
        """Writes the record whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self.folder / ".record"
        scratch.write_bytes(msgspec.json.encode(self))
        scratch.replace(self.folder / "record.json")


def identify(pid: int) -> Process | None:
    """The process as it runs now (proc(5), field 22 of stat), or None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else Process(pid, int(fields[19]))


def new_prefix() -> str:
    """A prefix that no other lab has: whoever makes its folder owns it."""
    labs = STATE / "labs"
    labs.mkdir(parents=True, exist_ok=True)
    while True:
        prefix = f"nl{secrets.token_hex(2)}"
        try:
            (labs / prefix).mkdir()
        except FileExistsError:
            continue
        return prefix


def new_record(prefix: str, namespaces: list[str]) -> Record:
    """A record for a lab of this process."""
    owner = identify(os.getpid())
    if owner is None:
        raise RuntimeError("this process has no entry under /proc")
    record = Record(owner=owner, prefix=prefix, namespaces=namespaces)
    record.save()
    return record


def existing_namespaces() -> set[str]:
    """Names of all network namespaces that iproute2 knows."""
    folder = Path("/run/netns")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def remove(record: Record) -> None:
    """Ends every process of a lab and removes its namespaces and files; safe to call twice."""
    for process in record.processes:
        end(process)
    for namespace in set(record.namespaces) & existing_namespaces():
        # Only processes of this lab can live in a namespace that this lab made.
        listed = subprocess.run(
            ["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False
        )
        for pid in listed.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, check=False)
    for namespace in record.namespaces:
        shutil.rmtree(Path("/etc/netns") / namespace, ignore_errors=True)
    shutil.rmtree(record.folder, ignore_errors=True)
    for memory in Path("/dev/shm").glob(f"*{record.prefix}*.shm"):  # of a Squid, see software.squid
        memory.unlink(missing_ok=True)


def end(process: Process) -> None:
    """Kills a process of ours and its group, when it is still the one that we started."""
    if identify(process.pid) != process:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def sweep() -> tuple[str, ...]:
    """Removes the labs whose owner is gone; returns their prefixes."""
    removed = []
    for path in sorted(STATE.glob("labs/*/record.json")):
        try:
            record = msgspec.json.decode(path.read_bytes(), type=Record)
        except (OSError, msgspec.DecodeError):
            continue
        if identify(record.owner.pid) != record.owner:
            remove(record)
            removed.append(record.prefix)
    return tuple(removed)


def certificates() -> Path:
    """The folder of the lab's certificates, made when there is none of today's."""
    folder = STATE / f"pki-{SHAPE}-{datetime.datetime.now(datetime.UTC):%Y%m%d}"
    if not folder.is_dir():
        STATE.mkdir(mode=0o755, exist_ok=True)
        if not any(STATE.glob("labs/*/record.json")):
            for old in STATE.glob("pki-*"):
                shutil.rmtree(old, ignore_errors=True)
        from . import pki

        scratch = folder.with_name(f"making-{os.getpid()}")
        pki.make(scratch)
        try:
            scratch.rename(folder)
        except OSError:
            # Another lab was faster: one set for all.
            shutil.rmtree(scratch)
    return folder
