"""What the commands that give a report share: ``--format`` and ``--report``, writing them, and the
exit code of a verdict."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from arcprobe.model import Report, Verdict
from arcprobe.report import RENDERERS, renderer

# the contract's exit codes
DONE, FAILED, WRONG, UNFINISHED = 0, 1, 2, 3

_EXIT_CODES = {
    Verdict.PASS: DONE,
    Verdict.WARN: DONE,
    Verdict.SKIP: DONE,
    Verdict.FAIL: FAILED,
    Verdict.ERROR: UNFINISHED,
}


def report_files(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """``FORMAT=FILE`` values as pairs of format and file; one value may hold several, with commas
    between.

    Raises ``click.BadParameter`` that names the setting.
    """
    return tuple(
        _report_file(part.strip(" ,"))
        for value in values
        for part in re.split(r",(?=\s*[a-z]+=)", value)
    )


def _report_file(value: str) -> tuple[str, str]:
    form, equals, file = value.partition("=")
    if form not in RENDERERS or not equals or not file:
        words = f"{value[:80]!a} is not FORMAT=FILE with a FORMAT of {', '.join(RENDERERS)}"
        raise click.BadParameter(words, param_hint="'--report'")
    return form, file


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--format`` (argument ``form``: a name of ``RENDERERS``) and ``--report`` (``reports``:
    pairs of format and file)."""
    command = click.option(
        "--report",
        "reports",
        multiple=True,
        callback=lambda ctx, param, values: report_files(values),
        envvar="ARCPROBE_REPORT",
        metavar="FORMAT=FILE",
        help="Also write a report to a file; repeatable.",
    )(command)
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(RENDERERS)),
        default="text",
        envvar="ARCPROBE_FORMAT",
        show_default=True,
        help="What goes to stdout.",
    )(command)


def write(
    report: Report,
    form: str,
    files: Iterable[tuple[str, str]],
    *,
    colour: bool | None = None,
    wide: bool = False,
) -> int:
    """Writes the report files, then the report to stdout; returns the exit code: that of the
    verdict, or 3 when a file failed.

    ``colour`` None: as the terminal has it. A file that cannot be written costs one line on stderr;
    the others are still written.
    """
    code = exit_code(report)
    for file_form, file in files:
        try:
            Path(file).write_text(renderer(file_form)(report), encoding="utf-8", newline="\n")
        except OSError as error:
            click.echo(
                f"arcprobe: --report {file_form}={file}: cannot write: {error.strerror or error}",
                err=True,
            )
            code = UNFINISHED
    if form == "text":
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        shown = renderer("text")(
            report,
            colour=wants_colour() if colour is None else colour,
            width=shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100,
            wide=wide,
            ascii_only=not _can_encode("✓✗–…→", encoding),
        )
        data = shown.encode(encoding, "backslashreplace")
    else:
        data = renderer(form)(report).encode()
    try:
        click.echo(data, nl=False)
    except BrokenPipeError:  # the reader has had enough (`| head`): no fault of the report
        raise
    except OSError as error:
        click.echo(f"arcprobe: stdout: cannot write: {error.strerror or error}", err=True)
        code = UNFINISHED
    return code


def exit_code(report: Report) -> int:
    """The contract's exit code of a report's verdict (``--strict`` is in the verdict already)."""
    return _EXIT_CODES[report.verdict]


def wants_colour() -> bool:
    """Colour on a terminal, unless ``NO_COLOR`` (any text) or ``TERM=dumb`` says otherwise."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
