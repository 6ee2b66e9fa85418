"""``arcprobe status``: the real kubectl against the API server of the tests."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from click.testing import CliRunner, Result

from arcprobe.commands import status
from arcprobe.fleet import envelope
from tests.commands.kubelets import needs_kubectl
from tests.fleet.sample import DENIED, report
from tests.support.apiserver import ApiServer

pytestmark = needs_kubectl

_BROKEN = DENIED


def _pod(api: ApiServer, job: str, hour: int, vantage: str = "pod") -> str:
    """A pod of a Job that began at this hour; its name."""
    name = f"{job}-{vantage}"
    labels = {
        "app.kubernetes.io/name": "arcprobe",
        "app.kubernetes.io/instance": "arcprobe",
        "app.kubernetes.io/component": vantage,
    }
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": f"{job}-{vantage}"}
    spec = {"nodeName": "node-a", "containers": [{"name": "arcprobe"}]}
    metadata = {
        "labels": labels,
        "ownerReferences": [owner],
        "creationTimestamp": f"2026-11-26T{hour:02}:00:00Z",
    }
    api.add("pods", name, "arcprobe", metadata=metadata, spec=spec)
    return name


def _log(api: ApiServer, pod: str, broken: Mapping[str, tuple[str, ...]] | None = None) -> None:
    api.logs[pod] = f"words for people\n{envelope.wrap(report('node-a', 'pod', broken))}"


def _status(api: ApiServer, *arguments: str) -> Result:
    stripped = [name for name in os.environ if name.lower().endswith("_proxy")]
    environ: dict[str, str | None] = {**dict.fromkeys(stripped), "HOME": str(api.folder)}
    given = ("--kubeconfig", api.kubeconfig, *arguments)
    return CliRunner(env=environ).invoke(status.command, given)


def test_newest_job_that_reported_counts(api: ApiServer) -> None:
    """The verdict is that of the last Job with a report: an older one is not heard any more, and
    one that still runs is told on stderr."""
    _log(api, _pod(api, "first", 9), _BROKEN)
    _log(api, _pod(api, "second", 10))
    _pod(api, "third", 11)
    done = _status(api, "--format", "json")
    content = json.loads(done.stdout)
    assert (done.exit_code, content["verdict"], len(content["reports"])) == (0, "pass", 1)
    assert done.stderr.startswith("not yet reported: third-pod: ")


def test_exit_code_is_that_of_the_verdict(api: ApiServer) -> None:
    """A newest report that fails is exit code 1, whatever passed before."""
    _log(api, _pod(api, "first", 9))
    _log(api, _pod(api, "second", 10), _BROKEN)
    done = _status(api)
    assert done.exit_code == 1
    assert done.stdout.startswith("FAIL")


def test_nothing_there(api: ApiServer) -> None:
    """No pod, or none that reported, is one line and exit code 3."""
    for expected in ("no pod of arcprobe is there", "first-pod: "):
        done = _status(api)
        assert (done.exit_code, done.stdout) == (3, "")
        assert done.stderr.startswith("arcprobe: no report in the namespace arcprobe: ")
        assert expected in done.stderr
        _pod(api, "first", 9)
