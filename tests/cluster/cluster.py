"""A cluster from nothing and back to nothing: networks, control plane, nodes; a netlab network can
be joined to it as its internet."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.cluster import record as records
from tests.cluster.pki import Authority
from tests.netlab.name_servers import RESOLVER
from tests.netlab.state import identify
from tests.netlab.topology import Topology

ROOT = Path(__file__).parents[2]
SERVER, DNS, SERVICES, PODS = "10.99.0.1", "10.96.0.10", "10.96.0.0/16", "10.244.0.0/16"
# The wire between the lab's router and the cluster, in the lab's range 10.77.0.0/16.
_LAB_SIDE, _CLUSTER_SIDE = "10.77.8.1", "10.77.8.2"
_API = f"https://{SERVER}:6443"
_DOMAIN = "cluster.local"

_AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


class ClusterError(Exception):
    """The cluster itself could not be built: not a finding about arcprobe."""


class Cluster:
    """A real cluster. ``binaries``: folder of Kubernetes' programs; ``archives``: images of every
    node; ``plugins``: further admission plugins of the API server."""

    def __init__(
        self,
        binaries: Path,
        archives: Sequence[Path],
        nodes: int = 1,
        *,
        plugins: Sequence[str] = (),
        log_size: str = "10Mi",
    ) -> None:
        records.sweep()
        self.record = records.new([f"n{number + 1}" for number in range(nodes)])
        self.folder = self.record.folder
        self._binaries, self._archives = binaries, archives
        self._plugins, self._log_size = plugins, log_size
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.pki = self.folder / "pki"
        self.kubeconfig = self.pki / "admin.conf"
        (self.folder / "log").mkdir(parents=True)
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    @property
    def nodes(self) -> list[str]:
        """Names of the nodes."""
        return self.record.nodes

    def close(self) -> None:
        """Removes everything that this cluster made."""
        records.remove(self.record)
        for process in self._running.values():
            process.wait(timeout=10)

    # ------------------------------------------------------------------------------------- using

    def command(
        self, *words: str, text: str | None = None, seconds: float = 120, at: str = "cp"
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the network of the control plane, or of a node."""
        return subprocess.run(
            [*self._enter(at), *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd=ROOT,
            env=self.environment(),
        )

    def environment(self) -> dict[str, str]:
        """Of programs that use the cluster: nothing of this process's own settings."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "KUBECONFIG": str(self.kubeconfig),
        }

    def kubectl(self, *words: str, text: str | None = None) -> str:
        """What kubectl prints; it must succeed."""
        done = self.command("kubectl", *words, text=text)
        if done.returncode:
            raise ClusterError(f"kubectl {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Applies objects."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "-f", "-", text=json.dumps(listed))

    def get(self, *words: str) -> Any:
        """What ``kubectl get`` prints, as data."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def arcprobe(self, *words: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """arcprobe as an administrator runs it beside the control plane."""
        return self.command(sys.executable, "-m", "arcprobe", *words, seconds=seconds)

    def audited(self) -> list[dict[str, Any]]:
        """What the API server was asked, from its audit log."""
        lines = (self.folder / "log/audit.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def wait_for(self, what: str, is_so: Callable[[], object], seconds: float = 60) -> None:
        """Waits until it is so."""
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                logs = sorted((self.folder / "log").glob("*.log"))
                words = "".join(f"\n{log.name}: {log.read_text()[-600:]}" for log in logs)
                raise ClusterError(f"{what}: not within {seconds:g} s{words}")
            time.sleep(0.3)

    # ----------------------------------------------------------------------------------- daemons

    def _enter(self, host: str) -> list[str]:
        # not `ip netns exec`: that mounts a new /sys, and the cgroups are gone
        return ["nsenter", f"--net=/run/netns/{self.record.name(host)}"]

    def _inside(self, node: str) -> list[str]:
        """Into a node's mount and UTS namespace too."""
        return ["nsenter", "-t", str(self._running[f"{node}-holder"].pid), "-m", "-n", "-u"]

    def _daemon(self, name: str, *command: str) -> None:
        with (self.folder / "log" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self.environment(),
            )
        self._running[name] = process
        if found := identify(process.pid):
            self.record.processes.append(found)
            self.record.save()

    def stop(self, name: str) -> None:
        """Kills one daemon: ``apiserver``, ``n1-kubelet`` …"""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    # --------------------------------------------------------------------------------- beginning

    def _start(self) -> None:
        self._networks()
        self._certificates()
        self.folder.joinpath("audit.yaml").write_text(_AUDIT)
        self._daemon(
            "etcd",
            *self._enter("cp"),
            "etcd",
            f"--data-dir={self.folder}/etcd",
            "--listen-client-urls=http://127.0.0.1:2379",
            "--advertise-client-urls=http://127.0.0.1:2379",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",
        )
        for node in self.nodes:
            self._hold(node)
        self.start_api_server()
        self._controllers()
        binding = ("clusterrolebinding", "kubelet-api", "--clusterrole=system:kubelet-api-admin")
        self.kubectl("create", *binding, "--user=kubelet-client")
        self._dns()
        for node in self.nodes:
            self._containerd(node)
            self.start_kubelet(node)
            self._proxy(node)
        self._routes()
        for node in self.nodes:
            self.wait_for(f"{node} Ready", functools.partial(self.is_ready, node), 120)

    def _ip(self, host: str, *lines: str) -> None:
        command = ["ip", "-n", self.record.name(host), "-batch", "-"]
        done = subprocess.run(
            command, input="\n".join(lines), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ClusterError(f"ip: {done.stderr} in {lines}")

    def _networks(self) -> None:
        for namespace in self.record.namespaces:
            subprocess.run(["ip", "netns", "add", namespace], check=True, capture_output=True)
        bridge = ("link add br0 type bridge", f"addr add {SERVER}/24 dev br0", "link set br0 up")
        self._ip("cp", "link set lo up", *bridge)
        forward = ("sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.command(*forward)
        for number, node in enumerate(self.nodes, 1):
            there = self.record.name(node)
            wire = f"link add {node} type veth peer name eth0 netns {there}"
            self._ip("cp", wire, f"link set {node} master br0 up")
            address = f"addr add {self.address(number)}/24 dev eth0"
            route = f"route add default via {SERVER}"
            self._ip(node, "link set lo up", address, "link set eth0 up", route)
            self.command(*forward, "net.bridge.bridge-nf-call-iptables=1", at=node)
        rule = ("-t", "nat", "-A", "POSTROUTING", "-o", "lab", "-j", "MASQUERADE")
        self.command("iptables", *rule)

    @contextlib.contextmanager
    def joined(self, lab: Topology) -> Iterator[None]:
        """Meanwhile the lab's router is the way out; the cluster leaves under one address of the
        lab."""
        router = lab.name("router")
        self._ip("cp", f"link add lab type veth peer name cluster netns {router}")
        for words in (f"addr add {_LAB_SIDE}/24 dev cluster", "link set cluster up"):
            lab.command("router", "ip", *words.split())
        route = f"route add default via {_LAB_SIDE}"
        self._ip("cp", f"addr add {_CLUSTER_SIDE}/24 dev lab", "link set lab up", route)
        try:
            yield
        finally:
            self._ip("cp", "link del lab")

    @staticmethod
    def address(number: int) -> str:
        """Of the node with this number, from 1."""
        return f"10.99.0.{10 + number}"

    def _certificates(self) -> None:
        authority = Authority(self.pki)
        names = ("kubernetes", "kubernetes.default", f"kubernetes.default.svc.{_DOMAIN}")
        addresses = ("10.96.0.1", SERVER, "127.0.0.1")
        authority.sign("apiserver", "kube-apiserver", "", *names, *addresses)
        authority.sign("kubelet-client", "kubelet-client")
        authority.sign("admin", "kubernetes-admin", "system:masters")
        authority.sign("controller-manager", "system:kube-controller-manager")
        authority.sign("scheduler", "system:kube-scheduler")
        authority.sign("proxy", "system:kube-proxy")
        for number, node in enumerate(self.nodes, 1):
            user = f"system:node:{node}"
            authority.sign(node, user, "system:nodes", node, self.address(number))
        authority.key_pair("sa")
        for name in ("admin", "controller-manager", "scheduler", "proxy", *self.nodes):
            authority.kubeconfig(name, _API)
        self._authority = authority

    def user(self, name: str, group: str = "") -> Path:
        """A kubeconfig for another user, who has no rights yet."""
        self._authority.sign(name, name, group)
        return self._authority.kubeconfig(name, _API)

    # ------------------------------------------------------------------------------ control plane

    def start_api_server(self) -> None:
        """Starts the API server and waits until it is ready."""
        pki = self.pki
        plugins = ",".join(("NodeRestriction", *self._plugins))
        self._daemon(
            "apiserver",
            *self._enter("cp"),
            str(self._binaries / "kube-apiserver"),
            f"--advertise-address={SERVER}",
            "--secure-port=6443",
            "--etcd-servers=http://127.0.0.1:2379",
            f"--client-ca-file={pki}/ca.crt",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--kubelet-client-certificate={pki}/kubelet-client.crt",
            f"--kubelet-client-key={pki}/kubelet-client.key",
            # else `logs` looks the node's name up in the DNS
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-key-file={pki}/sa.pub",
            f"--service-account-signing-key-file={pki}/sa.key",
            f"--service-account-issuer=https://kubernetes.default.svc.{_DOMAIN}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=Node,RBAC",
            f"--enable-admission-plugins={plugins}",
            "--allow-privileged=true",
            f"--audit-policy-file={self.folder}/audit.yaml",
            f"--audit-log-path={self.folder}/log/audit.log",
        )
        self.wait_for("the API server", self._is_api_ready, 120)

    def _is_api_ready(self) -> bool:
        return self.command("kubectl", "get", "--raw", "/readyz").returncode == 0

    def _controllers(self) -> None:
        # without leader election: they would end when the API server is restarted
        common = ("--leader-elect=false", "--bind-address=127.0.0.1")
        pki = self.pki
        self._daemon(
            "controller-manager",
            *self._enter("cp"),
            str(self._binaries / "kube-controller-manager"),
            f"--kubeconfig={pki}/controller-manager.conf",
            f"--authentication-kubeconfig={pki}/controller-manager.conf",
            f"--authorization-kubeconfig={pki}/controller-manager.conf",
            f"--service-account-private-key-file={pki}/sa.key",
            f"--root-ca-file={pki}/ca.crt",
            "--use-service-account-credentials",
            "--allocate-node-cidrs",
            f"--cluster-cidr={PODS}",
            f"--service-cluster-ip-range={SERVICES}",
            "--node-monitor-grace-period=15s",
            *common,
        )
        self._daemon(
            "scheduler",
            *self._enter("cp"),
            str(self._binaries / "kube-scheduler"),
            f"--kubeconfig={pki}/scheduler.conf",
            f"--authentication-kubeconfig={pki}/scheduler.conf",
            f"--authorization-kubeconfig={pki}/scheduler.conf",
            *common,
        )

    def _dns(self) -> None:
        """Cluster DNS: dnsmasq behind the Service kube-dns; other names go to the lab's
        resolver."""
        self._daemon(
            "dns",
            *self._enter("cp"),
            "dnsmasq",
            "--keep-in-foreground",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            f"--listen-address={SERVER}",
            f"--server={RESOLVER}",
            f"--local=/{_DOMAIN}/",
            f"--address=/kubernetes.default.svc.{_DOMAIN}/10.96.0.1",
            "--pid-file=",
        )
        ports = [{"name": name, "port": 53, "protocol": name.upper()} for name in ("udp", "tcp")]
        about = {"name": "kube-dns", "namespace": "kube-system"}
        subsets = [{"addresses": [{"ip": SERVER}], "ports": ports}]
        subnets = f"networking: {{serviceSubnet: {SERVICES}, podSubnet: {PODS}}}\n"
        kubeadm = {"name": "kubeadm-config", "namespace": "kube-system"}
        spec = {"clusterIP": DNS, "ports": ports}
        self.apply(
            {"apiVersion": "v1", "kind": "Service", "metadata": about, "spec": spec},
            {"apiVersion": "v1", "kind": "Endpoints", "metadata": about, "subsets": subsets},
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": kubeadm,
                "data": {"ClusterConfiguration": f"dnsDomain: {_DOMAIN}\n{subnets}"},
            },
        )

    # -------------------------------------------------------------------------------------- nodes

    def _hold(self, node: str) -> None:
        """The process that holds a node's mount and UTS namespace."""
        home = self.folder / node
        bound = {
            "kubelet": "/var/lib/kubelet",
            "containerd": "/var/lib/containerd",
            "pods": "/var/log/pods",
            "containers": "/var/log/containers",
            "cni": "/etc/cni/net.d",
            "cni-state": "/var/lib/cni",
        }
        lines = ["set -e", f"hostname {node}"]
        for name, target in bound.items():
            (home / name).mkdir(parents=True)
            Path(target).mkdir(parents=True, exist_ok=True)
            lines.append(f"mount --bind {home}/{name} {target}")
        Path("/run/containerd").mkdir(exist_ok=True)
        lines += [
            "umount -l -R /run/netns || true",
            "mount -t tmpfs none /run/containerd",
            "mount -t tmpfs none /run/netns",
            "mount --make-rshared /",
            f"touch {home}/entered",
            "exec sleep infinity",
        ]
        apart = ("unshare", "-m", "-u", "--propagation", "private")
        self._daemon(f"{node}-holder", *self._enter(node), *apart, "sh", "-c", "\n".join(lines))
        self.wait_for(f"{node}'s namespaces", (home / "entered").exists)

    def _containerd(self, node: str) -> None:
        home = self.folder / node
        (home / "containerd.toml").write_text(_CONTAINERD)
        config = ("--config", str(home / "containerd.toml"))
        self._daemon(f"{node}-containerd", *self._inside(node), "containerd", *config)
        ctr = [*self._inside(node), "ctr", "-n", "k8s.io"]
        self.wait_for(f"{node}'s containerd", lambda: _succeeds([*ctr, "version"]))
        for archive in self._archives:
            if not _succeeds([*ctr, "images", "import", str(archive)]):
                raise ClusterError(f"{node}: {archive} cannot be imported")
        for group in records.groups(self.record, node):
            group.mkdir(exist_ok=True)
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (group / name).is_file():
                    (group / name).write_text((group.parent / name).read_text())

    def start_kubelet(self, node: str) -> None:
        """Starts a node's kubelet."""
        home, number = self.folder / node, self.nodes.index(node) + 1
        (home / "resolv.conf").write_text(f"nameserver {SERVER}\n")
        config = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self.record.name(node)}",
            "failSwapOn": False,
            "clusterDNS": [DNS],
            "clusterDomain": _DOMAIN,
            "resolvConf": str(home / "resolv.conf"),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": f"{self.pki}/ca.crt"},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": f"{self.pki}/{node}.crt",
            "tlsPrivateKeyFile": f"{self.pki}/{node}.key",
            "nodeStatusUpdateFrequency": "4s",
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "containerLogMaxSize": self._log_size,
            "containerLogMaxFiles": 3,
        }
        (home / "kubelet.yaml").write_text(json.dumps(config))
        self._daemon(
            f"{node}-kubelet",
            *self._inside(node),
            str(self._binaries / "kubelet"),
            f"--config={home}/kubelet.yaml",
            f"--kubeconfig={self.pki}/{node}.conf",
            f"--hostname-override={node}",
            f"--node-ip={self.address(number)}",
            "--container-runtime=remote",
            "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
            "--pod-infra-container-image=localhost/pause:1",
        )

    def _proxy(self, node: str) -> None:
        self._daemon(
            f"{node}-proxy",
            *self._inside(node),
            str(self._binaries / "kube-proxy"),
            f"--kubeconfig={self.pki}/proxy.conf",
            f"--hostname-override={node}",
            "--proxy-mode=iptables",
            f"--cluster-cidr={PODS}",
            # these would be set for the whole machine
            "--conntrack-max-per-core=0",
            "--conntrack-tcp-timeout-established=0",
            "--conntrack-tcp-timeout-close-wait=0",
        )

    def _routes(self) -> None:
        """Each node's pod network: a bridge, and a route on every other host."""
        for number, node in enumerate(self.nodes, 1):
            self.wait_for(f"{node}'s pod range", functools.partial(self._pod_range, node))
            subnet = self._pod_range(node)
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
            file = self.folder / node / "cni/10-bridge.conflist"
            file.write_text(json.dumps(config))
            for host in ("cp", *self.nodes):
                if host != node:
                    self._ip(host, f"route replace {subnet} via {self.address(number)}")

    def _pod_range(self, node: str) -> str:
        done = self.command("kubectl", "get", "node", node, "-o", "jsonpath={.spec.podCIDR}")
        return done.stdout.strip()

    def is_ready(self, node: str) -> bool:
        """Whether the API server calls a node Ready."""
        template = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
        done = self.command("kubectl", "get", "node", node, "-o", template)
        return done.stdout.strip() == "True"


_CONTAINERD = """version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true  # else runc needs CAP_SYS_RESOURCE
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
"""


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0


@contextlib.contextmanager
def running(
    binaries: Path, archives: Sequence[Path], nodes: int = 1, **more: Any
) -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    made = Cluster(binaries, archives, nodes, **more)
    try:
        yield made
    finally:
        made.close()
