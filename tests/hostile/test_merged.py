"""Reports of strangers, merged: nothing of them moves a terminal or a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcprobe.report import RENDERERS
from tests.support.rehearsed import run

FIXTURE = Path(__file__).parents[2] / "fixtures" / "denied" / "recording.json"
# An escape sequence, a C1 control, a bidirectional override, a space without width.
EVIL = "\x1b]0;x\x07\x9b31m\u202e\u200b"


@pytest.mark.parametrize("form", RENDERERS)
def test_no_control_character_comes_through(form: str, tmp_path: Path) -> None:
    """Vantage, host, node, pod, endpoints and file names that are full of them: none is printed, in
    any format."""
    report = json.loads(FIXTURE.read_text())
    for name in ("vantage", "host", "node", "pod"):
        report["run"][name] = f"{name}{EVIL}"
    for check in report["checks"]:
        check["target"] += EVIL
    files = []
    for number in range(2):
        report["run"]["node"] += str(number)
        files.append(tmp_path / f"{number}{EVIL}.json")
        files[-1].write_text(json.dumps(report))
    ended = run("report", "merge", *map(str, files), "--format", form)
    assert ended.code == 1
    assert ended.out
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u200b"} & set(ended.out + ended.err)
