"""The image, really built, and run as a kubelet would in the lab's networks of real servers: random
user, read-only, 128 MiB.

Needs root on Linux, the lab's servers, buildah, podman, crun and debootstrap. Base and layers are
kept in ``/var/tmp`` (``ARCPROBE_TEST_STORE`` names another folder, ``ARCPROBE_TEST_BASE`` a base
image in its store).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from arcprobe.commands import job
from arcprobe.fleet import envelope
from tests.netlab import made as netlab, state
from tests.netlab.scenario import PROXY_FLAGS, Scenario
from tests.netlab.scenarios import by_name
from tests.netlab.servers import ROOT
from tests.netlab.zone import REGION
from tests.support import images, kubelet
from tests.support.tools import may_skip

_MISSING = images.missing()
_ADDED_LIMIT = (
    30_000_000  # bytes over the base; python:3.13-slim has 120 MB, and 150 MB is promised
)

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        may_skip(lacks=_MISSING), reason=f"building and running the image needs {_MISSING}"
    ),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the image as they were when the tests began."""
    return images.snapshot(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def store(sources: Path) -> str:
    """The image store, with the image built in it from the sources as they are."""
    assert not _MISSING, f"the image needs {_MISSING}"
    state.sweep()
    path = str(images.folder() / "store")
    with images.locked():
        images.build(path, sources)
    return path


@contextlib.contextmanager
def _machine(
    scenario: Scenario, store: str, folder: Path
) -> Iterator[tuple[kubelet.Machine, netlab.Built]]:
    """A node in the scenario's network, with a pod network behind it."""
    with netlab.built(kubelet.with_api_server(scenario)) as made:
        kubelet.add_pod_network(made.topology)
        yield kubelet.Machine(network=made.topology, store=store, folder=folder), made


def _objects(made: netlab.Built, settings: tuple[str, ...], *flags: str) -> list[dict[str, Any]]:
    """What ``arcprobe job`` prints for these settings of ``check``, read as YAML."""
    roots = str(made.pki / "public-roots.pem")
    fixed = (
        "--image",
        images.IMAGE,
        "--vantage",
        "both",
        "--region",
        REGION,
        "--public-roots",
        roots,
    )
    result = CliRunner().invoke(
        job.command, [*fixed, *flags, *(made.fill(word) for word in settings)]
    )
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def test_image_adds_little_to_its_base(store: str) -> None:
    """What the image adds to its base stays under 30 MB, so that python:3.13-slim (120 MB) comes to
    less than 150 MB."""
    assert images.size(store, images.IMAGE) - images.size(store, images.base(store)) < _ADDED_LIMIT


def test_image_is_reproducible(store: str, sources: Path) -> None:
    """Built again without any cache it has the same files, with the same modes and the same
    contents, byte for byte."""
    again = "localhost/arcprobe:again"
    with images.locked():
        images.build(store, sources, again, "--no-cache")
        first, second = (
            set(images.files(store, name, "opt/arcprobe")) for name in (images.IMAGE, again)
        )
        images.shell("podman", "--root", store, "rmi", again)
    assert sorted(first ^ second) == []
    assert any(each.path.endswith("arcprobe/__main__.py") for each in first)


# A clean network, and one fault each of proxy, policy, TLS and DNS.
NETWORKS = (
    "proxy-clean-squid",
    "proxy-refused",
    "proxy-auth-wrong-squid",
    "tls-bump-untrusted-squid",
    "dns-unknown-unbound",
)


@pytest.mark.parametrize("name", NETWORKS)
def test_preflight_is_right_in_the_image(name: str, store: str, tmp_path: Path) -> None:
    """From pod and node network the container gives the scenario's exit code, verdict and causes,
    in 128 MiB, out of its log."""
    scenario = by_name(name)
    with _machine(scenario, store, tmp_path) as (machine, made):
        objects = _objects(made, (*scenario.settings, "--timeout", str(scenario.timeout)))
        secrets = {"proxy-auth": "lab:wrong"}
        for vantage in (kubelet.POD, kubelet.NODE):
            # one as the image's own user, one as a user that no system knows
            user = "1000650000:0" if vantage == kubelet.NODE else ""
            ended = kubelet.run(kubelet.pod(machine, objects, vantage, secrets, user))
            report = json.loads(envelope.unwrap(ended.log))
            told = (
                vantage,
                ended.code,
                report["verdict"],
                {cause["code"] for cause in report["causes"]},
            )
            assert told == (
                vantage,
                int(scenario.verdict == "fail"),
                scenario.verdict,
                set(scenario.causes),
            ), ended.log
            assert (report["run"]["vantage"], report["run"]["node"]) == (vantage, "node-a")
            assert ended.log.splitlines()[-1].startswith(scenario.verdict.upper())
            assert ended.message.startswith(
                f"arcprobe: {scenario.verdict}\n" if scenario.causes else "arcprobe: pass"
            )
            assert all(f"\n{code}: " in ended.message for code in scenario.causes)
            assert len(ended.message.encode()) <= envelope.TERMINATION_LIMIT
            services = [each for each in report["findings"] if each["kind"] == "skip-range"]
            if "--proxy-https" in scenario.settings:
                assert [each["verdict"] for each in services if each["verdict"] != "pass"] == [], (
                    services
                )


# A proxy that accepts and never answers; it prints a line for each connection.
_SILENT = """
import socket
server = socket.create_server(("10.77.3.2", 3128))
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept())
    print("accepted", flush=True)
"""


@contextlib.contextmanager
def _silent_proxy(machine: kubelet.Machine) -> Iterator[subprocess.Popen[str]]:
    command = ["ip", "netns", "exec", machine.network.name("proxy"), sys.executable, "-c", _SILENT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("vantage", [kubelet.POD, kubelet.NODE])
def test_sigterm_in_the_middle_prints_what_there_is(
    vantage: str, store: str, tmp_path: Path
) -> None:
    """SIGTERM while the proxy is silent: within the grace period the log holds a report, the
    message is written, exit code 3."""
    with (
        _machine(by_name("proxy-refused"), store, tmp_path) as (machine, made),
        _silent_proxy(machine) as silent,
    ):
        pod = kubelet.pod(machine, _objects(made, (*PROXY_FLAGS, "--timeout", "50")), vantage, {})
        with kubelet.running(pod) as process:
            assert silent.stdout is not None
            assert silent.stdout.readline() == "accepted\n"
            pod.podman("kill", "--signal", "TERM", pod.name)
            log, _ = process.communicate(timeout=30)
    assert process.returncode == 3, log
    report = json.loads(envelope.unwrap(log))
    assert "SIGTERM" in report["run"]["interrupted"]
    assert pod.termination_log.read_text().startswith(f"arcprobe: {report['verdict']}\n")


def test_deadline_ends_the_container(store: str, tmp_path: Path) -> None:
    """The run's own deadline ends it before the Job's: exit code 3, and the report says which check
    was not finished."""
    with (
        _machine(by_name("proxy-refused"), store, tmp_path) as (machine, made),
        _silent_proxy(machine),
    ):
        objects = _objects(made, (*PROXY_FLAGS, "--timeout", "50", "--deadline", "3"))
        ended = kubelet.run(kubelet.pod(machine, objects, kubelet.POD, {}))
    report = json.loads(envelope.unwrap(ended.log))
    assert ended.code == 3, ended.log
    assert "not-finished" in {cause["code"] for cause in report["causes"]}
    assert "not-finished: " in ended.message


def test_pod_of_every_node_is_held_and_ready(store: str, tmp_path: Path) -> None:
    """A DaemonSet's pod stays after its report; its readiness probe says no before and yes after;
    SIGTERM ends it at once."""
    with (
        _machine(by_name("proxy-refused"), store, tmp_path) as (machine, made),
        _silent_proxy(machine) as silent,
    ):
        objects = _objects(
            made, (*PROXY_FLAGS, "--timeout", "50", "--deadline", "5"), "--nodes", "all"
        )
        pod = kubelet.pod(machine, objects, kubelet.POD, {})
        container = next(each for each in objects if each["kind"] == "DaemonSet")["spec"][
            "template"
        ]["spec"]["containers"][0]
        ready = container["readinessProbe"]["exec"]["command"]
        # the log is read beside it: a full pipe would hold the pod
        with ThreadPoolExecutor(max_workers=1) as beside, kubelet.running(pod) as process:
            assert silent.stdout is not None
            assert process.stdout is not None
            assert silent.stdout.readline() == "accepted\n"
            with pytest.raises(AssertionError):
                pod.podman("exec", pod.name, *ready)
            read = beside.submit(process.stdout.read)
            for _ in range(600):
                if pod.termination_log.read_text():
                    break
                time.sleep(0.2)
            pod.podman("exec", pod.name, *ready)
            pod.podman("kill", "--signal", "TERM", pod.name)
            log = read.result(timeout=60)
            process.wait(timeout=30)
    assert process.returncode == 3, log
    assert "not-finished" in {cause["code"] for cause in json.loads(envelope.unwrap(log))["causes"]}
