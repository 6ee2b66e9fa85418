"""Building the network of a scenario, asking arcprobe in it, and comparing the answer with what the
scenario promises."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from . import servers, state
from .name_servers import internet_dns
from .scenario import Scenario
from .software import origins
from .topology import Topology, topology
from .zone import REGION

SERVICES = Path(__file__).with_name("services.json")
_CHECK_LIMIT = 90.0


class ReportedCause(Struct, frozen=True):
    """A cause as the JSON report has it; only what is compared."""

    code: str
    headline: str = ""
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    verdict: str = ""


class Reported(Struct, frozen=True):
    """The JSON report as far as it is compared."""

    verdict: str
    causes: tuple[ReportedCause, ...] = ()
    findings: tuple[dict[str, object], ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one scenario: `trouble` is empty when arcprobe was right in every respect."""

    scenario: Scenario
    verdict: str = ""
    causes: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    document: bytes = b""
    stderr: str = ""
    seconds: float = 0.0


class Built(Struct, frozen=True, kw_only=True):
    """A network that stands: where it is, where the certificates and the files of the run are, and
    the servers of the scenario."""

    topology: Topology
    pki: Path
    folder: Path
    running: tuple[servers.Running, ...] = ()

    def fill(self, text: str) -> str:
        """Replaces the placeholders of a scenario's settings."""
        return text.replace("@PKI@", str(self.pki)).replace("@FOLDER@", str(self.folder))


@contextlib.contextmanager
def built(scenario: Scenario) -> Iterator[Built]:
    """The scenario's network, with every server accepting; gone afterwards."""
    pki = state.certificates()
    started: list[servers.Running] = []
    try:
        with topology() as network:
            network.resolver_file("node", scenario.resolv_conf)
            if scenario.proxy_resolv_conf:
                network.resolver_file("proxy", scenario.proxy_resolv_conf)
            for command in scenario.commands:
                network.command(command.host, *command.words)
            names = internet_dns(ipv6=scenario.ipv6, extra=scenario.zone)
            for server in (names, origins(), *scenario.servers):
                started.append(servers.start(network, pki, server))
            for running in started:
                servers.wait_until_ready(running)
            for rules in scenario.filters:
                network.filter(rules.host, rules.hook, list(rules.rules), rules.kind)
            folder = network.folder / "run"
            folder.mkdir()
            made = Built(topology=network, pki=pki, folder=folder, running=tuple(started[2:]))
            for name, text in scenario.files:
                (folder / name).write_text(made.fill(text))
            yield made
    finally:
        # The network's end has killed them; this only collects what is left of them.
        for running in started:
            running.process.wait(timeout=10)


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
        sys.executable,
        "-m",
        "arcprobe",
        "check",
        *arguments,
    ]


def ask(scenario: Scenario) -> Outcome:
    """Runs `check --format json` in the scenario's network and compares."""
    with built(scenario) as made:
        return ask_in(scenario, made, check_command(scenario, made, "json"))


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


def compare(
    scenario: Scenario, status: int, document: bytes, stderr: str, seconds: float
) -> Outcome:
    """The outcome, from what the process left: exit code, JSON report, stderr, and how long it
    took."""
    try:
        report = msgspec.json.decode(document, type=Reported)
    except msgspec.DecodeError as error:
        none = (f"no report, exit code {status}: {error}",)
        return Outcome(
            scenario=scenario, trouble=none, stderr=stderr, document=document, seconds=seconds
        )
    codes = tuple(sorted(cause.code for cause in report.causes))
    trouble: list[str] = []
    if report.verdict != scenario.verdict:
        trouble.append(f"verdict {report.verdict} instead of {scenario.verdict}")
    if len(set(codes)) != len(codes):
        trouble.append("a cause is reported twice")
    trouble += [f"missing cause {code}" for code in sorted(scenario.causes - set(codes))]
    trouble += [f"cause {code} is not there" for code in sorted(set(codes) - scenario.causes)]
    expected_status = 1 if scenario.verdict == "fail" else 0
    if status != expected_status:
        trouble.append(f"exit code {status} instead of {expected_status}")
    trouble += [
        f"cause {cause.code} without evidence" for cause in report.causes if not cause.evidence
    ]
    trouble += [f"cause {cause.code} without remedy" for cause in report.causes if not cause.remedy]
    for finding in report.findings:
        if finding.get("verdict") in ("fail", "warn"):
            trouble += [
                f"finding {finding.get('check')} without {key}"
                for key in ("evidence", "remedy")
                if not finding.get(key)
            ]
    return Outcome(
        scenario=scenario,
        verdict=report.verdict,
        causes=codes,
        trouble=tuple(trouble),
        document=document,
        stderr=stderr,
        seconds=seconds,
    )
