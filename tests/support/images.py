"""The image, really built: a Debian base of debootstrap, buildah, and a store kept between runs
outside the repository."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.netlab import requirements

ROOT = Path(__file__).parents[2]
IMAGE = "localhost/arcprobe:test"
KEPT = "/var/tmp/arcprobe-tests"
_TOOLS = ("buildah", "podman", "crun", "ip", "unshare", "debootstrap", "tar")


def missing() -> str:
    """What this machine lacks to build and run images, in words, or an empty string."""
    if lacks := requirements.missing():
        return lacks
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"these programs: {', '.join(absent)}" if absent else ""


def shell(*command: str, seconds: float = 600) -> str:
    """Runs a command; what it prints. It must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def folder() -> Path:
    """Where base and store are kept: ``ARCPROBE_TEST_STORE``, else a folder of /var/tmp."""
    chosen = Path(os.environ.get("ARCPROBE_TEST_STORE") or KEPT)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One builder at a time; a second run of the tests waits."""
    import fcntl

    with (folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def base(store: str) -> str:
    """The base image: ``ARCPROBE_TEST_BASE`` of that store, else one made with debootstrap when it
    is not there yet."""
    if named := os.environ.get("ARCPROBE_TEST_BASE"):
        return named
    name = "localhost/pybase:1"
    if subprocess.run(["podman", "--root", store, "image", "exists", name], check=False).returncode:
        rootfs = folder() / "rootfs"
        if not (rootfs / "usr/bin/python3").exists():
            scratch = folder() / f"making-{os.getpid()}"
            packages = "--include=python3,python3-venv,ca-certificates"
            shell("debootstrap", "--variant=minbase", packages, "bookworm", str(scratch))
            scratch.rename(rootfs)
        archive = folder() / "base.tar"
        shell(
            "tar",
            "-C",
            str(rootfs),
            "--exclude=./var/cache/apt/archives/*.deb",
            "-cf",
            str(archive),
            ".",
        )
        shell("podman", "--root", store, "import", str(archive), name)
        archive.unlink()
    return name


def snapshot(folder: Path) -> Path:
    """The sources of the image as they are now, in a folder of their own: nobody edits them between
    two builds."""
    for name in ("Dockerfile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".ci").mkdir()
    for name in ("constraints.txt", "sbom"):
        shutil.copy2(ROOT / ".ci" / name, folder / ".ci" / name)
    shutil.copytree(
        ROOT / "arcprobe", folder / "arcprobe", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder


def digest(folder: Path) -> str:
    """Of all files of a folder, names and contents."""
    made = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        made.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        made.update(path.read_bytes())
    return made.hexdigest()[:16]


_SOURCES = "arcprobe.test.sources"  # the label with the digest of what an image was built from


def built_from(store: str, name: str) -> str:
    """The digest of the sources of an image; empty where it is not there."""
    inspect = ["podman", "--root", store, "image", "inspect"]
    template = f'{{{{index .Labels "{_SOURCES}"}}}}'
    done = subprocess.run(
        [*inspect, "-f", template, name], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def build(store: str, sources: Path, tag: str = IMAGE, *options: str) -> None:
    """Builds the Dockerfile of the repository, with this machine's authorities and package index.
    Without ``options``: an image of the same sources that is there already is taken."""
    wanted = digest(sources)
    if not options and built_from(store, tag) == wanted:
        return
    handed = {"ca": "/etc/ssl/certs/ca-certificates.crt", "pip": "/etc/pip.conf"}
    secrets = [
        word
        for name, file in handed.items()
        if Path(file).is_file()
        for word in ("--secret", f"id={name},src={file}")
    ]
    command = [
        "buildah",
        "--root",
        store,
        "bud",
        "--isolation",
        "chroot",
        "--build-arg",
        f"BASE={base(store)}",
        "--label",
        f"{_SOURCES}={wanted}",
    ]
    shell(*command, *secrets, *options, "-t", tag, str(sources))
    shell("podman", "--root", store, "image", "prune", "-f")


def size(store: str, name: str) -> int:
    """Bytes of an image."""
    return int(shell("podman", "--root", store, "image", "inspect", "-f", "{{.Size}}", name))


class Listed(msgspec.Struct, frozen=True, order=True):
    """One file of an image: its path, its mode, and the digest of its content or its link's
    target."""

    path: str
    mode: str
    digest: str


def content(store: str, name: str, path: str) -> str:
    """The text of one file of an image."""
    with _mounted(store, name) as mounted:
        return (mounted / path.lstrip("/")).read_text()


@contextlib.contextmanager
def _mounted(store: str, name: str) -> Iterator[Path]:
    container = shell("buildah", "--root", store, "from", name).strip()
    try:
        yield Path(shell("buildah", "--root", store, "mount", container).strip())
    finally:
        shell("buildah", "--root", store, "rm", container)


def files(store: str, name: str, below: str) -> tuple[Listed, ...]:
    """All files of an image under one folder, in order of their paths."""
    with _mounted(store, name) as mounted:
        found = []
        for path in sorted((mounted / below).rglob("*")):
            content = (
                os.readlink(path).encode()
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else b""
            )
            digest = hashlib.sha256(content).hexdigest()
            found.append(Listed(str(path.relative_to(mounted)), oct(path.lstat().st_mode), digest))
        return tuple(found)
