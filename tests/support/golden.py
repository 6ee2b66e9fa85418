"""The text of demo scenarios as files, so that a person reviews what readers will see.

Rendered from reports that are kept beside them, as they were judged once: only what ``report/`` and
its words do changes a golden file, no better sentence of a judge.
``python -m tests.support.golden`` writes the texts, with ``--judge`` also those reports; read the
diff.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from arcprobe.model import Report
from arcprobe.pipeline import judged_again
from arcprobe.report import as_json, as_text

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "report" / "golden"


class Golden(NamedTuple):
    """A scenario as one terminal shows it."""

    scenario: str
    terminal: str
    options: dict[str, Any]

    @property
    def file(self) -> Path:
        """Where its text is."""
        return FOLDER / f"{self.scenario}.{self.terminal}.txt"

    def text(self) -> str:
        """What is rendered today."""
        return as_text.render(kept(self.scenario), **self.options)


TERMINALS: dict[str, dict[str, Any]] = {
    "80": {"width": 80},
    "200": {"width": 200},
    "ascii": {"width": 80, "ascii_only": True},
    "colour": {"width": 80, "colour": True},
    "wide": {"width": 100, "wide": True},
}
SCENARIOS = ("everything", "clean", "proxy-down")
GOLDEN = tuple(
    Golden(scenario, terminal, options)
    for scenario in SCENARIOS
    for terminal, options in TERMINALS.items()
)


def played(scenario: str) -> Report:
    """The recording of a scenario as the demo shows it."""
    data = (ROOT / "fixtures" / scenario / "recording.json").read_bytes()
    report = judged_again(as_json.load(data))
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, demo=scenario))


def kept(scenario: str) -> Report:
    """The report of a scenario as it was judged once; nothing of the wire is in it."""
    return as_json.load((FOLDER / f"{scenario}.json").read_bytes())


def _keep(scenario: str) -> None:
    report = msgspec.structs.replace(played(scenario), observations=())
    text = msgspec.json.encode(report).decode()
    (FOLDER / f"{scenario}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    if "--judge" in sys.argv:
        for scenario in SCENARIOS:
            _keep(scenario)
    for golden in GOLDEN:
        golden.file.write_text(golden.text(), encoding="utf-8")
