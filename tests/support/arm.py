"""An Azure Resource Manager of the tests: TLS and tokens on loopback, the shapes of Microsoft's own
clients (azure-mgmt-hybridcompute 10.0.0, azure-mgmt-hybridkubernetes 2.0.0), and its bad days."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.apiserver import _certificate, _Server

TOKEN = "token-of-the-tests-CANARY"
SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
GROUP = f"{SUBSCRIPTION}/resourceGroups/arc"
GATEWAY = f"{GROUP}/providers/Microsoft.HybridCompute/gateways/contoso"
CLUSTER = f"{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/edge"
SETTINGS = f"{CLUSTER}/providers/Microsoft.HybridCompute/settings/default"
PERMISSIONS = f"{GROUP}/providers/Microsoft.Authorization/permissions"
GATEWAYS = f"{SUBSCRIPTION}/providers/Microsoft.HybridCompute/gateways"


def gateway(name: str = "contoso", **properties: Any) -> dict[str, Any]:
    """A gateway as Azure has it."""
    return {
        "id": f"{GROUP}/providers/Microsoft.HybridCompute/gateways/{name}",
        "name": name,
        "type": "Microsoft.HybridCompute/gateways",
        "location": "eastus",
        "properties": {
            "provisioningState": "Succeeded",
            "gatewayId": "66666666-2222-3333-4444-555555555555",
            "gatewayType": "Public",
            "gatewayEndpoint": f"{name}.gw.arc.azure.com",
            "allowedFeatures": ["*"],
            **properties,
        },
    }


def cluster(**properties: Any) -> dict[str, Any]:
    """A connected cluster as Azure has it."""
    return {
        "id": CLUSTER,
        "name": "edge",
        "type": "Microsoft.Kubernetes/connectedClusters",
        "location": "eastus",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "agentPublicKeyCertificate": "",
            "provisioningState": "Succeeded",
            "connectivityStatus": "Connected",
            "agentVersion": "1.36.1",
            "managedIdentityCertificateExpirationTime": "2099-01-01T00:00:00Z",
            "gateway": {"enabled": True},
            **properties,
        },
    }


class FakeArm:
    """A context manager. ``bodies``: path -> body; ``pages``: path -> pages of a list;
    ``troubles``: path -> (status, headers, times), 0: always."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        registered = {"registrationState": "Registered"}
        self.bodies: dict[str, Any] = {
            GATEWAY: gateway(),
            CLUSTER: cluster(),
            SETTINGS: {
                "id": SETTINGS,
                "name": "default",
                "type": "Microsoft.HybridCompute/settings",
                "properties": {"gatewayProperties": {"gatewayResourceId": GATEWAY}},
                "systemData": {"lastModifiedAt": "2026-01-01T00:00:00Z"},
            },
            **{
                f"{SUBSCRIPTION}/providers/Microsoft.{name}": registered
                for name in ("Kubernetes", "KubernetesConfiguration", "HybridCompute")
            },
        }
        self.pages: dict[str, list[list[Any]]] = {
            GATEWAYS: [[gateway()], [gateway("other")]],
            PERMISSIONS: [[{"actions": ["*"], "notActions": []}]],
        }
        self.troubles: dict[str, list[tuple[int, dict[str, str], int]]] = {}
        self.seen: list[str] = []
        certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = _Server(("127.0.0.1", 0), _handler(self), context)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self.roots = folder / "ca.pem"

    def __enter__(self) -> FakeArm:
        run = self._server.serve_forever
        self._thread = threading.Thread(target=run, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def trouble(self, path: str, status: int, times: int = 0, **headers: str) -> None:
        """From now on a path is answered so."""
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        self.troubles[path] = [(status, shown, times)]


def _handler(arm: FakeArm) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            _answer(arm, self)

    return Handler


def _answer(arm: FakeArm, call: BaseHTTPRequestHandler) -> None:
    url = urlsplit(call.path)
    query = parse_qs(url.query)
    arm.seen.append(call.path)
    if call.headers.get("Authorization") != f"Bearer {TOKEN}":
        _send(call, 401, {"error": {"code": "ExpiredAuthenticationToken", "message": "x"}})
    elif "api-version" not in query:
        _send(call, 400, {"error": {"code": "MissingApiVersionParameter"}})
    elif arm.troubles.get(url.path):
        status, headers, times = arm.troubles[url.path][0]
        if times:
            arm.troubles[url.path].pop(0)
        _send(call, status, {"error": {"code": "Bad", "message": f"said with {TOKEN}"}}, headers)
    elif url.path in arm.pages:
        _send_page(arm, call, url.path, int(query.get("page", ["0"])[0]))
    elif url.path in arm.bodies:
        _send(call, 200, arm.bodies[url.path])
    else:
        _send(call, 404, {"error": {"code": "ResourceNotFound", "message": "not there"}})


def _send_page(arm: FakeArm, call: BaseHTTPRequestHandler, path: str, page: int) -> None:
    pages = arm.pages[path]
    body: dict[str, Any] = {"value": pages[page]}
    if page + 1 < len(pages):
        body["nextLink"] = f"{arm.url}{path}?api-version=2026-07-15&page={page + 1}"
    _send(call, 200, body)


def _send(
    call: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    content = json.dumps(body).encode()
    call.send_response(status)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", str(len(content)))
    for name, value in (headers or {}).items():
        call.send_header(name, value)
    call.end_headers()
    call.wfile.write(content)
