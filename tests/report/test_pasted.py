"""What is pasted from a report as it is displayed, in any width, is what the report holds, and the
product takes it."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from arcprobe.knowledge.products import PRODUCTS, name_of
from arcprobe.model import Change, Report
from arcprobe.pipeline import judged_again
from arcprobe.report import as_html, as_json, as_markdown, as_text, layout, outline
from tests.knowledge.products.test_parsers import PARSERS, parsed, parser_of
from tests.support.pasted import blocks

RECORDED = sorted((Path(__file__).parents[2] / "fixtures").glob("*/recording.json"))
each_recording = pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.parent.name)


@cache
def report(path: Path) -> Report:
    """What is judged of a recording today."""
    return judged_again(as_json.load(path.read_bytes()))


def pasted(path: Path) -> list[Change]:
    """The changes of a report that are lines of a product."""
    items = outline.items(report(path))
    return [change for item in items for change in layout.pasted(item.cause)]


@each_recording
@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_shows_the_lines_verbatim(path: Path, width: int) -> None:
    """Neither the label nor the width costs a line."""
    text = as_text.render(report(path), width=width)
    assert list(blocks(text)) == [list(change.lines) for change in pasted(path)]


@each_recording
def test_html_and_markdown_show_the_lines_verbatim(path: Path) -> None:
    """In HTML in a block that is not wrapped, in Markdown in a fence, alone."""
    html = re.findall(
        r'<pre id="change-[0-9-]+" class="paste"[^>]*>(.*?)</pre>',
        as_html.render(report(path)),
        re.S,
    )
    fenced = re.findall(r"^`+text\n(.*?)\n`+$", as_markdown.render(report(path)), re.S | re.M)
    due = ["\n".join(change.lines) for change in pasted(path)]
    assert [unescape(block) for block in html] == due
    assert [block for block in fenced if block in due] == due


@each_recording
@pytest.mark.parametrize("width", [40, 80, 200])
def test_squid_takes_what_is_displayed(path: Path, width: int, tmp_path: Path) -> None:
    """Each block alone, and all together with their indent."""
    shown = list(blocks(as_text.render(report(path), width=width)))
    pairs = zip(pasted(path), shown, strict=True)
    shown = [lines for change, lines in pairs if change.product == "squid"]
    for lines in shown:
        parsed("Squid", lines, tmp_path)
    joined = [f"    {line}" for lines in shown for line in lines]
    if joined:
        parsed("Squid", joined, tmp_path)


# Their parsers refuse what is there already, and the command goes no further.
_ONCE = ("bind", "nginx")

# Products whose own parser runs here.
PARSED = {name: name_of(name) for name in PRODUCTS if name_of(name) in PARSERS}


@cache
def in_every_product(path: Path) -> Report:
    """The same, with the lines of all of these, as for somebody who names them with --product."""
    return judged_again(as_json.load(path.read_bytes()), products=tuple(PARSED))


def _grouped(path: Path, product: str) -> dict[str, list[Change]]:
    """The changes for a product by the parser that reads them."""
    found: dict[str, list[Change]] = {}
    for cause in in_every_product(path).causes:
        for change in layout.pasted(cause):
            if change.product == product:
                found.setdefault(parser_of(PARSED[product], cause.code), []).append(change)
    return found


@each_recording
@pytest.mark.parametrize("product", PARSED)
def test_the_products_parser_takes_every_change(path: Path, product: str, tmp_path: Path) -> None:
    """Of every recorded scenario, each change alone and all of a report together, twice where the
    product takes the same lines again."""
    for parser, changes in _grouped(path, product).items():
        for change in changes:
            parsed(parser, change.lines, tmp_path)
        together = [line for change in changes for line in change.lines]
        parsed(parser, together if product in _ONCE else together * 2, tmp_path)


def test_every_parser_had_something_to_read() -> None:
    """A test that finds no change proves nothing: the recordings have lines for each
    product."""
    told = {product for path in RECORDED for product in PARSED if _grouped(path, product)}
    assert told == set(PARSED)


@each_recording
def test_all_changes_of_a_product_join_into_one_block(path: Path, tmp_path: Path) -> None:
    """With the comments that say where each goes, Squid takes them together."""
    found = [line for block in layout.joined(report(path), "squid") for line in block]
    due = [change for change in pasted(path) if change.product == "squid"]
    assert all("\n".join(change.lines) in "\n".join(found) for change in due)
    assert bool(found) == bool(due)
    if found:
        parsed("Squid", "\n".join(found).splitlines(), tmp_path)
