"""A cluster from nothing and back to nothing, and what tests do with it."""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.cluster import control, network, node as nodes, policies, record as records
from tests.cluster.hosts import ClusterError, Hosts
from tests.cluster.pki import Authority


class Cluster(Hosts):
    """A real cluster that runs."""

    @property
    def nodes(self) -> list[str]:
        """Names of the nodes."""
        return self.record.nodes

    def close(self) -> None:
        """Removes everything that this cluster made."""
        records.remove(self.record)
        self.reap()

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

    def arcprobe(self, *words: str) -> subprocess.CompletedProcess[str]:
        """arcprobe as an administrator runs it beside the control plane."""
        return self.command(sys.executable, "-m", "arcprobe", *words)

    def asked_so_far(self) -> int:
        """Up to where the API server's audit log is written, in bytes."""
        return (self.logs / "audit.log").stat().st_size

    def audited(self, since: int) -> list[dict[str, Any]]:
        """What the API server was asked after that."""
        with (self.logs / "audit.log").open("rb") as log:
            log.seek(since)
            whole, _, _ = log.read().rpartition(b"\n")  # the last line may still be written
        return [json.loads(line) for line in whole.splitlines()]

    def user(self, name: str, group: str = "") -> Path:
        """A kubeconfig for another user, who has no rights yet."""
        authority = Authority(self.folder / "pki")
        authority.sign(name, name, group)
        return authority.kubeconfig(name, control.API)

    def start_api_server(self) -> None:
        """Starts the API server and waits until it is ready."""
        control.start_api_server(self)

    def start_kubelet(self, node: str) -> None:
        """Starts a node's kubelet."""
        nodes.start_kubelet(self, node)

    @contextlib.contextmanager
    def kubelets_with(self, *names: str, **settings: str) -> Iterator[None]:
        """Meanwhile the kubelets of these nodes have other settings (``Record``)."""
        before = {name: getattr(self.record, name) for name in settings}
        try:
            self._restart_kubelets(names, settings)
            yield
        finally:
            self._restart_kubelets(names, before)
            for name in names:
                self.wait_for(f"{name} Ready", functools.partial(self.is_ready, name))

    def _restart_kubelets(self, names: Sequence[str], settings: dict[str, str]) -> None:
        for setting, text in settings.items():
            setattr(self.record, setting, text)
        for name in names:
            self.stop(f"{name}-kubelet")
            self.start_kubelet(name)

    def is_ready(self, node: str) -> bool:
        """Whether the API server calls a node Ready."""
        template = "jsonpath={.status.conditions[?(@.type=='Ready')].status}"
        return self._of_node(node, template) == "True"

    def pod_range(self, node: str) -> str:
        """The addresses of a node's pods; empty until it has some."""
        return self._of_node(node, "jsonpath={.spec.podCIDR}")

    def _of_node(self, node: str, template: str) -> str:
        return self.command("kubectl", "get", "node", node, "-o", template).stdout.strip()


@contextlib.contextmanager
def running(binaries: Path, archives: Sequence[Path], count: int) -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    cluster = started(binaries, archives, count)
    try:
        yield cluster
    finally:
        cluster.close()


def started(binaries: Path, archives: Sequence[Path], count: int) -> Cluster:
    """A new cluster of so many nodes, all Ready."""
    records.sweep()
    record = records.new(count, binaries, archives)
    record.plugins = [policies.PLUGIN]
    cluster = Cluster(record)
    try:
        _start(cluster)
    except BaseException:
        cluster.close()
        raise
    return cluster


def _start(cluster: Cluster) -> None:
    cluster.logs.mkdir(parents=True)
    network.make(cluster)
    control.certificates(cluster)
    control.start_etcd(cluster)
    for node in cluster.nodes:
        nodes.hold(cluster, node)
    with ThreadPoolExecutor() as pool:  # importing images takes as long as the API server's start
        importing = pool.map(functools.partial(nodes.start_containerd, cluster), cluster.nodes)
        control.start_api_server(cluster)
        list(importing)
    control.start_controllers(cluster)
    control.start_dns(cluster)
    network.start_silence(cluster)
    cluster.apply(*control.system_objects(), *policies.objects())
    for node in cluster.nodes:
        nodes.start_kubelet(cluster, node)
        nodes.start_proxy(cluster, node)
    for node in cluster.nodes:
        cluster.wait_for(f"{node}'s pod range", functools.partial(cluster.pod_range, node))
        subnet = cluster.pod_range(node)
        network.route_pods(cluster, node, subnet)
        nodes.write_pod_network(cluster.folder / node, subnet)
    for node in cluster.nodes:
        cluster.wait_for(f"{node} Ready", functools.partial(cluster.is_ready, node))


def left_running(archives: Sequence[Path]) -> Cluster | None:
    """The cluster that ``up`` left, if there is one, with these images."""
    for record in records.known():
        if record.is_left:
            cluster = Cluster(record)
            record.archives = list(map(str, archives))
            for node in cluster.nodes:
                nodes.import_images(cluster, node)
            return cluster
    return None


@contextlib.contextmanager
def at_hand(binaries: Path, archives: Sequence[Path], count: int) -> Iterator[Cluster]:
    """The cluster that ``up`` left, else one that is gone afterwards."""
    if found := left_running(archives):
        yield found
        found.let_go()
        return
    with running(binaries, archives, count) as cluster:
        yield cluster
