"""What vantages say together, on reports of real runs: each made by ``check`` in a rehearsed
network, then joined."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from arcprobe.commands import job
from arcprobe.fleet import manifest
from arcprobe.lab.network import Rehearsal
from arcprobe.lab.scenarios import find_scenario
from tests.support import rehearsed


@cache
def _seen(scenario: str, vantage: str) -> str:
    """The JSON report of ``check`` in a rehearsed network, from one vantage of the node that is
    called NODE."""
    found = find_scenario(scenario)
    assert found is not None
    with Rehearsal(found.network) as network:
        network.environment |= {"ARCPROBE_VANTAGE": vantage, "ARCPROBE_NODE_NAME": "NODE"}
        ended = rehearsed.run_in(network, "--format", "json")
    assert ended.report["run"]["vantage"] == vantage, ended.err
    return ended.out


Runs = tuple[tuple[str, str, str], ...]  # node, vantage, scenario


def _merged(folder: Path, runs: Runs) -> tuple[rehearsed.Ended, dict[str, Any]]:
    """``report merge`` of these runs, as text and as JSON."""
    files = []
    for node, vantage, scenario in runs:
        files.append(folder / f"{node}-{vantage}.json")
        files[-1].write_text(_seen(scenario, vantage).replace('"NODE"', f'"{node}"'))
    names = [str(file) for file in files]
    return rehearsed.run("report", "merge", *names), rehearsed.run(
        "report", "merge", "--format", "json", *names
    ).report


def _nodes(count: int, vantage: str, scenario: str, first: int = 0) -> Runs:
    return tuple((f"node-{number}", vantage, scenario) for number in range(first, first + count))


CASES: dict[str, tuple[Runs, list[str], str]] = {
    "all-well": (
        (*_nodes(2, "pod", "clean"), *_nodes(2, "node", "clean"), ("me", "laptop", "clean")),
        [],
        "pass",
    ),
    "all-broken-alike": (
        (*_nodes(2, "pod", "denied"), *_nodes(2, "node", "denied"), ("me", "laptop", "denied")),
        ["proxy-denied"],
        "fail",
    ),
    "cluster-dns": (
        (*_nodes(2, "pod", "dns-broken"), *_nodes(2, "node", "direct")),
        ["pod-differs-from-node"],
        "fail",
    ),
    "pod-egress": (
        (*_nodes(2, "pod", "proxy-down"), *_nodes(2, "node", "clean")),
        ["pod-differs-from-node"],
        "fail",
    ),
    "node-runtime": (
        (*_nodes(2, "pod", "clean"), *_nodes(2, "node", "proxy-down")),
        ["node-path-broken"],
        "fail",
    ),
    "laptop-only": (
        (*_nodes(2, "pod", "denied"), *_nodes(2, "node", "denied"), ("me", "laptop", "clean")),
        ["cluster-differs-from-laptop"],
        "fail",
    ),
    "minority": (
        (*_nodes(3, "pod", "clean"), *_nodes(1, "pod", "denied", 3)),
        ["nodes-differ"],
        "fail",
    ),
    "minority-of-dns": (
        (*_nodes(3, "pod", "direct"), *_nodes(1, "pod", "name-unknown", 3)),
        ["nodes-differ"],
        "fail",
    ),
    "other-proxy": (
        (*_nodes(3, "pod", "clean"), *_nodes(2, "pod", "inspected", 3)),
        ["nodes-use-different-proxies"],
        "fail",
    ),
    "two-faults": ((*_nodes(2, "pod", "everything"), ("node-2", "pod", "denied")), [], "fail"),
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("case", list(CASES))
def test_vantages_are_judged_together(case: str, tmp_path: Path) -> None:
    """Real reports of several places give one cause for what differs between them; the summary
    fits on one screen, what is to be changed and the nodes follow."""
    runs, due, verdict = CASES[case]
    text, content = _merged(tmp_path, runs)
    found = sorted(cause["code"] for cause in content["causes"])
    assert (content["verdict"], text.code) == (verdict, int(verdict == "fail")), text.out
    if due or verdict == "pass":
        assert found == due, text.out
    else:
        assert len(found) > 1, text.out
    summary = text.out.partition("\n1. ✗")[0].splitlines()
    assert len(summary) <= 24, text.out
    assert max(map(len, summary)) <= 100
    assert {(place["node"], place["vantage"]) for place in content["places"]} == {
        run[:2] for run in runs
    }


def _settings_of(network: Rehearsal, folder: Path) -> tuple[list[dict[str, Any]], str]:
    """What ``arcprobe job`` makes of a rehearsed network's settings, its ConfigMap put into a
    folder as a kubelet would."""
    result = CliRunner(env=dict.fromkeys(network.environment)).invoke(
        job.command, list(network.flags)
    )
    assert result.exit_code == 0, result.output
    objects = list(yaml.safe_load_all(result.stdout))
    data = next(made["data"] for made in objects if made["kind"] == "ConfigMap")
    for name, text in data.items():
        (folder / name).write_text(text.replace(f"{manifest.FOLDER}/", f"{folder}/"))
    return objects, str(folder / "config.yaml")


@pytest.mark.parametrize(
    "name",
    [
        "in-pod",
        "denied",
        "auth-given",
        "auth-rejected",
        "proxy-over-tls",
        "inspected-trusted",
        "gateway-clean",
    ],
)
def test_settings_of_the_job_are_those_of_the_check(name: str, tmp_path: Path) -> None:
    """``--config`` with the ConfigMap that ``arcprobe job`` prints gives the verdict and causes
    that its flags give."""
    found = find_scenario(name)
    assert found is not None
    with Rehearsal(found.network) as network:
        objects, config = _settings_of(network, tmp_path)
        container = objects[-1]["spec"]["template"]["spec"]["containers"][0]
        arguments = [
            word.replace(f"{manifest.FOLDER}/", f"{tmp_path}/") for word in container["args"]
        ]
        assert arguments[:3] == ["check", "--config", config]
        if "--proxy-auth-file" in arguments:
            given = dict(zip(network.flags[::2], network.flags[1::2], strict=False))
            secret = given.get("--proxy-auth-file")
            text = (
                Path(secret).read_text()
                if secret
                else given["--proxy-https"].partition("://")[2].rpartition("@")[0]
            )
            (tmp_path / "proxy-auth").write_text(text)
        services = [word for word in network.flags if word.endswith(".json")]
        if services:  # these stay at the laptop; in the cluster the API server is asked
            arguments += ["--services", services[0]]
        network.flags = tuple(arguments[1:])
        ended = rehearsed.run_in(network, "--format", "json")
    assert (ended.report["verdict"], sorted(cause["code"] for cause in ended.report["causes"])) == (
        found.verdict,
        sorted(found.causes),
    ), ended.out[:2000]
