"""WebSocket servers and those who play one: every end after the upgrade has its right name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from arcprobe.model import Attempt, Kind, Upgrade
from tests.probes import peers as wire


def respond(
    wire_: wire.Wire,
    *,
    accept: str = "",
    upgrade: bytes = b"Upgrade: websocket\r\n",
    more: bytes = b"",
    glued: bytes = b"",
    connection: bytes = b"Connection: Upgrade\r\n",
) -> None:
    """The 101, right unless something is changed, with frames glued to its head."""
    from websockets.utils import accept_key

    head = wire_.until().decode()
    key = re.search(r"(?i)sec-websocket-key: (\S+)", head)
    assert key is not None
    due = accept or accept_key(key[1])
    wire_.send(
        b"HTTP/1.1 101 Switching Protocols\r\n"
        + upgrade
        + connection
        + (f"Sec-WebSocket-Accept: {due}\r\n".encode() if accept != "none" else b"")
        + more
        + b"\r\n"
        + glued
    )


def ping_of(wire_: wire.Wire) -> bytes:
    """The payload of the client's masked ping."""
    head = wire_.exactly(6)
    assert head[0] == 0x89
    data = wire_.exactly(head[1] & 127)
    return bytes(byte ^ head[2 + index % 4] for index, byte in enumerate(data))


def frame(opcode: int, data: bytes = b"") -> bytes:
    return bytes([0x80 | opcode, len(data)]) + data


def pong(wire_: wire.Wire) -> None:
    wire_.send(frame(10, ping_of(wire_)))


def asked(
    script: Callable[[wire.Wire], None], *, hold: float = 0.0, timeout: float = wire.PATIENCE
) -> tuple[Upgrade, set[str]]:
    """What the upgrade met inside a genuine session, and who is accused."""
    question = wire.check(Kind.WEBSOCKET)

    def over_tls(connection: wire.Wire) -> None:
        script(connection.tls(wire.server_context()))

    with wire.peer(over_tls) as server:
        attempts: tuple[Attempt, ...] = wire.probed(
            question, wire.context((wire.HOST, 443, server.port), timeout=timeout, hold=hold)
        )
    step = attempts[0].steps[-1]
    assert isinstance(step, Upgrade), attempts
    return step, wire.codes(question, attempts)


def test_a_right_upgrade_is_clean() -> None:
    """101 with the right key, then a pong, is the way that agents need."""

    def script(connection: wire.Wire) -> None:
        respond(connection)
        pong(connection)
        connection.drain()

    step, accused = asked(script, timeout=5)
    assert step.pong
    assert accused == set()


def test_frames_glued_to_the_head_are_read() -> None:
    """Frames that come in the same segment as the 101 belong to the WebSocket."""

    def script(connection: wire.Wire) -> None:
        respond(connection, glued=frame(1, b"hello") + frame(9, b"you?"))
        pong(connection)
        connection.drain()

    step, accused = asked(script, timeout=5)
    assert accused == set()
    assert step.frames_in == 3


def test_a_thousand_pings_are_answered() -> None:
    """A busy peer is no broken one."""

    def script(connection: wire.Wire) -> None:
        respond(connection, glued=frame(9, b"x") * 900)
        pong(connection)
        connection.drain()

    step, accused = asked(script, timeout=5)
    assert step.pong
    assert accused == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"accept": "none"},
        {"upgrade": b""},
        {"connection": b""},
        {"upgrade": b"Upgrade: h2c\r\n"},
        {"more": b"Sec-WebSocket-Extensions: permessage-deflate\r\n"},
        {"more": b"Sec-WebSocket-Protocol: chat\r\n"},
    ],
)
def test_a_101_that_no_client_may_take_is_faked(changes: dict[str, str]) -> None:
    """A 101 that RFC 6455 section 4.1 tells clients to refuse never passes."""

    def script(connection: wire.Wire) -> None:
        respond(connection, **changes)  # type: ignore[arg-type]
        pong(connection)
        connection.drain()

    _step, accused = asked(script)
    assert accused == {"websocket-faked"}


def ending(connection: wire.Wire) -> None:
    """Nothing, and then the end."""


def fragments(connection: wire.Wire) -> None:
    while True:
        connection.send(bytes([0x01, 0]) if not connection.received.endswith(b"!") else b"")
        connection.send(bytes([0x00, 125]) + b"x" * 125)
        connection.received += b"!"


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        (wire.Wire.drain, {"websocket-silent"}),
        (ending, {"websocket-dropped"}),
        (wire.Wire.reset, {"websocket-dropped"}),
        (lambda connection: connection.send(b"\xff" * 500), {"websocket-faked"}),
        (
            lambda connection: connection.send(b"HTTP/1.1 200 OK\r\n\r\n<html>" * 30),
            {"websocket-faked"},
        ),
        (
            lambda connection: connection.send(b"\x81\x7f\x7f" + b"\xff" * 7 + b"x" * 100),
            {"websocket-faked"},
        ),
        (lambda connection: connection.send(b"\x81\x85abcdhello"), {"websocket-faked"}),
        (fragments, {"websocket-faked"}),
        (
            lambda connection: (connection.send(frame(10, b"another") * 3), connection.drain()),
            {"websocket-silent"},
        ),
        (lambda connection: connection.send(frame(9) * 5000), {"websocket-silent"}),
        # a close frame inside the endpoint's own session: it spoke, so the way is proved
        (lambda connection: (connection.send(frame(8, b"\x03\xf0no")), connection.drain()), set()),
    ],
    ids=[
        "silence",
        "fin",
        "rst",
        "garbage",
        "page",
        "huge",
        "masked",
        "fragments",
        "other pong",
        "flood",
        "close",
    ],
)
def test_what_comes_after_101_is_named(
    after: Callable[[wire.Wire], object], codes: set[str]
) -> None:
    """Silence, an end, garbage, bombs and floods after a right 101 end in time, each with its
    code."""

    def script(connection: wire.Wire) -> None:
        respond(connection)
        ping_of(connection)  # what is not read when a socket closes makes the end a reset
        after(connection)
        if after is not ending:
            connection.drain()

    step, accused = asked(script)
    assert accused == codes, step


def held(then: Callable[[wire.Wire], object]) -> tuple[Upgrade, set[str]]:
    def script(connection: wire.Wire) -> None:
        respond(connection)
        pong(connection)
        then(connection)

    return asked(script, hold=0.5, timeout=3)


def test_an_idle_cut_is_found() -> None:
    """A connection that is cut while it is held is told with how and when."""
    for then, how in (
        (wire.Wire.reset, "reset"),
        (lambda connection: connection.sock.unwrap(), "closed"),
    ):
        step, accused = held(then)
        assert accused == {"websocket-idle-cut"}
        assert step.cut == how


@pytest.mark.parametrize(
    "then",
    [
        wire.Wire.drain,
        lambda connection: (connection.send(frame(9) * 3000), connection.drain()),
        lambda connection: (connection.send(frame(8, b"\x03\xe9")), connection.drain()),
    ],
    ids=["quiet", "busy", "closed by the endpoint"],
)
def test_a_hold_accuses_no_idle_cut_wrongly(then: Callable[[wire.Wire], object]) -> None:
    """A connection that holds, that is busy, or that the endpoint itself ends in order, was not cut
    on the way."""
    _step, accused = held(then)
    assert accused == set()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", {"websocket-stripped"}),
        (
            b"HTTP/1.1 400 This endpoint is only for web-socket requests\r\n"
            b"Content-Length: 0\r\n\r\n",
            {"websocket-stripped"},
        ),
        (b"HTTP/1.1 401 MissingToken. TrackingId:1_G2\r\nContent-Length: 0\r\n\r\n", set()),
        (b"HTTP/1.1 502 Bad Gateway. TrackingId:1_G2\r\nContent-Length: 0\r\n\r\n", set()),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", {"origin-error"}),
        (b"SSH-2.0-x\r\n", {"origin-error"}),
    ],
)
def test_an_answer_that_is_no_101(answer: bytes, code: set[str]) -> None:
    """Inside a genuine session a refusal is the endpoint's own, and only its words about a missing
    upgrade accuse the way."""
    _step, accused = asked(wire.saying(answer))
    assert accused == code
