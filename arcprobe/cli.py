"""Arguments in, exit code out: the front door. Each command is imported only when it is called."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from arcprobe import __version__
from arcprobe.commands.exit_codes import UNFINISHED, WRONG

COMMANDS = {
    "check": ("check", "The preflight, from this pod, node or laptop."),
    "demo": ("demo", "The same preflight against a rehearsed enterprise network on loopback."),
    "endpoints": ("endpoints", "What must be reachable; exports for firewall teams."),
    "skip-range": ("skip_range", "The bypass list against the cluster: check, suggest, explain."),
    "job": ("job", "The Kubernetes manifest, to stdout."),
    "run": ("run", "The preflight inside the cluster, from here."),
    "report": ("report", "Render, join and compare recorded reports."),
    "explain": ("explain", "What a code means, who must act, what to change."),
}

EXAMPLES = """\b
Examples:
  arcprobe demo
  arcprobe check --region westeurope --proxy-https http://proxy.corp:3128
  arcprobe explain proxy-denied
"""

_LONGEST_FAULT = 300  # characters of a fault's own words


class _ReaderGone(Exception):
    """Who read stdout has had enough (``| head``). Not an OSError: of those click makes exit code
    1, which is a verdict."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGone from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"arcprobe.commands.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_module, words) in COMMANDS.items()])


@click.command(
    cls=_Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="arcprobe", message="%(prog)s %(version)s")
def command() -> None:
    """Tells, before a Kubernetes cluster is connected to Azure Arc, whether the network will let
    it."""


def run(arguments: Sequence[str]) -> int:
    """Runs one command line. Never raises: errors of the user are one line and 2, faults of ours
    one line and 3."""
    try:
        result = command.main(list(arguments), prog_name="arcprobe", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else UNFINISHED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", UNFINISHED)
    except (_ReaderGone, BrokenPipeError):
        _leave_stdout()
        return UNFINISHED
    except Exception as error:
        return _explained(error)


def _explained(error: Exception) -> int:
    if isinstance(error, click.ClickException):
        return _say(error.format_message(), WRONG)
    # only now: the model is what makes `arcprobe --version` slow
    from arcprobe.model.errors import ConfigError

    if isinstance(error, ConfigError):
        return _say(str(error), WRONG)
    words = str(error)[:_LONGEST_FAULT]
    return _say(f"a fault of arcprobe's own: {type(error).__name__}: {words}", UNFINISHED)


def settled(code: int) -> int:
    """The exit code, once stdout is written to its end: what is left in its buffer may fail (a full
    disk, a gone reader)."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _leave_stdout()
        return code or UNFINISHED
    return code


def _leave_stdout() -> None:
    """Leads stdout nowhere, so that the interpreter's own flush at its end has nothing to complain
    about."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _say(words: str, code: int) -> int:
    printing = "".join(char if char.isprintable() else " " for char in words)
    click.echo(f"arcprobe: {' '.join(printing.split())}", err=True)
    return code
