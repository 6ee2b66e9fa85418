"""``arcprobe explain``: what a code means, who must act, what to change. No network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.report import ACTORS

EXAMPLES = """\b
Examples:
  arcprobe explain proxy-auth-required
  arcprobe explain websocket-stripped
  arcprobe explain
"""

_VERDICTS = {
    "pass": "all is well",
    "warn": "a warning",
    "fail": "a failure",
    "skip": "not asked",
    "error": "arcprobe did not finish",
}


@click.command("explain", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("code", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to stdout.",
)
def command(code: str | None, form: str) -> None:
    """What CODE means, who must act, what to change, and how to see it by hand. Without CODE: all
    of them, by layer."""
    try:
        chosen = codes.rows() if code is None else (codes.row(code.strip().lower()),)
    except codes.UnknownCode as error:
        hint = (
            f"nearest: {', '.join(error.near)}" if error.near else "`arcprobe explain` lists them"
        )
        raise click.BadParameter(f"unknown code {code!a:.62}; {hint}", param_hint="CODE") from None
    if form == "json":
        import msgspec

        shown = [_row(each) for each in chosen]
        text = msgspec.json.format(
            msgspec.json.encode(shown if code is None else shown[0]), indent=2
        ).decode()
    else:
        text = "\n".join(_listing(chosen) if code is None else _page(chosen[0]))
    click.echo(text)


def _row(code: codes.Row) -> dict[str, str]:
    """A code as plain values, its templates filled with neutral words."""
    return {
        "code": code.name,
        "layer": code.layer.value,
        "verdict": code.verdict.value,
        "owner": code.owner,
        "summary": language().code(code.name, "summary", {}),
        "meaning": language().code(code.name, "meaning"),
        "remedy": language().code(code.name, "remedy", {}),
        "verify": _verify(code),
    }


def _listing(chosen: tuple[codes.Row, ...]) -> Iterator[str]:
    width = max(len(code.name) for code in chosen)
    layer = ""
    for code in chosen:
        if code.layer != layer:
            yield from (("", code.layer) if layer else (code.layer,))
            layer = code.layer
        yield f"  {code.name:<{width}}  {language().code(code.name, 'summary')}"


def _page(code: codes.Row) -> Iterator[str]:
    acts = f"; to act: {ACTORS[code.owner]}" if code.owner else ""
    yield f"{code.name}: {_VERDICTS[code.verdict]} on the {code.layer} layer{acts}"
    yield f"  {language().code(code.name, 'summary')}"
    yield from ("", "What it means")
    yield from textwrap.wrap(
        language().code(code.name, "meaning"),
        96,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
    )
    if remedy := language().code(code.name, "remedy"):
        yield from ("", "What to change")
        for line in remedy.splitlines():
            yield from textwrap.wrap(
                line,
                96,
                initial_indent="  ",
                subsequent_indent="  ",
                break_on_hyphens=False,
                break_long_words=False,
            )
    if not code.passes:
        yield from ("", "By hand")
        yield from (f"  {line}" for line in _verify(code).splitlines())


def _verify(code: codes.Row) -> str:
    key = f"verify.{code.layer}"
    return language().template(key) if language().has(key) else ""
