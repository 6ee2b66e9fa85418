"""``arcprobe watch``: the check again and again; what changes is told, and kept as metrics."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import click
import msgspec

from arcprobe.commands import again, stopping
from arcprobe.commands.check import read_settings
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.commands.grouped import GroupedCommand
from arcprobe.commands.output import exit_code, show
from arcprobe.commands.private_files import replace_private
from arcprobe.commands.settings_flags import settings_flags
from arcprobe.knowledge.language import language
from arcprobe.model import line
from arcprobe.model.errors import ConfigError
from arcprobe.model.text import printable

if TYPE_CHECKING:
    from arcprobe.model import Config, Report

EXAMPLES = """\b
Examples:
  arcprobe watch --region westeurope --every 300
  arcprobe watch --region westeurope --until-pass
  arcprobe watch --region westeurope --textfile /var/lib/node_exporter/arcprobe.prom
"""

_SHORTEST = 1.0  # seconds between two rounds
_READABLE = 0o644  # node_exporter is another user; its file names endpoints, and no secret


@click.command(
    "watch",
    cls=GroupedCommand,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@settings_flags("check")
@click.option(
    "--every",
    type=click.FloatRange(min=_SHORTEST),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Pause between two rounds, give or take a tenth.",
)
@click.option(
    "--times", type=click.IntRange(min=1), metavar="N", help="End after N rounds; else never."
)
@click.option("--until-pass", is_flag=True, help="End with the first round that passes.")
@click.option(
    "--textfile",
    metavar="FILE",
    default="",
    help="Also keep metrics in FILE, for the textfile collector of Prometheus' node_exporter.",
)
@click.option(
    "--format",
    "-o",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="What goes to stdout: a line a change for people, or a JSON document a line.",
)
def command(
    file: str | None,
    every: float,
    times: int | None,
    until_pass: bool,
    textfile: str,
    format: str,
    **flags: Any,
) -> None:
    """Run the check again and again, and tell what changes: verdict, causes that appear, causes
    that go.

    \b
    Exit codes: that of the last round's verdict; 3 where --until-pass was interrupted before it.
    """
    config = read_settings(flags, os.environ, file)
    if config.services_file == "-":
        raise ConfigError("--services", "stdin can be read once", "name a file")
    sys.exit(
        watch(config, every, times or 0, until_pass=until_pass, textfile=textfile, format=format)
    )


def watch(
    config: Config, every: float, times: int, *, until_pass: bool, textfile: str, format: str
) -> int:
    """The rounds, each change told; the exit code."""
    from arcprobe.pipeline import preflight

    ended = threading.Event()
    before: Report | None = None
    is_written = True
    with stopping.remembered(ended.set):
        every_round = again.rounds(
            lambda: preflight(config, ended),
            lambda seconds: ended.wait(seconds),
            every=every,
            times=times,
            until_pass=until_pass,
        )
        for number, report in enumerate(every_round, 1):
            found = again.change(report, before, number)
            if found is not None:
                is_written &= show(RENDERERS[format](found), format)
                sys.stdout.flush()
            if textfile:
                is_written &= _keep(textfile, report)
            before = report
    if before is None or not is_written or (until_pass and before.verdict not in again.GOOD):
        return UNFINISHED
    return exit_code(before)


def _keep(file: str, report: Report) -> bool:
    from arcprobe.report import renderer

    try:
        replace_private(file, renderer("prometheus")(report).encode(), _READABLE)
    except OSError as error:
        click.echo(f"arcprobe: --textfile: cannot write: {error.strerror or error}", err=True)
        return False
    return True


def as_text(change: again.Change) -> str:
    """A line for the verdict, and one for each cause."""
    say = language().say
    verdict, before = change.verdict.upper(), change.before.upper()
    if before and before != verdict:
        lines = [say(line("watch.other", time=change.time, verdict=verdict, before=before))]
    else:
        lines = [say(line("watch.verdict", time=change.time, verdict=verdict))]
    lines += [
        say(line("watch.new", code=each.code, words=each.headline)) for each in change.appeared
    ]
    lines += [say(line("watch.gone", code=each.code, words=each.headline)) for each in change.gone]
    return "".join(f"{printable(text)}\n" for text in lines)


def as_json(change: again.Change) -> str:
    """One document on one line."""
    causes = {
        name: [{"code": each.code, "headline": printable(each.headline)} for each in found]
        for name, found in (("appeared", change.appeared), ("gone", change.gone))
    }
    content = {
        "time": change.time,
        "round": change.round,
        "verdict": change.verdict,
        "before": change.before or None,
        **causes,
    }
    return msgspec.json.encode(content).decode() + "\n"


RENDERERS = {"text": as_text, "json": as_json}
