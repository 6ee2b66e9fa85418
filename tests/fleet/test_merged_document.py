"""A merged report is read again as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.fleet.merged_document import read_merged
from tests.support.rehearsed import recording, run


def saved(folder: Path, *scenarios: str) -> list[str]:
    """Recordings of rehearsed networks as files."""
    files = []
    for name in scenarios:
        file = folder / f"{name}.json"
        file.write_text(recording(name).out, encoding="utf-8")
        files.append(str(file))
    return files


@pytest.mark.parametrize("second", ["in-pod", "proxy-down"])
def test_shown_again_it_says_the_same(tmp_path: Path, second: str) -> None:
    """As text and Markdown, with the same exit code as `report merge`."""
    files = saved(tmp_path, "clean", second)
    merged = tmp_path / "merged.json"
    written = run("report", "merge", "--format", "json", *files)
    merged.write_text(written.out, encoding="utf-8")
    for format in ("text", "markdown"):
        once = run("report", "merge", "--format", format, *files)
        again = run("report", "show", "--format", format, str(merged))
        assert (again.code, again.out) == (once.code, once.out)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"verdict": "pass"}', '{"verdict": 1}'])
def test_what_is_no_merged_report(text: str) -> None:
    """A report of one place, or none: its own reader is asked."""
    assert read_merged(text) is None


def test_a_report_of_one_place() -> None:
    """It has no places, and is judged again."""
    assert read_merged(recording("clean").out) is None
