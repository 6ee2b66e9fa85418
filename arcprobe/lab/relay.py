"""Hosts that take WebSockets: how a Service Bus namespace and a gateway's Front Door answer a plain
request and an upgrade, and the WebSocket itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from arcprobe.lab.http import IDLE, Answer, Headers, Request
from arcprobe.lab.script import matches

_ZONES = {
    "com": "servicebus.windows.net",
    "us": "servicebus.usgovcloudapi.net",
    "cn": "servicebus.chinacloudapi.cn",
}
_GATEWAYS = ("*.gw.arc.*",)
_HOSTS = (*(f"*.{zone}" for zone in _ZONES.values()), *_GATEWAYS)
_SERVER = ("Server", "Microsoft-HTTPAPI/2.0")
_FEED = ("Content-Type", "application/atom+xml;type=feed")
_XML = ("Content-Type", "application/xml; charset=utf-8")
_FEED_BODY = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Publicly Listed Services</title>'
    b'<subtitle type="text">This is the list of publicly-listed services currently available.'
    b"</subtitle><generator>Service Bus 1.1</generator></feed>"
)


def takes_websockets(host: str) -> bool:
    """Whether a host is a Service Bus namespace or a gateway."""
    return matches(host, _HOSTS)


def zone_of(host: str) -> str:
    """Where the relays of a host's cloud are."""
    return _ZONES.get(host.rpartition(".")[2], _ZONES["com"])


def _tracking(request: Request) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"TrackingId:{uuid4()}_G12, SystemTracker:{request.host}:{request.path}, Timestamp:{now}"


def asks_upgrade(request: Request) -> bool:
    """Whether a request asks for a WebSocket."""
    connection = request.header("connection").lower()
    return request.header("upgrade").lower() == "websocket" and "upgrade" in connection


def answer(request: Request, manner: str) -> Answer | None:
    """The answer to a request, None where the upgrade is granted.

    A relay's own paths ask for a token (401, its diagnosis in the reason phrase) and, where a
    middlebox took ``Upgrade`` away, say that they are for WebSockets only (400): Azure/azure-relay-
    dotnet#135. ``/$servicebus/websocket`` upgrades without token, because there the token comes
    later, inside AMQP. ``manner``: ``token`` as said; ``open``, every path upgrades; ``mixed``, so
    do the namespaces whose names do not begin with ``azgnrelay-``, in order that a rehearsal sees
    both. A gateway is Azure Front Door.
    """
    if matches(request.host, _GATEWAYS):
        front = Answer(status=404, headers=(("X-Azure-Ref", str(uuid4())),))
        return None if asks_upgrade(request) else front
    if not asks_upgrade(request):
        return _to_plain(request)
    if request.path == "/$servicebus/websocket" or _is_open(request.host, manner):
        return None
    if request.path.startswith("/$hc/"):
        reason = f"MissingToken: Relay security token is required. {_tracking(request)}"
        return Answer(status=401, reason=reason, headers=(_SERVER,))
    return _error(400, request)


def _is_open(host: str, manner: str) -> bool:
    return manner == "open" or (manner == "mixed" and not host.startswith("azgnrelay-"))


def _to_plain(request: Request) -> Answer:
    if request.path.startswith(("/$hc/", "/$servicebus/websocket")):
        reason = f"This endpoint is only for web-socket requests. {_tracking(request)}"
        return Answer(status=400, reason=reason, headers=(_SERVER,))
    if request.path == "/":
        return Answer(status=200, headers=(_SERVER, _FEED), body=_FEED_BODY)
    return _error(404, request)


def _error(status: int, request: Request) -> Answer:
    detail = f"<Error><Code>{status}</Code><Detail>{_tracking(request)}</Detail></Error>"
    return Answer(status=status, headers=(_SERVER, _XML), body=detail.encode())


async def upgrade(
    request: Request,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    signature: Headers = (),
) -> None:
    """Answer 101 and keep the WebSocket (RFC 6455): pongs for pings, close for close, until the
    client is done."""
    from websockets.server import ServerProtocol
    from websockets.typing import Subprotocol

    protocol = ServerProtocol(subprotocols=[Subprotocol("AMQPWSB10")], max_size=65536)
    if not request.header("sec-websocket-protocol"):
        protocol = ServerProtocol(max_size=65536)
    protocol.receive_data(request.raw)
    for event in protocol.events_received():
        # the first event is the request
        response = protocol.accept(event)  # type: ignore[arg-type]
        for name, value in signature:
            response.headers[name] = value
        protocol.send_response(response)
    while True:
        for data in protocol.data_to_send():
            if data:
                writer.write(data)
        await writer.drain()
        if protocol.close_expected() and protocol.state.name != "OPEN":
            return
        async with asyncio.timeout(IDLE):
            received = await reader.read(65536)
        if received:
            protocol.receive_data(received)
        else:
            protocol.receive_eof()
            return
        protocol.events_received()  # frames of the client are taken, and not answered
