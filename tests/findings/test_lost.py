"""Whether no connection came about."""

from __future__ import annotations

import pytest

from arcprobe.findings.lost import is_lost
from arcprobe.model import Code, Judgement, Verdict


@pytest.mark.parametrize(
    ("code", "verdict", "due"),
    [
        (Code.NAME_UNKNOWN, None, True),
        (Code.TARGET_SILENT, None, True),
        (Code.TLS_RESET, None, True),
        (Code.TLS_SILENT, None, True),
        (Code.TLS_CLOSED, None, True),
        (Code.TARGET_SILENT, Verdict.WARN, False),
        (Code.NAME_PRIVATE, None, False),
        (Code.NAME_RESOLVES, None, False),
        (Code.TLS_INTERCEPTED, None, False),
        (Code.PROXY_REFUSED, None, False),
    ],
)
def test_what_is_lost(code: Code, verdict: Verdict | None, due: bool) -> None:
    """A name without an address, an address without a connection, a handshake that was cut; where
    it fails."""
    assert is_lost(Judgement(code=code, verdict=verdict)) is due
