"""The rehearsed internet: TLS origins that answer as Azure Arc's endpoints do without credentials
(facts/arc.md 3.1 to 3.5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs

import msgspec

from arcprobe.lab import relay
from arcprobe.lab.http import Answer, Headers, Request, serve_requests
from arcprobe.lab.peer import Peer
from arcprobe.lab.pki import PublicPki
from arcprobe.lab.script import OriginScript, matches
from arcprobe.lab.tls import ContextStore

# The names that exist in the rehearsed internet: what the endpoint lists of facts/arc.md sections
# 1 and 2 live under.
KNOWN_NAMES = tuple(
    pattern
    for suffix in (
        "azure.com azure.net azure.us azure.cn windows.net windows.com microsoft.com microsoft.us microsoftonline.com "
        "microsoftonline.us microsoftonline.cn usgovcloudapi.net chinacloudapi.cn k8s.io azurecr.io azk8s.cn azureedge.net "
        "microsoftmetrics.com visualstudio.com arcdataservices.com azurewebsites.net aka.ms msftauth.net digicert.com "
        "globalsign.com geotrust.com msocsp.com symantec.com symcd.com github.com"
    ).split()
    for pattern in (suffix, f"*.{suffix}")
)

# facts/arc.md 3.1; all others are named as their region, which no real one is
_IDENTITY_CODES = {
    "eastus": "eus",
    "westeurope": "weu",
    "australiaeast": "ae",
    "canadacentral": "cc",
    "centralindia": "pn",
    "japaneast": "je",
    "southcentralus": "scus",
    "southeastasia": "sea",
    "usgovvirginia": "usgv",
    "westcentralus": "wcus",
    "uksouth": "uks",
    "westus2": "wus2",
    "eastus2": "eus2",
    "northeurope": "ne",
}
_RELAY_SUFFIXES = {
    "com": "servicebus.windows.net",
    "us": "servicebus.usgovcloudapi.net",
    "cn": "servicebus.chinacloudapi.cn",
}
BLOB = "sha256:" + "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
_HTTPAPI: Headers = (("Server", "Microsoft-HTTPAPI/2.0"),)
_JSON = ("Content-Type", "application/json; charset=utf-8")
_GRAPH = ("x-ms-ags-diagnostic", '{"ServerInfo":{"DataCenter":"East US","Role":"rehearsal"}}')
_REGISTRY = ("Docker-Distribution-Api-Version", "registry/2.0.0")


def exists(host: str) -> bool:
    """Whether a lower-case name exists in the rehearsed internet."""
    return matches(host, KNOWN_NAMES)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the answers: host and path globs, method, and the answer or what makes it."""

    hosts: tuple[str, ...]
    path: str = "*"
    method: str = "GET"
    answer: Answer | Callable[[Request], Answer]


def _plain(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answer:
    return Answer(status=status, headers=(*_HTTPAPI, *headers), body=body)


def _query(request: Request, name: str) -> str:
    return parse_qs(request.target.partition("?")[2]).get(name, [""])[0]


def _identity_discovery(request: Request) -> Answer:
    region = _query(request, "location").lower()
    if not region.isalnum():
        return _plain(400, _JSON, body=b'{"error":{"code":"InvalidLocation"}}')
    zone = request.host.removeprefix("gbl.")
    return _plain(
        200,
        _JSON,
        body=json.dumps(f"https://{_IDENTITY_CODES.get(region, region)}.{zone}").encode(),
    )


def _relay_names(request: Request) -> Answer:
    region = _query(request, "location").lower()
    if not region.isalnum():
        return _plain(400, _JSON, body=b'{"error":{"code":"InvalidLocation"}}')
    suffix = _RELAY_SUFFIXES.get(request.host.rpartition(".")[2], _RELAY_SUFFIXES["com"])
    first, second = (
        f"azgnrelay-{region}-l1.{suffix}",
        f"azgn-{region}-public-1p-sn-vazr0002.{suffix}",
    )
    return _plain(
        200, _JSON, body=json.dumps([first, second, first]).encode()
    )  # duplicates occur: facts/arc.md 3.2


def _manifest(_: Request) -> Answer:
    media = "application/vnd.oci.image.manifest.v1+json"
    blob = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 32, "digest": BLOB}
    manifest = {"schemaVersion": 2, "mediaType": media, "config": blob, "layers": [blob]}
    return Answer(
        status=200, headers=(("Content-Type", media), _REGISTRY), body=json.dumps(manifest).encode()
    )


def _blob(request: Request) -> Answer:
    zone = request.host.partition(".")[2]
    target = f"https://eastus.data.mcr.{zone}/rehearsal/docker/registry/v2/blobs/{request.path.rpartition('/')[2]}?P1=0&se=rehearsal"
    return Answer(status=307, headers=(("Location", target), _REGISTRY))


def _metadata(request: Request) -> Answer:
    zone = request.host.partition(".")[2]
    document = {
        "resourceManager": f"https://{request.host}/",
        "authentication": {
            "loginEndpoint": "https://login.microsoftonline.com",
            "tenant": "common",
        },
        "suffixes": {"relayEndpointSuffix": "servicebus.windows.net"},
        "dataplaneEndpoints": {
            "arcConfigEndpoint": f"https://dp.kubernetesconfiguration.{zone}",
            "arcGlobalNotificationServiceEndpoint": f"https://guestnotificationservice.{zone}",
            "arcHybridIdentityServiceEndpoint": f"https://gbl.his.arc.{zone}",
        },
    }
    return Answer(status=200, headers=(_JSON,), body=json.dumps(document).encode())


def _sign_in(request: Request) -> Answer:
    document = {
        "token_endpoint": f"https://{request.host}/common/oauth2/token",
        "issuer": "https://sts.windows.net/{tenantid}/",
    }
    headers = (_JSON, ("x-ms-ests-server", "2.1.0 - REHEARSAL ProdSlices"))
    return Answer(status=200, headers=headers, body=json.dumps(document).encode())


_HELM_PATH = (
    b'{"repositoryPath":"mcr.microsoft.com/azurearck8s/batch1/stable/azure-arc-k8sagents:1.36.1"}'
)
_SIGN_IN = (
    "login.*",
    "*.login.microsoft.com",
    "*.login.microsoftonline.us",
    "*.login.chinacloudapi.cn",
    "sts.*",
)
_REGISTRIES = ("mcr.microsoft.com", "mcr.azure.cn", "mcr.azk8s.cn")

# The first row that matches answers; statuses as measured, facts/arc.md 3.5 (2025-04-01), where a
# status is known.
ROUTES = (
    Route(hosts=("management.*",), path="/metadata/endpoints", answer=_metadata),
    Route(
        hosts=("management.*",),
        answer=_plain(400, _JSON, body=b'{"error":{"code":"MissingApiVersionParameter"}}'),
    ),
    Route(hosts=_SIGN_IN, path="/common/.well-known/openid-configuration", answer=_sign_in),
    Route(
        hosts=_SIGN_IN,
        path="/common/oauth2",
        answer=Answer(status=200, headers=(("Content-Type", "text/html"),)),
    ),
    Route(hosts=_SIGN_IN, answer=Answer(status=404)),
    Route(hosts=_REGISTRIES, path="/v2/*/manifests/*", answer=_manifest),
    Route(hosts=_REGISTRIES, path="/v2/*/blobs/*", answer=_blob),
    Route(hosts=_REGISTRIES, answer=Answer(status=200, headers=(_REGISTRY,))),
    Route(hosts=("*.data.mcr.*",), answer=_plain(400)),
    Route(hosts=("gbl.his.*",), path="/discovery", answer=_identity_discovery),
    Route(hosts=("*.his.arc.*",), answer=_plain(400)),
    Route(
        hosts=("*.dp.kubernetesconfiguration.*",),
        path="/azure-arc-k8sagents/GetLatestHelmPackagePath",
        method="POST",
        answer=_plain(200, _JSON, body=_HELM_PATH),
    ),
    Route(hosts=("*.dp.kubernetesconfiguration.*",), answer=_plain(404)),
    Route(hosts=("*.obo.arc.*",), answer=_plain(500)),
    Route(hosts=("guestnotificationservice.*",), path="/urls/allowlist", answer=_relay_names),
    Route(hosts=("graph.windows.net",), answer=_plain(401)),
    Route(
        hosts=("graph.*",),
        path="/v1.0/",
        answer=Answer(status=200, headers=(_JSON, _GRAPH), body=b"{}"),
    ),
    Route(hosts=("graph.*",), answer=Answer(status=404, headers=(_GRAPH,))),
    Route(hosts=("*.azurecr.io",), path="/v2/", answer=Answer(status=401, headers=(_REGISTRY,))),
    Route(
        hosts=("dl.k8s.io",),
        answer=Answer(
            status=302, headers=(("Location", "https://cdn.dl.k8s.io/release/stable.txt"),)
        ),
    ),
    Route(hosts=("gcs.prod.monitoring.*",), path="/healthcheck", answer=_plain(200)),
    Route(hosts=("*.prod.microsoftmetrics.com",), answer=_plain(302, ("Location", "/login"))),
    Route(hosts=("*.ingest.monitor.*",), path="/api/v1/ingestion/status", answer=_plain(401)),
    Route(
        hosts=("*.vault.*",),
        answer=_plain(
            403, _JSON, ("x-ms-keyvault-region", "eastus"), body=b'{"error":{"code":"Forbidden"}}'
        ),
    ),
    Route(hosts=("*.azureedge.net", "*.gw.arc.*"), answer=_plain(400)),
)


class Origins(Peer):
    """All public hosts behind one TLS port, told apart by name, and behind one plain port for
    revocation lists."""

    def __init__(self, pki: PublicPki, folder: Path, script: OriginScript) -> None:
        super().__init__()
        self.plain_port = 0
        self._script = script
        self._contexts = ContextStore(folder, pki.leaf)

    async def start(self) -> None:
        """Listen: ``port`` speaks TLS, ``plain_port`` does not."""
        self.port = await self.listen(
            self._contexts.by_server_name("front.rehearsal.azure.com", exists)
        )
        self.plain_port = await self.listen()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def reply(request: Request) -> Answer | None:
            if relay.is_relay(request.host) and writer.get_extra_info("ssl_object"):
                verdict = relay.answer(request, self._script.relay)
                if verdict is not None:
                    return _dated(verdict)
                await relay.upgrade(request, reader, writer)
                return None
            if not writer.get_extra_info("ssl_object"):
                return _dated(Answer(status=200, headers=(("Server", "nginx"),)))
            return _dated(answer_for(request))

        await serve_requests(
            reader, writer, reply, Answer(status=400, headers=(*_HTTPAPI, ("Connection", "close")))
        )


def answer_for(request: Request) -> Answer:
    """What a host says to a request without credentials; 404 where no row of the table speaks for
    it."""
    method = "GET" if request.method == "HEAD" else request.method
    for route in ROUTES:
        if (
            route.method == method
            and matches(request.host, route.hosts)
            and matches(request.path, (route.path,))
        ):
            return route.answer if isinstance(route.answer, Answer) else route.answer(request)
    return _plain(404)


def _dated(answer: Answer) -> Answer:
    return msgspec.structs.replace(
        answer, headers=(*answer.headers, ("Date", formatdate(usegmt=True)))
    )
