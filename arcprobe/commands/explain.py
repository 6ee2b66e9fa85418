"""``arcprobe explain``: what a code means, who must act, what to change. No network."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from arcprobe.commands import speaking, values
from arcprobe.commands.output import format_option
from arcprobe.knowledge import az_errors, codes, errors
from arcprobe.knowledge.language import Language, language
from arcprobe.model import Code, line
from arcprobe.report import columns

if TYPE_CHECKING:
    from arcprobe.knowledge.products import Paste

EXAMPLES = """\b
Examples:
  arcprobe explain proxy-auth-required
  arcprobe explain proxy-denied --product squid
  arcprobe explain proxy
  arcprobe explain 407
  arcprobe explain AZK8S0301
  arcprobe explain "x509: certificate signed by unknown authority"
"""

_COMPLETE = values.completing(values.codes)

WIDTH = 96
"""Columns of a page, its indent among them: it fits on a terminal of 100."""


@click.command("explain", epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("asked", nargs=-1, metavar="[CODE|LAYER|WORDS]...", shell_complete=_COMPLETE)
@click.option(
    "--product",
    "products",
    multiple=True,
    metavar="NAME",
    shell_complete=values.completing(values.products),
    help="Also the lines of this product, such as squid, for an example host; repeatable.",
)
@format_option("text", "json")
@speaking.lang_option
def command(
    asked: tuple[str, ...], products: tuple[str, ...], format: str, words: Language
) -> None:
    """What a CODE means, who must act, what to change, and how to see it by hand. A LAYER (dns,
    proxy, tls, …) lists its codes; other WORDS, such as a line of an agent's log or an error of az,
    find the codes that make it. Without any: all codes, by layer."""
    text = " ".join(asked)
    if name := az_errors.number_in(text):
        is_json = format == "json"
        click.echo(_json(_az_fields(name)) if is_json else "\n".join(_az_page(name, words)))
        return
    rows = _found(text)
    if len(rows) > 1:
        _reject(products, text)
        listed = [_fields(row, language()) for row in rows]
        click.echo(_json(listed) if format == "json" else _listing(rows, words))
        return
    lines = _lines(rows[0], products, words)
    if format == "json":
        more = {"lines": lines} if products else {}
        click.echo(_json({**_fields(rows[0], language()), **more}))
        return
    click.echo("\n".join((*_page(rows[0], words), *_pasted(lines, words))))


def _reject(products: tuple[str, ...], text: str) -> None:
    if products:
        problem = f"needs one code; {text!a:.62} is several"
        raise click.BadParameter(problem, param_hint="'--product'")


_EXAMPLE = "host.example"  # RFC 2606


def _lines(row: codes.Row, products: tuple[str, ...], words: Language) -> list[Paste]:
    """What heals a code in these products, written for an example. ``click.BadParameter`` where a
    product is not known, or has none."""
    if not products:
        return []
    from arcprobe.knowledge.products import Asked, name_of, why_not, written
    from arcprobe.settings.values import product

    asked = Asked(targets=((_EXAMPLE, 443),))
    found = []
    for given in products:
        name = product("--product", given)
        known = written(name, Code(row.name), asked)
        if known is None:
            # not its name: the end of the command stars what may be a password
            problem = f"{given!a:.62} has no lines for this code"
            if reason := why_not(name_of(name), Code(row.name)):
                told = line(f"change.cannot.{reason}", product=name_of(name))
                problem = f"{problem}. {words.say(told)}"
            raise click.BadParameter(problem, param_hint="'--product'")
        found.append(known)
    return found


def _pasted(lines: list[Paste], words: Language) -> Iterator[str]:
    if not lines:
        return
    from arcprobe.knowledge.products import name_of

    for paste in lines:
        yield from ("", f"{paste.product}: {words.place(paste.where)}", "")
        yield from (f"    {text}" for text in paste.lines)
        for key in ("apply", "undo"):
            if command := getattr(paste, key):
                yield from ("", words.say(line(f"explain.{key}", command=command)))
        if not paste.tried:
            yield from (
                "",
                words.say(line("report.ticket.untried", product=name_of(paste.product))),
            )


def _found(text: str) -> tuple[codes.Row, ...]:
    """The rows that were asked for. ``click.BadParameter`` where there is none."""
    name = text.strip().lower()
    of_layer = tuple(row for row in codes.rows() if row.layer == name)
    if not name:
        return codes.rows()
    if of_layer:
        return of_layer
    try:
        return (codes.row(name),)
    except codes.UnknownCode as error:
        made = errors.codes_for(text)
        if made:
            return tuple(codes.row(code) for code in made)
        hint = (
            f"nearest: {', '.join(error.near)}" if error.near else "`arcprobe explain` lists them"
        )
        raise click.BadParameter(f"unknown code {text!a:.62}; {hint}", param_hint="CODE") from None


def _json(document: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _fields(row: codes.Row, words: Language) -> dict[str, str]:
    """A code as plain values; capitals stand where a report has a value."""
    return {
        "code": row.name,
        "layer": row.layer.value,
        "verdict": row.verdict.value,
        "owner": row.owner,
        "summary": words.general(f"code.{row.name}.summary"),
        "meaning": words.general(f"code.{row.name}.meaning"),
        "remedy": words.general(f"code.{row.name}.remedy"),
        "verify": _verify(row, words),
    }


def _listing(rows: tuple[codes.Row, ...], words: Language) -> str:
    width = max(len(row.name) for row in rows)
    blocks: dict[str, list[str]] = {}
    for row in rows:
        summary = words.general(f"code.{row.name}.summary")
        blocks.setdefault(row.layer, [row.layer]).append(f"  {row.name:<{width}}  {summary}")
    return "\n\n".join("\n".join(block) for block in blocks.values())


def _page(row: codes.Row, words: Language) -> Iterator[str]:
    fields = _fields(row, words)
    yield words.say(
        line(
            "explain.title",
            code=row.name,
            verdict=line(f"explain.verdict.{row.verdict}"),
            layer=row.layer,
            owner=line(f"report.actor.{row.owner}") if row.owner else "",
        )
    )
    yield f"  {fields['summary']}"
    yield from _paragraph("meaning", fields["meaning"], words)
    yield from _paragraph("change", fields["remedy"], words)
    if not row.passes:
        yield from ("", words.template("explain.verify"))
        yield textwrap.indent(fields["verify"], "  ")


def _az_fields(name: str) -> dict[str, object]:
    """An error of az as plain values, with our codes that it may stand for."""
    known = az_errors.az_error(name)
    meaning = language().template(f"az-error.{known.meaning}") if known else ""
    ours = [code.value for code in known.codes] if known else []
    return {"code": name, "meaning": meaning, "codes": ours}


def _az_page(name: str, words: Language) -> Iterator[str]:
    known = az_errors.az_error(name)
    if known is None:
        yield words.say(line("explain.az.unlisted", name=name))
        return
    meaning = line(f"az-error.{known.meaning}")
    yield words.say(line("explain.az.title", name=name, meaning=meaning))
    yield ""
    if not known.codes:
        yield words.template("explain.az.none")
        return
    yield words.template("explain.az.ask")
    for code in known.codes:
        yield f"  {code:<28}  {words.general(f'code.{code}.summary')}"


def _paragraph(heading: str, text: str, words: Language) -> Iterator[str]:
    if text:
        yield from ("", words.template(f"explain.{heading}"))
    for part in text.splitlines():
        yield from columns.wrapped(part, WIDTH, "  ", "  ")


def _verify(row: codes.Row, words: Language) -> str:
    """Commands to see it by hand: the code's own, or those of its layer."""
    keys = (f"explain.by-hand.{row.name}", f"verify.{row.layer}")
    return next((words.template(key) for key in keys if words.has(key)), "")
