"""What a step shows of itself."""

from __future__ import annotations

from arcprobe.model import Head


def test_header() -> None:
    """All values of a header, whatever its case, joined by commas; empty where there is none."""
    head = Head(headers=(("Via", "1.1 a"), ("Server", "x"), ("VIA", "1.1 b")))
    assert head.header("via") == "1.1 a, 1.1 b"
    assert head.header("age") == ""
