"""The README's table of settings, of the rows: ``python -m tests.support.readme`` writes it."""

from __future__ import annotations

from arcprobe.settings.table import SETTINGS
from tests.support.source import ROOT

README = ROOT.parent / "README.md"
_BEGIN, _END = "<!-- settings -->\n", "<!-- /settings -->\n"


def with_settings(page: str) -> str:
    """The page with the table as the rows have it today."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "".join((before, _BEGIN, readme_table(), _END, after))


def readme_table() -> str:
    """The settings as the README has them, in Markdown."""
    lines = ["| flag | meaning |", "| --- | --- |"]
    for row in SETTINGS:
        names = ", ".join(f"`--{name}`" for name in row.names)
        lines.append(f"| {names} | {row.words()[:-1]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    README.write_text(with_settings(README.read_text(encoding="utf-8")), encoding="utf-8")
