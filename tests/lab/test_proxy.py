"""The rehearsed proxy refuses, opens and inspects as Squid does."""

from __future__ import annotations

import ssl
from contextlib import AbstractContextManager

import pytest

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from arcprobe.lab.squid import NAME
from tests.lab.clients import ask, basic, dialled, trusting, tunnelled

HOST = "management.azure.com"
RELAY = "azgnrelay-eastus-l1.servicebus.windows.net"
UPGRADE = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)


def network(**policy: object) -> Rehearsal:
    """A network with this proxy policy."""
    return Rehearsal(NetworkScript(proxy=ProxyPolicy(**policy)))  # type: ignore[arg-type]


def inspected(running: Rehearsal, host: str) -> AbstractContextManager[ssl.SSLSocket]:
    """TLS through an inspecting proxy, by a client that trusts the enterprise's CA."""
    return tunnelled(running, host, context=trusting(running.enterprise_root_pem))


@pytest.mark.parametrize(
    ("policy", "target", "status", "error"),
    [
        ({"denied": ("*.azure.com",)}, f"{HOST}:443", 403, "ERR_ACCESS_DENIED 0"),
        ({"allowed_ports": (443,)}, f"{HOST}:8084", 403, "ERR_ACCESS_DENIED 0"),
        ({"unresolved": (HOST,)}, f"{HOST}:443", 503, "ERR_DNS_FAIL 0"),
        ({}, "nowhere.example:443", 503, "ERR_DNS_FAIL 0"),
        ({"unreachable": (HOST,)}, f"{HOST}:443", 503, "ERR_CONNECT_FAIL 111"),
    ],
)
def test_refusals(policy: dict[str, object], target: str, status: int, error: str) -> None:
    """Each refusal has the status and the X-Squid-Error that Squid 6 gives for it."""
    with network(**policy) as running, dialled(running.proxy_port) as connection:
        answer = ask(connection, "CONNECT", target, target)
    assert (answer.status, answer.header("x-squid-error")) == (status, error)


def test_credentials() -> None:
    """Without the right Basic credentials 407 with Proxy-Authenticate, on a connection that lives
    on; with them the tunnel."""
    with (
        network(user="arc", password="p@ss:w%rd") as running,
        dialled(running.proxy_port) as connection,
    ):
        bare = ask(connection, "CONNECT", f"{HOST}:443", HOST)
        assert bare.status == 407
        assert bare.header("proxy-authenticate").startswith("Basic realm=")
        assert ask(connection, "CONNECT", f"{HOST}:443", HOST, basic("arc:wrong")).status == 407
        assert ask(connection, "CONNECT", f"{HOST}:443", HOST, basic("arc:p@ss:w%rd")).status == 200


def test_offers_without_basic() -> None:
    """A proxy that offers no Basic takes no Basic, be it right or not."""
    with (
        network(user="arc", password="x", offers=("Negotiate", "NTLM")) as running,
        dialled(running.proxy_port) as connection,
    ):
        answer = ask(connection, "CONNECT", f"{HOST}:443", HOST, basic("arc:x"))
    assert (answer.status, answer.header("proxy-authenticate")) == (407, "Negotiate, NTLM")


def test_down() -> None:
    """A proxy that does not listen refuses connections."""
    with (
        network(listens=False) as running,
        pytest.raises(ConnectionRefusedError),
        dialled(running.proxy_port),
    ):
        pass


def test_tls_on_a_plain_port() -> None:
    """TLS to a plain proxy port is answered with an error in plain text, at once."""
    with (
        network() as running,
        dialled(running.proxy_port) as connection,
        pytest.raises(ssl.SSLError, match="WRONG_VERSION"),
    ):
        trusting(running.public_roots_pem).wrap_socket(
            connection, server_hostname="proxy.contoso.example"
        )


def test_name_filter() -> None:
    """A filter on server names lets the tunnel open and resets a ClientHello with the name; another
    name passes."""
    with network(resets=(RELAY,)) as running:
        with pytest.raises(ConnectionResetError), tunnelled(running, RELAY):
            pass
        with dialled(running.proxy_port) as connection:
            assert ask(connection, "CONNECT", f"{RELAY}:443", RELAY).status == 200
            with trusting(running.public_roots_pem).wrap_socket(
                connection, server_hostname=HOST
            ) as stream:
                assert stream.version()


def test_large_hello() -> None:
    """A filter that knows no ClientHello as large as 1000 bytes answers it with the alert
    decode_error (50), and lets a small one through."""
    with network(largest_hello=1000) as running:
        with dialled(running.proxy_port) as connection:
            assert ask(connection, "CONNECT", f"{HOST}:443", HOST).status == 200
            connection.sendall(bytes.fromhex("16 0301 03e9") + bytes(1001))
            assert connection.recv(100) == bytes.fromhex("15 0301 0002 02 32")
        with tunnelled(running, HOST) as stream:
            assert ask(stream, "GET", "/", HOST).status == 400


def test_not_inspected_is_untouched() -> None:
    """Through a proxy that only tunnels, the reason phrase of the origin arrives whole and no Via
    is added."""
    with network() as running, tunnelled(running, RELAY) as stream:
        answer = ask(stream, "GET", "/$hc/arcprobe", RELAY, *UPGRADE)
    assert "TrackingId" in answer.reason
    assert not answer.header("via")


def test_tls_to_the_proxy() -> None:
    """With TLS to the proxy its certificate is the enterprise's, and tunnels and inspection work
    inside it."""
    host = "dl.k8s.io"
    with network(over_tls=True, inspected=(HOST,)) as running:
        enterprise = trusting(running.enterprise_root_pem)
        for target, roots in ((host, trusting(running.public_roots_pem)), (HOST, enterprise)):
            with (
                dialled(running.proxy_port) as plain,
                enterprise.wrap_socket(plain, server_hostname=NAME) as outer,
            ):
                assert ask(outer, "CONNECT", f"{target}:443", target).status == 200
                assert handshake_inside(outer, roots, target)
        assert running.faults == []


def handshake_inside(outer: ssl.SSLSocket, context: ssl.SSLContext, host: str) -> str | None:
    """A second TLS handshake over a TLS stream; the version that it agreed on."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    inner = context.wrap_bio(incoming, outgoing, server_hostname=host)
    while True:
        try:
            inner.do_handshake()
        except ssl.SSLWantReadError:
            outer.sendall(outgoing.read())
            incoming.write(outer.recv(65536))
        else:
            return inner.version()


def test_plain_requests() -> None:
    """A plain http:// request in absolute form is fetched, and comes back with the proxy's
    marks."""
    url = "http://crl3.digicert.com/rehearsal.crl"
    with (
        network(denied=("ocsp.digicert.com",)) as running,
        dialled(running.proxy_port) as connection,
    ):
        answer = ask(connection, "GET", url, "crl3.digicert.com")
        assert answer.status == 200
        assert "squid" in answer.header("via")
        assert (
            ask(connection, "GET", "http://ocsp.digicert.com/", "ocsp.digicert.com").status == 403
        )
