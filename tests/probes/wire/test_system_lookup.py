"""A look-up that has begun before the run is heard as any other."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from arcprobe.model import FailureKind, Lookup
from arcprobe.probes.wire.resolver import Resolver
from arcprobe.probes.wire.system_lookup import HeadStart

_PATIENCE = 5.0  # seconds
NAME = "proxy.example"
FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.88.99.9", 0))]


def _looked_up(ahead: HeadStart) -> Lookup:
    return asyncio.run(Resolver(time.monotonic, ahead=ahead).lookup(NAME, _PATIENCE))


def test_a_look_up_that_still_waits_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is ready before the answer hears it all the same."""
    answered = threading.Event()

    def slow(*_: object, **__: object) -> object:
        answered.wait(_PATIENCE)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    ahead = HeadStart(NAME, time.monotonic)
    assert not ahead.is_done
    threading.Timer(0.1, answered.set).start()
    assert _looked_up(ahead).addresses == ("192.88.99.9",)


def test_a_failed_look_up_is_told_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """That nobody knows the name is what the run says of it."""

    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    ahead = HeadStart(NAME, time.monotonic)
    with pytest.raises(socket.gaierror):
        ahead.wait()
    lookup = _looked_up(ahead)
    assert lookup.failure is not None
    assert lookup.failure.kind is FailureKind.NAME_UNKNOWN
