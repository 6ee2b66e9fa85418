"""``arcprobe report``: render, join and compare recorded reports. No network."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from arcprobe.commands import output, speaking
from arcprobe.commands.exit_codes import DONE, FAILED
from arcprobe.commands.near import NearGroup
from arcprobe.knowledge.language import Language
from arcprobe.model import Report
from arcprobe.report import as_json
from arcprobe.settings.files import read_bytes, read_stdin

EXAMPLES = """\b
Examples:
  arcprobe report show report.json
  arcprobe report ticket report.json --owner proxy
  arcprobe report diff yesterday.json today.json
  arcprobe report merge node-*.json --format html > cluster.html
"""
SHOW_EXAMPLES = """\b
Examples:
  arcprobe report show report.json
  arcprobe report show report.json --format html > report.html
  arcprobe report show report.json --change 1 > lines-to-paste
  arcprobe report show report.json --join squid
  kubectl -n arcprobe logs job/arcprobe-pod | arcprobe report show - --report junit=arcprobe.xml
"""
DIFF_EXAMPLES = """\b
Examples:
  arcprobe report diff yesterday.json today.json
  arcprobe report diff --format json before.json after.json
"""
_HELP = {"help_option_names": ["-h", "--help"]}


_APART = ("merge", "ticket")


class _Group(NearGroup):
    """Some are in modules of their own, imported when they are called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_APART})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _APART:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module(f"arcprobe.commands.{cmd_name}").command
        return found


@click.group("report", cls=_Group, epilog=EXAMPLES, context_settings=_HELP)
def command() -> None:
    """Render, join and compare recorded JSON reports. Needs no network."""


@command.command("show", epilog=SHOW_EXAMPLES, context_settings=_HELP)
@click.argument("file", metavar="FILE")
@output.options
@speaking.lang_option
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@output.wide_option
@click.option(
    "--change",
    type=click.IntRange(min=1),
    metavar="N",
    help="Print what is to be pasted for cause N, and nothing else.",
)
@click.option(
    "--product",
    "products",
    multiple=True,
    metavar="NAME",
    help="Write the lines of this product too (bind, nftables, …); repeatable.",
)
@click.option(
    "--join",
    metavar="NAME",
    help="Print what is to be pasted into this product for all causes together.",
)
def show(
    file: str,
    format: str,
    reports: output.Files,
    words: Language,
    strict: bool,
    wide: bool,
    change: int | None,
    products: tuple[str, ...],
    join: str | None,
) -> None:
    """Judge the recording FILE (- is stdin) again and show it. The exit code is that of the
    verdict, as for `arcprobe check`."""
    from arcprobe.commands import merge
    from arcprobe.fleet.merged_document import read_merged
    from arcprobe.pipeline import judged_again, spoken
    from arcprobe.settings.values import product

    data = _content(file)
    merged = read_merged(data)
    if merged is not None and change is None and join is None:
        sys.exit(merge.write(merged, format, reports, words=words))
    wanted = [*products, *filter(None, (join,))]
    named = tuple(product("--product", name) for name in wanted if name not in _OWN)
    report = judged_again(_loaded(file, data), strict=strict, products=named)
    if change is not None or join is not None:
        told = spoken(report, words)
        text = _joined(told, join) if change is None else _pasted(told, change)
        click.echo(text.encode())
        sys.exit(DONE)
    sys.exit(output.write(report, format, reports, wide=wide, saved=_saved(file), words=words))


def _saved(file: str) -> str:
    """A file that can be read again, as the last line of the text names it."""
    return "" if file == "-" else file


_OWN = ("arcprobe", "az")  # the user's own commands, which no answer has to name


def _joined(report: Report, name: str | None) -> str:
    """What is pasted into one product for all causes: a block for each place, with the place and
    the command as comments. Raises ``click.BadParameter`` where there is nothing."""
    from arcprobe.report import layout
    from arcprobe.settings.values import product

    file = name if name in _OWN else product("--join", name or "")
    blocks = layout.joined(report, file or "")
    if not blocks:
        raise click.BadParameter(f"no cause has lines for {file}", param_hint="--join")
    return "\n".join("\n".join(block) for block in blocks)


def _pasted(report: Report, number: int) -> str:
    """The bare lines of the change for the cause of that number: the product's, else the advice."""
    from arcprobe.report import layout, outline

    found = outline.items(report)
    if number > len(found):
        words = f"the report has {len(found)} causes"
        raise click.BadParameter(words, param_hint="--change")
    cause = found[number - 1].cause
    for change in layout.pasted(cause):
        return "\n".join(layout.block(change))
    return "\n".join(layout.advice(cause))


@command.command("diff", epilog=DIFF_EXAMPLES, context_settings=_HELP)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@output.format_option("text", "json")
def diff(old: str, new: str, format: str) -> None:
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
    render = difference_text.render_json if format == "json" else difference_text.render_text
    click.echo(render(difference).encode(), nl=False)
    sys.exit(DONE if difference.is_empty else FAILED)


def read(file: str) -> Report:
    """The report in a file (``-`` is stdin), bare or within a pod's log, bounded. Raises
    ``click.UsageError`` with one line that names the file."""
    return _loaded(file, _content(file))


def _content(file: str) -> bytes:
    from arcprobe.fleet.envelope import bare

    try:
        return bare(_bytes_of(file))
    except OSError as error:
        raise click.UsageError(f"FILE {file!a}: cannot read: {error.strerror or error}") from None
    except ValueError as error:
        raise click.UsageError(f"FILE {file!a}: {error}") from None


def _loaded(file: str, data: bytes) -> Report:
    try:
        return as_json.load(data)
    except ValueError as error:
        raise click.UsageError(f"FILE {file!a}: {error}") from None


def _bytes_of(file: str) -> bytes:
    most = as_json.MOST_BYTES
    return read_stdin(most) if file == "-" else read_bytes(file, most)
