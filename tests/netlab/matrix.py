"""All scenarios side by side, and the table of what was expected and what came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import state
from .run import Outcome, ask
from .scenario import Scenario
from .servers import ROOT
from .topology import LabError

README = ROOT / "README.md"
BEGIN = "<!-- netlab matrix: written by python -m tests.netlab matrix --write-readme -->"
END = "<!-- end of netlab matrix -->"


def _codes(verdict: str, causes: tuple[str, ...]) -> str:
    return f"{verdict}: {', '.join(causes)}" if causes else verdict


def _expected(scenario: Scenario) -> str:
    return _codes(scenario.verdict, tuple(sorted(scenario.causes)))


def _got(outcome: Outcome) -> str:
    return _codes(outcome.verdict or "no report", outcome.causes)


def row(outcome: Outcome) -> str:
    """One line: right or wrong, scenario, expected, got, and how long `check` took."""
    mark = "wrong" if outcome.trouble else "right"
    scenario = outcome.scenario
    return f"{mark} {scenario.name:44} | {_expected(scenario):44} | {_got(outcome):44} | {outcome.seconds:.1f} s"


def _ask(scenario: Scenario) -> Outcome:
    try:
        return ask(scenario)
    except LabError as error:
        return Outcome(scenario=scenario, trouble=(f"the lab could not be built: {error}",))


def run(
    scenarios: tuple[Scenario, ...], jobs: int, tell: Callable[[Outcome], None]
) -> tuple[Outcome, ...]:
    """Asks arcprobe in every network, `jobs` at a time; tells each outcome as it comes, returns
    them in the given order.

    Networks side by side starve each other's servers, and a starved server is slow in truth: what
    came out wrong is asked once more, with the machine to itself, and that outcome counts.
    """
    state.certificates()
    lock = threading.Lock()

    def one(scenario: Scenario) -> Outcome:
        outcome = _ask(scenario)
        with lock:
            tell(outcome)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        outcomes = tuple(pool.map(one, scenarios))
    return tuple(
        one(outcome.scenario) if outcome.trouble and jobs > 1 else outcome for outcome in outcomes
    )


def table(outcomes: tuple[Outcome, ...]) -> str:
    """The outcomes as Markdown, without times, so that it only changes when an outcome does."""
    lines = ["| scenario | made with | expected | got |", "| --- | --- | --- | --- |"]
    for outcome in outcomes:
        scenario = outcome.scenario
        lines.append(
            f"| {scenario.name} | {scenario.software} | {_expected(scenario)} | {_got(outcome)} |"
        )
    right = sum(not outcome.trouble for outcome in outcomes)
    return "\n".join((*lines, "", f"{right} of {len(outcomes)} right"))


def write_readme(outcomes: tuple[Outcome, ...], path: Path = README) -> None:
    """Puts the table between its two marker comments; adds them at the end of a page that has
    none."""
    text = path.read_text() if path.exists() else ""
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n".lstrip()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{table(outcomes)}\n\n{END}{after}")


def keep(outcomes: tuple[Outcome, ...], folder: str) -> None:
    """Writes the JSON report of each scenario to `folder/NAME.json`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        if outcome.document:
            (Path(folder) / f"{outcome.scenario.name}.json").write_bytes(outcome.document)
