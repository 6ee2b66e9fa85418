"""Rows that no paste into software of the lab can heal, and why. Each is a limit of the software or
of the fault, not of the words."""

from __future__ import annotations

from fnmatch import fnmatch

REASONS: tuple[tuple[str, str, str], ...] = ()
"""Glob over scenarios, code, and the reason as the table says it."""


def reason(scenario: str, code: str) -> str:
    """Why the paste for that code does not heal that scenario; empty where it should."""
    for glob, named, why in REASONS:
        if fnmatch(scenario, glob) and named == code:
            return why
    return ""
