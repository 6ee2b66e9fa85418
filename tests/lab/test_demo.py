"""Every scenario, through the very code of ``check``: the verdict, exactly the causes, and the same again from its recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from arcprobe.commands import demo, report
from arcprobe.lab.scenarios import SCENARIOS, DemoScenario
from arcprobe.model import Verdict

EXIT_CODES = {Verdict.PASS: 0, Verdict.WARN: 0, Verdict.FAIL: 1}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: DemoScenario, tmp_path: Path) -> None:
    """The scenario ends as its story says, with exactly its causes, and its recording is judged the same."""
    recording = tmp_path / "report.json"
    ran = CliRunner().invoke(demo.command, [scenario.name, "--format", "json", "--report", f"json={recording}"])
    assert ran.exit_code == EXIT_CODES[scenario.verdict], ran.stderr
    told = json.loads(ran.stdout)
    assert told["verdict"] == scenario.verdict
    assert sorted(cause["code"] for cause in told["causes"]) == sorted(scenario.causes)
    assert told["observations"]
    shown = CliRunner().invoke(report.command, ["show", str(recording), "--format", "json"])
    again = json.loads(shown.stdout)
    assert shown.exit_code == ran.exit_code
    assert (again["findings"], again["causes"]) == (told["findings"], told["causes"])
