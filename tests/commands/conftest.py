"""What the tests of commands share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from arcprobe.commands import watch
from tests.support.apiserver import ApiServer


@pytest.fixture(name="api")
def api_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """An API server, looked at without pauses."""
    monkeypatch.setattr(watch, "_POLL", 0.0)
    with ApiServer(tmp_path) as server:
        yield server
