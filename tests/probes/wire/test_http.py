"""HTTP as a hostile network speaks it, to CONNECT and within TLS: every answer ends, is bounded,
accuses nobody wrongly."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

import pytest
from hypothesis import given, strategies as st

from arcprobe.model import Attempt, Exchange, FailureKind, Head, Tunnel
from arcprobe.probes.experiments import ask_alone
from arcprobe.probes.wire import http as _http
from arcprobe.probes.wire.http import body_text, date_offset
from tests.probes import peers as wire

PROXY = wire.proxy()
OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n"
    b"<html>hello</html>\r\n"
)


def connect(
    script: wire.Script, *, timeout: float = wire.PATIENCE, port: int = 443
) -> tuple[tuple[Attempt, ...], set[str]]:
    """What a CONNECT met, and who is accused."""
    question = wire.check(proxy=PROXY, port=port)
    with wire.peer(script) as server:
        attempts = wire.probed(
            question, wire.context((wire.PROXY_HOST, 3128, server.port), timeout=timeout)
        )
    return attempts, wire.codes(question, attempts)


def fetch(answer: wire.Script, *, timeout: float = wire.PATIENCE) -> tuple[Exchange, set[str]]:
    """What a GET inside a genuine TLS session met, and who is accused."""
    question = wire.check()

    def script(connection: wire.Wire) -> None:
        answer(connection.tls(wire.server_context()))

    with wire.peer(script) as server:
        attempts = wire.probed(
            question, wire.context((wire.HOST, 443, server.port), timeout=timeout)
        )
    step = attempts[0].steps[-1]
    assert isinstance(step, Exchange), attempts
    return step, wire.codes(question, attempts)


def dripping(data: bytes) -> wire.Script:
    def script(connection: wire.Wire) -> None:
        connection.until()
        for byte in data:
            connection.send(bytes([byte]))
        connection.drain()

    return script


def flooding(head: bytes, again: bytes) -> wire.Script:
    def script(connection: wire.Wire) -> None:
        connection.until()
        connection.send(head)
        while True:
            connection.send(again * 500)

    return script


# --------------------------------------------------------------------------------------------------

ANSWERS: dict[str, tuple[wire.Script, str]] = {
    "garbage": (wire.saying(b"\xde\xad\xbe\xef" * 40 + b"\r\n\r\n"), "proxy-not-http"),
    "garbage without an end of line": (wire.saying(b"\xde\xad\xbe\xef" * 4), "proxy-not-http"),
    "garbage, then FIN": (wire.saying(b"\xde\xad\xbe\xef", then="fin"), "proxy-not-http"),
    "garbage, then RST": (wire.saying(b"hello?", then="reset"), "proxy-not-http"),
    "NULs": (wire.saying(b"\0" * 5000), "proxy-not-http"),
    "NULs within a header": (
        wire.saying(b"HTTP/1.1 200 OK\r\nServer: a\0b\r\n\r\n"),
        "proxy-not-http",
    ),
    "head of a megabyte": (
        wire.saying(b"HTTP/1.1 403 No\r\n" + b"X: y\r\n" * 180_000),
        "proxy-not-http",
    ),
    "header without an end": (
        wire.saying(b"HTTP/1.1 403 No\r\nX: " + b"y" * 200_000),
        "proxy-not-http",
    ),
    "header that never comes": (wire.saying(b"HTTP/1.1 403 No\r\nX: y\r\n"), "proxy-hung"),
    "endless informational": (flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "proxy-not-http"),
    "101": (
        wire.saying(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        "proxy-not-http",
    ),
    "HTTP/0.9": (wire.saying(b"<html><body>welcome</body></html>\n", then="fin"), "proxy-not-http"),
    "HTTP/2 settings": (
        wire.saying(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0"),
        "proxy-not-http",
    ),
    "SSH": (wire.saying(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), "proxy-not-http"),
    "SMTP": (wire.saying(b"220 mail.corp ESMTP\r\n"), "proxy-not-http"),
    "SOCKS": (wire.saying(b"\x05\xff", then="fin"), "proxy-not-http"),
    "TLS alert": (wire.saying(b"\x15\x03\x01\0\x02\x02\x28", then="fin"), "proxy-speaks-tls"),
    "page for 200": (wire.saying(PAGE), "proxy-not-http"),
    "FIN before": (wire.saying(b"", then="fin"), "proxy-closed"),
    "RST before": (wire.saying(b"", then="reset"), "proxy-reset"),
    "FIN within": (wire.saying(b"HTTP/1.1 200 Conn", then="fin"), "proxy-closed"),
    "RST within": (wire.saying(b"HTTP/1.1 200 Conn", then="reset"), "proxy-reset"),
    "FIN after": (wire.saying(OK, then="fin"), "tls-closed"),
    "RST after": (wire.saying(OK, then="reset"), "tls-reset"),
    "silence after": (wire.saying(OK), "tls-silent"),
    "silence": (wire.saying(b""), "proxy-hung"),
    "redirect": (
        wire.saying(b"HTTP/1.0 302 Found\r\nLocation: http://portal.corp/\r\n\r\n", then="fin"),
        "proxy-redirects",
    ),
    "endless body": (flooding(b"HTTP/1.1 403 Forbidden\r\n\r\n", b"denied "), "proxy-denied"),
    "stalled body": (
        wire.saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n\r\nAccess"),
        "proxy-denied",
    ),
    "chunk bomb": (
        wire.saying(
            b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx"
        ),
        "proxy-denied",
    ),
    "one-byte chunks": (
        flooding(b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "proxy-denied",
    ),
    "codec that is none": (
        wire.saying(
            b"HTTP/1.1 403 No\r\nContent-Type: text/html; charset=idna\r\nContent-Length: 4"
            b"\r\n\r\n\xff\xfe\xfd\0"
        ),
        "proxy-denied",
    ),
    "wrong length twice": (
        wire.saying(b"HTTP/1.1 403 No\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nabcd"),
        "proxy-not-http",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_to_connect_is_named_for_what_it_is(name: str) -> None:
    """Whatever a proxy says to CONNECT ends in exactly one code, the right one."""
    script, code = ANSWERS[name]
    _attempts, accused = connect(script)
    assert accused == {code}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 Connection established\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: a\r\n  folded\r\n\r\n",
        b"HTTP/1.1 200 OK\nServer: lenient\n\n",
        b"HTTP/1.1 200 OK\r\nVia : x\r\n\r\n",
        b"HTTP/2.0 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nbytes that came with the head",
    ],
    ids="1.0 length chunked folded bare-line-feeds blank-before-colon 2.0 coalesced".split(),
)
def test_every_200_of_go_opens_the_tunnel(answer: bytes) -> None:
    """What Go takes for 200 opens the tunnel at once, whatever body it announces (RFC 9110 section
    9.3.6); bytes that came with the head are dropped."""

    def script(connection: wire.Wire) -> None:
        connection.until()
        connection.send(answer)
        wire.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(
            connection.tls(wire.server_context())
        )

    attempts, accused = connect(script, timeout=5)
    assert accused == set(), attempts
    assert len(attempts) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 201 Created\r\n\r\n", "201 Created"),
        (b"HTTP/1.1 202 Accepted\r\n\r\n", "202 Accepted"),
        (b"HTTP/1.1 203 Other\r\n\r\n", "203 Other"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "204 No Content"),
        (b"HTTP/1.1 206 Partial Content\r\n\r\n", "206 Partial Content"),
        (b"HTTP/1.1 299 Strange\r\n\r\n", "299 Strange"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, "100, then 200"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, "103, then 200"),
    ],
)
def test_a_tunnel_that_go_does_not_take(answer: bytes, said: str) -> None:
    """Any 2xx but 200, or a 1xx before it, is a tunnel to curl and none to the agents: the proxy's
    fault, in words of its own."""

    def script(connection: wire.Wire) -> None:
        connection.until()
        connection.send(answer)
        wire.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(
            connection.tls(wire.server_context())
        )

    attempts, _accused = connect(script, timeout=5)
    judged = wire.judged(wire.check(proxy=PROXY), attempts)
    (finding,) = (one for one in judged if one.verdict == "fail")
    assert (finding.code, finding.verdict, finding.owner) == ("proxy-denied", "fail", "proxy")
    assert f"answers CONNECT with {said}" in finding.summary
    assert "answer CONNECT with 200" in finding.remedy


def test_a_head_byte_by_byte_is_read() -> None:
    """A proxy that drips its head is slow, not broken."""
    _attempts, accused = connect(
        dripping(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), timeout=5
    )
    assert accused == {"proxy-denied"}


def test_a_flood_is_bounded_in_time_and_memory() -> None:
    """A peer that floods gets no more than the time-out and a few buffers."""
    with wire.peer(flooding(b"HTTP/1.1 403 No\r\n\r\n", b"x" * 100)) as server:
        context = wire.context((wire.PROXY_HOST, 3128, server.port))
        tracemalloc.start()
        attempt = asyncio.run(ask_alone(wire.check(proxy=PROXY), context))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    step = attempt.steps[-1]
    assert isinstance(step, Tunnel)
    assert step.head is not None
    assert len(step.head.body) <= _http.BODY_KEPT
    assert peak < 8 * 1024 * 1024


def test_nothing_of_an_answer_reaches_a_terminal_raw() -> None:
    """Escape sequences, carriage returns and bidirectional overrides in headers, reason and body
    are recorded as text."""
    evil = "\x1b[2Jred\u202eder\x9b1m".encode()
    script = wire.saying(
        b"HTTP/1.1 403 No "
        + evil.replace(b"\x1b", b"")
        + b"\r\nServer: a\xe2\x80\xaeb\r\nContent-Length: %d\r\n\r\n" % len(evil)
        + evil
    )
    attempts, _accused = connect(script)
    question = wire.check(proxy=PROXY)
    texts = [
        repr(attempts),
        *(line for finding in wire.judged(question, attempts) for line in finding.evidence),
    ]
    assert not any(char in text for text in texts for char in "\x1b\u202e\x9b\r")


# --------------------------------------------------------------------------------------------------

NORMAL = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"


@pytest.mark.parametrize(
    "answer",
    [
        NORMAL,
        b"HTTP/1.0 500 Error\r\n\r\nfull",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0",
        b"HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 99999 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nDate: \xff\xff\r\nContent-Length: 0\r\n\r\n",
        *(
            b"HTTP/1.1 403 No\r\nContent-Type: text/plain; charset=%s\r\nContent-Length: 3"
            b"\r\n\r\n\xff\xfea" % charset
            for charset in (
                b"bogus",
                b"zip",
                b"rot13",
                b"idna",
                b"punycode",
                b"undefined",
                b"unicode_escape",
                b"utf-16",
                b"utf-7",
            )
        ),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + NORMAL,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbad",
    ],
)
def test_any_answer_of_the_endpoint_is_its_answer(answer: bytes) -> None:
    """An HTTP answer inside a genuine session proves the way, however odd its headers and body
    are."""
    step, accused = fetch(wire.saying(answer, then="fin"))
    assert step.head is not None
    assert step.failure is None
    assert accused == set()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (wire.saying(b"", then="fin"), "answer-closed"),
        (wire.saying(b""), "answer-silent"),
        (wire.saying(b"HTTP/1.1 200", then="fin"), "answer-closed"),
        (wire.saying(b"220 mail\r\n"), "origin-error"),
        (wire.saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000), "origin-error"),
        (flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "origin-error"),
        (wire.saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "origin-error"),
    ],
    ids=["fin", "silence", "half a head", "no HTTP", "huge head", "endless informational", "503"],
)
def test_what_is_wrong_inside_a_genuine_session_is_no_middlebox(
    script: wire.Script, code: str
) -> None:
    """Inside a session with the endpoint's own certificate no device on the way is accused of
    writing anything."""
    _step, accused = fetch(script)
    assert accused == {code}


def test_an_endless_body_ends() -> None:
    """A body without end costs its bound, not the run."""
    step, accused = fetch(flooding(b"HTTP/1.1 200 OK\r\n\r\n", b"more "))
    assert step.head is not None
    assert step.body_bytes <= _http.BODY_KEPT
    assert step.body_short
    assert accused == set()


MANIFEST = b'{"config":{"digest":"sha256:%s","size":1}}' % (b"a" * 64)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + MANIFEST,  # ends with the connection
        b"HTTP/1.1 200 OK\r\nConnection: close, keep-alive\r\nContent-Length: %d\r\n\r\n"
        % len(MANIFEST)
        + MANIFEST,
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n" % len(MANIFEST)
        + MANIFEST,
        b"HTTP/1.1 200 OK\r\nContent-Length: 62\r\n\r\n"
        + b'{"config":{"digest":"sha256:'
        + b"a" * 10
        + b'","size":1e999}}'
        + b" " * 10,
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + b"[" * 40,
        b"HTTP/1.1 404 Not Found\r\n\r\nnothing",
    ],
    ids=["until close", "close among others", "1.0", "infinite size", "deep", "404 until close"],
)
def test_a_registry_that_ends_the_connection_breaks_nothing(answer: bytes) -> None:
    """A discovery goes on over the same connection only where the answer allows it, and reads any
    manifest."""
    import msgspec

    question = msgspec.structs.replace(
        wire.check(),
        discovery="mcr",
        paths=("/v2/a/manifests/1", "/v2/b/manifests/1"),
        accept=("application/json",),
    )

    def script(connection: wire.Wire) -> None:
        wire.saying(answer, then="fin")(connection.tls(wire.server_context()))

    with wire.peer(script) as server:
        attempts = wire.probed(question, wire.context((wire.HOST, 443, server.port)))
    assert [type(step).__name__ for step in attempts[0].steps][-1] == "Exchange"
    assert wire.codes(question, attempts) == set()


# --------------------------------------------------------------------------------------------------


@given(st.text(st.characters(max_codepoint=255), max_size=60), st.floats(0, 4e9))
def test_no_date_raises(text: str, clock: float) -> None:
    """A Date header of any shape gives an offset or none."""
    offset = date_offset(Head(status=200, headers=(("Date", text),)), clock)
    assert offset is None or isinstance(offset, float)


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 01 Jan 99999 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 +9999999",
        "Mon, 99 Foo 2020",
        "0",
        "1 Jan 10000 00:00:00",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_impossible_dates_are_none(text: str) -> None:
    """A Date that no clock shows gives no offset."""
    assert date_offset(Head(status=200, headers=(("Date", text),)), time.time()) is None


@given(st.binary(max_size=300), st.text(max_size=30), st.integers(1, 100))
def test_no_charset_raises(data: bytes, charset: str, limit: int) -> None:
    """A body of any bytes under any charset becomes printable text within its bound."""
    head = Head(status=200, headers=(("Content-Type", f"text/html; charset={charset}"),))
    text = body_text(head, data, limit)
    assert len(text) <= limit
    assert all(char.isprintable() or char in "\n\t" for char in text)


def test_failure_kinds_of_a_stream() -> None:
    """A head that is too large, and one that is no HTTP, are told apart in the record."""
    big, _accused = connect(wire.saying(b"HTTP/1.1 403 No\r\n" + b"X: y\r\n" * 20_000))
    odd, _accused = connect(wire.saying(b"220 mail.corp ESMTP\r\n"))
    kinds = [attempts[0].steps[-1].failure for attempts in (big, odd)]
    assert [failure.kind for failure in kinds if failure] == [
        FailureKind.TOO_LARGE,
        FailureKind.HTTP_MALFORMED,
    ]


@pytest.mark.parametrize(("sent", "kept"), [(40, 40), (41, 40)])
def test_forty_headers_are_kept(sent: int, kept: int) -> None:
    """Of a head the first forty headers that tell who sent it are recorded, each of 400 characters
    at most, and no cookie."""
    headers = b"Set-Cookie: secret\r\n" + b"Via: %b\r\n" % (b"x" * 500) * sent
    step, _accused = fetch(
        wire.saying(b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: 0\r\n\r\n"), timeout=5
    )
    assert step.head is not None
    assert len([name for name, _value in step.head.headers if name == "Via"]) == kept
    assert {len(value) for name, value in step.head.headers if name == "Via"} == {400}
    assert "secret" not in repr(step)


@pytest.mark.parametrize(("count", "code"), [(100, set()), (101, {"origin-error"})])
def test_a_hundred_informational_answers(count: int, code: set[str]) -> None:
    """A hundred 1xx answers before the final one are read; whoever sends more never ends."""
    script = wire.saying(b"HTTP/1.1 100 Continue\r\n\r\n" * count + NORMAL)
    _step, accused = fetch(script, timeout=5)
    assert accused == code
