"""What the commands that give a report share: ``--format`` and ``--report``, writing them, and the
exit code of a verdict."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, TextIO, TypeAlias

import click

from arcprobe.commands.exit_codes import DONE, FAILED, UNFINISHED
from arcprobe.commands.private_files import write_private
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Report, Verdict
from arcprobe.report import RENDERERS, renderer

Files: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of format and file."""

_NO_TERMINAL = 100  # columns of text that goes to a file or a pipe
_MARKS = "✓✗–…→─"  # what the text format prints beside ASCII

_EXIT_CODES = {
    Verdict.PASS: DONE,
    Verdict.WARN: DONE,
    Verdict.SKIP: DONE,
    Verdict.FAIL: FAILED,
    Verdict.ERROR: UNFINISHED,
}


def exit_code(report: Report) -> int:
    """The exit code of a report's verdict (``--strict`` is in the verdict already)."""
    return _EXIT_CODES[report.verdict]


# -------------------------------------------------------------------------------------------- flags


def report_files(values: Iterable[str]) -> Files:
    """``FORMAT=FILE`` values as pairs; one value may hold several, with commas between. Raises
    ``click.BadParameter``."""
    found: list[tuple[str, str]] = []
    for value in values:
        found += [_report_file(part.strip(" ,")) for part in re.split(r",(?=\s*[a-z]+=)", value)]
    return tuple(found)


def _report_file(value: str) -> tuple[str, str]:
    name, _equals, file = value.partition("=")
    if name not in RENDERERS or not file:
        words = f"{value[:80]!a} is not FORMAT=FILE with a FORMAT of {', '.join(RENDERERS)}"
        raise click.BadParameter(words, param_hint="'--report'")
    return name, file


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--format`` (argument ``format``: a name of ``RENDERERS``) and ``--report``
    (``reports``: ``Files``)."""
    command = click.option(
        "--report",
        "reports",
        multiple=True,
        callback=lambda ctx, param, values: report_files(values),
        envvar="ARCPROBE_REPORT",
        metavar="FORMAT=FILE",
        help="Also write a report to a file (- is stdout); repeatable.",
    )(command)
    return _manners(format_option(*RENDERERS)(command))


def _manners(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--quiet`` and ``--no-color``; they are remembered in the context and are no
    arguments."""
    for flags, words in (
        (("--no-color", "--no-colour"), "No colour; NO_COLOR does the same."),
        (("--quiet", "-q"), "In text, print the last line alone: the verdict."),
    ):
        command = click.option(
            *flags, is_flag=True, expose_value=False, callback=_remember, help=words
        )(command)
    return command


def _remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[f"arcprobe.{parameter.name}"] = value


def is_asked(name: str) -> bool:
    """Whether ``quiet`` or ``no_color`` is asked for."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(f"arcprobe.{name}"))


def wide_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--wide``."""
    return click.option(
        "--wide",
        "-v",
        "--verbose",
        is_flag=True,
        help="In text, show every endpoint, all evidence and all settings.",
    )(command)


def format_option(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--format`` with these names, the default first."""
    return click.option(
        "--format",
        "-o",
        "--output",
        "format",
        type=click.Choice(names),
        default=names[0],
        envvar="ARCPROBE_FORMAT",
        show_default=True,
        help="What goes to stdout.",
    )


STDOUT = "-"


def events_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--events`` (argument ``events``: a file, ``-``, or empty)."""
    return click.option(
        "--events",
        default="",
        envvar="ARCPROBE_EVENTS",
        metavar="FILE",
        help="Also write what happens, a JSON document a line, to FILE; - is stdout, and the "
        "report then goes to files alone.",
    )(command)


class Wanted(NamedTuple):
    """What is written of a run, and where to. ``format`` empty: nothing to stdout."""

    format: str
    reports: Files
    wide: bool = False
    events: str = ""


def wanted(format: str, reports: Files, *, wide: bool, events: str) -> Wanted:
    """What is asked for. ``click.UsageError`` where two things are to go to stdout."""
    format, files = stdout_once(format, reports)
    if events == STDOUT:
        if len(files) < len(reports):
            raise click.UsageError("--events, --report: only one of them can go to stdout")
        format = ""
    return Wanted(format, files, wide, events)


# ------------------------------------------------------------------------------------------ writing


def write(
    report: Report,
    format: str,
    files: Files,
    *,
    wide: bool = False,
    saved: str = "",
    words: Language | None = None,
) -> int:
    """Writes the report files, then the report to stdout; returns the exit code: that of the
    verdict, or 3 where something was not written. ``saved``: a file that holds the JSON report
    already; ``words``: the language of what is for people (English)."""
    format, files = stdout_once(format, files)
    told = Told(report, words or language())
    is_written = write_files(files, told.rendered)
    in_json = (file for name, file in files if name == "json" and is_written)
    saved = next(in_json, saved)
    shown = _text(told, wide, saved) if format == "text" else told.rendered(format)
    if format == "github":
        is_written &= _summarise(told)
    is_shown = show(shown, format)
    return exit_code(report) if is_written and is_shown else UNFINISHED


def write_wanted(report: Report, wanted: Wanted, words: Language) -> int:
    """Writes the report where it is wanted; the exit code as ``write`` has it."""
    if wanted.format:
        return write(report, wanted.format, wanted.reports, wide=wanted.wide, words=words)
    is_written = write_files(wanted.reports, Told(report, words).rendered)
    return exit_code(report) if is_written else UNFINISHED


FOR_PROGRAMS = frozenset({"json", "prometheus"})
"""Formats that are in English whatever language is asked for."""


class Told:
    """A report, and the same in the words of a language, made when a format for people asks."""

    def __init__(self, report: Report, words: Language) -> None:
        self.report = report
        self.words = words

    @cached_property
    def spoken(self) -> Report:
        """The report in that language."""
        from arcprobe.pipeline import spoken

        return spoken(self.report, self.words)

    def rendered(self, format: str) -> str:
        """The report in one of the formats."""
        if format in FOR_PROGRAMS:
            return renderer(format)(self.report)
        return renderer(format)(self.spoken, language=self.words)


def stdout_once(format: str, files: Files) -> tuple[str, Files]:
    """The format for stdout and the real files: ``--report FORMAT=-`` takes the place of
    ``--format``, as stdout holds one document. Raises ``click.UsageError`` for two."""
    there = [name for name, file in files if file == "-"]
    if len(there) > 1:
        raise click.UsageError("--report: only one FORMAT=- can go to stdout")
    kept = tuple((name, file) for name, file in files if file != "-")
    return next(iter(there), format), kept


def _summarise(told: Told) -> bool:
    """Appends the Markdown to the summary of the step, where GitHub Actions names a file for it."""
    file = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not file:
        return True
    try:
        write_private(file, told.rendered("markdown").encode(), appends=True)
    except OSError as error:
        _complain("GITHUB_STEP_SUMMARY", error)
        return False
    return True


def write_files(files: Files, render: Callable[[str], str]) -> bool:
    """Writes a report in each format to its file. One that cannot be written costs a line on
    stderr; the others are still written."""
    is_written = True
    for name, file in files:
        try:
            write_private(file, render(name).encode("utf-8", "backslashreplace"))
        except OSError as error:
            _complain(f"--report {name}={file}", error)
            is_written = False
    return is_written


def show(text: str, format: str) -> bool:
    """Writes to stdout: text for people in its encoding, anything else in UTF-8."""
    try:
        if format == "text":
            click.echo(text.encode(_encoding(), "backslashreplace"), nl=False)
        else:
            click.echo(text.encode(), nl=False)
    except BrokenPipeError:  # the reader has had enough (`| head`): no fault of the report
        raise
    except OSError as error:
        _complain("stdout", error)
        return False
    return True


def _complain(where: str, error: OSError) -> None:
    click.echo(f"arcprobe: {where}: cannot write: {error.strerror or error}", err=True)


def _text(told: Told, wide: bool, saved: str) -> str:
    if not can_show(told.words):
        problem = f"{_encoding()} has no letters for --lang {told.words.name}: in English"
        click.echo(f"arcprobe: stdout: {problem}", err=True)
        told = Told(told.report, language())
    text = renderer("text")(
        told.spoken,
        language=told.words,
        colour=can_redraw(sys.stdout),
        width=width(),
        wide=wide,
        saved=saved,
        ascii_only=not _can_encode(_MARKS),
    )
    return f"{text.splitlines()[-1]}\n" if is_asked("quiet") else text


def width() -> int:
    """Columns of text that goes to stdout."""
    if not sys.stdout.isatty():
        return _NO_TERMINAL
    import shutil  # and with it every packer of archives

    return shutil.get_terminal_size().columns


def can_redraw(stream: TextIO) -> bool:
    """Whether a stream is a terminal with colours, unless ``NO_COLOR`` (any text) or ``TERM=dumb``
    says otherwise."""
    is_dumb = os.environ.get("TERM") == "dumb" or is_asked("no_color")
    return stream.isatty() and not is_dumb and not os.environ.get("NO_COLOR")


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def can_show(words: Language) -> bool:
    """Whether stdout has the letters of a language."""
    return _can_encode(words.template("code.name-resolves.summary"))


def _can_encode(text: str) -> bool:
    """Whether stdout has these letters."""
    try:
        text.encode(_encoding())
    except (UnicodeEncodeError, LookupError):
        return False
    return True
