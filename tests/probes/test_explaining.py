"""What explains a silence is asked beside it, and dropped where it is broken after all."""

from __future__ import annotations

import asyncio
import time

import pytest

from arcprobe.model import Attempt, Check, Experiment, FailureKind, Kind
from arcprobe.probes import https, samples
from arcprobe.probes.context import ProbeContext
from tests.probes import peers

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
TIMEOUT = 2.0  # seconds; what explains begins after one of silence


def silent(wire: peers.Wire) -> None:
    wire.drain()


def to(server: peers.Peer, name: str = peers.HOST, port: int = 443) -> ProbeContext:
    return peers.context((name, port, server.port), timeout=TIMEOUT)


def seconds(attempt: Attempt) -> tuple[float, float]:
    """When a connection began, and when it ended."""
    last = attempt.steps[-1]
    return attempt.steps[0].started, last.started + last.took


def test_what_explains_begins_while_the_silence_lasts() -> None:
    """A handshake that nobody answers: the further connections begin before it ends, and all of
    them are recorded."""
    with peers.peer(silent) as server:
        main, *others = peers.probed(peers.check(), to(server))
    due = ["small hello", "small segments", "other name", "again", "control"]
    assert [attempt.label for attempt in others] == due
    _, ended = seconds(main)
    assert all(seconds(attempt)[0] < ended for attempt in others)


def test_what_explains_is_dropped_where_an_answer_comes() -> None:
    """A peer that answers late, but in time, is judged by its answer alone, and no connection to it
    is left open."""

    def late(wire: peers.Wire) -> None:
        if len(server.received) == 1:
            wire.sock.settimeout(peers.LIMIT)
            time.sleep(TIMEOUT * 0.7)
            peers.saying(OK)(wire.tls(peers.server_context()))
        wire.drain()

    with peers.peer(late) as server:
        attempts = peers.probed(peers.check(), to(server))
        assert len(server.received) == 5  # four that explain began beside it
    (main,) = attempts
    assert main.steps[-1].failure is None


def test_a_later_silence_is_explained_by_itself() -> None:
    """A handshake that is answered late, and a request that is not at all: the request's silence
    has its own explanation."""

    def mute(wire: peers.Wire) -> None:
        if len(server.received) == 1:
            time.sleep(TIMEOUT * 0.7)
        wire.tls(peers.server_context()).drain()

    with peers.peer(mute) as server:
        _main, *others = peers.probed(peers.check(), to(server))
    assert [attempt.label for attempt in others] == ["small segments", "again"]
    assert {len(each.steps) for each in others} == {
        4
    }  # name, dial, handshake, request: not the handshake's


@pytest.mark.parametrize(
    ("scheme", "due"),
    [("http", ["proxy by TLS", "proxy by SOCKS", "again"]), ("socks5", ["proxy in clear text"])],
)
def test_a_silent_proxy_is_asked_otherwise_beside_it(scheme: str, due: list[str]) -> None:
    """A proxy that takes the connection and says nothing is asked by other protocols before the
    time-out."""
    question = peers.check(proxy=peers.proxy(scheme))
    with peers.peer(silent) as server:
        main, *others = peers.probed(question, to(server, peers.PROXY_HOST, 3128))
    assert [attempt.label for attempt in others] == due
    assert all(seconds(attempt)[0] < seconds(main)[1] for attempt in others)


def test_a_websocket_that_is_held_is_not_doubted() -> None:
    """A connection that is kept open on purpose is silent, and nothing explains it."""
    question = peers.check(Kind.WEBSOCKET)

    def upgraded(wire: peers.Wire) -> None:
        inside = wire.tls(peers.server_context())
        inside.until()
        inside.send(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        inside.drain()

    with peers.peer(upgraded) as server:
        context = peers.context((peers.HOST, 443, server.port), timeout=TIMEOUT, hold=0.2)
        peers.probed(question, context)
        assert len(server.received) <= 2


def many(count: int, context: ProbeContext) -> list[tuple[Attempt, ...]]:
    """So many checks of one endpoint at once."""
    question: Check = peers.check()

    async def asked() -> list[tuple[Attempt, ...]]:
        async with asyncio.timeout(peers.LIMIT):
            return await asyncio.gather(*(https.probe(question, context) for _ in range(count)))

    return asyncio.run(asked())


def test_many_silences_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first few show nothing, the others are not explained."""
    monkeypatch.setattr(samples, "MOST", 2)
    with peers.peer(silent) as server:
        attempts = many(5, to(server))
    assert sorted(len(each) for each in attempts) == [1, 1, 1, 6, 6]
    kinds = {each[0].steps[-1].failure.kind for each in attempts if each[0].steps[-1].failure}
    assert kinds == {FailureKind.TIMED_OUT}


def test_many_that_a_size_cuts_are_all_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one of the first shows something, every other is explained, too."""
    monkeypatch.setattr(samples, "MOST", 2)

    def small_only(wire: peers.Wire) -> None:
        hello = wire.sock.recv(65536, 2)  # MSG_PEEK
        if len(hello) < 1000:
            wire.tls(peers.server_context())
        wire.drain()

    with peers.peer(small_only) as server:
        attempts = many(5, to(server))
    assert [len(each) for each in attempts] == [6, 6, 6, 6, 6]
    small = [each[1] for each in attempts]
    assert {attempt.label for attempt in small} == {Experiment.SMALL_HELLO}


def test_the_same_once_more_goes_the_whole_way() -> None:
    """A peer that is silent to one connection and answers the next: the second is recorded to its
    end."""

    def first_is_lost(wire: peers.Wire) -> None:
        if len(server.received) > 1:
            peers.saying(OK)(wire.tls(peers.server_context()))
        wire.drain()

    with peers.peer(first_is_lost) as server:
        main, *others = peers.probed(peers.check(), to(server))
    assert main.steps[-1].failure is not None
    (again,) = (each for each in others if each.label == Experiment.AGAIN)
    assert [type(step).__name__ for step in again.steps][-2:] == ["Handshake", "Exchange"]
    assert again.steps[-1].failure is None
