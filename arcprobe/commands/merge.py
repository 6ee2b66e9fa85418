"""``arcprobe report merge``: reports of many nodes, vantages and laptops in, one picture out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from arcprobe.commands import output as _output
from arcprobe.fleet import envelope, merge_text
from arcprobe.fleet.merge import Merged, Merger

EXAMPLES = """\b
Examples:
  arcprobe report merge node-*.json
  arcprobe report merge pods/*.json laptop.json --format json
  arcprobe report merge logs/*.log --report html=cluster.html
"""


@click.command("merge", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_output.options
def command(files: tuple[str, ...], form: str, reports: tuple[tuple[str, str], ...]) -> None:
    """Join the reports (or saved pod logs) of many nodes: who fails, in what they differ, and pod
    against node against laptop.

    A FILE that holds no report counts as a lost node and does not hide the others. With no report
    at all it exits 2.
    """
    merger = Merger()
    problems = [problem for file in files if (problem := take(merger, file))]
    if len(problems) == len(files):
        raise click.UsageError(f"FILE {problems[0]}")
    sys.exit(write(merger.result(), form, reports))


def take(merger: Merger, file: str) -> str:
    """Hands one file to the merger; what is wrong with it, or the empty string."""
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(envelope.REPORT_LIMIT + 1)
        if len(data) > envelope.REPORT_LIMIT:
            raise ValueError(f"is larger than {envelope.REPORT_LIMIT >> 20} MiB")
        content = (
            data if data.lstrip()[:1] == b"{" else envelope.unwrap(data.decode("utf-8", "replace"))
        )
        merger.add(content, Path(file).stem)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        problem = str(error)
    else:
        return ""
    merger.lose(Path(file).stem, reason=problem)
    return f"{file!a}: {problem}"


def write(merged: Merged, form: str, reports: tuple[tuple[str, str], ...]) -> int:
    """Writes the picture to stdout and to the files asked for; the exit code of its verdict, or 3
    when a file failed."""
    report = merge_text.as_report(merged)
    code = _output.exit_code(report)
    for file_form, file in reports:
        try:
            Path(file).write_text(rendered(merged, file_form), encoding="utf-8", newline="\n")
        except OSError as error:
            click.echo(
                f"arcprobe: --report {file_form}={file}: cannot write: {error.strerror or error}",
                err=True,
            )
            code = _output.UNFINISHED
    text = rendered(merged, form)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(
        text.encode(encoding, "backslashreplace") if form == "text" else text.encode(), nl=False
    )
    return code


def rendered(merged: Merged, form: str) -> str:
    """The picture in one of the formats."""
    match form:
        case "text":
            return merge_text.render_text(merged)
        case "json":
            return merge_text.render_json(merged)
        case _:
            from arcprobe.report import renderer

            return renderer(form)(merge_text.as_report(merged))
