"""The agents' way to an endpoint, and the second connections that complete it."""

from __future__ import annotations

import msgspec

from tests.probes import peers

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_an_endpoint_that_answers_costs_one_connection() -> None:
    """Nothing is explained where the connection ended well."""
    question = peers.check()
    with peers.peer(lambda wire: peers.saying(OK)(wire.tls(peers.server_context()))) as server:
        attempts = peers.probed(question, peers.context((peers.HOST, 443, server.port), timeout=5))
        assert len(server.received) == 1
    assert [attempt.label for attempt in attempts] == ["agents"]


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
