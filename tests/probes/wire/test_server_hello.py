"""Which group a ServerHello chose, read from bytes that may be anything."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from arcprobe.probes.wire.server_hello import group_that_go_lacks

X25519, P384, X448, FFDHE2048 = 29, 24, 30, 256


def hello(group: int, *, session: int = 32, before: bytes = b"\0\x2b\0\x02\x03\x04") -> bytes:
    """A ServerHello of TLS 1.3 (RFC 8446 section 4.1.3) with a share of this group."""
    share = b"\0\x33\0\x06" + group.to_bytes(2, "big") + b"\0\x02\x01\x02"
    extensions = before + share
    body = b"\x03\x03" + bytes(32) + bytes([session]) + bytes(session) + b"\x13\x01\0"
    body += len(extensions).to_bytes(2, "big") + extensions
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message


@pytest.mark.parametrize(
    ("first", "due"),
    [
        (hello(X25519), 0),
        (hello(P384), 0),
        (hello(4588), 0),
        (hello(X448), X448),
        (hello(FFDHE2048, session=0), FFDHE2048),
        (hello(X448, before=b""), X448),
        (hello(X448)[:-20], 0),
        (b"\x15\x03\x03\0\x02\x02\x28", 0),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 0),
        (b"", 0),
    ],
)
def test_groups(first: bytes, due: int) -> None:
    """A group that Go does not offer is told; where the bytes do not say, none is."""
    assert group_that_go_lacks(first) == due


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes, reading it ends."""
    assert group_that_go_lacks(data) >= 0
    assert group_that_go_lacks(hello(X448)[:60] + data) >= 0
