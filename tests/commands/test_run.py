"""``arcprobe run``: the real kubectl against the API server of the tests, whose pods report at
once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arcprobe.commands import watch
from arcprobe.model.errors import ConfigError
from tests.commands.kubelets import Kubelets, left, needs_kubectl, run_in
from tests.fleet.sample import DENIED
from tests.support.apiserver import ApiServer, BadDay


@needs_kubectl
def test_every_node_reports_and_nothing_is_left(api: ApiServer) -> None:
    """All nodes report from both vantages, the picture is merged, progress goes to stderr, and
    every object is deleted."""
    Kubelets(api, ("node-a", "node-b"))
    result = run_in(api, "--nodes", "all", "--format", "json")
    assert result.exit_code == 0, result.output
    assert {(place["vantage"], place["node"]) for place in json.loads(result.stdout)["places"]} == {
        ("pod", "node-a"),
        ("pod", "node-b"),
        ("node", "node-a"),
        ("node", "node-b"),
    }
    assert "node-a pod network: done" in result.stderr
    assert left(api) == set()


@needs_kubectl
def test_pod_is_compared_with_its_node(api: ApiServer) -> None:
    """One node by default: a Job for each vantage; what the pod network alone breaks is named so,
    exit 1."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.broken["node-a", "pod"] = DENIED
    result = run_in(api, "--format", "json")
    assert "node-a pod network: done: fail: proxy-denied" in result.stderr
    assert result.exit_code == 1
    assert [cause["code"] for cause in json.loads(result.stdout)["causes"]] == [
        "pod-differs-from-node"
    ]


@needs_kubectl
def test_forbidden_apply_is_told_and_cleaned_up(api: ApiServer) -> None:
    """Where RBAC forbids an object, the words of the API server are printed, exit 3, and what was
    made before is deleted."""
    Kubelets(api, ("node-a",))
    api.bad_days.append(BadDay("/apis/batch/v1", status=403, method="POST"))
    result = run_in(api)
    assert result.exit_code == 3
    assert "forbidden" in result.stderr.lower()
    assert left(api) == set()


@needs_kubectl
def test_interrupted_run_collects_and_cleans_up(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps the reports that are there, calls the others lost, and leaves nothing behind."""
    kubelets = Kubelets(api, ("node-a", "node-b"))
    kubelets.odd["node-b"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }

    look = watch.Watch.look

    def interrupted_look(self: watch.Watch, now: float) -> bool:
        look(self, now)
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    monkeypatch.setattr(watch.Watch, "look", interrupted_look)
    result = run_in(api, "--nodes", "all", "--vantage", "pod", "--format", "json")
    content = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [place["node"] for place in content["places"]] == ["node-a"]
    assert "interrupted" in content["lost"][0]["reason"]
    assert left(api) == set()


@needs_kubectl
def test_plugin_is_interrupted_and_leaves_nothing(api: ApiServer) -> None:
    """``kubectl arcprobe run`` finds the plugin; Ctrl-C, which reaches the whole process group,
    ends it in order with exit 3."""
    kubelets = Kubelets(api, ("node-a",))
    kubelets.odd["node-a"] = {
        "phase": "Running",
        "containerStatuses": [{"ready": False, "state": {"running": {}}}],
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = (
        "--region",
        "westeurope",
        "--kubeconfig",
        api.kubeconfig,
        "--vantage",
        "pod",
        "--format",
        "json",
    )
    with subprocess.Popen(
        ["kubectl", "arcprobe", "run", *settings],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": path, "HOME": str(api.folder)},
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "node-a pod network: running" not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        os.killpg(process.pid, signal.SIGINT)
        content = json.loads(process.stdout.read())
        process.wait(30)
    assert process.returncode == 3
    assert "interrupted" in content["lost"][0]["reason"]
    assert left(api) == set()


@needs_kubectl
def test_password_goes_into_a_secret_that_is_deleted(api: ApiServer) -> None:
    """A proxy password becomes a Secret of the run, is printed nowhere, and is deleted with it."""
    kubelets = Kubelets(api, ("node-a",))
    seen: list[dict[str, Any]] = []

    def created(resource: str, made: dict[str, Any]) -> None:
        seen.append(made)
        kubelets.created(resource, made)

    api.on_create = created
    result = run_in(api, "--proxy-https", "http://jane:geheim@proxy:3128", "--vantage", "pod")
    secrets = [made for made in seen if made["kind"] == "Secret"]
    assert secrets[0]["stringData"] == {"proxy-auth": "jane:geheim"}
    assert "geheim" not in result.output + result.stderr
    assert "geheim" not in json.dumps([made for made in seen if made["kind"] != "Secret"])
    assert left(api) == set()


@needs_kubectl
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pull-secret", "registry"), "--pull-secret: needs --namespace"),
        (("--ca-config-map", "authorities"), "--ca-config-map: needs --namespace"),
        (("--proxy-secret", "proxy"), "--proxy-secret: needs --namespace"),
        (("--nodes", "zone=mars"), "--nodes: no Linux node has zone=mars"),
        (("--node-selector", "zone=mars"), "no Linux node has zone=mars"),
        (("--context", "mars"), "kubectl's configuration cannot be used"),
    ],
)
def test_settings_that_cannot_work(arguments: tuple[str, ...], words: str, api: ApiServer) -> None:
    """What can never work is a wrong setting, said before anything is made."""
    Kubelets(api, ("node-a",))
    result = run_in(api, *arguments)
    assert isinstance(result.exception, ConfigError), result.output
    assert words in str(result.exception)
    assert not any(method == "POST" for method, _ in api.requests)
    assert "not cleaned" not in result.stderr


@needs_kubectl
def test_refused_node_network_leaves_the_verdict_to_the_pod_network(api: ApiServer) -> None:
    """Where the cluster lets no hostNetwork in, the pod network's verdict counts, with a warning
    that says what to do."""
    kubelets = Kubelets(api, ("node-a",))
    created = kubelets.created

    def choosy(resource: str, made: dict[str, Any]) -> None:
        kubelets.refused = "host network is not allowed" * made["metadata"]["name"].endswith("node")
        created(resource, made)

    api.on_create = choosy
    result = run_in(api, "--format", "json")
    content = json.loads(result.stdout)
    assert (result.exit_code, content["verdict"]) == (0, "warn"), result.stderr
    (cause,) = content["causes"]
    assert cause["code"] == "node-lost"
    assert "host network is not allowed" in cause["headline"]
    assert "--vantage pod" in cause["remedy"]
