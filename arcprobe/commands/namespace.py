"""``--namespace``, of whatever command: what names one."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from arcprobe.commands.settings_flags import Command
from arcprobe.model.errors import ConfigError

# a label of RFC 1123: Kubernetes documentation, "Object Names and IDs"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def namespace_option(default: str, words: str) -> Callable[[Command], Command]:
    """Adds ``--namespace``. What names none is refused: it would become a part of the path that the
    API server is asked for."""
    add: Callable[[Command], Command] = click.option(
        "--namespace",
        default=default,
        show_default=True,
        metavar="NAME",
        callback=_read,
        help=words,
    )
    return add


def _read(context: click.Context, parameter: click.Parameter, given: str) -> str:
    return namespace(given)


def namespace(given: str) -> str:
    """The name of a namespace. ``ConfigError`` for what names none."""
    if not _NAME.fullmatch(given):
        advice = "use lower-case letters, digits and -"
        raise ConfigError("--namespace", f"is {given[:60]!a}", advice)
    return given
