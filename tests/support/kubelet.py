"""What a kubelet does with a pod of the manifest, done with podman in a network namespace of the
lab.

Nothing about the container is chosen here: arguments, environment, volumes, memory limit and
security context are read from the manifest that ``arcprobe job`` prints, so that a manifest which
would not run does not run here.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tests.netlab.name_servers import RESOLVER
from tests.netlab.scenario import Scenario
from tests.netlab.servers import Server
from tests.netlab.topology import Topology

POD, NODE = "pod", "node"
CLUSTER_DNS, SERVICE, API = "10.96.0.10", "10.96.0.1", ("10.77.5.2", 6443)
_NODE_ADDRESS = "10.77.1.2"
_UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}

# What kubelet writes for dnsPolicy ClusterFirst in the namespace "arcprobe".
_CLUSTER_FIRST = (
    "search arcprobe.svc.cluster.local svc.cluster.local cluster.local\n"
    f"nameserver {CLUSTER_DNS}\noptions ndots:5\n"
)

# crun refuses the hybrid hierarchy of some machines: it gets a mount namespace with version 2
# alone.
_CGROUPS = 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"'


def with_api_server(scenario: Scenario) -> Scenario:
    """The scenario, and in it the API server of the tests."""
    address, port = API
    server = Server(
        software="api",
        host="apiserver",
        argv=(
            "@PYTHON@",
            "-m",
            "tests.support.apiserver",
            "@FOLDER@",
            address,
            str(port),
            _NODE_ADDRESS,
        ),
        listens=(("tcp", port),),
    )
    return msgspec.structs.replace(scenario, servers=(*scenario.servers, server))


class Machine(Struct, frozen=True, kw_only=True):
    """A node of the lab that can run pods: where its image store and its files are."""

    network: Topology
    store: str
    folder: Path

    def namespace(self, vantage: str) -> str:
        """The network namespace of a pod, or of the node itself for ``hostNetwork``."""
        return self.network.name(vantage)

    def resolver_file(self, vantage: str) -> Path:
        """What stands as /etc/resolv.conf in the pod: cluster DNS, or the node's own for
        ``dnsPolicy: Default``."""
        if vantage == NODE:
            return Path("/etc/netns") / self.namespace(NODE) / "resolv.conf"
        file = self.folder / "resolv.conf"
        file.write_text(_CLUSTER_FIRST)
        return file

    def service_account(self) -> Path:
        """The folder with token and CA that a pod finds."""
        return next(self.network.folder.glob("apiserver-api-*/serviceaccount"))


def add_pod_network(network: Topology) -> None:
    """A network behind the node, as a CNI plugin and kube-proxy make it: pods leave under the
    node's address, the Services' own addresses lead to the cluster's DNS and API server. The lab's
    end removes it.
    """
    pod = network.name(POD)
    network.record.namespaces.append(pod)
    network.record.save()
    subprocess.run(["ip", "netns", "add", pod], check=True, capture_output=True, timeout=20)
    network.command(
        NODE, "ip", "link", "add", "pod", "type", "veth", "peer", "name", "eth0", "netns", pod
    )
    for words in ("link set lo up", "addr add 10.244.0.5/24 dev eth0", "link set eth0 up"):
        network.command(POD, "ip", *words.split())
    for words in ("addr add 10.244.0.1/24 dev pod", "link set pod up"):
        network.command(NODE, "ip", *words.split())
    network.command(POD, "ip", "route", "add", "default", "via", "10.244.0.1")
    network.command(NODE, "sysctl", "-qw", "net.ipv4.ip_forward=1")
    services = [
        f"ip daddr {CLUSTER_DNS} {proto} dport 53 dnat ip to {RESOLVER}" for proto in ("udp", "tcp")
    ]
    services.append(f"ip daddr {SERVICE} tcp dport 443 dnat ip to {API[0]}:{API[1]}")
    for hook in ("prerouting", "output"):
        network.filter(NODE, hook, services, "nat")
    network.filter(NODE, "postrouting", ["ip saddr 10.244.0.0/16 masquerade"], "nat")


class Pod(Struct, frozen=True, kw_only=True):
    """A pod that is ready to run: its command without a memory limit, the limit in bytes, and where
    its last words will be."""

    name: str
    machine: Machine
    command: tuple[str, ...]
    limit: int
    termination_log: Path

    def podman(self, *words: str, seconds: float = 60) -> str:
        """A podman command about this pod; what it prints."""
        command = _in_version_2("podman", "--root", self.machine.store, *words)
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout


def _in_version_2(*command: str) -> list[str]:
    return ["unshare", "-m", "sh", "-c", _CGROUPS, "sh", *command]


def pod(
    machine: Machine,
    objects: list[dict[str, Any]],
    vantage: str,
    secrets: Mapping[str, str],
    user: str = "",
) -> Pod:
    """The pod of one vantage of a manifest. ``secrets``: the proxy's Secret by key. ``user``: as
    OpenShift would choose one."""
    workload = next(
        made
        for made in objects
        if made["kind"] in ("Job", "DaemonSet") and made["metadata"]["name"].endswith(vantage)
    )
    spec = workload["spec"]["template"]["spec"]
    container = spec["containers"][0]
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert not security["allowPrivilegeEscalation"]
    assert bool(spec.get("hostNetwork")) == (vantage == NODE)
    name = f"arcprobe-{uuid.uuid4().hex[:8]}"
    folder = machine.folder / name
    settings = folder / "settings"
    settings.mkdir(parents=True)
    folder.chmod(0o755)
    for key, text in _volume(spec["volumes"][0]["projected"], objects, secrets).items():
        (settings / key).write_text(text)
        (settings / key).chmod(spec["volumes"][0]["projected"]["defaultMode"])
    last_words = folder / "termination-log"
    last_words.touch()
    last_words.chmod(0o666)
    mounts = {
        f"{settings}": f"{container['volumeMounts'][0]['mountPath']}:ro",
        f"{last_words}": container["terminationMessagePath"],
        f"{machine.resolver_file(vantage)}": "/etc/resolv.conf:ro",
        f"{machine.service_account()}": "/var/run/secrets/kubernetes.io/serviceaccount:ro",
    }
    fields = {"spec.nodeName": "node-a", "metadata.name": name}
    variables = {
        given["name"]: given.get("value") or fields[given["valueFrom"]["fieldRef"]["fieldPath"]]
        for given in container["env"]
    }
    variables |= {"KUBERNETES_SERVICE_HOST": SERVICE, "KUBERNETES_SERVICE_PORT": "443"}
    run = ["podman", "--root", machine.store, "run", "--rm", "--name", name, "--cgroups=disabled"]
    run += ["--network", f"ns:/run/netns/{machine.namespace(vantage)}", "--no-hosts"]
    # podman would put writable folders over a read-only root; a kubelet does not
    run += [
        "--read-only",
        "--read-only-tmpfs=false",
        "--cap-drop",
        "all",
        "--security-opt",
        "no-new-privileges",
    ]
    run += ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    run += [word for source, target in mounts.items() for word in ("-v", f"{source}:{target}")]
    run += [word for key, text in variables.items() for word in ("-e", f"{key}={text}")]
    run += ["--user", user] if user else []
    amount = container["resources"]["limits"]["memory"]
    command = tuple(_in_version_2(*run, container["image"], *container["args"]))
    return Pod(
        name=name,
        machine=machine,
        command=command,
        limit=int(amount[:-2]) * _UNITS[amount[-2:]],
        termination_log=last_words,
    )


def _volume(
    projected: Mapping[str, Any], objects: list[dict[str, Any]], secrets: Mapping[str, str]
) -> dict[str, str]:
    files: dict[str, str] = {}
    for source in projected["sources"]:
        if "configMap" in source:
            name = source["configMap"]["name"]
            files |= next(
                made["data"]
                for made in objects
                if made["kind"] == "ConfigMap" and made["metadata"]["name"] == name
            )
        else:
            files |= {item["path"]: secrets[item["key"]] for item in source["secret"]["items"]}
    return files


@contextlib.contextmanager
def memory_group(limit: int) -> Iterator[list[str]]:
    """What to put before a command so that it runs in so many bytes. Version 1 of cgroups, or
    version 2."""
    one, two = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    name = f"arcprobe-{uuid.uuid4().hex[:8]}"
    group, file = (
        (one / name, "memory.limit_in_bytes") if one.is_dir() else (two / name, "memory.max")
    )
    group.mkdir()
    (group / file).write_text(str(limit))
    try:
        yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    finally:
        for _ in range(100):  # the kernel may still be taking the last process out of the group
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.05)


class Ended(Struct, frozen=True):
    """A container that has ended: its exit code, its log as ``kubectl logs`` shows it, and its
    termination message."""

    code: int
    log: str
    message: str


def run(chosen: Pod, seconds: float = 120) -> Ended:
    """Runs a pod's container to its end, inside its memory limit (podman's own memory counts as the
    container's here)."""
    with memory_group(chosen.limit) as limited:
        done = subprocess.run(
            [*limited, *chosen.command],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    return Ended(done.returncode, done.stdout + done.stderr, chosen.termination_log.read_text())


@contextlib.contextmanager
def running(chosen: Pod) -> Iterator[subprocess.Popen[str]]:
    """A pod's container inside its memory limit; what is left of it at the end is killed."""
    with memory_group(chosen.limit) as limited:
        process = subprocess.Popen(
            [*limited, *chosen.command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                chosen.podman("kill", "--signal", "KILL", chosen.name)
            process.communicate(timeout=30)
