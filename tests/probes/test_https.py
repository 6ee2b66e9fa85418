"""The agents' way to an endpoint, and the second connections that complete it."""

from __future__ import annotations

import msgspec

from arcprobe.model import Exchange, FailureKind, Tunnel
from tests.probes import peers

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_an_endpoint_that_answers_costs_one_connection() -> None:
    """Nothing is explained where the connection ended well."""
    question = peers.check()
    with peers.peer(lambda wire: peers.saying(OK)(wire.tls(peers.server_context()))) as server:
        attempts = peers.probed(question, peers.context((peers.HOST, 443, server.port), timeout=5))
        assert len(server.received) == 1
    assert [attempt.label for attempt in attempts] == ["agents"]


def test_a_socks4_server_that_takes_no_names_is_given_an_address() -> None:
    """Where 4A is refused the address is tried; both are recorded, the agents' first."""
    question = peers.check(proxy=peers.proxy("socks4"))

    def script(wire: peers.Wire) -> None:
        head = wire.exactly(8)
        wire.until(b"\0")
        if head[4:7] == b"\0\0\0":  # 0.0.0.x: a name follows (SOCKS 4A)
            wire.until(b"\0")
            wire.send(b"\0\x5b" + b"\0" * 6)
        else:
            wire.send(b"\0\x5a" + b"\0" * 6)
            peers.saying(OK)(wire.tls(peers.server_context()))

    with peers.peer(script) as server:
        ports = ((peers.PROXY_HOST, 3128, server.port), (peers.HOST, 443, 1))
        attempts = peers.probed(question, peers.context(*ports, timeout=5))
    assert [attempt.label for attempt in attempts] == ["agents", "SOCKS 4A"]
    assert isinstance(attempts[0].steps[-1], Exchange)
    refused = attempts[1].steps[-1]
    assert isinstance(refused, Tunnel)
    assert refused.failure is not None
    assert refused.failure.kind is FailureKind.SOCKS_REFUSED


def test_a_request_over_http_names_the_whole_url_to_a_proxy() -> None:
    """Plain http through a proxy is asked in the absolute form, without a tunnel."""
    question = msgspec.structs.replace(
        peers.check(proxy=peers.proxy(), protocol="http", port=80), path="/x"
    )
    with peers.peer(peers.saying(OK)) as server:
        context = peers.context((peers.PROXY_HOST, 3128, server.port), timeout=5)
        attempts = peers.probed(question, context)
        received = bytes(server.received[0])
    assert received.startswith(b"GET http://endpoint.example:80/x HTTP/1.1\r\n")
    assert b"Host: endpoint.example:80\r\n" in received
    assert len(attempts) == 1
