"""Squid's own pages, and what it leaves of an answer; tests/test_squid.py asks a real one."""

from __future__ import annotations

from arcprobe.lab import squid
from arcprobe.lab.http import Answer, find_header


def test_page() -> None:
    """An error page names Squid, and the page's name with the errno."""
    page = squid.UNREACHABLE
    assert page.status == 503
    assert find_header(page.headers, "server") == "squid/6.13"
    assert find_header(page.headers, "x-squid-error") == "ERR_CONNECT_FAIL 111"
    assert b"(111) Connection refused" in page.body


def test_seen() -> None:
    """What went through Squid has no reason phrase and no hop-by-hop header of the origin's, and
    Squid's marks."""
    answer = Answer(status=401, reason="MissingToken", headers=(("Keep-Alive", "5"), ("A", "b")))
    kept = squid.seen(answer)
    assert (kept.status, kept.reason) == (401, "")
    assert kept.headers == (
        ("A", "b"),
        ("X-Cache", "MISS from proxy.contoso.example"),
        ("X-Cache-Lookup", "NONE from proxy.contoso.example:3128"),
        ("Via", "1.1 proxy.contoso.example (squid/6.13)"),
    )
