"""The rehearsed cluster: a Kubernetes API server that a service account asks with its token, and
the same objects as a file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

from arcprobe.lab.http import Answer, Request, serve_requests
from arcprobe.lab.peer import LOOPBACK, Peer
from arcprobe.lab.pki import EnterpriseCa
from arcprobe.lab.script import ClusterScript
from arcprobe.lab.tls import server_context

# Of kubeadm's defaults: Services in 10.96.0.0/12, its first address for the API server.
_SERVICES = (
    ("default", "kubernetes", "10.96.0.1"),
    ("kube-system", "kube-dns", "10.96.0.10"),
    ("kube-system", "metrics-server", "10.98.41.7"),
    ("shop", "cart", "10.101.18.230"),
    ("shop", "orders", "10.107.201.44"),
    ("shop", "orders-db", "None"),  # headless: no address of its own
    ("shop", "payments", ""),  # ExternalName
    ("ingress", "controller", "10.110.3.99"),
)
_NODES = (("node-1", "10.20.0.11", "10.244.0.0/24"), ("node-2", "10.20.0.12", "10.244.1.0/24"))
_JSON = (("Content-Type", "application/json"),)


def _service(namespace: str, name: str, address: str) -> dict[str, Any]:
    kind = "ClusterIP" if address else "ExternalName"
    spec: dict[str, Any] = {"type": kind, "ports": [{"port": 443, "protocol": "TCP"}]}
    if address:
        spec |= {"clusterIP": address, "clusterIPs": [address], "ipFamilies": ["IPv4"]}
    else:
        spec["externalName"] = "payments.contoso.example"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name},
        "spec": spec,
    }


def _node(name: str, address: str, pods: str) -> dict[str, Any]:
    addresses = [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}]
    return {
        "metadata": {"name": name},
        "spec": {"podCIDR": pods, "podCIDRs": [pods]},
        "status": {"addresses": addresses},
    }


# The collections that exist, by path: kind of the list, version of its API, its objects.
_COLLECTIONS: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "/api/v1/services": ("ServiceList", "v1", [_service(*row) for row in _SERVICES]),
    "/api/v1/nodes": ("NodeList", "v1", [_node(*row) for row in _NODES]),
    "/apis/networking.k8s.io/v1/servicecidrs": (
        "ServiceCIDRList",
        "networking.k8s.io/v1",
        [{"metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["10.96.0.0/12"]}}],
    ),
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices": (
        "EndpointSliceList",
        "discovery.k8s.io/v1",
        [
            {
                "metadata": {"name": "kubernetes"},
                "addressType": "IPv4",
                "endpoints": [{"addresses": ["127.0.0.1"]}],
            }
        ],
    ),
}


def services_file() -> bytes:
    """The cluster's Services as ``kubectl get svc -A -o json`` prints them."""
    items = _COLLECTIONS["/api/v1/services"][2]
    return json.dumps(
        {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}
    ).encode()


class ApiServer(Peer):
    """An API server over TLS by the cluster's own CA; every request needs the service account's
    token."""

    def __init__(self, script: ClusterScript, folder: Path) -> None:
        super().__init__()
        self._script = script
        self._folder = folder
        self._ca = EnterpriseCa("kubernetes")
        self.token = token_urlsafe(24)

    async def start(self) -> None:
        """Listen, and write the service account's folder as a pod finds it: token, ca.crt,
        namespace."""
        credential = self._ca.server("kubernetes.default.svc", LOOPBACK)
        context = server_context(self._folder, credential)
        account = self._folder / "serviceaccount"
        account.mkdir()
        (account / "token").write_text(self.token, encoding="ascii")
        (account / "ca.crt").write_bytes(self._ca.pem)
        (account / "namespace").write_text("arcprobe", encoding="ascii")
        self.port = await self.listen(context)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def reply(request: Request) -> Answer:
            return self.answer(request)

        await serve_requests(reader, writer, reply, _status(400, "BadRequest", "malformed request"))

    def answer(self, request: Request) -> Answer:
        """A page of a collection, or a Status that says why not, as the API server words it."""
        if request.header("authorization") != f"Bearer {self.token}":
            return _status(401, "Unauthorized", "Unauthorized")
        url = urlsplit(request.target)
        resource = url.path.rpartition("/")[2]
        if request.method != "GET" or resource in self._script.forbidden:
            return _status(
                403,
                "Forbidden",
                f'{resource} is forbidden: User "system:serviceaccount:arcprobe:arcprobe" cannot '
                f'list resource "{resource}" in API group "" at the cluster scope',
            )
        if url.path not in _COLLECTIONS:
            return _status(404, "NotFound", "the server could not find the requested resource")
        query = parse_qs(url.query)
        return self._page(url.path, query.get("limit", ["0"])[0], query.get("continue", ["0"])[0])

    def _page(self, path: str, limit: str, start: str) -> Answer:
        if not (limit.isdecimal() and start.isdecimal()):
            return _status(410, "Expired", "The provided continue parameter is too old")
        kind, version, items = _COLLECTIONS[path]
        first = int(start)
        last = first + min(int(limit) or len(items), self._script.page)
        metadata: dict[str, Any] = {"resourceVersion": "4711"}
        if last < len(items):
            metadata |= {"continue": str(last), "remainingItemCount": len(items) - last}
        page = {
            "kind": kind,
            "apiVersion": version,
            "metadata": metadata,
            "items": items[first:last],
        }
        return Answer(status=200, headers=_JSON, body=json.dumps(page).encode())


def _status(code: int, reason: str, message: str) -> Answer:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return Answer(status=code, headers=_JSON, body=json.dumps(body).encode())
