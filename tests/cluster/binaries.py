"""Kubernetes itself, built from Debian's source package and kept by its version in the temporary
directory. No binary of a control plane can be had from the package indexes.
``python3 -m tests.cluster.binaries`` builds it beside other work.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
SECONDS = 2400  # of a build on two busy cores; alone it takes five minutes
_SECONDS_OF_OTHERS = 600  # of apt-get and tar
# Before another Go that is on the path: with this one Debian builds it.
_DEBIANS_GO = "/usr/lib/go/bin"
_SOURCES = Path("/etc/apt/sources.list.d")

# What hack/lib/version.sh reads in the place of a git repository.
_VERSION = """KUBE_GIT_COMMIT='debian'
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='v{version}'
KUBE_GIT_MAJOR='{major}'
KUBE_GIT_MINOR='{minor}'
"""


def folder() -> Path:
    """Where the binaries are, made when they are not there yet. ``ARCPROBE_TEST_KUBERNETES`` names
    a folder that has them."""
    if named := os.environ.get("ARCPROBE_TEST_KUBERNETES"):
        return Path(named)
    kept = Path(tempfile.gettempdir()) / "arcprobe-kubernetes"
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one builder; the others wait for its work
        with tempfile.TemporaryDirectory(dir=kept, prefix="building-") as scratch:
            apt = _apt(Path(scratch))
            package = _version(apt)
            found = kept / package.replace(":", "_")
            if not all((found / name).is_file() for name in NAMES):
                _build(Path(scratch), apt, package, found)
    return found


def _run(
    *command: str,
    cwd: Path | None = None,
    seconds: float = _SECONDS_OF_OTHERS,
    environ: Mapping[str, str] | None = None,
) -> str:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{_DEBIANS_GO}{os.pathsep}{os.environ['PATH']}",
            **(environ or {}),
        },
        process_group=0,
    )
    try:
        printed, _ = process.communicate(timeout=seconds)
    except BaseException:
        # make's children too: they would go on in a folder that is being removed
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    assert process.returncode == 0, f"{command}: {printed[-4000:]}"
    return printed


def _apt(scratch: Path) -> list[str]:
    """apt-get with source entries beside the machine's own, which are left as they are."""
    wanted = scratch / "wanted.sources"
    found = [file.read_text() for file in _SOURCES.glob("*.sources")]
    deb = [text for text in found if re.search(r"^Suites:.*bookworm", text, re.MULTILINE)]
    text = re.sub(r"^Types: .*$", "Types: deb-src", "\n".join(deb), flags=re.MULTILINE)
    old = Path("/etc/apt/sources.list")
    if old.is_file():
        lines = re.findall(r"^deb (.*)$", old.read_text(), re.MULTILINE)
        wanted.with_suffix(".list").write_text("".join(f"deb-src {line}\n" for line in lines))
    wanted.write_text(text)
    chosen = wanted if deb else wanted.with_suffix(".list")
    lists = scratch / "lists"
    (lists / "partial").mkdir(parents=True)
    options = (
        f"Dir::Etc::SourceList={chosen}",
        "Dir::Etc::SourceParts=-",
        f"Dir::State::Lists={lists}",
        "Dir::Cache::pkgcache=",
        "Dir::Cache::srcpkgcache=",
        "APT::Sandbox::User=root",
    )
    apt = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]
    _run(*apt, "update")
    return apt


def _version(apt: list[str]) -> str:
    """Debian's version of the source package, as the index has it."""
    printed = _run(*apt, "source", "--print-uris", "kubernetes")
    match = re.search(r"kubernetes_(\S+?)\.dsc", printed)
    assert match is not None, printed
    return unquote(match[1])


def _build(scratch: Path, apt: list[str], package: str, found: Path) -> None:
    _run(*apt, "source", "--download-only", "kubernetes", cwd=scratch)
    source = scratch / "source"
    source.mkdir()
    (archive,) = scratch.glob("kubernetes_*.orig.tar.gz")
    _run("tar", "-xzf", str(archive), "-C", str(source), "--strip-components=1")
    version = re.findall(r"\d+\.\d+\.\d+", package)[-1]  # "1.20.5+really1.20.2-1.1" is 1.20.2
    major, minor, _ = version.split(".")
    file = source / "version"
    file.write_text(_VERSION.format(version=version, major=major, minor=minor))
    wanted = " ".join(f"cmd/{name}" for name in NAMES)
    flags = ("GOLDFLAGS=-s -w", f"WHAT={wanted}")
    # the kubelet static as the others are: else all that they share is compiled twice
    settings = {"KUBE_GIT_VERSION_FILE": str(file), "KUBE_STATIC_OVERRIDES": "kubelet"}
    _run("make", "all", *flags, cwd=source, seconds=SECONDS, environ=settings)
    making = scratch / "made"
    making.mkdir()
    for name in NAMES:
        (built,) = source.glob(f"_output/local/bin/linux/*/{name}")
        shutil.copy2(built, making / name)
    shutil.rmtree(found, ignore_errors=True)
    making.rename(found)


def _step_aside() -> None:
    """Takes only the time that nobody else wants. The kernel weighs sessions first, and niceness
    within one of them (sched(7), "The autogroup feature")."""
    with contextlib.suppress(OSError):  # a leader already
        os.setsid()
    os.nice(19)
    with contextlib.suppress(OSError):  # a kernel without them
        Path("/proc/self/autogroup").write_text("19")


if __name__ == "__main__":
    # make's children too end at SIGTERM
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the build was ended"))
    _step_aside()
    sys.stdout.write(f"{folder()}\n")
