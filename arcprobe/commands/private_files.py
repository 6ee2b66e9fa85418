"""Files that a command writes: for their owner alone, for a report tells of a network what not
everybody needs to know. What would block, such as a pipe that nobody reads, is an error."""

from __future__ import annotations

import contextlib
import os
import select
import stat
from pathlib import Path
from typing import Self

OWNER_ONLY = 0o600
PATIENCE = 10.0
"""Seconds for which who reads a pipe may be silent."""

_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class PrivateLines:
    """A file that its owner alone may read, which is written piece by piece; who reads it sees each
    at once. OSError where it cannot be opened or written."""

    def __init__(self, file: str) -> None:
        self._descriptor = _opened(file, os.O_TRUNC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)

    def write(self, data: bytes) -> None:
        """Writes the next piece."""
        _write(self._descriptor, memoryview(data))


def write_private(file: str, data: bytes, *, appends: bool = False) -> None:
    """Writes a file that its owner alone may read; a device or a pipe stays what it is. OSError
    where it cannot be written, or nobody reads it."""
    descriptor = _opened(file, os.O_APPEND if appends else os.O_TRUNC)
    try:
        _write(descriptor, memoryview(data))
    finally:
        os.close(descriptor)


def _opened(file: str, how: int) -> int:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | how | _NO_WAIT, OWNER_ONLY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode) and how != os.O_APPEND:
        with contextlib.suppress(OSError, AttributeError):  # another's file; Windows
            os.fchmod(descriptor, OWNER_ONLY)
    return descriptor


def replace_private(file: str, data: bytes, mode: int = OWNER_ONLY) -> None:
    """Writes a file at once: who reads it sees the one before or this one, no part (rename(2)).
    ``mode``: its rights."""
    import tempfile  # reads random numbers' module, for this alone

    path = Path(file)
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _write(descriptor: int, left: memoryview) -> None:
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:
            if not select.select([], [descriptor], [], PATIENCE)[1]:
                raise OSError(0, f"nobody reads it for {PATIENCE:g} s") from None
