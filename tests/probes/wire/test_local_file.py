"""``probes/wire/local_file.py``: what is no file is not waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from arcprobe.probes.wire.local_file import read_local


def test_a_file_is_read_to_its_bound(tmp_path: Path) -> None:
    """Its first bytes, as many as asked for."""
    file = tmp_path / "file"
    file.write_bytes(b"nameserver")
    assert read_local(str(file), 4) == b"name"


def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe that nobody writes to, a device and a folder are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    for name in (str(tmp_path / "pipe"), "/dev/zero", str(tmp_path)):
        with pytest.raises(OSError, match=r"is no file|Is a directory"):
            read_local(name, 4)
