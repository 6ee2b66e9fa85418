"""Writes ``fixtures/<scenario>/``: what each demo scenario's preflight saw, and what must be judged
of it, now and later.

    python -m tests.support.recordings [SCENARIO…]          runs demo scenarios and writes all
    python -m tests.support.recordings --lab FOLDER ROW…    takes reports of ``tests.netlab matrix
                                                            --reports FOLDER`` in as ``lab-ROW``
    python -m tests.support.recordings --judge              writes ``evidence.json`` alone, of all

``recording.json`` is a report of ``arcprobe demo SCENARIO --format json``, as ``arcprobe report
show`` takes it, its findings and causes left out: they are to be found again. What belongs to the
machine that recorded it (host name, temporary folder) is replaced, and certificates lose their PEM,
which no judge reads. One check or observation a line, so that a diff can be read. ``expected.json``
is the story and the judgement: for each check its codes, with the verdict where the question was
skipped, and the codes of the causes. ``evidence.json`` is what the judges say of it in full, a
finding or cause a line, but for the words that are advice. Read the diff before it is committed:
this command believes whatever the judges say today. Folders that are named ``field-…`` come from
real networks; they are read by the test and never written here, but for that last file.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from arcprobe.lab.scenarios import SCENARIOS
from arcprobe.model import Cause, Finding, Noun, Report, Verdict
from arcprobe.pipeline import judged_again
from arcprobe.report import as_json
from tests.support.rehearsed import recording

FOLDER = Path(__file__).parents[2] / "fixtures"
_EMPTIED = ("findings", "causes")
_IN_LINES = ("checks", "observations", "findings", "causes")
# The folders of a rehearsal, of a lab's certificates, and this one.
_TEMPORARY = re.compile(
    r"(?:[A-Za-z]:)?[^\"\s,;=]*(?:arcprobe-rehearsal-|arcprobe-netlab[/\\]+pki-)[^/\\\"\s]+[/\\]+"
    r"|/[^\"\s,;=]*/(?=tests/netlab/)"
)


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
    """The report as JSON, one check, observation, finding or cause a line."""
    parts: list[str] = []
    for key, value in report.items():
        if key in _IN_LINES and value:
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


def said(report: Report) -> dict[str, list[dict[str, Any]]]:
    """What the judges say in full: findings and causes, each with its evidence, without the words
    that are advice (they are looked at where they are written) and without what is empty."""
    return {
        "findings": [_of_finding(finding) for finding in report.findings],
        "causes": [_of_cause(cause) for cause in report.causes],
    }


def _of_finding(finding: Finding) -> dict[str, Any]:
    own = finding.remedy if finding.has_own_remedy else ""
    return _filled(finding, ("summary", "remedy", "advice")) | ({"remedy": own} if own else {})


def _of_cause(cause: Cause) -> dict[str, Any]:
    advice = ("title", "lines", "done_when")
    return _filled(cause, ("remedy",)) | {
        "change": [_filled(change, advice) for change in cause.change]
    }


def _filled(noun: Noun, left_out: Sequence[str]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(noun))
    return {
        name: value
        for name, value in plain.items()
        if name not in left_out and value not in (None, "", [], False)
    }


def load(folder: Path) -> Report:
    """The recording of a folder of ``fixtures/``."""
    return as_json.load((folder / "recording.json").read_bytes())


def write(name: str, story: str, causes: Sequence[str], report: dict[str, Any]) -> Path:
    """Writes the folder of a report, as decoded JSON, whose causes have to be these."""
    folder = FOLDER / name
    folder.mkdir(exist_ok=True)
    _write(folder / "recording.json", written(neutral(report)))
    expected = {"story": story, **told(judged_again(load(folder)))}
    if sorted(expected["causes"]) != sorted(causes):
        raise RuntimeError(f"{name}: {expected['causes']} where {list(causes)} is promised")
    _write(folder / "expected.json", json.dumps(expected, indent=1) + "\n")
    write_evidence(folder)
    return folder


def write_evidence(folder: Path) -> Path:
    """Writes what is said today of the recording of a folder."""
    return _write(folder / "evidence.json", written(said(judged_again(load(folder)))))


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def of_demo(name: str) -> Path:
    """Runs a demo scenario and writes its folder."""
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
    ended = recording(name)
    if ended.err:
        raise RuntimeError(f"{name}: {ended.err}")
    return write(name, scenario.story, scenario.causes, ended.report)


def of_lab(name: str, reports: Path) -> Path:
    """Takes the report of a network of ``tests.netlab`` in."""
    from tests.netlab.scenarios import by_name  # six hundred rows that no test of recordings needs

    scenario = by_name(name)
    report = json.loads((reports / f"{name}.json").read_bytes())
    return write(f"lab-{name}", scenario.story, sorted(scenario.causes), report)


def main() -> None:
    """Writes the scenarios that are named, or those of the demo all."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.recordings")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--lab", type=Path, help="folder of reports of `tests.netlab matrix`")
    parser.add_argument("--judge", action="store_true", help="writes evidence.json alone")
    given = parser.parse_args()
    if given.judge:
        wrote = [write_evidence(path.parent) for path in sorted(FOLDER.glob("*/recording.json"))]
    elif given.lab:
        wrote = [of_lab(name, given.lab) for name in given.names]
    else:
        wrote = [of_demo(name) for name in given.names or [one.name for one in SCENARIOS]]
    sys.stdout.writelines(f"{path}\n" for path in wrote)


if __name__ == "__main__":
    main()
