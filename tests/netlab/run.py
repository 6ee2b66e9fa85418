"""Asking arcprobe, and the witness beside it, in the network of a scenario, and comparing the
answer with what the scenario promises and with what the witness got."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from . import agreement, servers, witness
from .agreement import Difference
from .made import Built, built
from .report import Cause, Finding, Report
from .scenario import Scenario
from .witness import Heard
from .zone import REGION

SERVICES = Path(__file__).with_name("services.json")
_CHECK_LIMIT = 90.0
_BAD, _DUE = ("fail", "warn"), ("evidence", "remedy")


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one scenario: `trouble` is empty when arcprobe was right in every respect."""

    scenario: Scenario
    verdict: str = ""
    causes: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    document: bytes = b""
    stderr: str = ""
    seconds: float = 0.0
    differences: tuple[Difference, ...] = ()  # from the witness, also those that a rule allows


def environment(scenario: Scenario, made: Built) -> dict[str, str]:
    """The environment of programs at the node: nothing of this process's own proxy settings."""
    given = {name: made.fill(value) for name, value in scenario.environment}
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(made.folder),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        **given,
    }


def check_command(scenario: Scenario, made: Built, form: str) -> list[str]:
    """The call of `check` at the node; `form` is a report format."""
    fixed = [
        "--region",
        REGION,
        "--public-roots",
        str(made.pki / "public-roots.pem"),
        "--timeout",
        str(scenario.timeout),
    ]
    fixed += ["--services", str(SERVICES), "--format", form]
    arguments = [*fixed, *(made.fill(word) for word in scenario.settings)]
    return [
        "ip",
        "netns",
        "exec",
        made.topology.name("node"),
        *_limits(scenario),
        sys.executable,
        "-m",
        "arcprobe",
        "check",
        *arguments,
    ]


def _limits(scenario: Scenario) -> tuple[str, ...]:
    if not scenario.open_files:
        return ()
    return ("prlimit", f"--nofile={scenario.open_files}:{scenario.open_files}")


def ask(scenario: Scenario) -> Outcome:
    """Runs `check --format json` in the scenario's network, the witness beside it, and compares."""
    with built(scenario) as made:
        asking = witness.ask(scenario, made, witness.USUAL)
        outcome = ask_in(scenario, made, check_command(scenario, made, "json"))
        return _witnessed(outcome, made, asking.answers())


def ask_in(scenario: Scenario, made: Built, command: list[str]) -> Outcome:
    """Runs this call of `check`, which writes JSON, in the network that stands, and compares."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd=servers.ROOT,
            env=environment(scenario, made),
            timeout=_CHECK_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        late = (f"check did not end within {_CHECK_LIMIT:.0f} s",)
        return Outcome(
            scenario=scenario, trouble=late, stderr=(expired.stderr or b"").decode(errors="replace")
        )
    seconds = time.monotonic() - started
    return compare(
        scenario, done.returncode, done.stdout, done.stderr.decode(errors="replace"), seconds
    )


def _witnessed(outcome: Outcome, made: Built, heard: tuple[Heard, ...]) -> Outcome:
    """The outcome, with what the witness saw otherwise.

    Where the two differ it is asked once more, with patience, when `check` has left: what two
    clients at once do to a small proxy is no story of the row.
    """
    report = _report(outcome.document)
    if report is None:
        return outcome
    found = agreement.differences(report, heard, outcome.scenario.name)
    again = [one.heard.url for one in found if not one.rule]
    again += agreement.unheard(report, heard)
    if again:
        late = witness.ask(outcome.scenario, made, again, witness.PATIENT).answers()
        found = [one for one in found if one.rule]
        found += agreement.differences(report, late, outcome.scenario.name)
    trouble = tuple(str(one) for one in found if not one.rule)
    return msgspec.structs.replace(
        outcome, differences=tuple(found), trouble=(*outcome.trouble, *trouble)
    )


def compare(
    scenario: Scenario, status: int, document: bytes, stderr: str, seconds: float
) -> Outcome:
    """The outcome, from what the process left: exit code, JSON report, stderr, and how long it
    took."""
    left = Outcome(scenario=scenario, document=document, stderr=stderr, seconds=seconds)
    report = _report(document)
    if report is None:
        none = f"no report, exit code {status}: {document[:200]!r}"
        return msgspec.structs.replace(left, trouble=(none,))
    codes = tuple(sorted(cause.code for cause in report.causes))
    trouble = (
        *_expected(scenario, status, report, codes),
        *_missed(scenario, report),
        *_unproved(report),
    )
    return msgspec.structs.replace(left, verdict=report.verdict, causes=codes, trouble=trouble)


def _report(document: bytes) -> Report | None:
    try:
        return msgspec.json.decode(document, type=Report)
    except msgspec.DecodeError:
        return None


def _expected(
    scenario: Scenario, status: int, report: Report, codes: tuple[str, ...]
) -> Iterator[str]:
    """Where the report is not what the story calls for."""
    if report.verdict != scenario.verdict:
        yield f"verdict {report.verdict} instead of {scenario.verdict}"
    if len(set(codes)) != len(codes):
        yield "a cause is reported twice"
    yield from (f"missing cause {code}" for code in sorted(scenario.causes - set(codes)))
    yield from (f"cause {code} is not there" for code in sorted(set(codes) - scenario.causes))
    expected_status = 1 if scenario.verdict == "fail" else 0
    if status != expected_status:
        yield f"exit code {status} instead of {expected_status}"


def _missed(scenario: Scenario, report: Report) -> Iterator[str]:
    """Causes with another owner or other hosts than the story says; wildcards wait for hosts."""
    for cause in report.causes:
        for line in scenario.hits:
            code, owner, *hosts = line.split()
            if cause.code == code and cause.owner != owner:
                yield f"{code} is told to {cause.owner} instead of {owner}"
            hit = sorted(set(_hosts(cause.affects)))
            if cause.code == code and hosts and hit != sorted(hosts):
                yield f"{code} hits {', '.join(hit)}"


def _hosts(affects: Iterable[str]) -> Iterator[str]:
    """Hosts of Azure: not the wildcards that wait for them, nor Services of the cluster."""
    for target in affects:
        host = target.rpartition(":")[0]
        if "*" not in host and not host.endswith(".svc"):
            yield host


def _unproved(report: Report) -> Iterator[str]:
    """What the report says without evidence or remedy."""
    said: list[tuple[str, Cause | Finding]] = [
        (f"cause {cause.code}", cause) for cause in report.causes
    ]
    said += [(f"finding {one.check}", one) for one in report.findings if one.verdict in _BAD]
    for name, what in said:
        yield from (f"{name} without {key}" for key in _DUE if not getattr(what, key))
