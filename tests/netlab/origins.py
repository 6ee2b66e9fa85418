"""The Azure look-alikes: TLS on 443 and 8084 and HTTP on 80 for every name of the zone, answering
as facts/arc.md 3.5 says.

`python -m tests.netlab.origins PKI_FOLDER` inside the internet namespace; one process for all
hosts, told apart by SNI.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import ssl
import sys
import uuid
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

from msgspec import Struct

from .zone import REGION, front_end, internet_addresses, leaf_file

_RELAYS = tuple(f"azgnrelay-{REGION}-{part}.servicebus.windows.net" for part in ("l1", "l2"))
_BLOB = b'{"created":"2026-08-10T00:00:00Z"}'
_DIGEST = "sha256:" + hashlib.sha256(_BLOB).hexdigest()
_KERNEL = "Microsoft-HTTPAPI/2.0"
_LIMIT = 64 * 1024


class Request(Struct, frozen=True, kw_only=True):
    """What a client asked: the host it named, the path with its query, and the header fields in
    lower case."""

    method: str
    host: str
    target: str
    fields: dict[str, str]

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Answer(Struct, frozen=True, kw_only=True):
    """Status, reason phrase, fields and body; a 101 is followed by frames."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def _json(document: object, *fields: tuple[str, str]) -> Answer:
    body = json.dumps(document).encode()
    return Answer(
        status=200,
        reason="OK",
        fields=(("Content-Type", "application/json; charset=utf-8"), *fields),
        body=body,
    )


def _arm(request: Request) -> Answer:
    marks = (
        ("x-ms-request-id", str(uuid.uuid4())),
        ("x-ms-correlation-request-id", str(uuid.uuid4())),
        ("x-ms-routing-request-id", f"WESTEUROPE:20261101T000000Z:{uuid.uuid4()}"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    )
    if request.path == "/metadata/endpoints":
        return _json(
            {
                "portal": "https://portal.azure.com",
                "authentication": {
                    "loginEndpoint": "https://login.microsoftonline.com",
                    "tenant": "common",
                },
                "resourceManager": "https://management.azure.com/",
                "suffixes": {"relayEndpointSuffix": ".servicebus.windows.net"},
                "name": "AzureCloud",
            },
            *marks,
        )
    error = b'{"error":{"code":"MissingApiVersionParameter","message":"The api-version query parameter is required."}}'
    return Answer(
        status=400,
        reason="Bad Request",
        fields=(("Content-Type", "application/json; charset=utf-8"), *marks),
        body=error,
    )


def _entra(request: Request) -> Answer:
    marks = (
        ("x-ms-request-id", str(uuid.uuid4())),
        ("x-ms-ests-server", "2.1.19000.6 - WEULR1 ProdSlices"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("Content-Type", "text/html; charset=utf-8"),
    )
    if request.path.startswith("/common/"):
        return Answer(
            status=200,
            reason="OK",
            fields=marks,
            body=b"<!DOCTYPE html><title>Sign in to your account</title>",
        )
    return Answer(status=404, reason="Not Found", fields=marks)


def _graph(request: Request) -> Answer:
    marks = (
        ("request-id", str(uuid.uuid4())),
        ("x-ms-ags-diagnostic", '{"ServerInfo":{"DataCenter":"West Europe"}}'),
    )
    return _json(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata", "value": []}, *marks
    )


def _registry(request: Request) -> Answer:
    marks = (
        ("X-Ms-Correlation-Request-Id", str(uuid.uuid4())),
        ("Docker-Distribution-Api-Version", "registry/2.0"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Azure-Ref", base64.b64encode(uuid.uuid4().bytes).decode()),
    )
    if "/manifests/" in request.path:
        media = "application/vnd.oci.image.manifest.v1+json"
        document = {
            "schemaVersion": 2,
            "mediaType": media,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": _DIGEST,
                "size": len(_BLOB),
            },
            "layers": [
                {
                    "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                    "digest": _DIGEST,
                    "size": len(_BLOB),
                }
            ],
        }
        body = json.dumps(document).encode()
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        fields = (("Content-Type", media), ("Docker-Content-Digest", digest), *marks)
        return Answer(status=200, reason="OK", fields=fields, body=body)
    if "/blobs/" in request.path:
        where = f"https://{REGION}.data.mcr.microsoft.com/lab//docker/registry/v2/blobs/{_DIGEST}/data?P1=1"
        return Answer(status=307, reason="Temporary Redirect", fields=(("Location", where), *marks))
    if request.path.endswith("/tags/list"):
        return _json(
            {"name": request.path.removeprefix("/v2/").removesuffix("/tags/list"), "tags": ["1.0"]},
            *marks,
        )
    return Answer(status=200, reason="OK", fields=marks)


def _private_registry(request: Request) -> Answer:
    return Answer(
        status=404,
        reason="Not Found",
        fields=(
            ("Server", "AzureContainerRegistry"),
            ("X-Ms-Correlation-Request-Id", str(uuid.uuid4())),
        ),
    )


def _blobs(request: Request) -> Answer:
    marks = (
        ("Server", f"Windows-Azure-Blob/1.0 {_KERNEL}"),
        ("x-ms-request-id", str(uuid.uuid4())),
        ("x-ms-version", "2009-09-19"),
    )
    if request.path.endswith("/data"):
        return Answer(status=200, reason="OK", fields=marks, body=_BLOB)
    body = b'<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidQueryParameterValue</Code></Error>'
    return Answer(
        status=400,
        reason="Bad Request",
        fields=(*marks, ("Content-Type", "application/xml")),
        body=body,
    )


def _kubernetes(request: Request) -> Answer:
    return Answer(
        status=302,
        reason="Found",
        fields=(("Location", "https://kubernetes.io/"), ("Server", "nginx")),
    )


def _identity(request: Request) -> Answer:
    marks = (("Server", _KERNEL), ("x-ms-correlation-request-id", str(uuid.uuid4())))
    if request.path == "/discovery":
        return _json("https://weu.his.arc.azure.com", *marks)
    return Answer(status=400, reason="Bad Request", fields=marks)


def _notifications(request: Request) -> Answer:
    marks = (("Server", _KERNEL), ("x-ms-correlation-request-id", str(uuid.uuid4())))
    if request.path == "/urls/allowlist":
        # Real answers were seen with duplicates (facts/arc.md 3.2).
        return _json([*_RELAYS, _RELAYS[0]], *marks)
    return Answer(status=404, reason="Not Found", fields=marks)


def _configuration(request: Request) -> Answer:
    marks = (
        ("x-ms-correlation-request-id", str(uuid.uuid4())),
        ("Strict-Transport-Security", "max-age=15724800"),
    )
    if request.method == "POST" and request.path.endswith("/GetLatestHelmPackagePath"):
        return _json(
            {
                "repositoryPath": "mcr.microsoft.com/azurearck8s/batch1/stable/azure-arc-k8sagents:1.36.1"
            },
            *marks,
        )
    return Answer(status=404, reason="Not Found", fields=marks)


def _on_behalf_of(request: Request) -> Answer:
    fields = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("x-ms-correlation-request-id", str(uuid.uuid4())),
    )
    return Answer(status=500, reason="Internal Server Error", fields=fields)


def _tracking(host: str) -> str:
    return f"TrackingId:{uuid.uuid4()}_G22, SystemTracker:{host}:lab, Timestamp:2026-11-01T00:00:00"


def _accept(request: Request) -> Answer:
    key = request.fields.get("sec-websocket-key", "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()),
    ]
    if protocol := request.fields.get("sec-websocket-protocol"):
        fields.append(("Sec-WebSocket-Protocol", protocol.partition(",")[0].strip()))
    return Answer(status=101, reason="Switching Protocols", fields=tuple(fields))


def _wants_upgrade(request: Request) -> bool:
    connection = request.fields.get("connection", "").lower()
    return request.fields.get("upgrade", "").lower() == "websocket" and "upgrade" in connection


def _relay(request: Request) -> Answer:
    marks = (("Server", _KERNEL), ("Strict-Transport-Security", "max-age=31536000"))
    if request.path.startswith(("/$hc", "/$servicebus")):
        if not _wants_upgrade(request):
            # Azure/azure-relay-dotnet#135: what the HTTP stack says when Upgrade got
            # lost on the way.
            return Answer(
                status=400, reason="This endpoint is only for web-socket requests", fields=marks
            )
        if request.path.startswith("/$servicebus/websocket"):
            return _accept(request)
        reason = f"MissingToken: Relay security token is required. {_tracking(request.host)}"
        return Answer(status=401, reason=reason, fields=marks)
    if _wants_upgrade(request):
        return Answer(status=400, reason=f"Bad Request. {_tracking(request.host)}", fields=marks)
    feed = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Publicly Listed Services</title>'
        b"<generator>Service Bus 1.1</generator></feed>"
    )
    return Answer(
        status=200,
        reason="OK",
        fields=(*marks, ("Content-Type", "application/atom+xml")),
        body=feed,
    )


def _front_door(request: Request) -> Answer:
    if _wants_upgrade(request):
        return _accept(request)
    reference = base64.b64encode(uuid.uuid4().bytes).decode()
    return Answer(
        status=404,
        reason="Not Found",
        fields=(("X-Azure-Ref", reference), ("X-Cache", "CONFIG_NOCACHE")),
    )


def _elsewhere(request: Request) -> Answer:
    return Answer(
        status=404,
        reason="Not Found",
        fields=(("Server", _KERNEL), ("x-ms-request-id", str(uuid.uuid4()))),
    )


ANSWERS: tuple[tuple[str, Callable[[Request], Answer]], ...] = (
    ("management.azure.com", _arm),
    ("graph.microsoft.com", _graph),
    (".data.mcr.microsoft.com", _blobs),
    ("mcr.microsoft.com", _registry),
    ("dl.k8s.io", _kubernetes),
    (".his.arc.azure.com", _identity),
    ("guestnotificationservice.azure.com", _notifications),
    (".dp.kubernetesconfiguration.azure.com", _configuration),
    (".obo.arc.azure.com", _on_behalf_of),
    (".servicebus.windows.net", _relay),
    (".gw.arc.azure.com", _front_door),
    (".azurecr.io", _private_registry),
    ("login.microsoftonline.com", _entra),
    ("login.microsoft.com", _entra),
    ("login.windows.net", _entra),
    ("sts.windows.net", _entra),
    ("", _elsewhere),
)


def answer(request: Request) -> Answer:
    """What the owner of the host says to the request."""
    return next(function for suffix, function in ANSWERS if request.host.endswith(suffix))(request)


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    if length := int(fields.get("content-length", "0")):
        await reader.readexactly(min(length, _LIMIT))
    host = fields.get("host", "").partition(":")[0].lower()
    return Request(method=method, host=host, target=target, fields=fields)


def _encode(request: Request, given: Answer) -> bytes:
    fields = [("Date", formatdate(usegmt=True)), *given.fields]
    if given.status != 101:
        fields.append(("Content-Length", str(len(given.body))))
    head = f"HTTP/1.1 {given.status} {given.reason}\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in fields
    )
    return head.encode("latin-1") + b"\r\n" + (b"" if request.method == "HEAD" else given.body)


async def _frames(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """After a 101: a ping gets its pong, a close gets a close, everything else is swallowed (RFC
    6455 section 5.5)."""
    while True:
        first, second = await reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2))
        mask = await reader.readexactly(4) if second & 0x80 else b"\0\0\0\0"
        payload = bytes(
            byte ^ mask[index % 4] for index, byte in enumerate(await reader.readexactly(length))
        )
        opcode = first & 0x0F
        if opcode == 9:
            writer.write(bytes([0x8A, len(payload)]) + payload)
        elif opcode == 8:
            writer.write(bytes([0x88, len(payload)]) + payload)
            await writer.drain()
            return
        await writer.drain()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(
        OSError, ssl.SSLError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError
    ):
        async with asyncio.timeout(120):
            while request := await _read_request(reader):
                given = answer(request)
                writer.write(_encode(request, given))
                await writer.drain()
                if given.status == 101:
                    await _frames(reader, writer)
                    break
                if request.fields.get("connection", "").lower() == "close":
                    break
    with contextlib.suppress(OSError, ssl.SSLError):
        writer.close()


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with the certificate of the name that the client asks for; nameless clients
    get the first one."""
    known: dict[Path, ssl.SSLContext] = {}

    def context_for(host: str) -> ssl.SSLContext:
        path = leaf_file(folder, host)
        if path not in known:
            known[path] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            known[path].load_cert_chain(path)
        return known[path]

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        if name and front_end(name) is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = context_for(name or "")
        return None

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file(folder, ""))
    context.sni_callback = choose
    context.set_alpn_protocols(["http/1.1"])
    return context


async def serve(folder: Path) -> None:
    """Listens on every address of the zone until it is killed."""
    context = server_context(folder)
    addresses = list(internet_addresses())
    servers = [
        await asyncio.start_server(_serve, addresses, port, ssl=context, limit=_LIMIT)
        for port in (443, 8084)
    ]
    servers.append(await asyncio.start_server(_serve, addresses, 80, limit=_LIMIT))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
