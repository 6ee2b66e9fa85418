"""Where a run is made: pod, node or laptop, and its names."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

_VANTAGES = ("pod", "node", "laptop")
# What a machine has that runs kubelet: kubeadm, k3s and RKE2, MicroK8s
_NODE_FOLDERS = ("/var/lib/kubelet", "/etc/rancher/node", "/var/snap/microk8s")


def vantage(environ: Mapping[str, str]) -> str:
    """``ARCPROBE_VANTAGE`` as the manifest sets it; else pod by its environment, node beside a
    kubelet."""
    named = environ.get("ARCPROBE_VANTAGE", "")
    if named in _VANTAGES:
        return named
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "pod"
    return "node" if any(Path(folder).is_dir() for folder in _NODE_FOLDERS) else "laptop"


def names(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Host name, node name, pod name; empty where unknown."""
    host = platform.node()
    where = vantage(environ)
    node = environ.get("ARCPROBE_NODE_NAME", "") or (host if where == "node" else "")
    pod = environ.get("ARCPROBE_POD_NAME", "") or (
        os.environ.get("HOSTNAME", host) if where == "pod" else ""
    )
    return host, node, pod
