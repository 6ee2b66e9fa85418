"""``arcprobe version``."""

from __future__ import annotations

from arcprobe import __version__
from tests.support.rehearsed import run


def test_version() -> None:
    """As ``--version``; as JSON with what else a report of a fault needs."""
    assert run("version").out == run("--version").out == f"arcprobe {__version__}\n"
    told = run("version", "-o", "json").report
    assert told["version"] == __version__
    assert set(told) == {"version", "schema", "python", "openssl"}
