"""The language of what a command writes for people: ``--lang``, else that of the locale."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import click

from arcprobe.commands.output import can_show
from arcprobe.commands.settings_flags import Command
from arcprobe.knowledge.language import LANGUAGES, Language, language
from arcprobe.settings import values
from arcprobe.settings.table import ROWS, variable

# The first that is set says which: XBD section 8.2 of POSIX.1-2024,
# https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def spoken(given: str, environ: Mapping[str, str]) -> Language:
    """The language that was asked for; else that of the locale, where arcprobe knows it and stdout
    has its letters; else English."""
    return language(given or _of_locale(environ))


def _of_locale(environ: Mapping[str, str]) -> str:
    locale = next(filter(None, map(environ.get, _LOCALE)), "") or ""
    name = locale.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    is_known = name in LANGUAGES and can_show(language(name))
    return name if is_known else LANGUAGES[0]


def lang_option(command: Command) -> Command:
    """Adds ``--lang`` to a command that reads no other setting: argument ``words``, a Language."""
    row = ROWS["lang"]

    def read(context: click.Context, parameter: click.Parameter, given: str | None) -> Language:
        name = values.lang(row.flag, given) if given else ""
        return spoken(name, os.environ)

    add: Callable[[Command], Command] = click.option(
        row.flag,
        "words",
        metavar=row.metavar,
        envvar=variable(row.name),
        callback=read,
        help=row.words(),
    )
    return add(command)


def flag_of(words: Language) -> tuple[str, ...]:
    """The flag that asks for a language again."""
    return (ROWS["lang"].flag, words.name)
