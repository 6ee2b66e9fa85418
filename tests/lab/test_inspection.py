"""The inspecting side of the proxy forges, reads and denies as Squid and a filter behind it do."""

from __future__ import annotations

import ssl
from contextlib import AbstractContextManager

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from arcprobe.lab.network import Rehearsal
from arcprobe.lab.script import NetworkScript, ProxyPolicy
from tests.lab.clients import ask, trusting, tunnelled

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
