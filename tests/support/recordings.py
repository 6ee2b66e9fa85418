"""Writes ``fixtures/<scenario>/``: what each demo scenario's preflight saw, and what must be judged
of it, now and later.

    python -m tests.support.recordings [SCENARIO…]

``recording.json`` is a report of ``arcprobe demo SCENARIO --format json``, as ``arcprobe report
show`` takes it, its findings and causes left out: they are to be found again. What belongs to the
machine that recorded it (host name, temporary folder) is replaced, and certificates lose their PEM,
which no judge reads. One check or observation a line, so that a diff can be read. ``expected.json``
is the story and the judgement: for each check its codes, with the verdict where the question was
skipped, and the codes of the causes. Read the diff before it is committed: this command believes
whatever the judges say today. Folders that are named ``field-…`` come from real networks; they are
read by the test and never written here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from arcprobe.lab.scenarios import SCENARIOS, DemoScenario
from arcprobe.model import Report, Verdict
from tests.support.rehearsed import recording

FOLDER = Path(__file__).parents[2] / "fixtures"
_EMPTIED = ("findings", "causes")
_IN_LINES = ("checks", "observations")
_TEMPORARY = re.compile(r"(?:[A-Za-z]:)?[^\"\s,;=]*arcprobe-rehearsal-[^/\\\"\s]+[/\\]+")


def neutral(report: dict[str, Any]) -> dict[str, Any]:
    """A report as decoded JSON, without what belongs to the machine that wrote it, without PEM,
    findings and causes."""
    plain = _without(report)
    assert isinstance(plain, dict)
    run = plain["run"]
    for name in ("host", "node", "pod"):
        run[name] = run[name] and "rehearsal"
    return {**plain, **{key: [] for key in _EMPTIED}, "run": run}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key != "pem"}
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str):
        return _TEMPORARY.sub("/rehearsal/", value)
    return value


def written(report: dict[str, Any]) -> str:
    """The report as JSON, one check and one observation a line."""
    parts: list[str] = []
    for key, value in report.items():
        if key in _IN_LINES:
            lines = ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in value)
            parts.append(f'"{key}": [\n{lines}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=True)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def told(report: Report) -> dict[str, Any]:
    """What is expected of a recording: ``findings`` and ``causes``, as ``expected.json`` has them
    beside its story."""
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        words = f"{finding.code} (skip)" if finding.verdict is Verdict.SKIP else finding.code
        found.setdefault(finding.check, []).append(words)
    return {"findings": found, "causes": [cause.code for cause in report.causes]}


def write(scenario: DemoScenario) -> Path:
    """Runs one demo scenario and writes its folder."""
    from arcprobe.pipeline import judged_again
    from arcprobe.report import as_json

    ended = recording(scenario.name)
    if ended.err:
        raise RuntimeError(f"{scenario.name}: {ended.err}")
    folder = FOLDER / scenario.name
    folder.mkdir(exist_ok=True)
    text = written(neutral(ended.report))
    expected = {"story": scenario.story, **told(judged_again(as_json.load(text.encode())))}
    if expected["causes"] != list(scenario.causes):
        raise RuntimeError(
            f"{scenario.name}: {expected['causes']} where {list(scenario.causes)} is promised"
        )
    (folder / "recording.json").write_text(text, encoding="utf-8", newline="\n")
    (folder / "expected.json").write_text(
        json.dumps(expected, indent=1) + "\n", encoding="utf-8", newline="\n"
    )
    return folder


def main(names: list[str]) -> None:
    """Writes the scenarios that are named, or all."""
    for scenario in SCENARIOS:
        if not names or scenario.name in names:
            sys.stdout.write(f"{write(scenario)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
