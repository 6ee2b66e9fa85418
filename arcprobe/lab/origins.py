"""The rehearsed internet: what Azure Arc's endpoints answer without credentials, in one table that
the demo and tests/netlab serve.

Statuses and headers are those that the real endpoints gave to plain requests in 2025 and 2026,
where one is known.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qs

import msgspec

from arcprobe.lab import relay
from arcprobe.lab.http import Answer, Headers, Request, serve_requests
from arcprobe.lab.peer import Peer
from arcprobe.lab.script import OriginScript, matches

_ZONES = """
    azure.com azure.net azure.us azure.cn windows.net windows.com microsoft.com microsoft.us
    microsoftonline.com microsoftonline.us microsoftonline.cn usgovcloudapi.net chinacloudapi.cn
    k8s.io azurecr.io azk8s.cn azureedge.net microsoftmetrics.com visualstudio.com
    arcdataservices.com azurewebsites.net aka.ms msftauth.net digicert.com globalsign.com
    geotrust.com msocsp.com symantec.com symcd.com github.com
""".split()
KNOWN_NAMES = (*_ZONES, *(f"*.{zone}" for zone in _ZONES))
"""The names that exist in the rehearsed internet, as globs."""

# Codes of regions in names of the identity service; others are named as their region, which no
# real one is
_IDENTITY_CODES = dict(
    pair.split("=")
    for pair in """
    eastus=eus westeurope=weu australiaeast=ae canadacentral=cc centralindia=pn japaneast=je
    southcentralus=scus southeastasia=sea usgovvirginia=usgv westcentralus=wcus uksouth=uks
    westus2=wus2 eastus2=eus2 northeurope=ne
    """.split()
)
_BLOB = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_HTTPAPI: Headers = (("Server", "Microsoft-HTTPAPI/2.0"),)
_JSON = ("Content-Type", "application/json; charset=utf-8")
_GRAPH = ("x-ms-ags-diagnostic", '{"ServerInfo":{"DataCenter":"East US","Role":"rehearsal"}}')
_REGISTRY = ("Docker-Distribution-Api-Version", "registry/2.0.0")


def exists(host: str) -> bool:
    """Whether a lower-case name exists in the rehearsed internet."""
    return matches(host, KNOWN_NAMES)


def _plain(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answer:
    return Answer(status=status, headers=(*_HTTPAPI, *headers), body=body)


def _answer(status: int, *headers: tuple[str, str], body: object = None) -> Answer:
    encoded = b"" if body is None else json.dumps(body).encode()
    return Answer(status=status, headers=headers, body=encoded)


def _by_region(request: Request, tell: Callable[[str], object]) -> Answer:
    """What a discovery tells of the region in its query."""
    query = parse_qs(request.target.partition("?")[2])
    region = query.get("location", [""])[0].lower()
    if not region.isalnum():
        return _plain(400, _JSON, body=b'{"error":{"code":"InvalidLocation"}}')
    return _plain(200, _JSON, body=json.dumps(tell(region)).encode())


def _identity(request: Request) -> Answer:
    zone = request.host.removeprefix("gbl.")
    return _by_region(
        request, lambda region: f"https://{_IDENTITY_CODES.get(region, region)}.{zone}"
    )


def _relay_names(request: Request) -> Answer:
    suffix = relay.zone_of(request.host)

    def names(region: str) -> list[str]:
        first = f"azgnrelay-{region}-l1.{suffix}"
        # the real list was seen with duplicates
        return [first, f"azgn-{region}-public-1p-sn-vazr0002.{suffix}", first]

    return _by_region(request, names)


def _manifest(_: Request) -> Answer:
    blob = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 32, "digest": _BLOB}
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": blob, "layers": [blob]}
    return _answer(200, ("Content-Type", _MANIFEST), _REGISTRY, body=manifest)


def _blob(request: Request) -> Answer:
    host = f"eastus.data.mcr.{request.host.partition('.')[2]}"
    digest = request.path.rpartition("/")[2]
    path = f"/rehearsal/docker/registry/v2/blobs/{digest}?P1=0&se=rehearsal"
    return _answer(307, ("Location", f"https://{host}{path}"), _REGISTRY)


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
    return _answer(200, _JSON, body=document)


def _sign_in(request: Request) -> Answer:
    document = {
        "token_endpoint": f"https://{request.host}/common/oauth2/token",
        "issuer": "https://sts.windows.net/{tenantid}/",
    }
    return _answer(200, _JSON, ("x-ms-ests-server", "2.1.0 - REHEARSAL ProdSlices"), body=document)


class Route(msgspec.Struct, frozen=True):
    """A row of the answers: globs of hosts and of the path, method, and the answer or what makes
    it."""

    hosts: str
    answer: Answer | Callable[[Request], Answer]
    path: str = "*"
    method: str = "GET"


_SIGN_IN = "login.* *.login.microsoft.com *.login.microsoftonline.us *.login.chinacloudapi.cn sts.*"
_MCR = "mcr.microsoft.com mcr.azure.cn mcr.azk8s.cn"
_DP = "*.dp.kubernetesconfiguration.*"
_HELM_PATH = "/azure-arc-k8sagents/GetLatestHelmPackagePath"
_HELM_CHART = (
    b'{"repositoryPath":"mcr.microsoft.com/azurearck8s/batch1/stable/azure-arc-k8sagents:1.36.1"}'
)
_NO_VERSION = b'{"error":{"code":"MissingApiVersionParameter"}}'
_VAULT = (_JSON, ("x-ms-keyvault-region", "eastus"))
_KUBECTL = ("Location", "https://cdn.dl.k8s.io/release/stable.txt")

ROUTES = (
    Route("management.*", _metadata, "/metadata/endpoints"),
    Route("management.*", _plain(400, _JSON, body=_NO_VERSION)),
    Route(_SIGN_IN, _sign_in, "/common/.well-known/openid-configuration"),
    Route(_SIGN_IN, _answer(200, ("Content-Type", "text/html")), "/common/oauth2"),
    Route(_SIGN_IN, _answer(404)),
    Route(_MCR, _manifest, "/v2/*/manifests/*"),
    Route(_MCR, _blob, "/v2/*/blobs/*"),
    Route(_MCR, _answer(200, _REGISTRY)),
    Route("*.data.mcr.*", _plain(400)),
    Route("gbl.his.*", _identity, "/discovery"),
    Route("*.his.arc.*", _plain(400)),
    Route(_DP, _plain(200, _JSON, body=_HELM_CHART), _HELM_PATH, "POST"),
    Route(_DP, _plain(404)),
    Route("*.obo.arc.*", _plain(500)),
    Route("guestnotificationservice.*", _relay_names, "/urls/allowlist"),
    Route("graph.windows.net", _plain(401)),
    Route("graph.*", _answer(200, _JSON, _GRAPH, body={}), "/v1.0/"),
    Route("graph.*", _answer(404, _GRAPH)),
    Route("*.azurecr.io", _answer(401, _REGISTRY), "/v2/"),
    Route("dl.k8s.io", _answer(302, _KUBECTL)),
    Route("gcs.prod.monitoring.*", _plain(200), "/healthcheck"),
    Route("*.prod.microsoftmetrics.com", _plain(302, ("Location", "/login"))),
    Route("*.ingest.monitor.*", _plain(401), "/api/v1/ingestion/status"),
    Route("*.vault.*", _plain(403, *_VAULT, body=b'{"error":{"code":"Forbidden"}}')),
    Route("*.azureedge.net", _plain(400)),
    Route("*", _plain(404)),
)
"""The first row that matches answers."""


def answer_for(request: Request) -> Answer:
    """What a host says to a request without credentials; to another method than its rows name it
    says 404."""
    for route in ROUTES:
        if _is_for(route, request):
            return route.answer if isinstance(route.answer, Answer) else route.answer(request)
    return _plain(404)


def _is_for(route: Route, request: Request) -> bool:
    method = request.method.replace("HEAD", "GET")
    hosts = tuple(route.hosts.split())
    asked = (method, matches(request.host, hosts), matches(request.path, (route.path,)))
    return asked == (route.method, True, True)


class Origins(Peer):
    """All public hosts behind one TLS port, told apart by name, and behind one plain port for
    revocation lists."""

    def __init__(self, context: ssl.SSLContext, script: OriginScript) -> None:
        super().__init__()
        self.plain_port = 0
        self.context = context
        self._script = script

    async def start(self) -> None:
        """Listen: ``port`` speaks TLS, ``plain_port`` does not."""
        self.port = await self.listen(self.context)
        self.plain_port = await self.listen()

    def signature(self, request: Request) -> Headers:
        """Headers that prove to the one who plays the network that this server itself answered."""
        return ()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def reply(request: Request) -> Answer | None:
            signature = self.signature(request)
            if not writer.get_extra_info("ssl_object"):
                return _dated(Answer(status=200, headers=(("Server", "nginx"),)), signature)
            if not relay.takes_websockets(request.host):
                return _dated(answer_for(request), signature)
            said = relay.answer(request, self._script.relay)
            if said is None:
                await relay.upgrade(request, reader, writer, signature)
                return None
            return _dated(said, signature)

        malformed = _plain(400, ("Connection", "close"))
        await serve_requests(reader, writer, reply, malformed)


def _dated(answer: Answer, signature: Headers) -> Answer:
    headers = (*answer.headers, *signature, ("Date", formatdate(usegmt=True)))
    return msgspec.structs.replace(answer, headers=headers)
