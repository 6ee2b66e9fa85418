"""SOCKS servers that refuse, drip, lie and end: each gets its right name, and the target goes to
them by name."""

from __future__ import annotations

import pytest

from arcprobe.model import Attempt, Proxy, Tunnel
from tests.probes import peers as wire

GRANTED = b"\x05\0\0\x01\0\0\0\0\0\0"
USER = ("arc", "pässwörd:@#%")


def socks(
    script: wire.Script,
    scheme: str = "socks5",
    credentials: tuple[str, str] | None = None,
    timeout: float = wire.PATIENCE,
) -> tuple[tuple[Attempt, ...], set[str], bytes]:
    """What the probe recorded, who is accused, and what the server received on the first
    connection."""
    proxy: Proxy = wire.proxy(scheme)
    question = wire.check(proxy=proxy)
    with wire.peer(script) as server:
        given = {proxy: credentials} if credentials else None
        where = wire.context(
            (wire.PROXY_HOST, 3128, server.port), timeout=timeout, credentials=given
        )
        attempts = wire.probed(question, where)
        received = bytes(server.received[0])
    return attempts, wire.codes(question, attempts), received


def five(
    *,
    method: bytes = b"\x05\0",
    auth: bytes = b"",
    reply: bytes = GRANTED,
    then: wire.Script | None = None,
) -> wire.Script:
    """A SOCKS5 server that answers so at each stage."""

    def script(connection: wire.Wire) -> None:
        greeting = connection.exactly(2)
        connection.exactly(greeting[1])
        connection.send(method)
        if auth:
            head = connection.exactly(2)
            connection.exactly(head[1])
            connection.exactly(connection.exactly(1)[0])
            connection.send(auth)
        request = connection.exactly(5)
        connection.exactly({1: 3, 4: 15}.get(request[3], request[4]) + 2)
        for byte in reply:
            connection.send(bytes([byte]))
        (then or wire.Wire.drain)(connection)

    return script


def origin(connection: wire.Wire) -> None:
    wire.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(
        connection.tls(wire.server_context())
    )


@pytest.mark.parametrize(
    ("scheme", "script", "credentials"),
    [
        ("socks5", five(then=origin), None),
        ("socks5h", five(then=origin), None),
        ("socks5", five(method=b"\x05\x02", auth=b"\x01\0", then=origin), USER),
        ("socks5", five(reply=b"\x05\0\0\x04" + b"\0" * 18, then=origin), None),
        ("socks5", five(reply=b"\x05\0\0\x03\xff" + b"x" * 255 + b"\0\0", then=origin), None),
        ("socks5", five(method=b"\x05\x02", auth=b"\x01\0", then=origin), ("u" * 200, "p" * 255)),
    ],
    ids=["5", "5h", "password", "IPv6 reply", "name of 255", "long password"],
)
def test_a_socks_way_is_clean(
    scheme: str, script: wire.Script, credentials: tuple[str, str] | None
) -> None:
    """Every version, authentication and reply address that the standards allow opens the way, and
    the name goes to the server."""
    attempts, accused, received = socks(script, scheme, credentials, timeout=5)
    assert accused == set(), attempts
    assert wire.HOST.encode() in received
    if credentials:
        user, password = (text.encode() for text in credentials)
        assert b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password in received
        assert credentials[1] not in repr(attempts)


@pytest.mark.parametrize(
    ("script", "scheme", "credentials", "code"),
    [
        (five(method=b"\x05\xff"), "socks5", None, "proxy-auth-required"),
        (five(method=b"\x05\x02", auth=b"\x01\x01"), "socks5", None, "proxy-auth-required"),
        (five(method=b"\x05\xff"), "socks5", USER, "proxy-auth-rejected"),
        (five(method=b"\x05\x02", auth=b"\x01\x01"), "socks5", USER, "proxy-auth-rejected"),
        (five(reply=b"\x05\x01\0\x01"), "socks5", None, "proxy-cannot-connect"),
        (five(reply=b"\x05\x02\0\x01"), "socks5", None, "proxy-denied"),
        *(
            (five(reply=b"\x05%c\0\x01" % reply), "socks5", None, "proxy-cannot-connect")
            for reply in (3, 4, 5, 6, 7, 8, 9, 255)
        ),
        (five(method=b"\x04\x5b\0\0\0\0\0\0"), "socks5", None, "proxy-not-http"),
        (
            wire.saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", first=b"\x05\x01\0"),
            "socks5",
            None,
            "proxy-not-http",
        ),
        (wire.saying(b"SSH-2.0-x\r\n", first=b"\x05\x01\0"), "socks5", None, "proxy-not-http"),
        (wire.saying(b"", first=b"\x05\x01\0", then="fin"), "socks5", None, "proxy-closed"),
        (wire.saying(b"", first=b"\x05\x01\0", then="reset"), "socks5", None, "proxy-reset"),
        (wire.saying(b"", first=b"\x05\x01\0"), "socks5", None, "proxy-hung"),
        (five(reply=b"\x05\0\0"), "socks5", None, "proxy-hung"),
        (five(reply=b"\x05\0\0\x03\xff" + b"x" * 20), "socks5", None, "proxy-hung"),
        (five(reply=b"\x05\0\0\x09"), "socks5", None, "proxy-not-http"),
        # Go: "non-zero reserved field"
        (five(reply=b"\x05\0\1\x01" + bytes(6), then=origin), "socks5", None, "proxy-not-http"),
    ],
)
def test_a_socks_failure_is_named(
    script: wire.Script, scheme: str, credentials: tuple[str, str] | None, code: str
) -> None:
    """Every way in which a SOCKS server can say no, or nothing, has its code and accuses nobody
    else."""
    attempts, accused, _received = socks(script, scheme, credentials)
    assert accused == {code}, attempts
    assert any(isinstance(step, Tunnel) for attempt in attempts for step in attempt.steps)


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (wire.Wire.drain, "tls-silent"),
        (lambda connection: connection.send(b"SSH-2.0-x\r\n"), "tls-plaintext-answer"),
        (lambda connection: connection.send(b"\x15\x03\x03\0\x02\x02\x28"), "tls-rejected"),
    ],
)
def test_what_is_behind_a_socks_server(then: wire.Script, code: str) -> None:
    """What comes through the tunnel is judged by itself, not by the dialogue before it."""
    attempts, accused, _received = socks(five(then=then))
    assert accused == {code}, attempts


def test_a_password_that_does_not_fit_is_not_sent() -> None:
    """A password that SOCKS5 cannot carry is told, and no part of it goes out."""
    script = five(method=b"\x05\x02", auth=b"\x01\0")
    _attempts, accused, received = socks(script, credentials=("arc", "p" * 256))
    assert accused == {"proxy-auth-rejected"}
    assert b"p" not in received


def test_a_drip_ends_in_time() -> None:
    """A server that sends a byte now and then does not outlast the time-out of the whole
    negotiation."""
    import time

    def script(connection: wire.Wire) -> None:
        connection.exactly(3)
        connection.send(b"\x05\0")
        connection.exactly(5)
        connection.send(b"\x05\0\0\x03\xff")
        while True:
            time.sleep(0.05)
            connection.send(b"x")

    _attempts, accused, _received = socks(script)
    assert accused == {"proxy-hung"}
