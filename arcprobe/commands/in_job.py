"""What ``check`` does at its end when it runs in a pod of ``arcprobe job``: the report into the
log, the message, the hold."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TextIO

from arcprobe.commands.exit_codes import DONE
from arcprobe.fleet import envelope

TERMINATION_LOG = "/dev/termination-log"


def is_job(environ: Mapping[str, str]) -> bool:
    """Whether the manifest of ``arcprobe job`` started this process."""
    return environ.get("ARCPROBE_JOB") == "1"


def give_report(json_text: str, stream: TextIO) -> None:
    """Prints the marked report before the text for people: a log ends with the verdict."""
    stream.write(envelope.wrap(json_text) + "\n")
    stream.flush()


def finish(
    verdict: str,
    causes: Iterable[tuple[str, str]],
    stream: TextIO,
    termination_log: str = TERMINATION_LOG,
) -> None:
    """Writes the termination message, when the log is whole.

    In this order: a pod of a DaemonSet is Ready when the message is there, and then its log must be
    whole.
    """
    stream.flush()
    write_termination_message(termination_log, envelope.termination_message(verdict, causes))


def write_termination_message(path: str, message: str) -> bool:
    """Writes the message where the kubelet reads it. False when it cannot be written: then the log
    has to do."""
    try:
        # opened without creating: outside of a pod the file is not there, and must not be made
        with open(path, "r+b") as file:
            file.truncate(0)
            file.write(message.encode()[: envelope.TERMINATION_LIMIT])
    except OSError:
        return False
    return True


class _Ended(BaseException):
    """A signal came while the pod was held."""


def exit_code(environ: Mapping[str, str], code: int) -> int:
    """How a pod ends whose report is out: as ``code`` says, if the manifest asks for no other."""
    return DONE if environ.get("ARCPROBE_EXIT") == "0" else code


def hold(
    environ: Mapping[str, str], elapsed: float, wait: Callable[[float | None], object]
) -> None:
    """Keeps the process until it is told to end, where the manifest asks for that
    (``ARCPROBE_HOLD``).

    ``elapsed``: seconds that the process has run. ``wait``: waits that many seconds, or for ever
    for None (``Event.wait``). SIGTERM and SIGINT end the wait. They need a handler: the first
    process of a container ignores what it does not handle (pid 1, signal(7) and pid_namespaces(7)),
    and would be killed after the grace period.
    """
    asked = environ.get("ARCPROBE_HOLD", "")
    if asked == "always":
        seconds: float | None = None
    elif asked.isascii() and asked.isdigit() and min(int(asked), 3600) > elapsed:
        seconds = min(int(asked), 3600) - elapsed
    else:
        return
    try:
        with _ending():
            wait(seconds)
    except _Ended:
        return


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    def end(*_: object) -> None:
        raise _Ended

    before = {}
    with contextlib.suppress(
        ValueError
    ):  # not in the main thread: then somebody else has the signals
        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
