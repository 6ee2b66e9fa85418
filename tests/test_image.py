"""The image, really built and run: any user id, read-only root, no capabilities, 128 MiB, in a network namespace of the test.

Needs root on Linux, buildah, podman, crun and a base image: ``ARCPROBE_TEST_BASE`` names one that is in the store, else one is
made with debootstrap. ``ARCPROBE_TEST_STORE`` names the folder that keeps both between runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from arcprobe import envelope

ROOT = Path(__file__).parents[1]
TOOLS = ("buildah", "podman", "crun", "ip", "unshare", "debootstrap")
IMAGE = "localhost/arcprobe:test"
LIMIT = 128 * 1024 * 1024

_MISSING = [name for name in TOOLS if shutil.which(name) is None]
_IS_ROOT = getattr(os, "geteuid", lambda: 1)() == 0

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not os.environ.get("CI") and not os.environ.get("ARCPROBE_TEST_STORE"),
        reason="building an image takes minutes and root: CI does it, or set ARCPROBE_TEST_STORE to a folder",
    ),
]


def _shell(*command: str, seconds: float = 600) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image store, with the image built in it."""
    assert not _MISSING, f"CI installs {', '.join(_MISSING)}"
    assert _IS_ROOT, "images are built as root here"
    folder = Path(os.environ.get("ARCPROBE_TEST_STORE") or tmp_path_factory.mktemp("images"))
    store = str(folder / "store")
    base = os.environ.get("ARCPROBE_TEST_BASE") or "localhost/pybase:1"
    if subprocess.run(["podman", "--root", store, "image", "exists", base], check=False).returncode:
        rootfs = folder / "rootfs"
        packages = "--include=python3,python3-venv,ca-certificates"
        _shell("debootstrap", "--variant=minbase", packages, "bookworm", str(rootfs))
        archive = folder / "base.tar"
        _shell("tar", "-C", str(rootfs), "-cf", str(archive), ".")
        _shell("podman", "--root", store, "import", str(archive), base)
        archive.unlink()
    mounts = ["-v", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    mounts += ["-v", "/etc/pip.conf:/etc/pip.conf:ro"] if Path("/etc/pip.conf").is_file() else []
    command = ["buildah", "--root", store, "bud", "--isolation", "chroot", "--build-arg", f"BASE={base}", *mounts, "-t", IMAGE]
    _shell(*command, str(ROOT))
    return store


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    """A network namespace with nothing but loopback, as a node's."""
    name = f"arcprobe-{uuid.uuid4().hex[:8]}"
    _shell("ip", "netns", "add", name)
    _shell("ip", "-n", name, "link", "set", "lo", "up")
    yield name
    _shell("ip", "netns", "delete", name)


@contextlib.contextmanager
def _memory_group() -> Iterator[list[str]]:
    """What to put before a command so that it runs in 128 MiB. Version 1 of cgroups (as here), or version 2."""
    one, two = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    name = f"arcprobe-{uuid.uuid4().hex[:8]}"
    group, file = (one / name, "memory.limit_in_bytes") if one.is_dir() else (two / name, "memory.max")
    group.mkdir()
    (group / file).write_text(str(LIMIT))
    try:
        yield ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    finally:
        for _ in range(100):  # the kernel may still be taking the last process out of the group
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.05)


# crun refuses the hybrid hierarchy of some machines: it gets a mount namespace with version 2 alone.
_CGROUPS = 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"'


def _command(store: str, namespace: str, *arguments: str, user: str = "65532", options: tuple[str, ...] = ()) -> list[str]:
    run = ["podman", "--root", store, "run", "--rm", "--cgroups=disabled", "--network", f"ns:/run/netns/{namespace}"]
    run += ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--read-only", "--cap-drop", "all", "--user", user]
    return ["unshare", "-m", "sh", "-c", _CGROUPS, "sh", *run, *options, IMAGE, *arguments]


def _run(store: str, namespace: str, *arguments: str, user: str = "65532", options: tuple[str, ...] = ()) -> tuple[int, str]:
    with _memory_group() as limited:
        command = [*limited, *_command(store, namespace, *arguments, user=user, options=options)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    return done.returncode, done.stdout + done.stderr


def test_image_adds_little_to_its_base(store: str) -> None:
    """What the image adds to its base stays under 30 MB, so that python:3.13-slim (120 MB) comes to less than 150 MB."""
    base = os.environ.get("ARCPROBE_TEST_BASE") or "localhost/pybase:1"
    sizes = [int(_shell("podman", "--root", store, "image", "inspect", "-f", "{{.Size}}", name)) for name in (IMAGE, base)]
    assert sizes[0] - sizes[1] < 30_000_000


@pytest.mark.parametrize("user", ["65532", "1234567:0"])
def test_image_starts_as_any_user(user: str, store: str, namespace: str) -> None:
    """The image starts as its own user and as one that no system knows (OpenShift), read-only and without capabilities."""
    code, output = _run(store, namespace, "--version", user=user)
    assert (code, output.split()[0]) == (0, "arcprobe"), output


@pytest.mark.parametrize(("scenario", "due"), [("clean", 0), ("proxy-down", 1), ("denied", 1), ("inspected", 1)])
def test_preflight_runs_in_the_image(scenario: str, due: int, store: str, namespace: str) -> None:
    """The whole preflight runs in 128 MiB: a clean network passes, three broken ones fail."""
    code, output = _run(store, namespace, "demo", scenario)
    assert code == due, output


@pytest.mark.parametrize("vantage", ["pod", "node"])
def test_report_comes_out_of_the_log(vantage: str, store: str, namespace: str, tmp_path: Path) -> None:
    """As a Job's container it prints text, then the marked report, and fills the termination message; the exit code stands."""
    message = tmp_path / "termination-log"
    message.touch(mode=0o666)
    message.chmod(0o666)
    tmp_path.chmod(0o755)
    options: tuple[str, ...] = (
        "-v",
        f"{message}:/dev/termination-log",
        "-e",
        "ARCPROBE_JOB=1",
        "-e",
        f"ARCPROBE_VANTAGE={vantage}",
    )
    options += ("-e", "ARCPROBE_NODE_NAME=node-a")
    arguments = ("check", "--region", "westeurope", "--proxy-https", "http://127.0.0.1:9")
    code, output = _run(store, namespace, *arguments, options=options)
    assert code == 1, output
    report = json.loads(envelope.unwrap(output))
    assert (report["run"]["vantage"], report["run"]["node"]) == (vantage, "node-a")
    assert "proxy-refused" in [cause["code"] for cause in report["causes"]]
    assert message.read_text().startswith("arcprobe: fail\nproxy-refused: ")


# A proxy that accepts and never answers; it prints a line for each connection.
_SILENT = """
import socket
server = socket.create_server(("127.0.0.1", 3128))
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept())
    print("accepted", flush=True)
"""


def test_sigterm_in_the_middle_prints_what_there_is(store: str, namespace: str) -> None:
    """SIGTERM while the proxy is silent: within the grace period the log holds a report, and the exit code is 3."""
    silent = subprocess.Popen(
        ["ip", "netns", "exec", namespace, sys.executable, "-c", _SILENT], stdout=subprocess.PIPE, text=True
    )
    name = f"arcprobe-{uuid.uuid4().hex[:8]}"
    arguments = ("check", "--region", "westeurope", "--proxy-https", "http://127.0.0.1:3128", "--timeout", "50")
    command = _command(store, namespace, *arguments, options=("--name", name, "-e", "ARCPROBE_JOB=1"))
    try:
        assert silent.stdout is not None
        assert silent.stdout.readline() == "ready\n"
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            assert silent.stdout.readline() == "accepted\n"
            _shell("podman", "--root", store, "kill", "--signal", "TERM", name)
            output, errors = running.communicate(timeout=30)
    finally:
        silent.kill()
        silent.communicate()
    assert running.returncode == 3, output + errors
    report = json.loads(envelope.unwrap(output))
    assert "SIGTERM" in report["run"]["interrupted"]
