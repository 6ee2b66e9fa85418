"""``commands/private_files.py``: for the owner alone, and nothing blocks."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from arcprobe.commands.private_files import replace_private, write_private


@pytest.mark.parametrize("before", [False, True])
def test_for_the_owner_alone(tmp_path: Path, before: bool) -> None:
    """A report file has mode 0600, also where one was there that all could read."""
    file = tmp_path / "report"
    if before:
        file.write_text("an older, longer report")
        file.chmod(0o644)
    write_private(str(file), b"new")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o600)


def test_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    """It is an error, and no wait."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device"):
        write_private(str(tmp_path / "pipe"), b"new")


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    """Nothing is left beside it, also where it cannot be written."""
    file = tmp_path / "metrics.prom"
    replace_private(str(file), b"one", 0o644)
    replace_private(str(file), b"two", 0o644)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"two", 0o644)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_private(str(tmp_path / "folder"), b"three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "metrics.prom"]
