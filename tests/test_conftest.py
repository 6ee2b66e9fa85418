"""The guards of the tests themselves."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_elsewhere_is_refused(call: str, loopback_only: list[str]) -> None:
    """A connection to another address fails before a packet is sent, and is remembered against the
    test."""
    with socket.socket() as stream, pytest.raises(OSError, match="loopback only"):
        getattr(stream, call)(("192.0.2.1", 443))
    assert loopback_only == [f"{call} ('192.0.2.1', 443)"]
    loopback_only.clear()


def test_datagrams_elsewhere_are_refused(loopback_only: list[str]) -> None:
    """So is a datagram."""
    with (
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
        pytest.raises(OSError, match="loopback only"),
    ):
        datagrams.sendto(b"x", ("192.0.2.1", 53))
    assert len(loopback_only) == 1
    loopback_only.clear()
