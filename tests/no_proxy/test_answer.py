"""What every client answers with."""

from __future__ import annotations

from arcprobe.no_proxy.answer import DIRECT, PROXIED, Bypass, bypassed_by


def test_by_an_entry() -> None:
    """Direct by the entry that says so; through the proxy where there is none. An entry may be
    empty, and is one all the same."""
    assert bypassed_by(".svc") == Bypass(bypassed=True, entry=".svc")
    assert bypassed_by("") == Bypass(bypassed=True, entry="")
    assert bypassed_by(None) is PROXIED


def test_without_an_entry() -> None:
    """A rule of the client's own names no entry."""
    assert (DIRECT.bypassed, DIRECT.entry) == (True, None)
    assert (PROXIED.bypassed, PROXIED.entry) == (False, None)
