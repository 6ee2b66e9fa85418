"""HTTP/1.1 of the rehearsed peers: heads within bounds, answers framed, hop-by-hop headers gone."""

from __future__ import annotations

import asyncio

import pytest

from arcprobe.lab.http import (
    Answer,
    MalformedError,
    Request,
    read_answer,
    read_request,
    request_head,
    split_authority,
)


def reader_of(data: bytes) -> asyncio.StreamReader:
    """A stream that holds these bytes and ends."""
    reader = asyncio.StreamReader(limit=32 * 1024)
    reader.feed_data(data)
    reader.feed_eof()
    return reader


def request_of(data: bytes) -> Request | None:
    """The first request in these bytes."""

    async def read() -> Request | None:
        return await read_request(reader_of(data))

    return asyncio.run(read())


def test_request() -> None:
    """A request's host is lower case and without port, its path without query, its body whole."""
    request = request_of(
        b"POST /a/b?c=d HTTP/1.1\r\nHost: MCR.microsoft.com:443\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert request is not None
    assert (request.method, request.host, request.path) == ("POST", "mcr.microsoft.com", "/a/b")
    assert request.body == b"hi"
    assert request_of(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET / SPDY/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 33_000 + b"\r\n\r\n",
    ],
)
def test_malformed(data: bytes) -> None:
    """TLS, other protocols, heads above 32 KiB and bodies above 1 MiB are malformed."""
    with pytest.raises(MalformedError):
        request_of(data)


@pytest.mark.parametrize(
    ("authority", "due"),
    [
        ("Example.COM:8084", ("example.com", 8084)),
        ("example.com.", ("example.com", 443)),
        ("[::1]:80", ("::1", 80)),
        ("[::1]", ("::1", 443)),
        ("example.com:https", ("example.com:https", 443)),
    ],
)
def test_split_authority(authority: str, due: tuple[str, int]) -> None:
    """Host and port are told apart, with IPv6 in brackets and without a port."""
    assert split_authority(authority, 443) == due


def test_answer_on_the_wire() -> None:
    """An answer has the standard phrase unless it brings one, and its length, but for 101."""
    assert Answer(status=404, body=b"no").wire() == (
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
    )
    assert Answer(status=299).wire() == b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"
    assert Answer(status=101, reason="Go").wire() == b"HTTP/1.1 101 Go\r\n\r\n"


def test_an_answer_is_read_as_it_was_written() -> None:
    """What a peer writes another one reads: status, reason, headers and body."""
    answer = Answer(status=200, reason="Fine", headers=(("X", "y"),), body=b"body")

    async def read() -> Answer:
        return await read_answer(reader_of(answer.wire()))

    again = asyncio.run(read())
    assert (again.status, again.reason, again.body) == (200, "Fine", b"body")
    assert again.headers == (("X", "y"), ("Content-Length", "4"))


@pytest.mark.parametrize(("strips", "upgrade"), [(False, "websocket"), (True, "")])
def test_forwarded_head(strips: bool, upgrade: str) -> None:
    """A proxy sends on neither credentials nor hop-by-hop headers; the upgrade unless it strips
    it."""
    headers = (
        ("Host", "example.com"),
        ("Proxy-Authorization", "Basic x"),
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
    )
    request = Request(method="GET", target="http://example.com/", headers=headers)
    sent = request_of(request_head(request, "/", strips_upgrade=strips))
    assert sent is not None
    assert (sent.target, sent.host) == ("/", "example.com")
    assert sent.header("proxy-authorization") == ""
    assert sent.header("upgrade") == upgrade
