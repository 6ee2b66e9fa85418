"""Plain clients for the rehearsed peers: sockets, ssl and h11, nothing of arcprobe's own prober."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import h11

from arcprobe.lab.network import Rehearsal

LIMIT = 10.0  # seconds for any wait of a test


class Answered:
    """An answer: status, reason, headers in lower case, body."""

    def __init__(self, response: h11.Response | h11.InformationalResponse, body: bytes) -> None:
        self.status = response.status_code
        self.reason = bytes(response.reason).decode()
        self.headers = [
            (bytes(name).decode(), bytes(value).decode()) for name, value in response.headers
        ]
        self.body = body

    def header(self, name: str) -> str:
        """The values of a header, joined."""
        return ", ".join(value for key, value in self.headers if key == name)


def ask(
    connection: socket.socket, method: str, target: str, host: str, *headers: tuple[str, str]
) -> Answered:
    """One request and its answer; the connection stays open. A 2xx to CONNECT has no body (RFC 9110
    section 9.3.6)."""
    protocol = h11.Connection(h11.CLIENT)
    request = h11.Request(method=method, target=target, headers=[("Host", host), *headers])
    connection.sendall(protocol.send(request) or b"")
    connection.sendall(protocol.send(h11.EndOfMessage()) or b"")
    body = b""
    response: h11.Response | h11.InformationalResponse | None = None
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            protocol.receive_data(connection.recv(65536))
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, (h11.Response, h11.InformationalResponse)):
            response = event
            if method == "CONNECT" or event.status_code == 101:
                return Answered(event, body)
        else:
            assert response is not None, f"the connection ended before an answer: {event!r}"
            return Answered(response, body)


@contextmanager
def dialled(port: int) -> Iterator[socket.socket]:
    """A TCP connection to a loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as connection:
        yield connection


def basic(pair: str) -> tuple[str, str]:
    """A Proxy-Authorization header (RFC 7617)."""
    from base64 import b64encode

    return "Proxy-Authorization", "Basic " + b64encode(pair.encode()).decode()


def trusting(*pems: bytes) -> ssl.SSLContext:
    """A client's context that trusts these roots alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(pems).decode())
    return context


@contextmanager
def tunnelled(
    network: Rehearsal, host: str, port: int = 443, *, context: ssl.SSLContext | None = None
) -> Iterator[ssl.SSLSocket]:
    """TLS to a public name through the network's proxy; without ``context`` only its public roots
    are trusted."""
    with dialled(network.proxy_port) as connection:
        answer = ask(connection, "CONNECT", f"{host}:{port}", f"{host}:{port}")
        assert answer.status == 200, answer.headers
        with (context or trusting(network.public_roots_pem)).wrap_socket(
            connection, server_hostname=host
        ) as wrapped:
            yield wrapped
