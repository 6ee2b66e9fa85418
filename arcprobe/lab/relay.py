"""The rehearsed Azure Relay: how a Service Bus namespace answers a plain request, an upgrade
without token, and a WebSocket."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from arcprobe.lab.http import IDLE, Answer, Request
from arcprobe.lab.script import matches

_RELAYS = (
    "*.servicebus.windows.net",
    "*.servicebus.usgovcloudapi.net",
    "*.servicebus.chinacloudapi.cn",
)
_SERVER = (("Server", "Microsoft-HTTPAPI/2.0"),)
_FEED = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Publicly Listed Services</title>'
    b'<subtitle type="text">This is the list of publicly-listed services currently available.</subtitle>'
    b"<generator>Service Bus 1.1</generator></feed>"
)


def is_relay(host: str) -> bool:
    """Whether a host is a Service Bus namespace."""
    return matches(host, _RELAYS)


def _tracking(request: Request) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"TrackingId:{uuid4()}_G12, SystemTracker:{request.host}:{request.path}, Timestamp:{now}"


def answer(request: Request, manner: str) -> Answer | None:
    """The answer of a namespace, None where the upgrade is granted.

    The relay's own paths ask for a token (401, its diagnosis in the reason phrase) and, where a
    middlebox took ``Upgrade`` away, say that they are for WebSockets only (400): facts/faults.md
    section 4. ``/$servicebus/websocket`` upgrades without token, because there the token comes
    later, inside AMQP. ``manner``: ``token`` as said; ``open``, every path upgrades; ``mixed``, so
    do the namespaces whose names do not begin with ``azgnrelay-``, in order that a rehearsal sees
    both.
    """
    upgrades = (
        request.header("upgrade").lower() == "websocket"
        and "upgrade" in request.header("connection").lower()
    )
    socket_path = request.path.startswith(("/$hc/", "/$servicebus/websocket"))
    opens = manner == "open" or (manner == "mixed" and not request.host.startswith("azgnrelay-"))
    if not upgrades and socket_path:
        return Answer(
            status=400,
            reason=f"This endpoint is only for web-socket requests. {_tracking(request)}",
            headers=_SERVER,
        )
    if not upgrades and request.path == "/":
        return Answer(
            status=200,
            headers=(*_SERVER, ("Content-Type", "application/atom+xml;type=feed")),
            body=_FEED,
        )
    if upgrades and (opens or request.path == "/$servicebus/websocket"):
        return None
    if upgrades and socket_path:
        reason = f"MissingToken: Relay security token is required. {_tracking(request)}"
        return Answer(status=401, reason=reason, headers=_SERVER)
    status = 400 if upgrades else 404
    detail = f"<Error><Code>{status}</Code><Detail>{_tracking(request)}</Detail></Error>".encode()
    return Answer(
        status=status,
        headers=(*_SERVER, ("Content-Type", "application/xml; charset=utf-8")),
        body=detail,
    )


async def upgrade(
    request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
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
        protocol.send_response(protocol.accept(event))  # type: ignore[arg-type]  # the first event is the request
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
