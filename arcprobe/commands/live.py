"""What a run waits for, on stderr: a line a rung that is drawn anew on a terminal; elsewhere a line
where that changed, once the run has taken some seconds."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from arcprobe.commands import output
from arcprobe.knowledge.language import Language
from arcprobe.model import Check, Layer, Observation
from arcprobe.model.text import printable
from arcprobe.probes.listener import Asked, Listener
from arcprobe.report import columns
from arcprobe.report.words import Words

_FRAME = 0.2  # seconds between two pictures on a terminal
_LOOK = 1.0  # seconds between two looks at what changed, elsewhere
PATIENCE = 10.0
"""Seconds that a run takes before anything of it is told where nothing can be drawn anew: most
are over by then, and a pipeline's log has no need of their lines."""
_MOST_TARGETS = 3  # named of a rung
_RUNGS = (Layer.CLUSTER, Layer.DNS, Layer.PROXY, Layer.TCP, Layer.TLS, Layer.HTTP, Layer.WEBSOCKET)


class Live(Listener):
    """What is waited for at this moment."""

    def __init__(self, words: Language) -> None:
        self._words = Words(words)
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}
        self._done = self._total = 0
        self._deadline = 0.0
        self._started: float | None = None

    def planned(self, checks: int, deadline: float) -> None:
        """See ``Listener``."""
        with self._lock:
            self._started, self._deadline = time.monotonic(), deadline
            self._done, self._total = 0, checks

    def began(self, asked: Asked) -> None:
        """See ``Listener``."""
        with self._lock:
            self._asked[asked.check.id] = asked

    def ended(self, check: Check, observation: Observation, done: int, total: int) -> None:
        """See ``Listener``."""
        with self._lock:
            self._asked.pop(check.id, None)
            self._done, self._total = done, total

    @property
    def elapsed(self) -> float:
        """Seconds since the run began to ask."""
        return time.monotonic() - self._started if self._started is not None else 0.0

    def head(self) -> str:
        """How many checks are done, and how much of the time has gone."""
        return self._words(
            "progress.head",
            done=self._done,
            total=self._total,
            elapsed=self.elapsed,
            deadline=self._deadline,
        )

    def rungs(self) -> list[tuple[str, list[str]]]:
        """Each rung that is waited for, lowest first, with its targets."""
        with self._lock:
            asked = list(self._asked.values())
        found: dict[Layer, list[str]] = {}
        for each in asked:
            found.setdefault(each.rung, []).append(printable(each.check.target))
        return [(self._rung(rung), found[rung]) for rung in _RUNGS if rung in found]

    def lines(self, width: int) -> list[str]:
        """The picture: a line for the whole, and one a rung."""
        if self._started is None:
            return []
        rungs = self.rungs()
        space = max(columns.width_of(self._rung(rung)) for rung in _RUNGS)
        told = [
            f"  {columns.padded(name, space)}  {self._waits(targets)}" for name, targets in rungs
        ]
        return [columns.cut(line, width - 1) for line in (self.head(), *told)]

    def change(self) -> tuple[str, ...]:
        """What is waited for, to be compared with what was before."""
        return tuple(f"{name} {len(targets)}" for name, targets in self.rungs())

    def line(self) -> str:
        """All of it in one line."""
        waits = tuple(f"{name}: {self._waits(targets)}" for name, targets in self.rungs())
        return self._words("progress.line", head=self.head(), waits=waits)

    def _rung(self, rung: Layer) -> str:
        return self._words(f"progress.rung.{rung}")

    def _waits(self, targets: list[str]) -> str:
        names = self._words.names(sorted(set(targets)), _MOST_TARGETS)
        return self._words.count("progress.waits", len(targets), targets=names)


@contextlib.contextmanager
def shown(words: Language) -> Iterator[Listener]:
    """A listener whose run is shown while it lasts; with ``--quiet`` it is not."""
    live = Live(words)
    ended = threading.Event()
    show = _drawn if output.can_redraw(sys.stderr) else _told
    thread = threading.Thread(target=show, args=(live, sys.stderr, ended), daemon=True)
    if not output.is_asked("quiet"):
        thread.start()
    try:
        yield live
    finally:
        ended.set()
        if thread.is_alive():
            thread.join()


def _drawn(live: Live, stream: TextIO, ended: threading.Event) -> None:
    """Draws the picture again and again, and takes it away in the end."""
    height = 0
    with contextlib.suppress(OSError, ValueError):  # the terminal is gone
        is_on = True
        while is_on:
            lines = live.lines(shutil.get_terminal_size().columns)
            stream.write(_erasing(height) + "".join(f"{line}\n" for line in lines))
            stream.flush()
            height = len(lines)
            is_on = not ended.wait(_FRAME)
        stream.write(_erasing(height))
        stream.flush()


def _erasing(height: int) -> str:
    """Takes so many lines away: ECMA-48 sections 8.3.13 (CPL) and 8.3.39 (ED)."""
    return f"\x1b[{height}F\x1b[J" if height else ""


def _told(live: Live, stream: TextIO, ended: threading.Event) -> None:
    """A line where what is waited for has changed."""
    before: tuple[str, ...] = ()
    with contextlib.suppress(OSError, ValueError):
        while not ended.wait(_LOOK):
            now = live.change()
            if live.elapsed >= PATIENCE and now and now != before:
                stream.write(f"arcprobe: {live.line()}\n")
                stream.flush()
                before = now
