"""The lab of real servers: every scenario's network gets exactly its verdict and causes; and the
lab cleans up after itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from arcprobe.model import Verdict
from tests.netlab import matrix, requirements, state
from tests.netlab.made import built
from tests.netlab.run import Outcome, compare
from tests.netlab.scenarios import SCENARIOS, by_name
from tests.netlab.servers import ROOT

_MISSING = requirements.missing()
_JOBS = 6


@pytest.fixture
def lab() -> None:
    """Skips where no lab can be built, with the reason; in continuous integration that is a
    failure."""
    if _MISSING and os.environ.get("CI") == "true":
        pytest.fail(f"the lab needs {_MISSING}")
    if _MISSING:
        pytest.skip(f"the lab needs {_MISSING}")


def _report(verdict: str, *causes: str, evidence: bool = True) -> bytes:
    listed = [
        {"code": code, "remedy": "change it", "evidence": ["seen"] if evidence else []}
        for code in causes
    ]
    return msgspec.json.encode({"verdict": verdict, "causes": listed, "findings": []})


def test_names_are_unique_and_stories_told() -> None:
    """Every scenario has a name of its own, a story that is a sentence, and causes exactly when it
    does not pass."""
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names))
    assert all(scenario.story.endswith(".") for scenario in SCENARIOS)
    assert all(bool(scenario.causes) == (scenario.verdict != "pass") for scenario in SCENARIOS)


def test_there_are_enough_scenarios() -> None:
    """The matrix covers DNS, proxy, TCP, TLS and what is above in more than four hundred rows."""
    assert len(SCENARIOS) >= 400


def test_a_right_report_gives_no_trouble() -> None:
    """A report with the verdict and exactly the causes of the scenario is right."""
    scenario = by_name("proxy-refused")
    outcome = compare(scenario, 1, _report("fail", "proxy-refused"), "", 1.0)
    assert outcome.trouble == ()


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (1, _report("fail")),
        (1, _report("fail", "proxy-refused", "name-unknown")),
        (1, _report("warn", "proxy-refused")),
        (0, _report("fail", "proxy-refused")),
        (1, _report("fail", "proxy-refused", evidence=False)),
        (1, _report("fail", "proxy-refused", "proxy-refused")),
        (3, b""),
        (1, b"Traceback"),
    ],
)
def test_a_wrong_report_gives_trouble(status: int, document: bytes) -> None:
    """Missing, additional, doubled or unproved causes, a wrong verdict or exit code, and no report
    at all are each wrong."""
    assert compare(by_name("proxy-refused"), status, document, "", 1.0).trouble


def test_a_run_is_written_as_a_page_and_as_lines_by_layer(tmp_path: Path) -> None:
    """Writing twice leaves one table, one line a layer, and the rest of the README as it was."""
    readme, page = tmp_path / "README.md", tmp_path / "MATRIX.md"
    readme.write_text("before\n\n<!-- matrix -->\nold\n<!-- /matrix -->\n\nafter\n")
    refused = Outcome(
        scenario=by_name("proxy-refused"), verdict=Verdict.FAIL, causes=("proxy-refused",)
    )
    sound = Outcome(
        scenario=by_name("direct-clean-bind"), verdict=Verdict.FAIL, trouble=("verdict fail",)
    )
    matrix.write((refused, sound), page, readme)
    once = readme.read_text()
    matrix.write((refused, sound), page, readme)
    assert readme.read_text() == once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    assert "| proxy | 1 | 1 |" in once
    assert "| none: the network is sound | 1 | 0 |" in once
    table = page.read_text()
    assert (
        "| proxy-refused | kernel | fail: proxy-refused | fail: proxy-refused | agrees |" in table
    )
    assert "1 of 2 right" in table


def test_every_scenario_has_its_row_in_the_evidence() -> None:
    """MATRIX.md has a row for each scenario and for no other, in their order."""
    rows = [line for line in matrix.PAGE.read_text().splitlines() if line.startswith("| ")]
    names = [row.split("|")[1].strip() for row in rows[2:]]
    assert names == [scenario.name for scenario in SCENARIOS]


@pytest.mark.usefixtures("lab")
def test_nothing_is_left_behind() -> None:
    """After a scenario its namespaces, processes, resolver files and folder are gone."""
    with built(by_name("proxy-clean-squid")) as made:
        record = made.topology.record
        assert set(record.namespaces) <= state.existing_namespaces()
        assert all(state.identify(process.pid) == process for process in record.processes)
    assert not set(record.namespaces) & state.existing_namespaces()
    assert all(state.identify(process.pid) != process for process in record.processes)
    assert not any((Path("/etc/netns") / namespace).exists() for namespace in record.namespaces)
    assert not record.folder.exists()


@pytest.mark.usefixtures("lab")
def test_a_crash_is_cleaned_at_the_next_start() -> None:
    """What a killed lab leaves (namespaces, servers, files) is removed by the next start, and
    nothing of living labs."""
    code = (
        "from tests.netlab.made import built\nfrom tests.netlab.scenarios import by_name\n"
        "import signal\n"
        "with built(by_name('direct-clean-bind')) as made:\n"
        "    print(made.topology.prefix, flush=True)\n    signal.pause()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout
    with process.stdout:
        prefix = process.stdout.readline().strip()
    record = msgspec.json.decode(
        (state.STATE / "labs" / prefix / "record.json").read_bytes(), type=state.Record
    )
    with built(by_name("direct-clean-dnsmasq")) as living:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert set(record.namespaces) <= state.existing_namespaces()
        assert prefix in state.sweep()
        assert set(living.topology.record.namespaces) <= state.existing_namespaces()
    assert not set(record.namespaces) & state.existing_namespaces()
    assert all(state.identify(left.pid) != left for left in record.processes)
    assert not record.folder.exists()


@pytest.mark.usefixtures("lab")
@pytest.mark.timeout(1800)
def test_every_fault_gets_its_right_name() -> None:
    """In every network arcprobe gives the expected verdict and exactly the expected causes, and the
    witness agrees."""
    state.sweep()
    outcomes = matrix.run(SCENARIOS, _JOBS, lambda outcome: None)
    wrong = [
        f"{outcome.scenario.name}: {'; '.join(outcome.trouble)}"
        for outcome in outcomes
        if outcome.trouble
    ]
    assert not wrong, "\n".join(wrong)
