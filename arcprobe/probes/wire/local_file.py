"""Files of this machine that a probe reads, and that nobody named: never a pipe or a device, which
may block for ever."""

from __future__ import annotations

import errno
import os
import stat

_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_local(path: str, most: int) -> bytes:
    """The first ``most`` bytes of a file. OSError where it cannot be read or is none."""
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no file", path)
        return file.read(most)
