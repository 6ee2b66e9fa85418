"""The settings of ``settings/table.py`` as flags of a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from arcprobe.commands import values
from arcprobe.settings.table import ROWS, SETTINGS, Setting, Shape

Command = TypeVar("Command", bound=Callable[..., Any])


def settings_flags(name: str) -> Callable[[Command], Command]:
    """Adds the flags of the settings that the command ``name`` takes, and ``--config``."""

    def add(command: Command) -> Command:
        command = click.option(
            "--config",
            "file",
            envvar="ARCPROBE_CONFIG",
            metavar="FILE",
            help="YAML file with settings; keys are the flags' names.",
        )(command)
        for row in reversed(SETTINGS):
            if name in row.commands:
                command = _flag(row, name)(command)
        return command

    return add


def setting_flag(name: str) -> Callable[[Command], Command]:
    """Adds the flags of one setting."""
    return _flag(ROWS[name], "check")


def _flag(row: Setting, command: str) -> Callable[[Command], Command]:
    flags = (*(f"--{name}" for name in row.names), row.name.replace("-", "_"))
    words = row.words(command)
    if row.shape is Shape.SWITCH:
        return click.option(*flags, is_flag=True, default=None, help=words)
    many = row.shape is Shape.LIST
    known = values.SETTINGS.get(row.name)
    complete = values.completing(known) if known else None
    return click.option(
        *flags, multiple=many, metavar=row.metavar, help=words, shell_complete=complete
    )


def by_setting(values: Mapping[str, Any]) -> dict[str, Any]:
    """What click gives, under the names of the settings."""
    return {name.replace("_", "-"): value for name, value in values.items()}
