"""Who runs a server of the lab: writes its files anew, and runs the command that applies them as it
stands in the report, with nothing but the names of the lab's own programs in its way."""

from __future__ import annotations

import re
import shlex
import subprocess

from ..servers import Running, find
from ..topology import Topology
from .places import COMMAND, PORT, Files

_LIMIT = 30.0  # seconds for one command
_ETC = re.compile(r"(?<=d' )/etc/\S+|(?<=begin' )/etc/\S+")  # what is cut, or searched first

# What stands for a program of the administrator's machine: the lab's server has other paths, and no
# systemd. `again` ends the server and starts it anew; all return when it accepts. Squid's
# reconfigure returns before it is done (main.cc: the running Squid gets SIGHUP): the lab waits for
# the line of cache.log that says that it accepts again, as whoever reads the log does.
_SHIMS = {
    "squid": {"squid": "@RECONFIGURED@"},
    "haproxy": {"haproxy": "exec @PROGRAM@ -c -f @FOLDER@/haproxy.cfg", "systemctl": "@AGAIN@"},
    "apache": {
        "apachectl": 'case "$1" in -t) exec @PROGRAM@ -f @FOLDER@/httpd.conf -t;; esac\n'
        'exec @PROGRAM@ -f @FOLDER@/httpd.conf -k "$1"'
    },
    "tinyproxy": {"systemctl": "@AGAIN@"},
    "dante": {
        "sockd": 'exec @PROGRAM@ -f @FOLDER@/danted.conf "$@"',
        "systemctl": "kill -HUP @PID@",
    },
    "nginx": {"nginx": 'exec @PROGRAM@ -c @FOLDER@/nginx.conf -e stderr "$@"'},
    "mitmdump": {},
    "named": {
        "named-checkconf": 'exec /usr/bin/named-checkconf "$@" @FOLDER@/named.conf',
        "rndc": "kill -HUP @PID@; sleep 0.3",
    },
    "unbound": {
        "unbound-checkconf": "exec /usr/sbin/unbound-checkconf @FOLDER@/unbound.conf",
        "unbound-control": "kill -HUP @PID@; sleep 0.3",
    },
    "dnsmasq": {
        "dnsmasq": 'exec @PROGRAM@ --conf-file=@FOLDER@/dnsmasq.conf "$@"',
        "systemctl": "@AGAIN@",
    },
}
# The whole group, as systemd ends a unit: a child of dnsmasq that serves TCP keeps the port.
# Another server of the same host may listen on that port too: they are counted.
_AGAIN = """listening() { ss -Hltn | grep -c ":@PORT@ "; }
before=$(listening)
kill -- -@PID@
until [ "$(listening)" -lt "$before" ]; do sleep 0.05; done
setsid @ARGV@ >>@FOLDER@/log 2>&1 </dev/null &
echo $! >@FOLDER@/again.pid
new=$!
until [ "$(listening)" -ge "$before" ]; do
  kill -0 $new || { tail -3 @FOLDER@/log; exit 1; }
  sleep 0.05
done"""

_RECONFIGURED = """said() { grep -c "Accepting .*HTTP Socket connections" @FOLDER@/cache.log; }
before=$(said)
@PROGRAM@ -n @NAME@ -f @FOLDER@/squid.conf "$@" || exit
case "$*" in *reconfigure*)
  for _ in $(seq 200); do [ "$(said)" -gt "$before" ] && exit 0; sleep 0.05; done; exit 1;;
esac"""


class CureError(Exception):
    """What was pasted cannot be used: its place or its command is wrong."""


class Administrator:
    """Of one server: ``software`` is its name in the lab."""

    def __init__(self, topology: Topology, running: Running) -> None:
        self._topology = topology
        self.software = running.server.software
        self._running = running
        self.folder = running.log.parent
        self._argv = list(running.argv)
        self._command: str | None = None
        self._programs = self.folder / "programs"
        self._programs.mkdir(exist_ok=True)

    def files(self) -> Files:
        """The server's files as they are, and its command line."""
        names = [name for name, _ in self._running.server.files]
        texts = {name: (self.folder / name).read_text() for name in names}
        port = str(self._running.server.listens[0][1])
        return texts | {COMMAND: shlex.join(self._argv), PORT: port}

    def write(self, files: Files) -> None:
        """Writes all of them."""
        for name, text in files.items():
            if name not in (COMMAND, PORT):
                (self.folder / name).write_text(text)
        self._argv = shlex.split(files[COMMAND])

    def apply(self, command: str | None) -> None:
        """Runs the command; without one the server is started anew."""
        self._command = command
        server = self._running.server
        for name, text in _SHIMS[server.software].items():
            self._program(name, text)
        self._program("arcprobe-again", "@AGAIN@")
        words = ["ip", "netns", "exec", self._topology.name(server.host), "sh", "-c"]
        done = subprocess.run(
            [*words, command or "arcprobe-again"],
            env={"PATH": f"{self._programs}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()
            raise CureError(f"{command} ended with {done.returncode}: {' / '.join(said[-3:])}")

    def undo(self, command: str) -> None:
        """Runs the command that takes lines out again: of the lab's files, which are elsewhere.
        CureError where some are left."""
        kept = self._command
        names = [name for name in self.files() if name not in (COMMAND, PORT)]
        here = " ".join(shlex.quote(str(self.folder / name)) for name in names)
        self.apply(_ETC.sub(here, command))
        self._command = kept
        marks = re.findall(r"arcprobe_\w+ begin", command)
        if any(mark in self.files()[name] for mark in marks for name in names):
            raise CureError(f"{command} leaves lines behind")

    def apply_again(self) -> None:
        """Applies other files by the command of last time."""
        self.apply(self._command)

    def _pid(self) -> int:
        """The server as it runs now: it may have been started anew."""
        again = self.folder / "again.pid"
        return int(again.read_text()) if again.is_file() else self._running.process.pid

    def _program(self, name: str, text: str) -> None:
        program = find(self._argv[0]) or self._argv[0]
        port = self._running.server.listens[0][1]
        argv = shlex.join([program, *self._argv[1:]])
        filled = (
            text.replace("@AGAIN@", _AGAIN)
            .replace("@RECONFIGURED@", _RECONFIGURED)
            .replace("@PROGRAM@", program)
            .replace("@NAME@", self._running.name)
            .replace("@FOLDER@", str(self.folder))
            .replace("@PID@", str(self._pid()))
            .replace("@PORT@", str(port))
            .replace("@ARGV@", argv)
        )
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{filled}\n")
        path.chmod(0o755)
