"""The single file that runs on a node without an image."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(300)
@pytest.mark.skipif(
    not os.environ.get("CI") and not os.environ.get("ARCPROBE_TEST_PYZ"),
    reason="building the single file asks the package index: CI does it, or set ARCPROBE_TEST_PYZ",
)
def test_single_file_runs_a_rehearsal(tmp_path: Path) -> None:
    """The documented command builds one file, and that runs the whole preflight with nothing
    installed and no writable home."""
    assert shutil.which("bash")
    machine, version = os.uname().machine, ".".join(map(str, sys.version_info[:2]))
    file, home = tmp_path / "arcprobe.pyz", tmp_path / "home"
    folder = Path(sys.executable).parent
    environ = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    built = subprocess.run(
        [ROOT / ".ci" / "pyz", machine, file, version],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    home.mkdir(mode=0o500)
    # not the interpreter of the tests' environment, where arcprobe is installed: the one that
    # it was made from
    plain = Path(sys.base_prefix) / "bin" / f"python{version}"
    for arguments, code in ((("--version",), 0), (("demo", "clean"), 0), (("demo", "denied"), 1)):
        command = [str(plain), "-I", str(file), *arguments]
        where = {"HOME": str(home), "SHIV_ROOT": str(tmp_path / "root"), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, env=where, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == code, done.stdout + done.stderr
