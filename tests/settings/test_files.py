"""Files that a setting names."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from arcprobe.model.errors import ConfigError
from arcprobe.settings.files import read_bytes, read_file, text_of

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


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfsvc:p\xc3\xa4ss\r\n",
        b"svc:p\xc3\xa4ss\n",
        "\ufeffsvc:päss\r\n".encode("utf-16-le"),
        "\ufeffsvc:päss\n".encode("utf-16-be"),
    ],
)
def test_a_text_is_read_without_its_byte_order_mark(data: bytes) -> None:
    """A byte order mark is no part of a text, nor is the carriage return of Windows."""
    assert text_of("--config", "f", data) == "svc:päss\n"


def test_a_text_that_is_none() -> None:
    """Bytes of another encoding are refused, not guessed."""
    with pytest.raises(ConfigError, match=r"^--config: f: is not UTF-8; save it as UTF-8$"):
        text_of("--config", "f", b"p\xe4ss")


def test_a_pipe_is_read_while_it_speaks(tmp_path: Path) -> None:
    """A pipe of a shell (``<(…)``) is a file too, also where its writer comes late."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Timer(0.1, pipe.write_bytes, [b"late"]).start()
    assert read_bytes(str(pipe), MOST, silence=10.0) == b"late"


def test_a_silent_pipe_is_given_up(tmp_path: Path) -> None:
    """A pipe that nobody writes to ends with its name, not never."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match=r"gives nothing for 0\.1 s"):
        read_bytes(str(pipe), MOST, silence=0.1)


def test_a_device_without_end(tmp_path: Path) -> None:
    """What has no end is read to the bound."""
    with pytest.raises(ConfigError, match="is larger than 16 MiB"):
        read_file("--baseline", "/dev/zero")


def test_stdin_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` is stdin where a setting takes it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
    assert read_file("--services", "-", has_stdin=True) == b"{}"
