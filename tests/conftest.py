"""What holds for every test: no setting of this machine leaks in, and nothing but loopback is
talked to."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from arcprobe.model.redaction import forget

# no test asserts a time: how long an example takes is the machine's affair
hypothesis.settings.register_profile("no-clock", deadline=None)
hypothesis.settings.load_profile("no-clock")

_NAMES = frozenset(
    {
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "no_color",
        "requests_ca_bundle",
        "curl_ca_bundle",
    }
)
_PREFIXES = ("arcprobe_", "ssl_", "kubernetes_")
_KEPT = (
    "arcprobe_mitmdump",
    "arcprobe_go",
    "arcprobe_test_",
)  # what the tests themselves read; arcprobe does not
_GUARDED = ("connect", "connect_ex", "sendto")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes out of the environment whatever arcprobe or its libraries would read."""
    for name in tuple(os.environ):
        low = name.lower()
        if not low.startswith(_KEPT) and (low in _NAMES or low.startswith(_PREFIXES)):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_secret_known() -> Iterator[None]:
    """A process has one run, and its secrets; a test must not hide words for the next."""
    yield
    forget()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fails a test that connects, or sends a datagram, to anything but loopback. Yields what was
    tried."""
    tried: list[str] = []

    def guarded(name: str) -> Any:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            where = arguments[-1]
            if not _is_local(self, where):
                tried.append(f"{name} {where!r}")
                raise OSError(f"the tests talk to loopback only, not to {where!r}")
            return original(self, *arguments)

        return call

    for name in _GUARDED:
        monkeypatch.setattr(socket.socket, name, guarded(name), raising=True)
    yield tried
    assert not tried, f"the tests talk to loopback only: {tried}"


def _is_local(sock: socket.socket, where: object) -> bool:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return True  # unix sockets, netlink
    host = where[0] if isinstance(where, tuple) and where else ""
    try:
        return host == "localhost" or ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False
