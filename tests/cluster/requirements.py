"""What this machine must have before a cluster can be built on it."""

from __future__ import annotations

import shutil

from tests.support import images

_PROGRAMS = """etcd containerd ctr runc kubectl iptables conntrack nsenter unshare mount dnsmasq
    gcc go make rsync jq apt-get""".split()
_PLUGINS = "/usr/lib/cni"


def missing() -> str:
    """What is missing, in words, or an empty string."""
    if lacks := images.missing():
        return lacks
    absent = [program for program in _PROGRAMS if shutil.which(program) is None]
    if shutil.which("bridge", path=_PLUGINS) is None:
        absent.append("bridge of containernetworking-plugins")
    return f"these programs: {', '.join(absent)}" if absent else ""
