"""What this machine must have before a cluster can be built on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.cluster import record as records
from tests.support import images

PROGRAMS = tuple(
    """etcd containerd ctr runc kubectl iptables conntrack nsenter unshare mount dnsmasq ip sysctl
    gcc go make rsync apt-get buildah podman debootstrap tar""".split()
)
_PLUGINS = "/usr/lib/cni"
# A kubelet does not start without these (validateSystemRequirements of cm, Kubernetes 1.20).
_CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory")

# What a node does first of all: namespaces of its own, and mounts in them that its pods share.
_APART = "mount -t tmpfs none /mnt && mount --make-rshared / && hostname arcprobe-test"


def missing() -> str:
    """What is missing for a cluster, in words, or an empty string."""
    if sys.platform != "linux":
        return f"Linux, this is {sys.platform}"
    if os.geteuid() != 0:
        return "root"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if shutil.which("bridge", path=_PLUGINS) is None:
        absent.append("bridge of containernetworking-plugins")
    return f"these programs: {', '.join(absent)}" if absent else ""


def missing_with_internet() -> str:
    """What is missing for a cluster that has a netlab scenario as its internet."""
    return images.missing() or missing()


def forbidden() -> str:
    """What the kernel of this machine does not permit, in words, or an empty string."""
    apart = ("unshare", "-m", "-u", "-n", "--propagation", "private", "sh", "-c", _APART)
    done = subprocess.run(apart, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        return f"namespaces of its own: {done.stderr.strip()}"
    return _no_groups()


def _no_groups() -> str:
    """Whether cgroups can be made as a kubelet makes them, of version 1 or 2."""
    if records.is_unified():
        places = [records.GROUPS]
        known = (records.GROUPS / "cgroup.controllers").read_text().split()
        absent = {"cpu", "cpuset", "memory"} - set(known)
    else:
        places = [records.GROUPS / name for name in _CONTROLLERS]
        absent = {place.name for place in places if not place.is_dir()}
    if absent:
        return f"cgroup controllers: {', '.join(sorted(absent))}"
    for place in places:
        made = place / f"arcprobe-test-{os.getpid()}"
        try:
            made.mkdir()
            made.rmdir()
        except OSError as error:
            return f"cgroups: {error}"
    return ""
