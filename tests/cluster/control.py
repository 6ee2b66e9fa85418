"""The control plane: certificates, etcd, API server, controllers, scheduler, DNS."""

from __future__ import annotations

from tests.cluster.hosts import CONTROL, Hosts
from tests.cluster.network import PODS, SERVER, SERVICES, address
from tests.cluster.pki import Authority
from tests.netlab.name_servers import RESOLVER

DNS, DOMAIN = "10.96.0.10", "cluster.local"
API = f"https://{SERVER}:6443"

# Metadata alone: who asked what, and what the answer was.
_AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


def certificates(hosts: Hosts) -> Authority:
    """Those of every component and node, and their kubeconfigs."""
    authority = Authority(hosts.folder / "pki")
    names = ("kubernetes", "kubernetes.default", f"kubernetes.default.svc.{DOMAIN}")
    addresses = ("10.96.0.1", SERVER, "127.0.0.1")
    authority.sign("apiserver", "kube-apiserver", "", *names, *addresses)
    authority.sign("kubelet-client", "kubelet-client")
    authority.sign("admin", "kubernetes-admin", "system:masters")
    authority.sign("controller-manager", "system:kube-controller-manager")
    authority.sign("scheduler", "system:kube-scheduler")
    authority.sign("proxy", "system:kube-proxy")
    nodes = hosts.record.nodes
    for number, node in enumerate(nodes, 1):
        authority.sign(node, f"system:node:{node}", "system:nodes", node, address(number))
    authority.key_pair("sa")
    for name in ("admin", "controller-manager", "scheduler", "proxy", *nodes):
        authority.kubeconfig(name, API)
    return authority


def start_etcd(hosts: Hosts) -> None:
    """Starts the store of the API server."""
    hosts.folder.joinpath("audit.yaml").write_text(_AUDIT)
    etcd = (
        "etcd",
        f"--data-dir={hosts.folder}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
    )
    hosts.daemon("etcd", [*hosts.entering(CONTROL), *etcd])


def start_api_server(hosts: Hosts) -> None:
    """Starts the API server and waits until it is ready."""
    pki = hosts.folder / "pki"
    flags = (
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
        f"--service-account-issuer=https://kubernetes.default.svc.{DOMAIN}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        f"--enable-admission-plugins={','.join(('NodeRestriction', *hosts.record.plugins))}",
        "--allow-privileged=true",
        f"--audit-policy-file={hosts.folder}/audit.yaml",
        f"--audit-log-path={hosts.logs}/audit.log",
        "--audit-log-maxsize=10000",  # MB: one file
    )
    program = f"{hosts.record.binaries}/kube-apiserver"
    hosts.daemon("apiserver", [*hosts.entering(CONTROL), program, *flags])

    def is_ready() -> bool:
        return hosts.command("kubectl", "get", "--raw", "/readyz").returncode == 0

    hosts.wait_for("the API server", is_ready)


def start_controllers(hosts: Hosts) -> None:
    """Starts controller manager and scheduler."""
    pki = hosts.folder / "pki"
    controllers = (
        f"--service-account-private-key-file={pki}/sa.key",
        f"--root-ca-file={pki}/ca.crt",
        "--use-service-account-credentials",
        "--allocate-node-cidrs",
        f"--cluster-cidr={PODS}",
        f"--service-cluster-ip-range={SERVICES}",
        "--node-monitor-period=2s",
        "--node-monitor-grace-period=20s",
    )
    for name, flags in (("controller-manager", controllers), ("scheduler", ())):
        config = pki / f"{name}.conf"
        common = (
            f"--kubeconfig={config}",
            f"--authentication-kubeconfig={config}",
            f"--authorization-kubeconfig={config}",
            # without leader election: they would end when the API server is restarted
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
        )
        program = f"{hosts.record.binaries}/kube-{name}"
        hosts.daemon(name, [*hosts.entering(CONTROL), program, *common, *flags])


def start_dns(hosts: Hosts) -> None:
    """Cluster DNS: dnsmasq behind the Service kube-dns; other names go to the lab's resolver."""
    dnsmasq = (
        "dnsmasq",
        "--keep-in-foreground",
        "--no-resolv",
        "--no-hosts",
        "--bind-interfaces",
        f"--listen-address={SERVER}",
        f"--server={RESOLVER}",
        f"--local=/{DOMAIN}/",
        f"--address=/kubernetes.default.svc.{DOMAIN}/10.96.0.1",
        "--pid-file=",
    )
    hosts.daemon("dns", [*hosts.entering(CONTROL), *dnsmasq])


def system_objects() -> tuple[dict[str, object], ...]:
    """What kubeadm makes and arcprobe reads: the Service of the DNS, the networks; and the right of
    the API server to ask kubelets for logs."""
    ports = [{"name": name, "port": 53, "protocol": name.upper()} for name in ("udp", "tcp")]
    about = {"name": "kube-dns", "namespace": "kube-system"}
    subsets = [{"addresses": [{"ip": SERVER}], "ports": ports}]
    subnets = f"networking: {{serviceSubnet: {SERVICES}, podSubnet: {PODS}}}\n"
    group = "rbac.authorization.k8s.io"
    return (
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"clusterIP": DNS, "ports": ports},
        },
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": about, "subsets": subsets},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "kubeadm-config", "namespace": "kube-system"},
            "data": {"ClusterConfiguration": f"dnsDomain: {DOMAIN}\n{subnets}"},
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "kubelet-api"},
            "roleRef": {
                "apiGroup": group,
                "kind": "ClusterRole",
                "name": "system:kubelet-api-admin",
            },
            "subjects": [{"apiGroup": group, "kind": "User", "name": "kubelet-client"}],
        },
    )
