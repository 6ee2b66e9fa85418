"""Arguments in, exit code out: the front door. It answers ``--version`` and ``--help`` by itself;
each command, and what reads a command line, is imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from arcprobe import __version__
from arcprobe.commands.exit_codes import DONE, UNFINISHED, WRONG
from arcprobe.commands.listing import help_text, is_completing, leave_stdout


def run(arguments: Sequence[str]) -> int:
    """Runs one command line. Never raises: errors of the user are one line and 2, faults of ours
    one line and 3."""
    match list(arguments):
        case _ if is_completing():
            pass
        case ["--version"]:
            return _print(f"arcprobe {__version__}\n")
        case ["--help" | "-h"]:
            return _print(help_text())
        case []:  # nothing was asked, and nothing passed
            sys.stderr.write(help_text())
            return WRONG
    from arcprobe.commands.group import run_command

    return run_command(arguments)


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
    except OSError:
        leave_stdout()
        return UNFINISHED
    return DONE


def settled(code: int) -> int:
    """The exit code, once stdout is written to its end: what is left in its buffer may fail (a full
    disk, a gone reader)."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        leave_stdout()
        return code or UNFINISHED
    return code
