"""Files that a setting names."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcprobe.model.errors import ConfigError
from arcprobe.settings.files import read_file

MOST = 16_777_216  # bytes: 16 MiB


@pytest.mark.parametrize("size", [0, MOST])
def test_a_file_is_read(size: int, tmp_path: Path) -> None:
    """A file is read whole, up to 16 MiB."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    assert len(read_file("--baseline", str(file))) == size


def test_a_larger_file_is_refused(tmp_path: Path) -> None:
    """One byte more is refused."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * (MOST + 1))
    with pytest.raises(ConfigError, match="is larger than 16 MiB"):
        read_file("--baseline", str(file))


@pytest.mark.parametrize("name", ["/nowhere/file", "/", "a\0b"])
def test_a_file_that_cannot_be_read(name: str) -> None:
    """What cannot be read is named with its setting."""
    with pytest.raises(ConfigError, match=r"^--baseline: .*; name a file that can be read"):
        read_file("--baseline", name)
