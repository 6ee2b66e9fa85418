"""The lab's commands: each takes the parsed arguments and returns an exit code."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch

from . import cure, generate, matrix, requirements, state, witness
from .curing.others import OTHERS
from .made import Built, built
from .run import ask, check_command, environment
from .scenario import Scenario
from .scenarios import SCENARIOS, by_name
from .servers import ROOT
from .topology import LabError


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _list(arguments: argparse.Namespace) -> int:
    for scenario in SCENARIOS:
        _say(
            f"{scenario.name:48} {scenario.verdict:5} "
            f"{' '.join(sorted(scenario.causes)) or '-':32} {scenario.story}"
        )
    return 0


def _run(arguments: argparse.Namespace) -> int:
    scenario = by_name(arguments.name)
    _say(f"{scenario.name}: {scenario.story}")
    with built(scenario) as made:
        command = check_command(scenario, made, "text")
        subprocess.run(command, cwd=ROOT, env=environment(scenario, made), check=False)
    outcome = ask(scenario)
    _say(outcome.stderr.strip())
    _say(matrix.row(outcome))
    for line in outcome.trouble:
        _say(f"  {line}")
    return 1 if outcome.trouble else 0


def _shell(arguments: argparse.Namespace) -> int:
    scenario = by_name(arguments.name)
    with built(scenario) as made:
        _say(f"{scenario.name}: {scenario.story}\nin this network (leave with exit):\n")
        _say(" ".join(check_command(scenario, made, "text")[4:]))
        _say(f"files and logs: {made.topology.folder}")
        shell = os.environ.get("SHELL", "/bin/sh")
        command = ["ip", "netns", "exec", made.topology.name("node"), shell]
        wanted = {"TERM": os.environ.get("TERM", "dumb"), "PS1": f"{scenario.name} node# "}
        return subprocess.run(
            command, cwd=ROOT, env={**environment(scenario, made), **wanted}, check=False
        ).returncode


def _chosen(globs: list[str]) -> tuple[Scenario, ...]:
    return tuple(
        scenario
        for scenario in SCENARIOS
        if not globs or any(fnmatch(scenario.name, glob) for glob in globs)
    )


def _testimony(scenario: Scenario, made: Built) -> str:
    """What the witness got from the usual endpoints, and the name servers' answers, as text."""
    heard = witness.ask(scenario, made, witness.USUAL).answers()
    lines = [f"  {one.target}: {one.trouble or 'succeeds'}" for one in heard]
    question = [sys.executable, "-m", "tests.netlab.question", "management.azure.com"]
    command = ["ip", "netns", "exec", made.topology.name("node"), *question]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return "\n".join((*lines, done.stdout + done.stderr))


def _witness(arguments: argparse.Namespace) -> int:
    def told(scenario: Scenario) -> str:
        head = (
            f"--- {scenario.name}: {scenario.story} [{' '.join(sorted(scenario.causes)) or 'pass'}]"
        )
        try:
            with built(scenario) as made:
                return f"{head}\n{_testimony(scenario, made)}"
        except LabError as error:
            return f"{head}\n  LAB: {error}"

    state.certificates()
    with ThreadPoolExecutor(6) as pool:
        for text in pool.map(told, _chosen(arguments.rows)):
            _say(text)
    return 0


def _matrix(arguments: argparse.Namespace) -> int:
    outcomes = matrix.run(
        _chosen(arguments.rows), arguments.jobs, lambda outcome: _say(matrix.row(outcome))
    )
    if arguments.reports:
        matrix.keep(outcomes, arguments.reports)
    if arguments.write and arguments.rows:
        matrix.write_some(outcomes, tuple(scenario.name for scenario in SCENARIOS))
    elif arguments.write:
        matrix.write(outcomes)
    right = sum(not outcome.trouble for outcome in outcomes)
    for outcome in outcomes:
        for line in outcome.trouble:
            _say(f"{outcome.scenario.name}: {line}")
    _say(f"{right} of {len(outcomes)} right")
    return 0 if right == len(outcomes) else 1


def _generate(arguments: argparse.Namespace) -> int:
    made = generate.generate(arguments.seed, arguments.count)
    due = {one.scenario.name: one for one in made}
    scenarios = tuple(one.scenario for one in made)
    outcomes = matrix.run(
        scenarios,
        arguments.jobs,
        lambda outcome: _say(f"{matrix.row(outcome)} | {outcome.scenario.story}"),
        lambda outcome: generate.trouble(due[outcome.scenario.name], outcome),
    )
    for outcome in outcomes:
        for line in outcome.trouble:
            _say(f"{outcome.scenario.name}: {outcome.scenario.story} {line}")
    right = sum(not outcome.trouble for outcome in outcomes)
    faults = Counter(len(one.due) for one in made)
    told = ", ".join(f"{faults[number]} with {number}" for number in sorted(faults))
    _say(f"seed {arguments.seed}: {told} faults; {right} of {len(outcomes)} right")
    return 0 if right == len(outcomes) else 1


def _cure(arguments: argparse.Namespace) -> int:
    chosen = tuple(
        scenario
        for scenario in (*SCENARIOS, *OTHERS)
        if scenario.causes and any(fnmatch(scenario.name, glob) for glob in arguments.only)
    )
    cures = cure.run(chosen, arguments.jobs, lambda came: _say(cure.told(came)))
    if arguments.write:
        cure.write(cures)
    _say(cure.count(came.cell for came in cures))
    return 1 if any(came.is_sick for came in cures) else 0


_ACTIONS = {
    "list": _list,
    "run": _run,
    "shell": _shell,
    "witness": _witness,
    "matrix": _matrix,
    "generate": _generate,
    "cure": _cure,
}


def run(arguments: argparse.Namespace) -> int:
    """Does what was asked, after removing what a crashed run has left."""
    if arguments.action != "list":
        if missing := requirements.missing():
            sys.stderr.write(f"the lab needs {missing}\n")
            return 2
        for prefix in state.sweep():
            sys.stderr.write(f"removed what the crashed lab {prefix} had left\n")
    try:
        return _ACTIONS[arguments.action](arguments)
    except KeyError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
