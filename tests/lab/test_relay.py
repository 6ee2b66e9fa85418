"""A relay and a gateway answer plain requests and upgrades as Azure's do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from arcprobe.lab import relay
from arcprobe.lab.http import Request
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript
from tests.lab.clients import ask, tunnelled


@pytest.fixture(scope="module")
def network() -> Iterator[Rehearsal]:
    """A network whose proxy lets everything through."""
    with Rehearsal(NetworkScript()) as running:
        yield running
    assert running.faults == []


def asked(host: str, path: str, *, upgrades: bool) -> Request:
    """A GET without credentials, plain or with an upgrade to WebSocket."""
    headers = (("Host", host), *((("Upgrade", "websocket"), ("Connection", "Upgrade")) * upgrades))
    return Request(method="GET", target=path, headers=headers)


@pytest.mark.parametrize(
    ("manner", "host", "path", "upgrades", "status"),
    [
        ("token", "azgnrelay-eastus-l1.servicebus.windows.net", "/$hc/x", True, 401),
        ("token", "azgn-eastus-1.servicebus.windows.net", "/$hc/x", True, 401),
        ("token", "azgn-eastus-1.servicebus.windows.net", "/$servicebus/websocket", True, None),
        ("token", "azgn-eastus-1.servicebus.windows.net", "/other", True, 400),
        ("mixed", "azgnrelay-eastus-l1.servicebus.windows.net", "/$hc/x", True, 401),
        ("mixed", "azgn-eastus-1.servicebus.windows.net", "/$hc/x", True, None),
        ("open", "azgnrelay-eastus-l1.servicebus.windows.net", "/$hc/x", True, None),
        ("token", "azgnrelay-eastus-l1.servicebus.windows.net", "/$hc/x", False, 400),
        ("token", "azgnrelay-eastus-l1.servicebus.windows.net", "/", False, 200),
        ("token", "azgnrelay-eastus-l1.servicebus.windows.net", "/other", False, 404),
        ("token", "contoso.gw.arc.azure.com", "/", False, 404),
        ("token", "contoso.gw.arc.azure.com", "/", True, None),
    ],
)
def test_answers(manner: str, host: str, path: str, upgrades: bool, status: int | None) -> None:
    """A relay asks for a token, opens or does both by name; a gateway always opens."""
    assert relay.takes_websockets(host)
    said = relay.answer(asked(host, path, upgrades=upgrades), manner)
    assert (said and said.status) == status


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("guestnotificationservice.azure.com", "servicebus.windows.net"),
        ("guestnotificationservice.azure.us", "servicebus.usgovcloudapi.net"),
        ("guestnotificationservice.azure.cn", "servicebus.chinacloudapi.cn"),
    ],
)
def test_zones(host: str, zone: str) -> None:
    """The relays of a cloud are in the zone of that cloud."""
    assert relay.zone_of(host) == zone


def test_relay_asks_for_a_token(network: Rehearsal) -> None:
    """An upgrade on a relay's path without token is answered 401 with a tracking id in the reason
    phrase."""
    host = "azgnrelay-eastus-l1.servicebus.windows.net"
    upgrade = (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    )
    with tunnelled(network, host) as stream:
        answer = ask(stream, "GET", "/$hc/arcprobe?sb-hc-action=listen", host, *upgrade)
        plain = ask(stream, "GET", "/$hc/arcprobe?sb-hc-action=listen", host)
        feed = ask(stream, "GET", "/", host)
    assert answer.status == 401
    assert answer.reason.startswith("MissingToken")
    assert "TrackingId:" in answer.reason
    assert answer.header("server") == "Microsoft-HTTPAPI/2.0"
    assert plain.status == 400
    assert "only for web-socket requests" in plain.reason
    assert b"Publicly Listed Services" in feed.body


def test_relay_upgrades(network: Rehearsal) -> None:
    """A namespace that grants the upgrade computes the accept key right, answers a ping and closes
    in order."""
    host = "azgn-eastus-public-1p-sn-vazr0002.servicebus.windows.net"
    with tunnelled(network, host) as stream:
        client = ClientProtocol(parse_uri(f"wss://{host}/$hc/arcprobe"))
        client.send_request(client.connect())

        def exchange() -> list[object]:
            for data in client.data_to_send():
                stream.sendall(data)
            client.receive_data(stream.recv(65536))
            return list(client.events_received())

        exchange()
        assert client.handshake_exc is None
        assert client.state.name == "OPEN"
        client.send_ping(b"arcprobe")
        (pong,) = exchange()
        assert isinstance(pong, Frame)
        assert (pong.opcode, pong.data) == (Opcode.PONG, b"arcprobe")
        client.send_close(1000)
        exchange()
        assert client.close_rcvd is not None
        assert client.close_rcvd.code == 1000
