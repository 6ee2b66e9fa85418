"""``arcprobe report merge``: reports of many nodes, vantages and laptops in, one picture out."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from arcprobe.commands import output
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.fleet import envelope, merge_text
from arcprobe.fleet.merge import Merged, Merger
from arcprobe.report import renderer
from arcprobe.settings.files import read_bytes

EXAMPLES = """\b
Examples:
  arcprobe report merge node-*.json
  arcprobe report merge pods/*.json laptop.json --format json
  arcprobe report merge logs/*.log --report html=cluster.html
"""


@click.command("merge", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@output.options
def command(files: tuple[str, ...], format: str, reports: output.Files) -> None:
    """Join the reports (or saved pod logs) of many nodes: who fails, in what they differ, and pod
    against node against laptop.

    A FILE that holds no report counts as a lost node and does not hide the others. With no report
    at all, or a FILE that is not there, it exits 2.
    """
    merger = Merger()
    problems = [problem for file in files if (problem := take(merger, file))]
    if len(problems) == len(files):
        raise click.UsageError(f"FILE {problems[0]}")
    sys.exit(write(merger.result(), format, reports))


def take(merger: Merger, file: str) -> str:
    """Hands one file to the merger; what is wrong with it, or the empty string."""
    try:
        merger.add(_content(file), Path(file).stem)
    except ValueError as error:
        problem = str(error)
    else:
        return ""
    merger.lose(Path(file).stem, reason=problem)
    return f"{file!a}: {problem}"


def _content(file: str) -> bytes | str:
    """A report, as it is or unwrapped from a pod's log."""
    try:
        data = read_bytes(file, envelope.REPORT_LIMIT)
    except OSError as error:
        words = f"FILE {file!a}: cannot be read: {error.strerror or error}"
        raise click.UsageError(words) from None
    if len(data) > envelope.REPORT_LIMIT:
        raise ValueError(f"is larger than {envelope.REPORT_LIMIT >> 20} MiB")
    data = data.removeprefix(codecs.BOM_UTF8)
    is_json = data.lstrip().startswith(b"{")
    return data if is_json else envelope.unwrap(data.decode("utf-8", "replace"))


def write(
    merged: Merged, format: str, files: output.Files, kept: Sequence[bytes] | None = None
) -> int:
    """Writes the picture to the files asked for and to stdout; the exit code of its verdict, or 3
    where something was not written. ``kept``: the whole reports, for the JSON."""
    format, files = output.stdout_once(format, files)
    is_written = output.write_files(files, lambda name: rendered(merged, name, kept))
    is_shown = output.show(rendered(merged, format, kept), format)
    code = output.exit_code(merge_text.as_report(merged))
    return code if is_written and is_shown else UNFINISHED


def rendered(merged: Merged, format: str, kept: Sequence[bytes] | None = None) -> str:
    """The picture in one of the formats."""
    match format:
        case "text":
            return merge_text.render_text(merged, output.width())
        case "json":
            return merge_text.render_json(merged, kept)
        case "html":
            from arcprobe.fleet import merge_html

            return merge_html.render(merged)
        case _:
            return renderer(format)(merge_text.as_report(merged))
