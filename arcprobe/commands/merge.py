"""``arcprobe report merge``: reports of many nodes, vantages and laptops in, one picture out."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from arcprobe.commands import output, speaking
from arcprobe.commands.exit_codes import UNFINISHED
from arcprobe.fleet import envelope, merge_text
from arcprobe.fleet.merge import Merged, Merger
from arcprobe.knowledge.language import LANGUAGES, Language
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
@speaking.lang_option
def command(files: tuple[str, ...], format: str, reports: output.Files, words: Language) -> None:
    """Join the reports (or saved pod logs) of many nodes: who fails, in what they differ, and pod
    against node against laptop.

    A FILE that holds no report counts as a lost node and does not hide the others. With no report
    at all, or a FILE that is not there, it exits 2.
    """
    merger = Merger()
    problems = [problem for file in files if (problem := take(merger, file))]
    if len(problems) == len(files):
        raise click.UsageError(f"FILE {problems[0]}")
    sys.exit(write(merger.result(), format, reports, words=words, told=told(merger, words)))


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


def told(merger: Merger, words: Language) -> Merged:
    """The picture in the words of a language: each report is judged again."""
    if words.name == LANGUAGES[0]:
        return merger.result()
    return merger.in_words(words, lambda data: _spoken(data, words)).result()


def _spoken(data: bytes, words: Language) -> bytes | str:
    from arcprobe.pipeline import spoken
    from arcprobe.report import as_json

    try:
        return as_json.render(spoken(as_json.load(data), words))
    except ValueError:
        return data  # of a later version, say: merging reads less of it


def write(
    merged: Merged,
    format: str,
    files: output.Files,
    kept: Sequence[bytes] | None = None,
    *,
    words: Language | None = None,
    told: Merged | None = None,
) -> int:
    """Writes the picture to the files asked for and to stdout; the exit code of its verdict, or 3
    where something was not written. ``kept``: the whole reports, for the JSON; ``told``: the
    picture in the words of a language, for people."""
    format, files = output.stdout_once(format, files)

    def render(name: str) -> str:
        if name in output.FOR_PROGRAMS:
            return rendered(merged, name, kept)
        return rendered(told or merged, name, words=words)

    is_written = output.write_files(files, render)
    is_shown = output.show(render(format), format)
    code = output.exit_code(merge_text.as_report(merged))
    return code if is_written and is_shown else UNFINISHED


def rendered(
    merged: Merged, name: str, kept: Sequence[bytes] | None = None, *, words: Language | None = None
) -> str:
    """The picture in one of the formats."""
    match name:
        case "text":
            return merge_text.render_text(merged, output.width(), language=words)
        case "json":
            return merge_text.render_json(merged, kept)
        case "html":
            from arcprobe.fleet import merge_html

            return merge_html.render(merged, language=words)
        case _:
            return renderer(name)(merge_text.as_report(merged, language=words), language=words)
