"""``arcprobe explain``: what a code means, who must act, what to change. No network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from arcprobe.commands import values
from arcprobe.commands.output import format_option
from arcprobe.knowledge import codes
from arcprobe.knowledge.language import language
from arcprobe.model import line

EXAMPLES = """\b
Examples:
  arcprobe explain proxy-auth-required
  arcprobe explain websocket-stripped
  arcprobe explain
"""

WIDTH = 96
"""Columns of a page, its indent among them: it fits on a terminal of 100."""


@click.command("explain", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("code", required=False, shell_complete=values.completing(values.codes))
@format_option("text", "json")
def command(code: str | None, format: str) -> None:
    """What CODE means, who must act, what to change, and how to see it by hand. Without CODE: all
    of them, by layer."""
    if code is None:
        rows = codes.rows()
        click.echo(_json([_fields(row) for row in rows]) if format == "json" else _listing(rows))
        return
    try:
        row = codes.row(code.strip().lower())
    except codes.UnknownCode as error:
        hint = "`arcprobe explain` lists them"
        if error.near:
            hint = f"nearest: {', '.join(error.near)}"
        raise click.BadParameter(f"unknown code {code!a:.62}; {hint}", param_hint="CODE") from None
    click.echo(_json(_fields(row)) if format == "json" else "\n".join(_page(row)))


def _json(document: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _fields(row: codes.Row) -> dict[str, str]:
    """A code as plain values, its templates filled with neutral words."""
    return {
        "code": row.name,
        "layer": row.layer.value,
        "verdict": row.verdict.value,
        "owner": row.owner,
        "summary": language().code(row.name, "summary"),
        "meaning": language().code(row.name, "meaning"),
        "remedy": language().code(row.name, "remedy"),
        "verify": _verify(row),
    }


def _listing(rows: tuple[codes.Row, ...]) -> str:
    width = max(len(row.name) for row in rows)
    blocks: dict[str, list[str]] = {}
    for row in rows:
        summary = language().code(row.name, "summary")
        blocks.setdefault(row.layer, [row.layer]).append(f"  {row.name:<{width}}  {summary}")
    return "\n\n".join("\n".join(block) for block in blocks.values())


def _page(row: codes.Row) -> Iterator[str]:
    fields = _fields(row)
    yield language().say(
        line(
            "explain.title",
            code=row.name,
            verdict=line(f"explain.verdict.{row.verdict}"),
            layer=row.layer,
            owner=line(f"report.actor.{row.owner}") if row.owner else "",
        )
    )
    yield f"  {fields['summary']}"
    yield from _paragraph("meaning", fields["meaning"])
    yield from _paragraph("change", fields["remedy"])
    if not row.passes:
        yield from ("", language().template("explain.verify"))
        yield textwrap.indent(fields["verify"], "  ")


def _paragraph(heading: str, text: str) -> Iterator[str]:
    if text:
        yield from ("", language().template(f"explain.{heading}"))
    for part in text.splitlines():
        yield textwrap.fill(
            part,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )


def _verify(row: codes.Row) -> str:
    """Commands to see it by hand: the code's own, or those of its layer."""
    keys = (f"explain.by-hand.{row.name}", f"verify.{row.layer}")
    return next((language().template(key) for key in keys if language().has(key)), "")
