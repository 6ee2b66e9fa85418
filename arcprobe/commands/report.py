"""``arcprobe report``: render, join and compare recorded reports. No network."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import msgspec

from arcprobe.commands import output as _output
from arcprobe.model import Report
from arcprobe.report import as_json

EXAMPLES = """\b
Examples:
  arcprobe report show report.json
  arcprobe report diff yesterday.json today.json
  arcprobe report merge node-*.json --format html > cluster.html
"""
SHOW_EXAMPLES = """\b
Examples:
  arcprobe report show report.json
  arcprobe report show report.json --format html > report.html
  kubectl logs job/arcprobe | arcprobe report show - --report junit=arcprobe.xml
"""
DIFF_EXAMPLES = """\b
Examples:
  arcprobe report diff yesterday.json today.json
  arcprobe report diff --format json before.json after.json
"""
_HELP = {"help_option_names": ["-h", "--help"]}


class _Group(click.Group):
    """``merge`` is in a module of its own, imported when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        merge = ("merge",) if find_spec("arcprobe.commands.merge") else ()
        return sorted({*super().list_commands(ctx), *merge})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "merge" or cmd_name not in self.list_commands(ctx):
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module("arcprobe.commands.merge").command
        return found


@click.group("report", cls=_Group, epilog=EXAMPLES, context_settings=_HELP)
def command() -> None:
    """Render, join and compare recorded JSON reports. Needs no network."""


@command.command("show", epilog=SHOW_EXAMPLES, context_settings=_HELP)
@click.argument("file", metavar="FILE")
@_output.options
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--wide", is_flag=True, help="In text, list the passes too.")
def show(
    file: str, form: str, reports: tuple[tuple[str, str], ...], strict: bool, wide: bool
) -> None:
    """Judge the recording FILE (- is stdin) again and show it. The exit code is that of the
    verdict, as for `arcprobe check`."""
    report = judged_again(read(file), strict=strict)
    sys.exit(_output.write(report, form, reports, wide=wide))


@command.command("diff", epilog=DIFF_EXAMPLES, context_settings=_HELP)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="ARCPROBE_FORMAT",
    show_default=True,
)
def diff(old: str, new: str, form: str) -> None:
    """What changed from the report OLD to the report NEW: checks, causes, issuers, settings; times
    are left out.

    Exits 0 when nothing did and 1 when something did, as `kubectl diff`.
    """
    from arcprobe.fleet import difference_text
    from arcprobe.fleet.difference import compare
    from arcprobe.pipeline import issuers

    if old == new == "-":
        raise click.UsageError("NEW: only one of the two can be stdin")
    difference = compare(read(old), read(new), issuers)
    text = (
        difference_text.render_json(difference)
        if form == "json"
        else difference_text.render_text(difference)
    )
    click.echo(text.encode(), nl=False)
    sys.exit(_output.DONE if difference.is_empty else _output.FAILED)


def read(file: str) -> Report:
    """The report in a file (``-`` is stdin), bounded. Raises ``click.UsageError`` with one line
    that names the file."""
    most = as_json.MOST_BYTES + 1
    try:
        if file == "-":
            data = sys.stdin.buffer.read(most)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(most)
        return as_json.load(data)
    except OSError as error:
        raise click.UsageError(f"FILE {file!a}: cannot read: {error.strerror or error}") from None
    except ValueError as error:
        raise click.UsageError(f"FILE {file!a}: {error}") from None


def judged_again(report: Report, *, strict: bool = False) -> Report:
    """The same checks and observations with findings, causes and verdict as this version of
    arcprobe judges them."""
    from arcprobe.diagnosis import diagnose, verdict_of
    from arcprobe.findings import judge

    run = report.run
    if strict:
        run = msgspec.structs.replace(
            run, settings=msgspec.structs.replace(run.settings, strict=True)
        )
    findings = judge(report.checks, report.observations, run)
    causes = diagnose(findings, report.checks, run)
    return msgspec.structs.replace(
        report, run=run, findings=findings, causes=causes, verdict=verdict_of(findings, run)
    )
