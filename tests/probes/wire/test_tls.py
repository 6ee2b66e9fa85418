"""TLS as a hostile network would break it: each end has its right name, and secrets go to nobody
who cannot be trusted."""

from __future__ import annotations

import base64
import ssl
import struct
import warnings

import pytest

from arcprobe.model import Attempt, FailureKind, Handshake
from tests.probes import peers as wire

CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SECRET = ("arc", "s3cret-pass")
BASIC = base64.b64encode(":".join(SECRET).encode())


def direct(
    script: wire.Script, *, timeout: float = wire.PATIENCE
) -> tuple[tuple[Attempt, ...], set[str]]:
    """What a handshake with the endpoint met, and who is accused."""
    question = wire.check()
    with wire.peer(script) as server:
        attempts = wire.probed(
            question, wire.context((wire.HOST, 443, server.port), timeout=timeout)
        )
    return attempts, wire.codes(question, attempts)


def hello(connection: wire.Wire) -> bytes:
    """The client's first record."""
    head = connection.exactly(5)
    return head + connection.exactly(struct.unpack(">H", head[3:5])[0])


def after_hello(data: bytes, then: str = "drain") -> wire.Script:
    def script(connection: wire.Wire) -> None:
        hello(connection)
        connection.send(data)
        if then == "drain":
            connection.drain()
        elif then == "reset":
            connection.reset()

    return script


def alert(number: int) -> wire.Script:
    return after_hello(b"\x15\x03\x03\0\x02\x02" + bytes([number]), "fin")


def serving(context: ssl.SSLContext) -> wire.Script:
    def script(connection: wire.Wire) -> None:
        wire.saying(ANSWER)(connection.tls(context))

    return script


def limited(**changes: object) -> ssl.SSLContext:
    """The endpoint's own context with one thing changed."""
    context = wire.server_context.__wrapped__()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name, value in changes.items():
            if name == "ciphers":
                context.set_ciphers(str(value))
            else:
                setattr(context, name, value)
    return context


PARTIAL = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b"r" * 20


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (after_hello(b"", "reset"), "tls-reset"),
        (after_hello(b"", "fin"), "tls-closed"),
        (after_hello(b""), "tls-silent"),
        (after_hello(PARTIAL), "tls-silent"),
        (after_hello(PARTIAL, "fin"), "tls-closed"),
        (after_hello(b"HTTP/1.1 403 Forbidden\r\n\r\n<html>blocked"), "tls-plaintext-answer"),
        (after_hello(b"<html>"), "tls-plaintext-answer"),
        (after_hello(b"SSH-2.0-x\r\n"), "tls-plaintext-answer"),
        (after_hello(b"\x16\x03\x03\xff\xff" + b"z" * 70_000), "tls-rejected"),
        (after_hello(b"\x16\x03\x03\x00\x04\x63\0\0\0" * 3, "fin"), "tls-rejected"),
        *((alert(number), "tls-rejected") for number in (40, 42, 48, 80, 112, 116, 200)),
        *((alert(number), "tls-too-old") for number in (70, 71)),
    ],
)
def test_a_handshake_that_ends_is_named(script: wire.Script, code: str) -> None:
    """A handshake that is cut, rejected, answered in plain text or by half ends in its own code and
    no other."""
    attempts, accused = direct(script)
    assert accused == {code}, attempts


@pytest.mark.parametrize(
    "changes",
    [
        {
            "minimum_version": ssl.TLSVersion.TLSv1,
            "maximum_version": ssl.TLSVersion.TLSv1,
            "ciphers": "ALL:@SECLEVEL=0",
        },
        {"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-ECDSA-AES128-SHA256"},
    ],
    ids=["TLS 1.0", "weak ciphers"],
)
def test_an_old_peer_is_too_old(changes: dict[str, object]) -> None:
    """A peer that speaks only what agents refuse is told to be too old."""
    _attempts, accused = direct(serving(limited(**changes)), timeout=5)
    assert accused == {"tls-too-old"}


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_what_go_takes_is_not_too_old(cipher: str) -> None:
    """A peer with a cipher suite that agents take by default is no fault, also where Python's own
    default is stricter."""
    _attempts, accused = direct(
        serving(limited(maximum_version=ssl.TLSVersion.TLSv1_2, ciphers=cipher)), timeout=5
    )
    assert accused == set()


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)
def test_a_client_certificate_that_is_demanded(version: ssl.TLSVersion) -> None:
    """A peer that demands a client certificate rejects; under TLS 1.3 that shows only after the
    handshake (RFC 8446 4.4.2)."""
    context = limited(maximum_version=version)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=wire.roots().decode())
    attempts, accused = direct(serving(context), timeout=5)
    assert accused == {"tls-rejected"}, attempts


def test_a_hello_of_two_segments_that_is_dropped() -> None:
    """A box that drops a ClientHello larger than one segment is found out, since agents send such a
    one."""

    def script(connection: wire.Wire) -> None:
        head = connection.sock.recv(5, 2)  # MSG_PEEK
        if len(head) == 5 and struct.unpack(">H", head[3:5])[0] > 1300:
            connection.drain()
        serving(wire.server_context())(connection)

    attempts, accused = direct(script)
    assert accused == {"large-hello-dropped"}, attempts


def test_a_filter_by_name_is_told_from_one_by_address() -> None:
    """Where another name is answered at the same address, the evidence says that the name
    decides."""

    def script(connection: wire.Wire) -> None:
        peeked = connection.sock.recv(4096, 2)
        if wire.HOST.encode() in peeked:
            connection.read()
            connection.reset()
        else:
            serving(wire.server_context("www.example.com"))(connection)

    question = wire.check()
    with wire.peer(script) as server:
        attempts = wire.probed(question, wire.context((wire.HOST, 443, server.port), timeout=2))
    found = [finding for finding in wire.judged(question, attempts) if finding.verdict == "fail"]
    assert [finding.code for finding in found] == ["tls-reset"]
    assert any("the block depends on the server name" in line for line in found[0].evidence)


def test_a_hundred_certificates() -> None:
    """An enormous chain is read within bounds, and the endpoint's own certificate still decides."""
    context = wire.server_context.__wrapped__(wire.HOST, 100)
    attempts, accused = direct(serving(context), timeout=8)
    step = attempts[0].steps[2]
    assert isinstance(step, Handshake)
    if step.failure is None:
        assert accused == set()
        assert len(step.chain) <= 101
    else:
        assert accused == {"tls-rejected"}


@pytest.mark.parametrize(
    "broken", [b"0", b"garbage", b"\x30\x82\xff\xff"], ids=["short", "no DER", "wrong length"]
)
def test_a_certificate_that_cannot_be_read(broken: bytes) -> None:
    """A certificate message that holds no certificate is a rejected handshake, not a fault of
    arcprobe's own."""
    body = struct.pack(">I", len(broken) + 3)[1:] + struct.pack(">I", len(broken))[1:] + broken
    server_hello = b"\x03\x03" + b"r" * 32 + b"\0" + b"\xc0\x2f" + b"\0"
    flight = (
        b"\x02"
        + struct.pack(">I", len(server_hello))[1:]
        + server_hello
        + b"\x0b"
        + struct.pack(">I", len(body))[1:]
        + body
    )
    attempts, accused = direct(
        after_hello(b"\x16\x03\x03" + struct.pack(">H", len(flight)) + flight)
    )
    assert accused == {"tls-rejected"}, attempts


# --------------------------------------------------------------------------------------------------


def through(
    script: wire.Script, *, trusted: bool = True, scheme: str = "https"
) -> tuple[tuple[Attempt, ...], set[str], bytes]:
    """The probe through an https proxy with credentials; all that the peer received, in and outside
    TLS."""
    proxy = wire.proxy(scheme)
    question = wire.check(proxy=proxy)
    with wire.peer(script) as server:
        where = wire.context(
            (wire.PROXY_HOST, 3128, server.port),
            timeout=3,
            trusted=trusted,
            credentials={proxy: SECRET},
        )
        attempts = wire.probed(question, where)
        received = b"|".join(map(bytes, server.received))
    return attempts, wire.codes(question, attempts), received


def tls_proxy(name: str) -> wire.Script:
    def script(connection: wire.Wire) -> None:
        inner = connection.tls(wire.server_context(name))
        inner.until()
        inner.send(
            b"HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
        )
        inner.drain()

    return script


def test_a_trusted_proxy_gets_the_credentials() -> None:
    """Credentials go to a proxy behind TLS whose certificate is trusted and is its own."""
    _attempts, accused, received = through(tls_proxy(wire.PROXY_HOST))
    assert BASIC in received
    assert accused == {"proxy-auth-rejected"}


@pytest.mark.parametrize(
    ("name", "trusted"),
    [("other.example", True), (wire.PROXY_HOST, False), ("other.example", False)],
)
def test_an_untrusted_proxy_never_gets_them(name: str, trusted: bool) -> None:
    """A proxy whose certificate nobody trusts, or that is for another name, receives no credentials
    in any connection."""
    _attempts, accused, received = through(tls_proxy(name), trusted=trusted)
    assert b"CONNECT" in received
    assert BASIC not in received
    assert b"authorization" not in received.lower()
    assert accused == {"proxy-certificate-untrusted"}


@pytest.mark.parametrize(
    "script",
    [
        wire.saying(b"HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm=x\r\n\r\n", then="fin"),
        wire.saying(b"HTTP/1.1 400 Bad\r\n\r\n", first=b"\x16"),
        wire.saying(b"", first=b"\x16", then="reset"),
    ],
    ids=["asks for them", "400", "reset"],
)
def test_nothing_secret_goes_out_in_clear(script: wire.Script) -> None:
    """A setting that says https:// never leads to credentials in clear text, also not to explain a
    failure."""
    _attempts, accused, received = through(script)
    assert BASIC not in received
    assert b"authorization" not in received.lower()
    assert SECRET[1].encode() not in received
    assert len(accused) == 1
    assert accused <= {"proxy-speaks-plain", "proxy-reset", "proxy-hung"}


def test_tls_in_tls() -> None:
    """A whole way by TLS within TLS is clean."""

    def script(connection: wire.Wire) -> None:
        inner = connection.tls(wire.server_context(wire.PROXY_HOST))
        inner.until()
        inner.send(CONNECTED)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        endpoint = wire.server_context().wrap_bio(incoming, outgoing, server_side=True)

        def step() -> None:
            while True:
                try:
                    endpoint.do_handshake()
                except ssl.SSLWantReadError:
                    inner.send(outgoing.read() or b"")
                    incoming.write(inner.read())
                else:
                    inner.send(outgoing.read() or b"")
                    return

        step()
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            try:
                request += endpoint.read()
            except ssl.SSLWantReadError:
                incoming.write(inner.read())
        endpoint.write(ANSWER)
        inner.send(outgoing.read())
        inner.drain()

    attempts, accused, _received = through(script)
    assert accused == set(), attempts
    handshakes = [step for step in attempts[0].steps if isinstance(step, Handshake)]
    assert [step.peer for step in handshakes] == ["proxy", "target"]
    assert not any(step.failure for step in attempts[0].steps)


def test_plain_text_is_told_from_tls() -> None:
    """The first bytes of a peer that speaks no TLS are kept for evidence, printable and bounded."""
    attempts, _accused = direct(after_hello(b"HTTP/1.1 403 \x1b[31mForbidden\r\n" + b"x" * 5000))
    step = attempts[0].steps[-1]
    assert isinstance(step, Handshake)
    assert step.failure is not None
    assert step.failure.kind is FailureKind.TLS_PLAINTEXT
    assert step.first_bytes.startswith("HTTP/1.1 403 \\x1b[31mForbidden")
    assert len(step.first_bytes) <= 400
