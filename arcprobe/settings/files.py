"""Files that a setting names."""

from __future__ import annotations

from pathlib import Path

from arcprobe.model.errors import ConfigError

FILE_LIMIT = 16 * 1024 * 1024
"""Bytes of a file that is read: large trust stores have 0.5 MiB, large reports 5 MiB."""


def read_file(setting: str, path: str) -> bytes:
    """The bytes of a file that a setting names. ConfigError where it cannot be read or is too
    large."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise _unreadable(setting, path, error.strerror or "") from None
    except ValueError as error:  # a zero byte in the name
        raise _unreadable(setting, path, str(error)) from None
    if len(data) > FILE_LIMIT:
        raise ConfigError(setting, f"{path}: is larger than {FILE_LIMIT >> 20} MiB")
    return data


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
