"""Files that a setting or a command names: read within a bound of bytes and of seconds, whatever
they are. A pipe (``<(…)`` of a shell) is one, and may never be written to."""

from __future__ import annotations

import os
import select
import stat
import sys

from arcprobe.model.errors import ConfigError

FILE_LIMIT = 16 * 1024 * 1024
"""Bytes of a file that is read: large trust stores have 0.5 MiB, large reports 5 MiB."""

SILENCE = 20.0
"""Seconds for which a pipe may be silent. `kubectl get svc -A -o json` of a large cluster thinks
for some before it prints; shorter would end it."""

_CHUNK = 1024 * 1024  # bytes that are read at once
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_file(setting: str, path: str, most: int = FILE_LIMIT, *, has_stdin: bool = False) -> bytes:
    """The bytes of a file that a setting names; ``has_stdin``: ``-`` is stdin. ConfigError where it
    cannot be read, stays silent or is too large."""
    try:
        data = read_stdin(most) if has_stdin and path == "-" else read_bytes(path, most)
    except OSError as error:
        raise _unreadable(setting, path, error.strerror or "") from None
    except ValueError as error:  # a zero byte in the name
        raise _unreadable(setting, path, str(error)) from None
    return data


def read_bytes(path: str, most: int, *, silence: float = SILENCE) -> bytes:
    """What a file or a pipe holds. OSError where it cannot be opened, is longer than ``most``, or
    gives nothing for ``silence`` seconds."""
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
    try:
        return _read(descriptor, most, silence)
    finally:
        os.close(descriptor)


def read_stdin(most: int, *, silence: float = SILENCE) -> bytes:
    """The same of stdin. OSError where it was closed."""
    stream = sys.stdin
    if stream is None:
        raise OSError(0, "stdin is closed")
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a test's, or one that holds text in memory
        return stream.buffer.read(most + 1)
    return _read(descriptor, most, silence)


def _read(descriptor: int, most: int, silence: float) -> bytes:
    found = os.fstat(descriptor)
    is_regular = stat.S_ISREG(found.st_mode)
    if is_regular and most >= found.st_size > _CHUNK:
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
            return file.read(found.st_size)  # at once: twice its size is the memory of a pod
    data = bytearray()
    while True:
        if not is_regular and not _is_ready(descriptor, silence):
            raise OSError(0, f"gives nothing for {silence:g} s")
        chunk = os.read(descriptor, min(_CHUNK, most + 1 - len(data)))
        if not chunk:
            break
        data += chunk
        if len(data) > most:
            raise OSError(0, f"is larger than {most >> 20} MiB")
    return bytes(data)


def _is_ready(descriptor: int, seconds: float) -> bool:
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    except (OSError, ValueError):  # Windows knows it of sockets alone
        return True


_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


def text_of(setting: str, path: str, data: bytes) -> str:
    """A file's content without its byte order mark, which Windows PowerShell writes, and with line
    feeds alone at the ends of lines. ConfigError where it is no text."""
    encoding = "utf-8"
    for mark, marked in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], marked
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ConfigError(setting, f"{path}: is not UTF-8", "save it as UTF-8") from None
    return text.replace("\r\n", "\n")


def _unreadable(setting: str, path: str, reason: str) -> ConfigError:
    problem = f"{path}: {reason or 'cannot be read'}"
    return ConfigError(setting, problem, "name a file that can be read")
