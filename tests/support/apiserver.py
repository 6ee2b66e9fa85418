"""A Kubernetes API server of the tests: TLS and tokens on loopback, as much of the API as kubectl
and arcprobe use.

Discovery, lists as JSON and as tables, paging with ``continue``, watch, logs, create, apply,
delete, dry run; and its bad days: 401, 403, 409, 410, 429 with Retry-After, silence, an answer that
breaks off, a proxy that answers instead.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import datetime
import ipaddress
import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "token-of-the-tests"

# resource: (group version, kind, namespaced)
RESOURCES = {
    "services": ("v1", "Service", True),
    "pods": ("v1", "Pod", True),
    "nodes": ("v1", "Node", False),
    "namespaces": ("v1", "Namespace", False),
    "configmaps": ("v1", "ConfigMap", True),
    "secrets": ("v1", "Secret", True),
    "serviceaccounts": ("v1", "ServiceAccount", True),
    "events": ("v1", "Event", True),
    "jobs": ("batch/v1", "Job", True),
    "deployments": ("apps/v1", "Deployment", True),
    "daemonsets": ("apps/v1", "DaemonSet", True),
    "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice", True),
    "servicecidrs": ("networking.k8s.io/v1", "ServiceCIDR", False),
    "clusterroles": ("rbac.authorization.k8s.io/v1", "ClusterRole", False),
    "clusterrolebindings": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", False),
}

Key = tuple[str, str, str]  # resource, namespace, name


@dataclass
class BadDay:
    """What goes wrong for paths that begin with ``path``, ``times`` times (0: always)."""

    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # None: a Status object
    silent: bool = False
    drips: bool = False  # the answer comes byte by byte
    drop: bool = False  # the answer is announced longer than it is
    times: int = 0
    method: str = ""
    after: int = 0  # requests that go well first
    seen: int = 0


class ApiServer:
    """A context manager. ``objects`` holds what it serves; ``on_create`` is called for each new
    object."""

    def __init__(
        self,
        folder: Path,
        token: str = TOKEN,
        service_range: str = "10.96.0.0/12",
        address: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        self.folder, self.token, self.service_range = folder, token, service_range
        self.objects: dict[Key, dict[str, Any]] = {}
        self.logs: dict[str, str] = {}
        self.bad_days: list[BadDay] = []
        self.requests: list[tuple[str, str]] = []
        self.snapshots: dict[int, list[dict[str, Any]]] = {}
        self.absent: set[str] = set()  # resources that this version does not have
        self.on_create: Callable[[str, dict[str, Any]], None] | None = None
        self.closing = threading.Event()
        self.lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = _Server(address, _handler(self), context)
        self.port = self._server.server_address[1]

    def __enter__(self) -> ApiServer:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def environ(self) -> dict[str, str]:
        """The environment that a pod of this cluster would have."""
        return {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(self.port),
            "PATH": "",
        }

    @property
    def service_account(self) -> str:
        """The folder that a pod would find its token and CA in."""
        account = self.folder / "serviceaccount"
        account.mkdir(exist_ok=True)
        (account / "token").write_text(self.token + "\n")
        (account / "ca.crt").write_bytes((self.folder / "ca.pem").read_bytes())
        return str(account)

    @property
    def kubeconfig(self) -> str:
        """A kubeconfig for kubectl."""
        path = self.folder / "kubeconfig"
        authority = base64.b64encode((self.folder / "ca.pem").read_bytes()).decode()
        cluster = {
            "server": f"https://127.0.0.1:{self.port}",
            "certificate-authority-data": authority,
        }
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "tests", "user": {"token": TOKEN}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
            "current-context": "tests",
        }
        path.write_text(json.dumps(content))
        return str(path)

    def add(self, resource: str, name: str, namespace: str = "", **content: Any) -> dict[str, Any]:
        """Puts an object in as if it had been created."""
        version, kind, namespaced = RESOURCES[resource]
        namespace = namespace or ("default" if namespaced else "")
        with self.lock:
            metadata = {
                **content.pop("metadata", {}),
                "name": name,
                "uid": f"{resource}-{name}",
                "resourceVersion": "1",
            }
            if namespaced:
                metadata["namespace"] = namespace
            made = {"apiVersion": version, "kind": kind, "metadata": metadata, **content}
            self.objects[resource, namespace, name] = made
        return made

    def add_services(self, count: int, first: str = "10.96.0.1") -> None:
        """Many Services, the first of them ``default/kubernetes``."""
        start = ipaddress.ip_address(first)
        for number in range(count):
            address = str(start + number)
            name, namespace = (
                ("kubernetes", "default")
                if number == 0
                else (f"service-{number:05}", f"space-{number % 7}")
            )
            self.add(
                "services",
                name,
                namespace,
                metadata={"labels": {"app": "x" * 60}, "annotations": {"note": "y" * 600}},
                spec={
                    "clusterIP": address,
                    "clusterIPs": [address],
                    "type": "ClusterIP",
                    "ports": [{"port": 443}],
                },
            )

    def select(
        self, resource: str, namespace: str, query: dict[str, list[str]]
    ) -> list[dict[str, Any]]:
        """The objects of a list request, in order of namespace and name."""
        wanted = dict(
            part.split("=", 1)
            for part in query.get("labelSelector", [""])[0].split(",")
            if "=" in part
        )
        fields = dict(
            part.split("=", 1)
            for part in query.get("fieldSelector", [""])[0].split(",")
            if "=" in part
        )
        with self.lock:
            return [
                made
                for key, made in sorted(self.objects.items())
                if key[0] == resource
                and (not namespace or key[1] == namespace)
                and wanted.items() <= made["metadata"].get("labels", {}).items()
                and fields.get("metadata.name", key[2]) == key[2]
            ]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        context: ssl.SSLContext,
    ) -> None:
        self.context = context
        super().__init__(address, handler)

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        connection.settimeout(30)
        wrapped = self.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients of these tests hang up on purpose."""


def _handler(api: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            _answer(api, self)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    return Handler


def _answer(api: ApiServer, call: BaseHTTPRequestHandler) -> None:
    url = urlsplit(call.path)
    query = parse_qs(url.query)
    length = int(call.headers.get("Content-Length") or 0)
    body = call.rfile.read(length) if length else b""
    api.requests.append((call.command, call.path))
    for bad in api.bad_days:
        if not url.path.startswith(bad.path) or (bad.method and bad.method != call.command):
            continue
        bad.seen += 1
        if bad.seen <= bad.after or (bad.times and bad.seen > bad.after + bad.times):
            continue
        _misbehave(api, call, bad)
        return
    if call.headers.get("Authorization") != f"Bearer {TOKEN}":
        _status(call, 401, "Unauthorized", "Unauthorized")
        return
    _serve(api, call, url.path, query, body)


def _misbehave(api: ApiServer, call: BaseHTTPRequestHandler, bad: BadDay) -> None:
    if bad.silent:
        api.closing.wait(30)
        call.close_connection = True
    elif bad.drips:
        call.send_response(200)
        call.send_header("Content-Length", "300")
        call.end_headers()
        for _ in range(300):
            call.wfile.write(b"a")
            call.wfile.flush()
            api.closing.wait(0.05)
    elif bad.drop:
        call.send_response(200)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", "100000")
        call.end_headers()
        call.wfile.write(b'{"kind":"ServiceList","items":[')
        call.close_connection = True
    elif bad.body is not None:
        _send(call, bad.status, bad.body, bad.headers)
    else:
        words = {
            401: "Unauthorized",
            403: 'services is forbidden: User "system:serviceaccount:arcprobe:arcprobe" '
            f"cannot list path {bad.path}",
            409: "the object has been modified; please apply your changes to the latest version",
            410: "The provided continue parameter is too old to display a consistent list result.",
            429: "too many requests, please try again later",
        }
        reasons = {
            401: "Unauthorized",
            403: "Forbidden",
            409: "Conflict",
            410: "Expired",
            429: "TooManyRequests",
        }
        _status(
            call,
            bad.status,
            reasons.get(bad.status, "InternalError"),
            words.get(bad.status, "internal"),
            bad.headers,
        )


def _send(
    call: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    call.send_response(status)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        call.send_header(name, value)
    call.send_header("Content-Length", str(len(body)))
    call.end_headers()
    with contextlib.suppress(OSError):
        call.wfile.write(body)


def _json(call: BaseHTTPRequestHandler, content: object, status: int = 200) -> None:
    _send(call, status, json.dumps(content).encode())


def _status(
    call: BaseHTTPRequestHandler,
    code: int,
    reason: str,
    message: str,
    headers: dict[str, str] | None = None,
) -> None:
    content = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    _send(call, code, json.dumps(content).encode(), headers)


def _serve(
    api: ApiServer,
    call: BaseHTTPRequestHandler,
    path: str,
    query: dict[str, list[str]],
    body: bytes,
) -> None:
    parts = [part for part in path.split("/") if part]
    if (found := _discovery(api, parts)) is not None:
        _json(call, found)
        return
    version, namespace, rest = _split(parts)
    resource, name, below = (*rest, "", "", "")[:3]
    known = RESOURCES.get(resource)
    if known is None or known[0] != version or resource in api.absent:
        _status(call, 404, "NotFound", "the server could not find the requested resource")
    elif below == "log":
        _send(call, 200, api.logs.get(name, "").encode(), {"Content-Type": "text/plain"})
    elif call.command == "GET" and not name:
        _list(api, call, resource, namespace, query)
    elif call.command == "POST":
        _create(api, call, resource, namespace, query, json.loads(body))
    elif call.command == "DELETE":
        _delete(api, resource, namespace, name)
        _json(call, {"kind": "Status", "apiVersion": "v1", "status": "Success"})
    elif (resource, namespace, name) not in api.objects:
        _status(call, 404, "NotFound", f'{resource} "{name}" not found')
    else:
        _send_object(call, known[1], api.objects[resource, namespace, name], body)


def _split(parts: list[str]) -> tuple[str, str, list[str]]:
    """Version of the API, namespace, and what follows, of a path below /api or /apis."""
    version, rest = "/".join(parts[1:3]), parts[3:]
    if parts[:1] == ["api"]:
        version, rest = "v1", parts[2:]
    if len(rest) > 2 and rest[0] == "namespaces":
        return version, rest[1], rest[2:]
    return version, "", rest


def _send_object(
    call: BaseHTTPRequestHandler, kind: str, made: dict[str, Any], body: bytes
) -> None:
    """One object, changed before where that is asked."""
    if call.command in ("PATCH", "PUT"):
        made.update({key: value for key, value in json.loads(body).items() if key != "metadata"})
    as_table = "as=Table" in call.headers.get("Accept", "")
    _json(call, _table(kind, [made], "") if as_table else made)


def _delete(api: ApiServer, resource: str, namespace: str, name: str) -> None:
    with api.lock:
        api.objects.pop((resource, namespace, name), None)
        if resource == "namespaces":
            for key in [key for key in api.objects if key[1] == name]:
                del api.objects[key]


def _list(
    api: ApiServer,
    call: BaseHTTPRequestHandler,
    resource: str,
    namespace: str,
    query: dict[str, list[str]],
) -> None:
    version, kind, _ = RESOURCES[resource]
    start = 0
    if token := query.get("continue", [""])[0]:
        start, snapshot = int(token.split("/")[1]), int(token.split("/")[3])
        objects = api.snapshots[snapshot]
    else:
        objects = api.select(resource, namespace, query)
    if query.get("watch", [""])[0] in ("true", "1"):
        call.send_response(200)
        call.send_header("Content-Type", "application/json")
        call.end_headers()
        call.close_connection = True
        for made in objects:
            call.wfile.write(json.dumps({"type": "ADDED", "object": made}).encode() + b"\n")
        return
    limit = int(query.get("limit", ["0"])[0]) or len(objects)
    chosen = objects[start : start + limit]
    following = ""
    if start + limit < len(objects):
        # pages are cut from one snapshot, as the API server does
        following = f"page/+{start + limit}/{limit}/{id(objects)}"
        api.snapshots[id(objects)] = objects
    if "as=Table" in call.headers.get("Accept", ""):
        _json(call, _table(kind, chosen, following))
        return
    metadata = {"resourceVersion": "1", **({"continue": following} if following else {})}
    # items of a list carry no kind, as the API server writes them
    items = [
        {key: value for key, value in made.items() if key not in ("kind", "apiVersion")}
        for made in chosen
    ]
    _json(
        call, {"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items}
    )


def _table(kind: str, objects: list[dict[str, Any]], following: str) -> dict[str, Any]:
    columns = [{"name": "Name", "type": "string", "format": "name", "priority": 0}]
    if kind == "Service":
        columns.append({"name": "Cluster-IP", "type": "string", "format": "", "priority": 0})
    rows = [
        {
            "cells": [made["metadata"]["name"], made.get("spec", {}).get("clusterIP", "")][
                : len(columns)
            ],
            "object": made,
        }
        for made in objects
    ]
    metadata = {"continue": following} if following else {}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": columns,
        "rows": rows,
    }


def _create(
    api: ApiServer,
    call: BaseHTTPRequestHandler,
    resource: str,
    namespace: str,
    query: dict[str, list[str]],
    made: dict[str, Any],
) -> None:
    name = made["metadata"]["name"]
    address = made.get("spec", {}).get("clusterIP") if resource == "services" else None
    if address and ipaddress.ip_address(address) not in ipaddress.ip_network(api.service_range):
        words = (
            f'Service "{name}" is invalid: spec.clusterIPs: '
            f'Invalid value: []string{{"{address}"}}: failed to allocate IP {address}: '
            f"the provided IP ({address}) is not in the valid range. "
            f"The range of valid IPs is {api.service_range}"
        )
        _status(call, 422, "Invalid", words)
        return
    if query.get("dryRun"):
        _json(call, made, 201)
        return
    if (resource, namespace, name) in api.objects:
        _status(call, 409, "AlreadyExists", f'{resource} "{name}" already exists')
        return
    content = copy.deepcopy(
        {key: value for key, value in made.items() if key not in ("apiVersion", "kind")}
    )
    added = api.add(resource, name, namespace, **content)
    _json(call, added, 201)
    if api.on_create is not None:
        api.on_create(resource, added)


def _discovery(api: ApiServer, parts: list[str]) -> dict[str, Any] | None:
    groups = sorted({version for version, _, _ in RESOURCES.values() if "/" in version})
    if parts == ["version"]:
        return {"major": "1", "minor": "33", "gitVersion": "v1.33.0", "platform": "linux/amd64"}
    if parts == ["api"]:
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if parts == ["apis"]:
        named = [
            {
                "name": version.split("/")[0],
                "versions": [{"groupVersion": version, "version": version.split("/")[1]}],
                "preferredVersion": {"groupVersion": version, "version": version.split("/")[1]},
            }
            for version in groups
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": named}
    version = "/".join(parts[1:])
    if version not in {"v1", *groups} or parts[0] != ("api" if version == "v1" else "apis"):
        return None
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    resources = [
        {
            "name": name,
            "singularName": kind.lower(),
            "namespaced": namespaced,
            "kind": kind,
            "verbs": verbs,
        }
        for name, (of, kind, namespaced) in RESOURCES.items()
        if of == version and name not in api.absent
    ]
    svc = [
        {**entry, "shortNames": ["svc"]} if entry["name"] == "services" else entry
        for entry in resources
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": svc,
    }


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A CA and a server certificate for 127.0.0.1 and the Service's own address, in ``folder``
    (``ca.pem``)."""
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "10.96.0.1")]
    now = datetime.datetime.now(datetime.UTC)
    before, after = now - datetime.timedelta(hours=1), now + datetime.timedelta(days=1)
    authority_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    authority = (
        x509.CertificateBuilder()
        .subject_name(authority_name)
        .issuer_name(authority_name)
        .public_key(authority_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(before)
        .not_valid_after(after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]))
        .issuer_name(authority_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(before)
        .not_valid_after(after)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder / "server.pem", folder / "server.key"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """An API server on loopback with the smallest cluster behind it."""
    with ApiServer(folder) as api:
        add_cluster(api)
        yield api


def add_cluster(api: ApiServer, node: str = "10.77.1.10", server: str = "10.77.1.1") -> None:
    """``default/kubernetes``, one node at this address, the API server's EndpointSlice and a
    ServiceCIDR."""
    api.add_services(1)
    api.add("servicecidrs", "kubernetes", spec={"cidrs": ["10.96.0.0/12"]})
    addresses = [{"type": "InternalIP", "address": node}, {"type": "Hostname", "address": "node-a"}]
    api.add(
        "nodes",
        "node-a",
        spec={"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
        status={"addresses": addresses},
    )
    labels = {"kubernetes.io/service-name": "kubernetes"}
    api.add(
        "endpointslices",
        "kubernetes",
        metadata={"labels": labels},
        endpoints=[{"addresses": [server]}],
    )


def main() -> None:
    """``python -m tests.support.apiserver FOLDER ADDRESS PORT NODE``: an API server in a
    network namespace, until it is killed."""
    folder, address, port, node = sys.argv[1:]
    with ApiServer(Path(folder), address=(address, int(port))) as api:
        add_cluster(api, node, address)
        _ = api.service_account
        api.closing.wait()


if __name__ == "__main__":
    main()
