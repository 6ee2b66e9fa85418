"""One preflight in a cluster, by ``arcprobe run`` or by the manifest of ``arcprobe job`` and the
command lines that it prints."""

from __future__ import annotations

import datetime
import json
import re
import secrets
import shlex
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from arcprobe.fleet import envelope
from tests.cluster.cluster import Cluster
from tests.cluster.using import content, namespace, printed_command

_OLD_SERVER = ("--kube-version", "1.20")


class Row(NamedTuple):
    """One preflight: which nodes, which networks of them, by which command, and how much of a
    processor each pod may have (as Kubernetes has it; empty: as much as there is)."""

    nodes: str
    vantage: str
    command: str = "run"
    cpu: str = ""

    @property
    def flags(self) -> list[str]:
        """Of ``arcprobe run`` and ``job``."""
        flags = ["--nodes", self.nodes, "--vantage", self.vantage]
        if self.cpu:
            # who limits a pod so leaves the timeout as it is: the networks' may be shorter
            flags += ["--limit", f"cpu={self.cpu}", "--request", f"cpu={self.cpu}"]
            flags += ["--timeout", "10"]
        return flags


class Outcome(NamedTuple):
    """What came of it. ``picture``: the merged report, empty where there is none; ``reports``: of
    each place, whole; ``words``: on stderr; ``seconds``: from the begin of the last check in a pod
    until the merged verdict was there; ``wrong_ends``: Jobs that did not end as their pods'
    verdicts."""

    picture: dict[str, Any]
    exit_code: int
    reports: list[dict[str, Any]]
    words: str
    seconds: float
    wrong_ends: str = ""


def ask(row: Row, cluster: Cluster, given: list[str]) -> Outcome:
    """The preflight of a row; ``given``: settings of the network."""
    return _ASKED[row.command](row, cluster, given)


def _outcome(
    picture: dict[str, Any],
    exit_code: int,
    reports: list[dict[str, Any]],
    words: str,
    wrong_ends: str = "",
) -> Outcome:
    ended = datetime.datetime.now(datetime.UTC)
    starts = (datetime.datetime.fromisoformat(report["run"]["started"]) for report in reports)
    last = max(starts, default=ended)
    seconds = (ended - last).total_seconds()
    return Outcome(picture, exit_code, reports, words, seconds, wrong_ends)


def _run(row: Row, cluster: Cluster, given: list[str]) -> Outcome:
    done = cluster.arcprobe("run", *given, *row.flags, "--format", "json")
    picture = content(done) if done.stdout else {}
    return _outcome(picture, done.returncode, picture.get("reports", []), done.stderr)


def _job(row: Row, cluster: Cluster, given: list[str]) -> Outcome:
    """The manifest is applied to a namespace of somebody else's, and its lines are followed: until
    all have reported, to the merged report, and to nothing left."""
    # of a name of its own: one that is being deleted may be there for a minute
    words = f"team-{row.nodes}-{row.vantage}-{secrets.token_hex(3)}"
    team = re.sub("[=/.]", "-", words)
    with namespace(cluster, team), tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        flags = (*row.flags, "--namespace", team, *_OLD_SERVER)
        printed = cluster.arcprobe("job", *given, *flags)
        if printed.returncode:
            return _outcome({}, printed.returncode, [], printed.stderr)
        _make_secret(cluster, given, printed.stderr, folder)
        cluster.kubectl("apply", "-f", "-", text=printed.stdout)
        try:
            return _reported(cluster, printed.stdout, team, folder)
        finally:
            _shell(cluster, f"{printed_command(printed.stdout, 'Remove')} --wait=false", folder)


def _make_secret(cluster: Cluster, given: list[str], printed: str, folder: Path) -> None:
    """Runs the line that makes the proxy's Secret, where one is printed."""
    for command in re.findall(r"^  (kubectl .* create secret .*)$", printed, re.MULTILINE):
        proxy = urlsplit(given[given.index("--proxy-https") + 1])
        (folder / "FILE").write_text(unquote(f"{proxy.username}:{proxy.password}\n"))
        _shell(cluster, command, folder)


def _reported(cluster: Cluster, manifest: str, team: str, folder: Path) -> Outcome:
    """The picture that the printed lines come to, when all pods have reported."""
    _wait(cluster, manifest, team, folder)
    if "# Merge: " not in manifest:
        _shell(cluster, f"{printed_command(manifest, 'Report')} > one.log", folder)
        merging = "arcprobe report merge *.log"
    else:
        _shell(cluster, printed_command(manifest, "Merge"), folder)
        merging = manifest.partition("# Merge: ")[2].splitlines()[1].removeprefix("#").strip()
    merged = cluster.command("sh", "-c", f"cd {folder}; {merging} --format json")
    logs = [path.read_text() for path in sorted(folder.glob("*.log"))]
    reports = [json.loads(envelope.unwrap(log)) for log in logs]
    picture = json.loads(merged.stdout or "{}")
    wrong = _wrong_ends(cluster, team, reports)
    return _outcome(picture, merged.returncode, reports, merged.stderr, wrong)


def _wait(cluster: Cluster, manifest: str, team: str, folder: Path) -> None:
    """Until all have reported: a DaemonSet by the printed line; the pods of a Job have ended or,
    of several nodes', are Ready."""
    for command in re.findall(r"^# Wait: +(.*?)   \(", manifest, re.MULTILINE):
        _shell(cluster, command, folder)

    def have_reported() -> bool:
        return all(_have_reported(cluster, job) for job in cluster.get("jobs", "-n", team)["items"])

    cluster.wait_for(f"the Jobs of {team}", have_reported, pause=1)


def _have_reported(cluster: Cluster, job: dict[str, Any]) -> bool:
    if not _is_of_several(job):
        return bool(_condition(job))
    where = ("-n", job["metadata"]["namespace"], "-l", f"job-name={job['metadata']['name']}")
    pods = cluster.get("pods", *where)["items"]
    return sum(map(_has_reported, pods)) >= int(job["spec"]["completions"])


def _is_of_several(job: dict[str, Any]) -> bool:
    return bool(job["spec"].get("completions", 1) > 1)


def _has_reported(pod: dict[str, Any]) -> bool:
    states = pod["status"].get("containerStatuses", [])
    return any(state["ready"] or "terminated" in state["state"] for state in states)


def _condition(job: dict[str, Any]) -> str:
    """``Complete`` or ``Failed``; empty while it runs."""
    told = job["status"].get("conditions", [])
    return str(next((one["type"] for one in told if one["status"] == "True"), ""))


def _wrong_ends(cluster: Cluster, team: str, reports: list[dict[str, Any]]) -> str:
    """Jobs of one node whose condition is not that of the pod's verdict. One of several is still
    held when its reports are there."""
    failed = {one["run"]["vantage"] for one in reports if one["verdict"] not in ("pass", "warn")}
    wrong = ""
    for job in cluster.get("jobs", "-n", team)["items"]:
        name, ended = job["metadata"]["name"], _condition(job)
        wanted = "Failed" if name.rpartition("-")[2] in failed else "Complete"
        if not _is_of_several(job) and ended != wanted:
            wrong += f"{name} is {ended}; "
    return wrong


def _shell(cluster: Cluster, command: str, folder: Path) -> None:
    done = cluster.command("sh", "-c", f"cd {shlex.quote(str(folder))} && {command}")
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


_ASKED = {"run": _run, "job": _job}
