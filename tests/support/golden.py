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

from arcprobe.knowledge.language import LANGUAGES, language
from arcprobe.model import Report
from arcprobe.pipeline import judged_again, spoken
from arcprobe.report import as_json, as_text

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "report" / "golden"


class Golden(NamedTuple):
    """A scenario as one terminal shows it."""

    scenario: str
    terminal: str
    options: dict[str, Any]
    lang: str = LANGUAGES[0]

    @property
    def file(self) -> Path:
        """Where its text is."""
        return FOLDER / f"{self.scenario}.{self.terminal}.txt"

    def text(self) -> str:
        """What is rendered today."""
        words = language(self.lang)
        return as_text.render(kept(self.scenario, self.lang), language=words, **self.options)


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
) + tuple(
    Golden(scenario, f"{lang}.{terminal}", TERMINALS[terminal], lang)
    for scenario in SCENARIOS
    for lang in LANGUAGES[1:]
    for terminal in ("80", "200")
)


def played(scenario: str) -> Report:
    """The recording of a scenario as the demo shows it."""
    data = (ROOT / "fixtures" / scenario / "recording.json").read_bytes()
    report = judged_again(as_json.load(data))
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, demo=scenario))


def kept(scenario: str, lang: str = LANGUAGES[0]) -> Report:
    """The report of a scenario as it was judged once, in a language; nothing of the wire is in
    it."""
    return as_json.load(_file(scenario, lang).read_bytes())


def _file(scenario: str, lang: str) -> Path:
    return FOLDER / ("" if lang == LANGUAGES[0] else lang) / f"{scenario}.json"


def _keep(scenario: str, lang: str) -> None:
    report = spoken(played(scenario), language(lang))
    file = _file(scenario, lang)
    file.parent.mkdir(exist_ok=True)
    text = msgspec.json.encode(msgspec.structs.replace(report, observations=())).decode()
    file.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    if "--judge" in sys.argv:
        for scenario in SCENARIOS:
            for lang in LANGUAGES:
                _keep(scenario, lang)
    for golden in GOLDEN:
        golden.file.write_text(golden.text(), encoding="utf-8")
