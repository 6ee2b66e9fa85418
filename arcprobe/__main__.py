"""``python -m arcprobe``, and the entry point of the ``arcprobe`` command."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys

# New objects after which garbage is looked for. The usual 700 would be reached a hundred times
# while modules are imported, which leave none.
_COLLECTED_AFTER = 20_000

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def _end(*_: object) -> None:
    sys.exit(3)  # could not finish; not imported: at this moment every import is still to come


def main() -> None:
    """Runs the command line of this process, and ends it."""
    if os.getpid() == 1:  # of a container: what it does not handle it ignores (pid_namespaces(7))
        signal.signal(signal.SIGTERM, _end)
    gc.set_threshold(_COLLECTED_AFTER)
    _open_what_is_closed()
    from arcprobe.cli import run, settled

    code = settled(run(sys.argv[1:]))
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    # All is written. Taking the interpreter apart, object by object, would cost an eighth of the
    # CPU of a run, and nobody would see it.
    os._exit(code)


def _open_what_is_closed() -> None:
    """A standard stream that the caller closed (``>&-``) leads nowhere. Else its number would go to
    the next socket or report file, and what is printed would be written into that."""
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            # kept open until the process ends
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


if __name__ == "__main__":
    main()
