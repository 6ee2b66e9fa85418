"""The commands as one: which is called, and what becomes of its errors."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from importlib import import_module

import click

from arcprobe import __version__
from arcprobe.commands import stopping
from arcprobe.commands.exit_codes import DONE, UNFINISHED, WRONG
from arcprobe.commands.listing import COMMANDS, help_text, is_completing, leave_stdout
from arcprobe.commands.near import NearGroup

_LONGEST_FAULT = 300  # characters of a fault's own words

_arguments: list[str] = []  # of this call: an error quotes of them what cannot be a password


class _ReaderGone(Exception):
    """Who read stdout has had enough (``| head``). Not an OSError: of those click makes exit code
    1, which is a verdict."""


class _Commands(NearGroup):
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

    def get_help(self, ctx: click.Context) -> str:
        return help_text().rstrip("\n")


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="arcprobe", message="%(prog)s %(version)s")
def command() -> None:
    """Tells, before a Kubernetes cluster is connected to Azure Arc, whether the network will let
    it."""


def run_command(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. Never raises."""
    _arguments[:] = arguments
    if is_completing():
        import_module("arcprobe.commands.completion")  # knows a shell that click does not
    try:
        with stopping.handled(stopping.interrupt):
            result = command.main(list(arguments), prog_name="arcprobe", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else UNFINISHED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", UNFINISHED)
    except (_ReaderGone, BrokenPipeError):
        leave_stdout()
        return UNFINISHED
    except Exception as error:
        return _explained(error)


def _explained(error: Exception) -> int:
    if isinstance(error, click.ClickException):
        return _say(error.format_message(), WRONG)
    # only now: the model takes longer to import than most command lines to read
    from arcprobe.model.errors import ConfigError

    if isinstance(error, ConfigError):
        return _say(str(error), WRONG)
    words = str(error)[:_LONGEST_FAULT]
    return _say(f"a fault of arcprobe's own: {type(error).__name__}: {words}", UNFINISHED)


def _say(words: str, code: int) -> int:
    # only now, as above
    from arcprobe.model.discreet import discreet

    variables = [text for name, text in os.environ.items() if name.startswith("ARCPROBE_")]
    words = discreet(words, [*_arguments, *variables])
    printing = "".join(char if char.isprintable() else " " for char in words)
    with contextlib.suppress(OSError):  # a full disk changes no exit code
        click.echo(f"arcprobe: {' '.join(printing.split())}", err=True)
    return code
