"""What Squid 6 puts on the wire of its own: error pages, and the marks on answers that went through
it. Compared with the real one by tests/test_squid.py."""

from __future__ import annotations

import msgspec

from arcprobe.lab.http import HOP_BY_HOP, Answer, Headers

NAME = "proxy.contoso.example"
SOFTWARE = "squid/6.13"
_SEEN: Headers = (
    ("X-Cache", f"MISS from {NAME}"),
    ("X-Cache-Lookup", f"NONE from {NAME}:3128"),
    ("Via", f"1.1 {NAME} ({SOFTWARE})"),
)


def page(status: int, error: str, words: str, *headers: tuple[str, str], number: int = 0) -> Answer:
    """An error page of Squid's: X-Squid-Error has the page's name and the errno of the operation
    that failed."""
    head = f"<!DOCTYPE html><html><head><title>ERROR: {words}</title></head>"
    body = f"{head}<body id={error}><h1>ERROR</h1><p>{words}</p></body></html>"
    marks: Headers = (
        ("Server", SOFTWARE),
        ("Mime-Version", "1.0"),
        ("Content-Type", "text/html;charset=utf-8"),
        ("X-Squid-Error", f"{error} {number}"),
    )
    return Answer(status=status, headers=(*marks, *headers), body=body.encode())


def seen(answer: Answer) -> Answer:
    """An answer as it looks after it went through: standard reason phrase, Via and X-Cache added,
    hop-by-hop headers gone.

    Squid keeps no origin's reason phrase (src/http/StatusLine.cc of Squid 6).
    """
    kept = tuple((name, value) for name, value in answer.headers if name.lower() not in HOP_BY_HOP)
    return msgspec.structs.replace(answer, reason="", headers=(*kept, *_SEEN))


DENIED = seen(
    page(
        403,
        "ERR_ACCESS_DENIED",
        "Access Denied: the policy of this network does not allow the request.",
    )
)
UNRESOLVED = page(503, "ERR_DNS_FAIL", "Unable to determine IP address from host name")
UNREACHABLE = page(
    503, "ERR_CONNECT_FAIL", "Connection to origin failed: (111) Connection refused", number=111
)
INVALID = page(400, "ERR_INVALID_REQ", "Invalid Request", ("Connection", "close"))
# What a content filter that Squid asks (ICAP, RFC 3507) sends in place of the answer: its own
# page, without Squid's headers.
FILTERED = Answer(
    status=403,
    headers=(
        ("Server", "Contoso Web Filter"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
    ),
    body=b"<html><head><title>Web Page Blocked</title></head><body><h1>Web Page Blocked</h1>"
    b"<p>This site is blocked by policy. URL category: uncategorized.</p></body></html>",
)
