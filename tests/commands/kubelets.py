"""The controllers, the scheduler and the kubelets behind the API server of the tests: pods that
report at once, or do not."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from arcprobe.commands import run
from arcprobe.fleet import envelope
from tests.fleet.sample import report as _report
from tests.support.apiserver import ApiServer

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None and not os.environ.get("CI"),
    reason="kubectl is not installed here; CI installs it",
)


class Kubelets:
    """Makes the pods of what is created, as controllers, scheduler and kubelets would; ``odd`` has
    the status of some nodes."""

    def __init__(self, api: ApiServer, nodes: tuple[str, ...]) -> None:
        self.api, self.nodes = api, nodes
        self.odd: dict[str, dict[str, Any]] = {}
        self.broken: dict[tuple[str, str], Mapping[str, tuple[str, ...]]] = {}
        self.leaving: set[str] = set()  # nodes whose pods somebody deletes
        self.refused = ""
        self.probes = True  # whether the kubelet asks the probe
        self.seconds = 0.0  # how long a container runs before it ends or reports
        self.timers: list[threading.Timer] = []
        api.on_create = self.created
        for node in nodes:
            api.add("nodes", node, metadata={"labels": {"kubernetes.io/os": "linux"}})

    def created(self, resource: str, made: dict[str, Any]) -> None:
        """Makes the pods of a workload, and their logs."""
        if resource not in ("jobs", "daemonsets") or made["spec"].get("parallelism") == 0:
            return
        template = made["spec"]["template"]
        namespace = made["metadata"]["namespace"]
        if self.refused:
            self.api.add(
                "events",
                f"{made['metadata']['name']}.1",
                namespace,
                reason="FailedCreate",
                message=self.refused,
                involvedObject={"kind": made["kind"], "name": made["metadata"]["name"]},
                lastTimestamp="2026-11-26T10:00:00Z",
            )
            return
        vantage = template["metadata"]["labels"]["app.kubernetes.io/component"]
        for node in self.nodes if resource == "daemonsets" else self.nodes[:1]:
            name = f"{made['metadata']['name']}-{node}"
            self.api.add(
                "pods",
                name,
                namespace,
                metadata={"labels": template["metadata"]["labels"]},
                spec={"nodeName": node, "containers": template["spec"]["containers"]},
                status=self.odd.get(node, {}),
            )
            if node in self.leaving:
                pod = self.api.objects["pods", namespace, name]
                pod["metadata"]["deletionTimestamp"] = "2026-11-26T10:00:00Z"
            if node in self.odd:
                continue
            # without a probe a container is Ready as soon as it runs
            running = {"ready": resource == "jobs", "state": {"running": {}}}
            pod = self.api.objects["pods", namespace, name]
            pod["status"] = {"phase": "Running", "containerStatuses": [running]}
            end = functools.partial(self.ended, pod, resource, vantage, node)
            if not self.seconds:
                end()
                continue
            self.timers.append(threading.Timer(self.seconds, end))
            self.timers[-1].start()

    def ended(self, pod: dict[str, Any], resource: str, vantage: str, node: str) -> None:
        """A container has reported, and has ended where it is a Job's."""
        report = _report(node, vantage, self.broken.get((node, vantage)))
        self.api.logs[pod["metadata"]["name"]] = f"words for people\n{envelope.wrap(report)}"
        if resource == "jobs":
            ended = {"state": {"terminated": {"exitCode": 0}}}
            pod["status"] = {"phase": "Succeeded", "containerStatuses": [ended]}
        elif self.probes:
            ready = {"ready": True, "state": {"running": {}}}
            pod["status"] = {"phase": "Running", "containerStatuses": [ready]}


def run_in(api: ApiServer, *arguments: str) -> Result:
    """``arcprobe run`` with these arguments, against that API server."""
    stripped = [
        name
        for name in os.environ
        if name.lower().endswith("_proxy") or name.startswith("ARCPROBE_")
    ]
    environ: dict[str, str | None] = dict.fromkeys(stripped)
    environ["HOME"] = str(api.folder)
    given = (
        "--region",
        "westeurope",
        "--kubeconfig",
        api.kubeconfig,
        "--patience",
        "0",
        *arguments,
    )
    return CliRunner(env=environ).invoke(run.command, given)


def left(api: ApiServer) -> set[str]:
    """The resources that a run has left behind."""
    return {key[0] for key in api.objects} - {"nodes", "pods", "events"}
