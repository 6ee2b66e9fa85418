"""A run begins with the look-up that everything waits for."""

from __future__ import annotations

import asyncio
import socket
import threading

import msgspec
import pytest

from arcprobe.model import Config, Proxy, Settings
from arcprobe.probes.beginning import begin, run_clock
from arcprobe.probes.wire.resolver import Resolver

_PATIENCE = 5.0  # seconds
NAME = "proxy.example"
FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.88.99.9", 0))]
PROXY = Config(settings=Settings(proxy_https=Proxy(scheme="http", host=NAME, port=3128)))
BY_ADDRESS = Proxy(scheme="http", host="192.88.99.1", port=3128)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that getaddrinfo(3) is asked for; it knows all of them."""
    names: list[str] = []

    def known(name: str, *_rest: object, **_more: object) -> object:
        names.append(name)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", known)
    return names


def test_the_proxys_name_is_looked_up_once(asked: list[str]) -> None:
    """What a run needs of the proxy's name is what the look-up found that had begun before it."""
    now = run_clock()
    ahead = begin(PROXY, now)
    assert ahead is not None
    ahead.wait()
    lookup = asyncio.run(Resolver(now, ahead=ahead).lookup(NAME, _PATIENCE))
    assert (lookup.addresses, lookup.failure) == (("192.88.99.9",), None)
    assert lookup.started == ahead.started <= lookup.started + lookup.took <= now()
    assert asked == [NAME]


@pytest.mark.parametrize(
    "config",
    [
        Config(settings=Settings()),
        Config(settings=Settings(proxy_https=BY_ADDRESS)),
        msgspec.structs.replace(PROXY, resolve={(NAME, 3128): ("192.88.99.1",)}),
        msgspec.structs.replace(PROXY, name_servers=(("127.0.0.1", 1),)),
        msgspec.structs.replace(PROXY, dial_map={("192.88.99.1", 3128): ("127.0.0.1", 1)}),
    ],
    ids=["no proxy", "an address", "--resolve", "rehearsed names", "rehearsed addresses"],
)
def test_nothing_is_looked_up_that_a_run_would_not_ask_for(
    config: Config, asked: list[str]
) -> None:
    """The system's resolver is asked beforehand only for what a run asks it for."""
    assert begin(config, run_clock()) is None
    assert asked == []


def test_a_host_without_threads_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started, the run begins without a head start."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    assert begin(PROXY, run_clock()) is None
