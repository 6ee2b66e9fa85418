"""MATRIX.md as a table that several commands fill: each writes its own columns and keeps those of
the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

KEY = "scenario"
# Lines below the table: how many are right, how many are healed.
_COUNT = re.compile(r"^\d+ of \d+ .*$", re.M)
HEAD = """# What arcprobe says in networks of real servers

Each row is a network of real servers in namespaces, the causes that its story calls for, and what
arcprobe said. `witness` is a Go program that asks for every endpoint as the agents do: it agrees
where it fails at the hosts that arcprobe fails and at no others, but for the rule that is named
(`tests/netlab/agreement.py`). Written by `python -m tests.netlab matrix --write`; the column
`healed` by
`python -m tests.netlab cure --write`: whether the lines that the report gives to be pasted heal the
network, pasted as displayed and nothing else done. Empty: nothing to be pasted, or not tried yet.
Networks of other layouts, for the cure alone, are in `tests/netlab/curing/others.py`.
"""

Cells = dict[str, str]
"""The cells of one row by the title of their column, the scenario's name among them."""


def rows_of(text: str) -> dict[str, Cells]:
    """The rows of the page by scenario."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    if not lines:
        return {}
    titles = _split(lines[0])
    rows = (dict(zip(titles, _split(line), strict=True)) for line in lines[2:])
    return {row[KEY]: row for row in rows}


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def write(
    page: Path, names: Iterable[str], cells: Mapping[str, Mapping[str, str]], count: str
) -> None:
    """Writes the rows of these scenarios, in their order, with the given cells in the place of
    their own; columns that no cell is given for stay as they are. ``count`` is the line below the
    table that ends with the same word."""
    old = page.read_text() if page.is_file() else ""
    cells_of = rows_of(old)
    rows = [{KEY: name} | cells_of.get(name, {}) | dict(cells.get(name, {})) for name in names]
    counts = {line.split()[-1]: line for line in (*_COUNT.findall(old), count)}
    text = "\n".join((HEAD, *_table(rows), "", *counts.values()))
    page.write_text(text + "\n")


def _table(rows: list[Cells]) -> list[str]:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    lines = [_line(titles), _line("---" for _ in titles)]
    return [*lines, *(_line(row.get(title, "") for title in titles) for row in rows)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def between(readme: Path, mark: str, text: str) -> None:
    """Puts the text between the markers of that name. ValueError where there are none."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, begun, rest = readme.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise ValueError(f"{readme} lacks {begin} or {end}")
    readme.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
