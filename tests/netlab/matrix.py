"""All scenarios side by side, and the table of what was expected and what came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from arcprobe.knowledge import codes
from arcprobe.model import Layer

from . import page, state
from .page import Cells
from .run import Outcome, ask
from .scenario import Scenario
from .servers import ROOT
from .topology import LabError

PAGE = Path(__file__).with_name("MATRIX.md")
README = ROOT / "README.md"
MARK = "matrix"
_SOUND = "none: the network is sound"


def _codes(verdict: str, causes: tuple[str, ...]) -> str:
    return f"{verdict}: {', '.join(causes)}" if causes else verdict


def _expected(scenario: Scenario) -> str:
    return _codes(scenario.verdict, tuple(sorted(scenario.causes)))


def _got(outcome: Outcome) -> str:
    return _codes(outcome.verdict or "no report", outcome.causes)


def _witness(outcome: Outcome) -> str:
    if not outcome.verdict:
        return "not asked"
    rules = {one.rule or "differs" for one in outcome.differences}
    return f"but for {', '.join(sorted(rules))}" if rules else "agrees"


def row(outcome: Outcome) -> str:
    """One line: right or wrong, scenario, expected, got, and how long `check` took."""
    mark = "wrong" if outcome.trouble else "right"
    scenario = outcome.scenario
    return (
        f"{mark} {scenario.name:44} | {_expected(scenario):44} | {_got(outcome):44} | "
        f"{outcome.seconds:.1f} s"
    )


def _ask(scenario: Scenario) -> Outcome:
    try:
        return ask(scenario)
    except LabError as error:
        return Outcome(scenario=scenario, trouble=(f"the lab could not be built: {error}",))


def run(
    scenarios: tuple[Scenario, ...],
    jobs: int,
    tell: Callable[[Outcome], None],
    further: Callable[[Outcome], tuple[str, ...]] = lambda outcome: outcome.trouble,
) -> tuple[Outcome, ...]:
    """Asks arcprobe in every network, `jobs` at a time; tells each outcome as it comes, returns
    them in the given order. `further` gives the trouble of an outcome, where more is compared.

    Networks side by side starve each other's servers, and a starved server is slow in truth: what
    came out wrong is asked once more, with the machine to itself, and that outcome counts.
    """
    state.certificates()
    lock = threading.Lock()

    def ask_and_tell(scenario: Scenario) -> Outcome:
        outcome = _ask(scenario)
        outcome = msgspec.structs.replace(outcome, trouble=further(outcome))
        with lock:
            tell(outcome)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        outcomes = tuple(pool.map(ask_and_tell, scenarios))
    return tuple(
        ask_and_tell(outcome.scenario) if outcome.trouble and jobs > 1 else outcome
        for outcome in outcomes
    )


def cells(outcomes: tuple[Outcome, ...]) -> dict[str, Cells]:
    """What this command has to say of each scenario, without times, so that it only changes when an
    outcome does."""
    return {
        outcome.scenario.name: {
            "made with": outcome.scenario.software,
            "expected": _expected(outcome.scenario),
            "got": _got(outcome),
            "witness": _witness(outcome),
        }
        for outcome in outcomes
    }


def summary(outcomes: tuple[Outcome, ...]) -> str:
    """A line for each layer, by the lowest layer at which a network has its fault, and the
    count."""
    by_layer: dict[str, list[Outcome]] = {layer: [] for layer in (_SOUND, *Layer)}
    for outcome in outcomes:
        by_layer[_layer(outcome.scenario)].append(outcome)
    lines = ["| lowest layer with a fault | networks | right |", "| --- | ---: | ---: |"]
    for layer, among in by_layer.items():
        if among:
            lines.append(f"| {layer} | {len(among)} | {_right(among)} |")
    return "\n".join((*lines, "", _count(outcomes)))


def _layer(scenario: Scenario) -> str:
    layers = {codes.row(cause).layer for cause in scenario.causes}
    return next((layer for layer in Layer if layer in layers), _SOUND)


def _right(outcomes: Iterable[Outcome]) -> int:
    return sum(not outcome.trouble for outcome in outcomes)


def _count(outcomes: tuple[Outcome, ...]) -> str:
    return f"{_right(outcomes)} of {len(outcomes)} right"


def write(outcomes: tuple[Outcome, ...], path: Path = PAGE, readme: Path = README) -> None:
    """Writes the table as a page of its own, and the lines by layer between the markers of the
    README."""
    names = [outcome.scenario.name for outcome in outcomes]
    page.write(path, names, cells(outcomes), _count(outcomes))
    page.between(readme, MARK, summary(outcomes))


def write_some(outcomes: tuple[Outcome, ...], names: tuple[str, ...], path: Path = PAGE) -> None:
    """Writes the rows of these outcomes among those that the table has; ``names`` gives the order.
    The README's lines are left to a run of all."""
    kept = page.rows_of(path.read_text())
    new = cells(outcomes)
    rows = {name: kept.get(name, {}) | new.get(name, {}) for name in names}
    known = {name: row for name, row in rows.items() if row}
    right = sum(row["expected"] == row["got"] for row in known.values())
    page.write(path, known, new, f"{right} of {len(known)} right")


def keep(outcomes: tuple[Outcome, ...], folder: str) -> None:
    """Writes the JSON report of each scenario to `folder/NAME.json`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        if outcome.document:
            (Path(folder) / f"{outcome.scenario.name}.json").write_bytes(outcome.document)
