"""``arcprobe demo`` as a command; what each scenario ends in, tests/test_demo.py says, from runs
that all its tests share."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from arcprobe.commands import demo, report
from arcprobe.lab.scenarios import find_scenario


def test_the_written_report_is_the_printed_one(tmp_path: Path) -> None:
    """``demo --report json=FILE`` writes the report that it prints, and ``report show`` judges the
    file to the same."""
    scenario = find_scenario("everything")
    assert scenario is not None
    recording = tmp_path / "report.json"
    ran = CliRunner().invoke(
        demo.command, [scenario.name, "--format", "json", "--report", f"json={recording}"]
    )
    assert ran.exit_code == 1, ran.stderr
    told = json.loads(ran.stdout)
    assert told == json.loads(recording.read_text(encoding="utf-8"))
    assert tuple(cause["code"] for cause in told["causes"]) == scenario.causes
    shown = CliRunner().invoke(report.command, ["show", str(recording), "--format", "json"])
    assert (shown.exit_code, json.loads(shown.stdout)) == (ran.exit_code, told)
