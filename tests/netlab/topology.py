"""Hosts in network namespaces: a router in the middle, one wire to each host, nothing that leads
out of the lab."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import state
from .zone import BLOCK_PAGE, INTERNET_DNS, internet_addresses

# host -> number of its network: 10.77.N.0/24 and fd00:77:0:N::/64, router .1, host .2, further
# addresses as listed
NETWORKS = {"node": 1, "resolver": 2, "proxy": 3, "proxy2": 4, "apiserver": 5, "internet": 9}
FURTHER = {"resolver": ("10.77.2.3", "10.77.2.4"), "node": (), "apiserver": ("10.77.5.80",)}
_INTERNET_4 = ("203.0.113.0/24", "198.51.100.0/24")
_INTERNET_6 = "2001:db8::/32"
# Many probes at once must each get their ICMP error, as they would over the minutes of an
# ordinary client's life.
_TALKATIVE = ("net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0")
_EDGE = {
    "no-route": 'oifname "nowhere" reject with icmpx no-route',
    "host-unreachable": 'oifname "nowhere" reject with icmpx host-unreachable',
}


class LabError(Exception):
    """The lab itself could not be built: not a finding about arcprobe."""


def _batch(lines: list[str], namespace: str | None = None) -> None:
    command = ["ip", *(["-n", namespace] if namespace else []), "-batch", "-"]
    done = subprocess.run(
        command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LabError(f"ip refused: {done.stderr.strip()} in: {lines}")


class Topology:
    """The namespaces of one lab. Names carry a random prefix, so that labs run side by side."""

    def __init__(self) -> None:
        self.prefix = state.new_prefix()
        self.record = state.new_record(
            self.prefix, [self.name(host) for host in (*NETWORKS, "router")]
        )
        self.folder = self.record.folder
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def name(self, host: str) -> str:
        """The namespace of a host of this lab."""
        return f"{self.prefix}-{host}"

    def _build(self) -> None:
        router = self.name("router")
        _batch([f"netns add {namespace}" for namespace in self.record.namespaces])
        wires = [
            f"link add {host} netns {router} type veth peer name wire netns {self.name(host)}"
            for host in NETWORKS
        ]
        _batch(wires)
        lines = ["link set lo up"]
        for host, number in NETWORKS.items():
            lines += [
                f"addr add 10.77.{number}.1/24 dev {host}",
                f"addr add fd00:77:0:{number}::1/64 dev {host} nodad",
                f"link set {host} up",
            ]
        internet = NETWORKS["internet"]
        lines += [f"route add {net} via 10.77.{internet}.2" for net in _INTERNET_4]
        lines += [
            f"-6 route add {_INTERNET_6} via fd00:77:0:{internet}::2",
            "-6 route add default dev nowhere",
        ]
        lines += [
            "link add nowhere type veth peer name end",
            "link set nowhere up",
            "link set end up",
            "route add default dev nowhere",
        ]
        _batch([line for line in lines if not line.startswith("-6")], router)
        self.command(
            "router", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"
        )
        self.command("router", "sysctl", "-qw", *_TALKATIVE)
        for line in lines:
            if line.startswith("-6"):
                self.command("router", "ip", *line.split())
        for host, number in NETWORKS.items():
            self._host(host, number)
        for host, answer in (("router", "no-route"), ("internet", "host-unreachable")):
            # Where the lab ends it says so instead of swallowing, so that no client
            # waits for what cannot come. Not by an unreachable route: the kernel
            # limits how often it answers for those.
            chain = "chain forward { type filter hook forward priority 10; policy accept;"
            table = f"table inet edge {{ {chain}\n{_EDGE[answer]}\n}}\n}}\n"
            self.command(host, "nft", "-f", "-", text=table)
        for host in NETWORKS:
            self.resolver_file(host, f"nameserver {INTERNET_DNS}\n")

    def _host(self, host: str, number: int) -> None:
        lines = ["link set lo up", f"addr add 10.77.{number}.2/24 dev wire"]
        lines += [f"addr add {address}/24 dev wire" for address in FURTHER.get(host, ())]
        lines += [
            f"addr add fd00:77:0:{number}::2/64 dev wire nodad",
            "link set wire up",
            f"route add default via 10.77.{number}.1",
        ]
        if host == "internet":
            for address in (*internet_addresses(), INTERNET_DNS, BLOCK_PAGE):
                lines.append(f"addr add {address}/{128 if ':' in address else 32} dev lo")
            lines += [
                "link add nowhere type veth peer name end",
                "link set nowhere up",
                "link set end up",
            ]
            lines += [f"route add {net} dev nowhere" for net in _INTERNET_4]
        _batch(lines, self.name(host))
        self.command(host, "sysctl", "-qw", *_TALKATIVE)
        if host == "internet":
            # Addresses of the internet that nobody has are answered by its routers, not swallowed.
            self.command(host, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        if host in ("internet", "proxy"):
            self.command(
                host, "ip", "-6", "route", "add", "default", "via", f"fd00:77:0:{number}::1"
            )

    def command(self, host: str, *words: str, text: str | None = None) -> str:
        """Runs one short command in the namespace of a host; returns what it printed."""
        argv = ["ip", "netns", "exec", self.name(host), *words]
        done = subprocess.run(
            argv, input=text, capture_output=True, text=True, check=False, timeout=20
        )
        if done.returncode:
            raise LabError(
                f"{' '.join(words)} in {host}: {done.stderr.strip() or done.stdout.strip()}"
            )
        return done.stdout

    def file_in_etc(self, host: str, name: str, content: str) -> None:
        """A file that programs of this host see under /etc (ip-netns(8)) instead of the
        machine's."""
        folder = Path("/etc/netns") / self.name(host)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)

    def resolver_file(self, host: str, content: str) -> None:
        """The host's `/etc/resolv.conf`."""
        self.file_in_etc(host, "resolv.conf", content)

    def filter(self, host: str, hook: str, rules: list[str], kind: str = "filter") -> None:
        """nftables rules in one chain of a host; `hook` is input, output, forward, prerouting or
        postrouting."""
        priority = (
            {"prerouting": "-100", "postrouting": "100"}.get(hook, "0") if kind == "nat" else "0"
        )
        chain = (
            f"chain {hook}_{kind} {{ type {kind} hook {hook} priority {priority}; policy accept;"
        )
        body = "\n".join(rules)
        self.command(host, "nft", "-f", "-", text=f"table inet lab {{ {chain}\n{body}\n}}\n}}\n")

    def close(self) -> None:
        """Removes everything that this lab made."""
        state.remove(self.record)


@contextlib.contextmanager
def topology() -> Iterator[Topology]:
    """A fresh network that is gone afterwards."""
    made = Topology()
    try:
        yield made
    finally:
        made.close()
