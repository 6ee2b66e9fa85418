"""``arcprobe endpoints --compare FILE``: a list that is there, beside what is needed."""

from __future__ import annotations

import click

from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.knowledge.language import Language
from arcprobe.knowledge.products.wildcards import WILDCARDS
from arcprobe.knowledge.selection import Selection
from arcprobe.lifecycle import allowed_comparison as comparison
from arcprobe.lifecycle.allowed import read_list
from arcprobe.lifecycle.allowed_text import as_text
from arcprobe.model.errors import ConfigError

LARGEST_LIST = 32 << 20  # bytes: a list of a whole enterprise has some megabytes
FORMS = ("text", "json")


def check_flags(compare: str, compare_as: str, form: str) -> None:
    """Raises ``ConfigError`` for what does not go together."""
    if compare_as and not compare:
        raise ConfigError("--compare-as", "is given without --compare", "leave it out")
    if compare_as and compare_as not in WILDCARDS:
        advice = f"use one of {', '.join(WILDCARDS)}"
        raise ConfigError("--compare-as", f"{compare_as[:40]!a} is unknown", advice)
    if compare and form not in FORMS:
        raise ConfigError("--format", f"{form} is nothing for --compare", "text or json")


def compared(
    compare: str, compare_as: str, form: str, selection: Selection, words: Language
) -> int:
    """Prints what came of it; the exit code."""
    import msgspec

    found = comparison.compare(read_list(_read(compare)), selection.endpoints, compare_as)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(comparison.as_data(found)), indent=2))
    else:
        where = "stdin" if compare == "-" else compare
        click.echo(as_text(found, where, selection.title_in(words), words))
    return FAILED if found.fails else DONE


def _read(file: str) -> bytes:
    try:
        with click.open_file(file, "rb") as stream:
            data: bytes = stream.read(LARGEST_LIST + 1)
    except OSError as error:
        problem = f"{file[:80]!a}: cannot read: {error.strerror or type(error).__name__}"
        raise ConfigError("--compare", problem) from None
    if len(data) > LARGEST_LIST:
        raise ConfigError("--compare", f"{file[:80]!a} has more than {LARGEST_LIST >> 20} MiB")
    return data
