"""A node: containerd, kubelet and kube-proxy in namespaces of their own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cluster import record as records
from tests.cluster.control import DNS, DOMAIN
from tests.cluster.hosts import ClusterError, Hosts, succeeds
from tests.cluster.network import PODS, SERVER, address

_CONTAINERD = """version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true  # else runc needs CAP_SYS_RESOURCE
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{cni}"
"""

# Kubelet, containerd, CNI and iptables keep their things in fixed places: a node has its own, and
# the machine's are left alone.
_OWN_PLACES = """set -e
hostname {node}
mount --bind {home}/lib /var/lib
mount --bind {home}/log /var/log
mount -t tmpfs none /run
mkdir /run/containerd /run/netns
mount --make-rshared /
touch {home}/entered
exec sleep infinity
"""


def hold(hosts: Hosts, node: str) -> None:
    """The process that holds a node's mount and UTS namespace."""
    home = hosts.folder / node
    for name in ("lib", "log", "cni"):
        (home / name).mkdir(parents=True)
    script = _OWN_PLACES.format(node=node, home=home)
    apart = ("unshare", "-m", "-u", "--propagation", "private", "sh", "-c", script)
    hosts.daemon(f"{node}-holder", [*hosts.entering(node), *apart])
    hosts.wait_for(f"{node}'s namespaces", (home / "entered").exists)


def start_containerd(hosts: Hosts, node: str) -> None:
    """Starts a node's containerd, with the images."""
    home = hosts.folder / node
    config = home / "containerd.toml"
    config.write_text(_CONTAINERD.format(cni=home / "cni", snapshotter=_snapshotter(home)))
    command = [*hosts.inside(node), "containerd", "--config", str(config)]
    hosts.daemon(f"{node}-containerd", command)
    ctr = [*hosts.inside(node), "ctr", "-n", "k8s.io"]
    hosts.wait_for(f"{node}'s containerd", lambda: succeeds([*ctr, "version"]))
    import_images(hosts, node)
    for group in records.groups(hosts.record, node):
        _make_group(group)


def _make_group(group: Path) -> None:
    """A cgroup in which a kubelet finds what it would find in the root."""
    group.mkdir(exist_ok=True)
    if records.is_unified():
        for place in (group.parent, group):
            known = (place / "cgroup.controllers").read_text().split()
            (place / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in known))
        return
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (group / name).is_file():
            (group / name).write_text((group.parent / name).read_text())


def _snapshotter(home: Path) -> str:
    """How layers of images are put together: by overlayfs, or by copies where the temporary
    directory is on an overlay itself."""
    for name in ("lower", "upper", "work", "merged"):
        (home / "overlay" / name).mkdir(parents=True)
    layers = f"lowerdir={home}/overlay/lower,upperdir={home}/overlay/upper"
    mount = ("mount", "-t", "overlay", "none", "-o", f"{layers},workdir={home}/overlay/work")
    tried = ("unshare", "-m", *mount, f"{home}/overlay/merged")
    return "overlayfs" if succeeds(tried) else "native"


def import_images(hosts: Hosts, node: str) -> None:
    """Gives a node's containerd the images of the record."""
    importing = [*hosts.inside(node), "ctr", "-n", "k8s.io", "images", "import"]
    for archive in hosts.record.archives:
        if not succeeds([*importing, archive]):
            raise ClusterError(f"{node}: {archive} cannot be imported")


def start_kubelet(hosts: Hosts, node: str) -> None:
    """Starts a node's kubelet."""
    home, number = hosts.folder / node, hosts.record.nodes.index(node) + 1
    (home / "resolv.conf").write_text(f"nameserver {SERVER}\n")
    pki = hosts.folder / "pki"
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{hosts.record.name(node)}",
        "failSwapOn": False,
        "clusterDNS": [DNS],
        "clusterDomain": DOMAIN,
        "resolvConf": str(home / "resolv.conf"),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{pki}/{node}.crt",
        "tlsPrivateKeyFile": f"{pki}/{node}.key",
        "nodeStatusUpdateFrequency": "3s",
        "evictionHard": {"memory.available": hosts.record.least_memory, "nodefs.available": "1%"},
        "evictionPressureTransitionPeriod": "5s",
        "imageGCHighThresholdPercent": 100,
        "containerLogMaxSize": hosts.record.log_size,
        "containerLogMaxFiles": 3,
    }
    (home / "kubelet.yaml").write_text(json.dumps(config))
    flags = (
        f"--config={home}/kubelet.yaml",
        f"--kubeconfig={pki}/{node}.conf",
        f"--hostname-override={node}",
        f"--node-ip={address(number)}",
        "--container-runtime=remote",
        "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
        "--pod-infra-container-image=localhost/pause:1",
    )
    program = f"{hosts.record.binaries}/kubelet"
    hosts.daemon(f"{node}-kubelet", [*hosts.inside(node), program, *flags])


def start_proxy(hosts: Hosts, node: str) -> None:
    """Starts a node's kube-proxy."""
    flags = (
        f"--kubeconfig={hosts.folder}/pki/proxy.conf",
        f"--hostname-override={node}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={PODS}",
        # these would be set for the whole machine
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0",
        "--conntrack-tcp-timeout-close-wait=0",
    )
    program = f"{hosts.record.binaries}/kube-proxy"
    hosts.daemon(f"{node}-proxy", [*hosts.inside(node), program, *flags])


def write_pod_network(home: Path, subnet: str) -> None:
    """The node's pod network: a bridge."""
    ranges = {"ranges": [[{"subnet": subnet}]], "routes": [{"dst": "0.0.0.0/0"}]}
    plugin = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {"type": "host-local", **ranges},
    }
    config = {"cniVersion": "0.4.0", "name": "pods", "plugins": [plugin]}
    (home / "cni/10-bridge.conflist").write_text(json.dumps(config))
