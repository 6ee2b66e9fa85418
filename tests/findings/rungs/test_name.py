"""The rung of the name that a connection needs first."""

from __future__ import annotations

import pytest

from arcprobe.model import FailureKind, Lookup
from tests.findings.seen import DIRECT, PROXY, THROUGH, ended_at, failed


@pytest.mark.parametrize(("kind", "due"), _way._LOOKUP.items())
def test_lookup_table(kind: FailureKind, due: str) -> None:
    """Each way in which a name fails to become an address has its code; the proxy's unknown name
    has one of its own."""
    assert ended_at(DIRECT, Lookup(name=DIRECT.host, failure=failed(kind))) == due
    of_proxy = {"name-unknown": "proxy-name-unknown", "name-empty": "proxy-name-unknown"}.get(
        due, due
    )
    assert ended_at(THROUGH, Lookup(name=PROXY.host, failure=failed(kind))) == of_proxy
