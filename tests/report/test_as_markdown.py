"""Markdown: no text from outside has an effect on the ticket it stands in."""

from __future__ import annotations

import re

from arcprobe.report import as_markdown

from . import sample


def test_markdown_hostile() -> None:
    """Outside of fences, text from outside has no unescaped pipe, backtick, bracket, tag, mention
    or link; it closes no fence."""
    prose: list[str] = []
    fence = ""
    for line in as_markdown.render(sample.hostile()).splitlines():
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line.removesuffix("text")
        else:
            prose.append(line)
    assert fence == ""
    for line in prose:
        cells = line.strip("|") if line.startswith("|") else line
        bare = re.sub(r"\\.", "", cells).replace("**", "")
        assert not re.search(r"[`\[\]<>*_]|://|@", bare), line
    rows = [line for line in prose if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows[-8:]}) == 1


def test_markdown_table() -> None:
    """The endpoint table is a table, one row an endpoint."""
    lines = as_markdown.render(sample.broken()).splitlines()
    (row,) = [line for line in lines if line.startswith("| westeurope.obo")]
    assert row == "| westeurope.obo.arc.azure.com:8084 | proxy |   | ✗ | – | – |   |"


def test_markdown_cause() -> None:
    """A cause says its code, who acts, the change in a fence, evidence, and what it affects."""
    lines = as_markdown.render(sample.broken()).splitlines()
    start = lines.index("## 1\\. http&#58;//proxy.corp.example:3128 blocks CONNECT to port 8084")
    assert lines[start + 2] == "Code proxy-port-denied. **To act: the proxy team.** Change:"
    assert lines[start + 4] == "```text"
    assert "Affects: westeurope.obo.arc.azure.com:8084" in lines
