"""What a run waits for: a line a rung, within the terminal."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

import msgspec
import pytest

from arcprobe.commands import live as _live
from arcprobe.commands.live import Live
from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.model import Kind, Observation, Route
from arcprobe.probes.listener import Asked
from arcprobe.report import columns
from tests.probes import peers


def waiting(lang: str = "en") -> Live:
    """A run of seven checks of which one is done, five wait for the proxy, one for DNS."""
    live = Live(language(lang))
    assert live.lines(80) == []
    live.planned(7, 60.0)
    checks = [
        msgspec.structs.replace(
            peers.check(), id=f"https {number}", target=f"host-{number}:443", route=Route.PROXY
        )
        for number in range(6)
    ]
    names = msgspec.structs.replace(peers.check(), id="dns", kind=Kind.DNS, target="p.corp:3128")
    for check in (*checks, names):
        live.began(Asked(check, []))
    live.ended(checks[0], Observation(check="https 0"), 1, 7)
    return live


def test_lines() -> None:
    """The whole first, then each rung that is waited for, lowest first, with some of its hosts."""
    assert waiting().lines(90) == [
        "1 of 7 checks done, 0 of 60 s",
        "  DNS        waiting for p.corp:3128",
        "  proxy      5 waiting: host-1:443, host-2:443, host-3:443 and 2 more",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [20, 40, 80])
def test_within_the_terminal(lang: str, width: int) -> None:
    """No line is as wide as the terminal, which would break it and spoil the next picture."""
    assert max(map(columns.width_of, waiting(lang).lines(width))) < width


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another thread does, for ten seconds at most."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_drawn_and_taken_away() -> None:
    """A picture takes the place of the one before, and none is left."""
    stream, ended = io.StringIO(), threading.Event()
    thread = threading.Thread(target=_live._drawn, args=(waiting(), stream, ended))
    thread.start()
    until(lambda: stream.getvalue().count("checks done") >= 2)
    ended.set()
    thread.join()
    pictures = stream.getvalue().split("\x1b[3F\x1b[J")
    assert pictures[0].count("\n") == 3
    assert pictures[-1] == ""


def test_a_line_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be drawn anew, what has not changed is not told again, and nothing before
    the run has taken some time."""
    monkeypatch.setattr(_live, "_LOOK", 0.001)
    monkeypatch.setattr(_live, "PATIENCE", 0.0)
    live, stream, ended = waiting(), io.StringIO(), threading.Event()
    thread = threading.Thread(target=_live._told, args=(live, stream, ended))
    thread.start()
    until(lambda: bool(stream.getvalue()))
    for _ in range(20):
        time.sleep(0.002)
    ended.set()
    thread.join()
    assert stream.getvalue() == (
        "arcprobe: 1 of 7 checks done, 0 of 60 s; DNS: waiting for p.corp:3128; "
        "proxy: 5 waiting: host-1:443, host-2:443, host-3:443 and 2 more\n"
    )
