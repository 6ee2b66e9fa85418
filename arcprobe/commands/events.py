"""``--events FILE``: what happens in a run, a JSON document a line, while it happens."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from queue import SimpleQueue

import click

from arcprobe import __version__
from arcprobe.commands.output import STDOUT
from arcprobe.commands.private_files import PrivateLines
from arcprobe.model import Check, Observation, Report
from arcprobe.probes.listener import Asked, Listener
from arcprobe.report import events

_LAST = (
    15.0  # seconds that the last lines have to be written: more than a silent pipe is waited for
)


class Events(Listener):
    """Writes the events of runs. Lines are written by a thread of their own: who reads them slowly
    does not slow the run. ``is_written``: whether all of them were."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.problem = ""
        self._write = write
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._written, daemon=True)
        self._thread.start()

    def planned(self, checks: int, deadline: float) -> None:
        """See ``Listener``."""
        started = events.RunStarted(
            time=_now(), version=__version__, checks=checks, deadline=round(deadline, 1)
        )
        self._tell([started])

    def began(self, asked: Asked) -> None:
        """See ``Listener``."""
        self._tell([events.started(asked.check, _now())])

    def ended(self, check: Check, observation: Observation, done: int, total: int) -> None:
        """See ``Listener``."""
        self._tell(events.ended(check, observation, done, total, _now()))

    def judged(self, report: Report) -> None:
        """A run was judged."""
        self._tell(events.judged(report, _now()))

    def close(self) -> None:
        """Waits until all is written."""
        self._lines.put(None)
        self._thread.join(_LAST)
        if self._thread.is_alive():
            self.problem = self.problem or "nobody reads it"

    def _tell(self, told: Iterable[events.Event]) -> None:
        for event in told:
            self._lines.put(events.line(event))

    def _written(self) -> None:
        while (line := self._lines.get()) is not None:
            if self.problem:
                continue
            try:
                self._write(line)
            except OSError as error:
                self.problem = error.strerror or str(error)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextlib.contextmanager
def written(file: str) -> Iterator[Events | None]:
    """The events of what is done within; None where no file is named. What cannot be written costs
    a line on stderr, and ``problem`` of the events says so. ``click.UsageError`` where the file
    cannot be opened."""
    if not file:
        yield None
        return
    with _opened(file) as write:
        told = Events(write)
        try:
            yield told
        finally:
            told.close()
            if told.problem:
                click.echo(f"arcprobe: --events: cannot write: {told.problem}", err=True)


@contextlib.contextmanager
def _opened(file: str) -> Iterator[Callable[[bytes], object]]:
    if file == STDOUT:
        yield _to_stdout
        return
    try:
        lines = PrivateLines(file)
    except OSError as error:
        problem = f"--events: {file!a}: cannot write: {error.strerror or error}"
        raise click.UsageError(problem) from None
    with lines:
        yield lines.write


def _to_stdout(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
