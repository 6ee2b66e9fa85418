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


def _unreadable(setting: str, path: str, reason: str) -> ConfigError:
    problem = f"{path}: {reason or 'cannot be read'}"
    return ConfigError(setting, problem, "name a file that can be read")
