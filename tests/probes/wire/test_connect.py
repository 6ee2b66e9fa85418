"""The answer to CONNECT as net/http of Go reads it. Beside it, tests/agents compares with Go
itself."""

from __future__ import annotations

import pytest

from arcprobe.probes.wire.connect import read_head
from arcprobe.probes.wire.failure import Malformed


@pytest.mark.parametrize(
    ("data", "status", "rest"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 200, b""),
        (b"HTTP/1.1 200\r\n\r\n", 200, b""),
        (b"HTTP/1.1  200  OK\r\n\r\n", 200, b""),
        (b"HTTP/1.0 200 OK\n\nmore", 200, b"more"),
        (b"HTTP/2.0 200 OK\r\n\r\n", 200, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 100, b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nVia : x\r\n\r\n", 200, b""),
        (b"HTTP/1.1 200 OK\r\nX: a\r\n  folded\r\n \r\n\r\n", 200, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 200, b""),
        (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", 200, b""),
    ],
)
def test_heads(data: bytes, status: int, rest: bytes) -> None:
    """What Go takes for a head, and where it ends."""
    found = read_head(data)
    assert found is not None
    assert (found[0].status, found[2]) == (status, rest)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"ICY 200 OK\r\n",
        b"HTTP/1.1 0200 OK\r\n",
        b"HTTP/1.1 20 OK\r\n",
        b"HTTP/1.1 200\tOK\r\n",
        b"HTTP/1.10 200 OK\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\n Via: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nVia x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nVia x\r\n : y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nVia\t: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n",
    ],
)
def test_what_is_no_head(data: bytes) -> None:
    """What Go refuses is refused as soon as it is there."""
    with pytest.raises(Malformed):
        read_head(data)


@pytest.mark.parametrize("size", range(21))
def test_a_head_that_is_not_all_there(size: int) -> None:
    """Whatever part of a good head has come, more is waited for."""
    assert read_head(b"HTTP/1.1 200 OK\r\nA: b"[:size]) is None
