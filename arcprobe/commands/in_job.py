"""What ``check`` does at its end when it runs in a pod of ``arcprobe job``: the report into the log, the message, the hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from arcprobe import envelope

TERMINATION_LOG = "/dev/termination-log"


def is_job(environ: Mapping[str, str]) -> bool:
    """Whether the manifest of ``arcprobe job`` started this process."""
    return environ.get("ARCPROBE_JOB") == "1"


def finish(
    json_text: str, verdict: str, causes: Iterable[tuple[str, str]], stream: TextIO, termination_log: str = TERMINATION_LOG
) -> None:
    """After the text for people: prints the marked report, then writes the termination message.

    In this order: a pod of a DaemonSet is Ready when the message is there, and then its log must be whole.
    """
    stream.write("\n" + envelope.wrap(json_text))
    stream.flush()
    envelope.write_termination_message(termination_log, envelope.termination_message(verdict, causes))


def hold(environ: Mapping[str, str], elapsed: float, wait: Callable[[float | None], object]) -> None:
    """Keeps the process until it is told to end, where the manifest asks for that (``ARCPROBE_HOLD``).

    ``elapsed``: seconds that the process has run. ``wait``: waits that many seconds, or for ever for None, and returns early on
    SIGTERM or SIGINT (an ``Event.wait`` that the signal sets).
    """
    asked = environ.get("ARCPROBE_HOLD", "")
    if asked == "always":
        wait(None)
    elif asked.isascii() and asked.isdigit() and (left := min(int(asked), 3600) - elapsed) > 0:
        wait(left)
