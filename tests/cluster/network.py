"""The wires between a cluster's hosts, and the one to a netlab network, which is then the
internet."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from tests.cluster.hosts import CONTROL, Hosts
from tests.netlab.topology import Topology

SERVER, SERVICES, PODS = "10.99.0.1", "10.96.0.0/16", "10.244.0.0/16"
SILENT = f"{SERVER}:3128"
"""What takes every connection and never answers."""
# The wire between the lab's router and the cluster, in the lab's range 10.77.0.0/16.
_LAB_SIDE, _CLUSTER_SIDE = "10.77.8.1", "10.77.8.2"


def address(number: int) -> str:
    """Of the node with this number, from 1."""
    return f"10.99.0.{10 + number}"


def make(hosts: Hosts) -> None:
    """A bridge on the control plane, and a wire from it to each node."""
    for namespace in hosts.record.namespaces:
        subprocess.run(["ip", "netns", "add", namespace], check=True, capture_output=True)
    bridge = ("link add br0 type bridge", f"addr add {SERVER}/24 dev br0", "link set br0 up")
    hosts.ip(CONTROL, "link set lo up", *bridge)
    forward = ("sysctl", "-qw", "net.ipv4.ip_forward=1")
    hosts.command(*forward)
    for number, node in enumerate(hosts.record.nodes, 1):
        there = hosts.record.name(node)
        wire = f"link add {node} type veth peer name eth0 netns {there}"
        hosts.ip(CONTROL, wire, f"link set {node} master br0 up")
        own = f"addr add {address(number)}/24 dev eth0"
        route = f"route add default via {SERVER}"
        hosts.ip(node, "link set lo up", own, "link set eth0 up", route)
        hosts.command(*forward, "net.bridge.bridge-nf-call-iptables=1", at=node)
    rule = ("-t", "nat", "-A", "POSTROUTING", "-o", "lab", "-j", "MASQUERADE")
    hosts.command("iptables", *rule)


# The kernel takes as many connections as this asks for; nobody reads them.
_SILENCE = """import signal, socket
kept = socket.create_server(("{host}", {port}), backlog=4096)
signal.pause()
"""


def start_silence(hosts: Hosts) -> None:
    """Starts what takes every connection and never answers."""
    host, _, port = SILENT.rpartition(":")
    script = _SILENCE.format(host=host, port=port)
    hosts.daemon("silence", [*hosts.entering(CONTROL), sys.executable, "-c", script])


def route_pods(hosts: Hosts, node: str, subnet: str) -> None:
    """A route to a node's pods on every other host."""
    number = hosts.record.nodes.index(node) + 1
    for host in (CONTROL, *hosts.record.nodes):
        if host != node:
            hosts.ip(host, f"route replace {subnet} via {address(number)}")


@contextlib.contextmanager
def joined(hosts: Hosts, lab: Topology) -> Iterator[None]:
    """Meanwhile the lab's router is the way out; the cluster leaves under one address of the
    lab."""
    router = lab.name("router")
    hosts.ip(CONTROL, f"link add lab type veth peer name cluster netns {router}")
    for words in (f"addr add {_LAB_SIDE}/24 dev cluster", "link set cluster up"):
        lab.command("router", "ip", *words.split())
    route = f"route add default via {_LAB_SIDE}"
    hosts.ip(CONTROL, f"addr add {_CLUSTER_SIDE}/24 dev lab", "link set lab up", route)
    try:
        yield
    finally:
        hosts.ip(CONTROL, "link del lab")


@contextlib.contextmanager
def pods_cut_off(hosts: Hosts, node: str, subnet: str) -> Iterator[None]:
    """Meanwhile what a node's pods send to the lab is dropped, without a word; the node's own
    network goes on."""
    rule = ("FORWARD", "-s", subnet, "-d", "10.77.0.0/16", "-j", "DROP")
    hosts.command("iptables", "-I", *rule, at=node)
    try:
        yield
    finally:
        hosts.command("iptables", "-D", *rule, at=node)
