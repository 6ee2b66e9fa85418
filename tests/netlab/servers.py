"""Starting and stopping the servers of a lab: each in its namespace, in the foreground, awaited,
with its log kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from msgspec import Struct

from . import state
from .topology import LabError, Topology

ROOT = Path(__file__).resolve().parents[2]
# Debian keeps daemons where an ordinary user's PATH does not look.
_PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
_LISTENING = "0A"
_START_LIMIT = 15.0


class Server(Struct, frozen=True, kw_only=True):
    """One process of a scenario, as data.

    `argv`, `prepare` (commands to run first) and the texts of `files` may hold `@FOLDER@` (the
    server's own folder), `@NAME@` (a name of its own), `@PKI@` and `@PYTHON@`. `listens` are the
    ports to wait for, `says` the end of a log line to wait for (BIND listens before it has read its
    zones); `etc` are files that only this host sees under /etc.
    """

    software: str
    host: str
    argv: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()
    etc: tuple[tuple[str, str], ...] = ()
    prepare: tuple[tuple[str, ...], ...] = ()
    listens: tuple[tuple[str, int], ...] = ()
    says: str = ""


def find(software: str) -> str | None:
    """The path of an executable, also of those in the system administrator's folders; mitmdump may
    be named by a variable."""
    if software == "mitmdump" and (named := os.environ.get("ARCPROBE_MITMDUMP")):
        return named
    return shutil.which(software, path=_PATH)


class Running:
    """A started server: with the arguments that it got, and the name of its own."""

    def __init__(
        self,
        server: Server,
        process: subprocess.Popen[bytes],
        log: Path,
        argv: tuple[str, ...] = (),
        name: str = "",
    ) -> None:
        self.server = server
        self.process = process
        self.log = log
        self.argv = argv
        self.name = name


def start(topology: Topology, pki: Path, server: Server) -> Running:
    """Writes the server's files and starts it; does not wait for it, so that several start side by
    side."""
    folder = topology.folder / f"{server.host}-{server.software}-{len(topology.record.processes)}"
    folder.mkdir(parents=True)
    # Several of these programs give up root and must still write here; the keys are worth
    # nothing outside the lab.
    folder.chmod(0o777)

    own_name = "".join(char for char in str(folder) if char.isalnum())[-24:]

    def fill(text: str) -> str:
        return (
            text.replace("@FOLDER@", str(folder))
            .replace("@PKI@", str(pki))
            .replace("@PYTHON@", sys.executable)
            .replace("@NAME@", own_name)
        )

    for name, text in server.files:
        (folder / name).write_text(fill(text))
        # Squid's helpers are programs.
        (folder / name).chmod(0o755)
    for name, text in server.etc:
        topology.file_in_etc(server.host, name, fill(text))
    for words in server.prepare:
        done = subprocess.run(
            [fill(word) for word in words], capture_output=True, text=True, check=False, timeout=20
        )
        if done.returncode:
            raise LabError(f"{words[0]}: {done.stderr.strip()}")
    program, *arguments = (fill(word) for word in server.argv)
    found = find(program)
    if found is None:
        raise LabError(f"{program} is not installed")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["ip", "netns", "exec", topology.name(server.host), found, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
            env={
                "PATH": _PATH,
                "HOME": str(folder),
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
    if identity := state.identify(process.pid):
        topology.record.processes.append(identity)
        topology.record.save()
    return Running(server, process, log, (program, *arguments), own_name)


def wait_until_ready(running: Running) -> None:
    """Returns when every port of the server is open in its namespace (seen in proc(5), no
    connection is made)."""
    give_up = time.monotonic() + _START_LIMIT
    while not _is_ready(running):
        if running.process.poll() is not None or time.monotonic() > give_up:
            raise LabError(
                f"{running.server.software} did not start:\n"
                f"{running.log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.01)


def _is_ready(running: Running) -> bool:
    server = running.server
    if not all(_is_open(running.process.pid, kind, port) for kind, port in server.listens):
        return False
    return not server.says or f" {server.says}\n" in running.log.read_text(errors="replace")


def _is_open(pid: int, kind: str, port: int) -> bool:
    # Until `ip netns exec` has entered the namespace this shows the machine's own sockets; a
    # lab port that is also open there would be a false start, so the namespace is compared
    # with ours first.
    try:
        if Path(f"/proc/{pid}/ns/net").stat().st_ino == Path("/proc/self/ns/net").stat().st_ino:
            return False
        lines = [
            line
            for family in ("", "6")
            for line in Path(f"/proc/{pid}/net/{kind}{family}").read_text().splitlines()
        ]
    except OSError:
        return False
    for line in lines:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and (kind == "udp" or fields[3] == _LISTENING):
            return True
    return False
