"""The rehearsed proxy refuses, opens and inspects as Squid does."""

from __future__ import annotations

import ssl
from contextlib import AbstractContextManager

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

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
    return Rehearsal(NetworkScript(proxy=ProxyPolicy(**policy)))  # type: ignore[arg-type]  # fields by name


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


def test_not_inspected_is_untouched() -> None:
    """Through a proxy that only tunnels, the reason phrase of the origin arrives whole and no Via
    is added."""
    with network() as running, tunnelled(running, RELAY) as stream:
        answer = ask(stream, "GET", "/$hc/arcprobe", RELAY, *UPGRADE)
    assert "TrackingId" in answer.reason
    assert not answer.header("via")


@pytest.mark.parametrize("shape", ["squid", "mitmproxy"])
def test_forged_certificates(shape: str) -> None:
    """A forged leaf is signed by the enterprise, has its CA's own key, and lost SCTs, AIA, CRL,
    policies and SKI."""
    with network(inspected=("*",), shape=shape) as running:
        enterprise = trusting(running.enterprise_root_pem)
        with tunnelled(running, HOST, context=enterprise) as stream:
            der = stream.getpeercert(binary_form=True)
        with (
            pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed certificate in"),
            tunnelled(running, HOST),
        ):
            pass
        root = x509.load_pem_x509_certificate(running.enterprise_root_pem)
    assert der is not None
    leaf = x509.load_der_x509_certificate(der)
    assert leaf.issuer == root.subject
    assert leaf.public_key() == root.public_key()
    assert {extension.oid for extension in leaf.extensions} == {
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
    assert ("O=Microsoft Corporation" in leaf.subject.rfc4514_string()) == (shape == "squid")


def test_exempt_hosts_are_genuine() -> None:
    """A host that is exempt from inspection keeps its public certificate while others are
    forged."""
    with network(inspected=("*",), exempt=(RELAY,)) as running:
        with tunnelled(running, RELAY):
            pass
        with pytest.raises(ssl.SSLCertVerificationError), tunnelled(running, HOST):
            pass


@pytest.mark.parametrize(
    ("strips", "status", "reason"), [(False, 401, "Unauthorized"), (True, 400, "Bad Request")]
)
def test_inspection_of_upgrades(strips: bool, status: int, reason: str) -> None:
    """Inside inspection the origin's reason is lost and Via added; stripped, an upgrade reaches the
    relay as a plain GET."""
    with (
        network(inspected=("*",), strips_upgrade=strips) as running,
        inspected(running, RELAY) as stream,
    ):
        answer = ask(stream, "GET", "/$hc/arcprobe", RELAY, *UPGRADE)
    assert (answer.status, answer.reason) == (status, reason)
    assert answer.header("server") == "Microsoft-HTTPAPI/2.0"
    assert "squid" in answer.header("via")


def test_websocket_through_inspection() -> None:
    """An inspecting proxy that leaves upgrades alone carries a WebSocket both ways."""
    host = "azgn-eastus-public-1p-sn-vazr0002.servicebus.windows.net"
    with network(inspected=("*",)) as running, inspected(running, host) as stream:
        answer = ask(stream, "GET", "/$hc/arcprobe", host, *UPGRADE)
        assert answer.status == 101
        assert (
            answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )  # RFC 6455 section 1.3
        stream.sendall(
            bytes([0x89, 0x80, 0, 0, 0, 0])
        )  # an empty ping, masked with zeroes (RFC 6455 section 5.2)
        assert stream.recv(2) == bytes([0x8A, 0x00])


@pytest.mark.parametrize(("page", "error"), [("squid", "ERR_ACCESS_DENIED 0"), ("filter", "")])
def test_denied_inside(page: str, error: str) -> None:
    """A denied host that is inspected gets its tunnel, a certificate of the name alone, and Squid's
    or a filter's page inside."""
    with (
        network(inspected=("*",), denied=(HOST,), page=page) as running,
        inspected(running, HOST) as stream,
    ):
        der = stream.getpeercert(binary_form=True)
        answer = ask(stream, "GET", "/", HOST)
    assert der is not None
    assert x509.load_der_x509_certificate(der).subject.rfc4514_string() == f"CN={HOST}"
    assert (answer.status, answer.header("x-squid-error")) == (403, error)


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
