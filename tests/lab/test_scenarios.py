"""The table of scenarios is sound, every one of its networks starts, and ``demo --list`` prints
it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from arcprobe.commands.demo import command
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import SCENARIOS, DemoScenario, find_scenario
from arcprobe.model import Verdict

REQUIRED = """clean direct auth-required denied inspected inspected-trusted websocket-stripped
    dns-broken proxy-down skip-range-gap everything""".split()


def test_table() -> None:
    """Names are unique, the required ones are there, and a scenario has causes exactly when it does
    not pass."""
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
    assert set(REQUIRED) <= set(names)
    assert all(
        bool(scenario.causes) == (scenario.verdict is not Verdict.PASS) for scenario in SCENARIOS
    )
    assert find_scenario("clean") is not None
    assert find_scenario("nothing") is None


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_starts(scenario: DemoScenario) -> None:
    """The scenario's network starts and ends without a fault of its own."""
    with Rehearsal(scenario.network) as running:
        assert running.flags
    assert running.faults == []


def test_list() -> None:
    """``demo --list`` prints a line a scenario, its name first; as JSON a list with name, story,
    verdict and causes."""
    lines = CliRunner().invoke(command, ["--list"]).output.splitlines()
    assert [line.split()[0] for line in lines] == [scenario.name for scenario in SCENARIOS]
    rows = json.loads(CliRunner().invoke(command, ["--list", "--format", "json"]).output)
    assert [set(row) for row in rows] == [{"name", "story", "verdict", "causes"}] * len(SCENARIOS)
    assert rows[0] == {
        "name": "clean",
        "story": SCENARIOS[0].story,
        "verdict": "pass",
        "causes": [],
    }


def test_unknown_name() -> None:
    """An unknown scenario is exit 2, and the nearest names are told."""
    result = CliRunner().invoke(command, ["web-socket-stripped"])
    assert result.exit_code == 2
    assert "websocket-stripped" in result.output


def test_list_is_light() -> None:
    """Listing imports neither cryptography nor asyncio's servers nor DNS."""
    code = (
        "import sys; from arcprobe.commands.demo import _listing;"
        "from arcprobe.knowledge.language import language; _listing('json', language());"
        "heavy = {'cryptography', 'dns', 'ssl', 'websockets'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert output.stdout.strip() == "[]"
