"""An HTTP answer: whose is it? Inside a genuine session the endpoint's; inside an inspected one its
marks tell."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.rungs import answer as http
from arcprobe.model import Attempt, Code, Exchange, Experiment, FailureKind, Head, Verdict
from tests.findings.seen import attempt, check, failed, head, observed, shaken, to_target

MARKED = check(marks=(("header", "X-Ms-Request-Id", "."), ("body", "", '"name"')))
BARE = check()
BUSY = (502, 503, 504)


def judged(
    given: Head | None,
    *,
    genuine: bool,
    asked: Any = MARKED,
    more: tuple[Attempt, ...] = (),
    **step: Any,
) -> Judgement:
    """The judgement of one answer."""
    exchange = Exchange(**{"method": "GET", "path": "/", "head": given, **step})
    found = http.judge(
        asked, observed(asked, *to_target(), shaken(), exchange, more=more), genuine=genuine
    )
    assert found is not None
    assert found.evidence
    return found


@pytest.mark.parametrize(
    "status", [200, 204, 301, 302, 400, 401, 403, 404, 405, 429, 451, 470, 500, 511]
)
def test_genuine_is_the_endpoints_whatever_it_says(status: int) -> None:
    """Nobody else can have written an answer inside a genuine session: it proves the way, with
    page, redirect and all."""
    given = head(
        status,
        "x",
        "<html>Access denied by policy</html>",
        Content_Type="text/html",
        Location="https://elsewhere.example/",
    )
    assert judged(given, genuine=True).code == Code.ENDPOINT_ANSWERS


@pytest.mark.parametrize("status", BUSY)
def test_genuine_gateway_errors_are_the_origins(status: int) -> None:
    """502, 503 and 504 of the endpoint itself are its own trouble: a warning."""
    found = judged(head(status, "x", Server="squid/5.7"), genuine=True)
    assert (found.code, found.verdict) == ("origin-error", Verdict.WARN)


ID = {"X_Ms_Request_Id": "4f7c"}
HTML = {"Content_Type": "text/html"}
INSPECTED: tuple[tuple[str, Head, str], ...] = (
    ("a mark of the endpoint", head(200, "OK", "{}", **ID), "endpoint-answers"),
    ("a mark in the body", head(200, "OK", '{"name": 1}'), "endpoint-answers"),
    ("a mark, and its 403", head(403, "Forbidden", **ID), "endpoint-answers"),
    ("a mark, and its 503", head(503, "x", **ID), "origin-error"),
    (
        "a mark, passed on by Squid",
        head(404, "Not Found", **ID, Via="1.1 gate (squid/5.7)", X_Cache="MISS"),
        "endpoint-answers",
    ),
    ("no mark, no doubt", head(404, "Not Found"), "endpoint-answers"),
    ("no mark, the well-known 500 of obo", head(500, "Internal Server Error"), "endpoint-answers"),
    (
        "Squid denies",
        head(403, "Forbidden", X_Squid_Error="ERR_ACCESS_DENIED 0", Server="squid/5.7"),
        "block-page",
    ),
    (
        "Squid denies, though marked",
        head(403, "x", X_Squid_Error="ERR_ACCESS_DENIED 0", **ID),
        "block-page",
    ),
    (
        "Squid cannot resolve",
        head(503, "x", X_Squid_Error="ERR_DNS_FAIL 0"),
        "proxy-cannot-resolve",
    ),
    (
        "old Squid cannot resolve",
        head(500, "x", X_Squid_Error="ERR_CANNOT_FORWARD 0"),
        "proxy-cannot-resolve",
    ),
    (
        "Squid cannot connect",
        head(503, "x", X_Squid_Error="ERR_CONNECT_FAIL 110"),
        "proxy-cannot-connect",
    ),
    (
        "Squid distrusts the origin",
        head(503, "x", X_Squid_Error="ERR_SECURE_CONNECT_FAIL 0"),
        "proxy-cannot-connect",
    ),
    (
        "Squid leads away",
        head(302, "Found", X_Squid_Error="403 Access Denied", Location="http://b/"),
        "answer-redirected",
    ),
    (
        "Zscaler blocks",
        head(403, "Forbidden", "<html>x</html>", Server="Zscaler/6.2"),
        "block-page",
    ),
    (
        "FortiGate blocks",
        head(403, "Forbidden", "<title>Web Page Blocked</title>", **HTML),
        "block-page",
    ),
    (
        "mitmproxy cannot resolve",
        head(502, "x", "Name or service not known", Server="mitmproxy 9.0"),
        "proxy-cannot-resolve",
    ),
    (
        "mitmproxy cannot connect",
        head(502, "x", "Connect call failed", Server="mitmproxy 9.0"),
        "proxy-cannot-connect",
    ),
    ("403 of nobody", head(403, "Forbidden"), "block-page"),
    ("451 of nobody", head(451, "x"), "block-page"),
    ("470 of nobody", head(470, ""), "block-page"),
    ("511 of nobody", head(511, "x", Location="http://login.corp/"), "block-page"),
    (
        "a page with 200",
        head(200, "OK", "<html>This web site is blocked by policy</html>", **HTML),
        "block-page",
    ),
    (
        "such words in JSON",
        head(200, "OK", '{"error": "blocked by you"}', Content_Type="application/json"),
        "endpoint-answers",
    ),
    (
        "a redirect away",
        head(302, "Found", Location="https://portal.corp.example/login"),
        "answer-redirected",
    ),
    ("a redirect to nonsense", head(302, "Found", Location="http://["), "answer-redirected"),
    (
        "a redirect that stays",
        head(302, "Found", Location="https://other.arc.azure.com/x"),
        "endpoint-answers",
    ),
    ("a redirect on the spot", head(302, "Found", Location="/x"), "endpoint-answers"),
    ("502 of nobody", head(502, "Bad Gateway"), "answer-from-middlebox"),
    ("503 of nobody", head(503, "x"), "answer-from-middlebox"),
    ("504 of nobody", head(504, "x"), "answer-from-middlebox"),
    (
        "a page where JSON is due",
        head(200, "OK", "<html>Welcome</html>", **HTML),
        "answer-from-middlebox",
    ),
)


@pytest.mark.parametrize(
    ("given", "due"), [row[1:] for row in INSPECTED], ids=[row[0] for row in INSPECTED]
)
def test_inspected(given: Head, due: str) -> None:
    """Inside an inspected session the marks of endpoint and products tell who wrote the answer."""
    assert judged(given, genuine=False).code == due


def test_a_page_is_no_fault_where_none_is_unexpected() -> None:
    """An HTML page with 200 is nothing odd at an endpoint that is not known to send JSON."""
    assert (
        judged(head(200, "OK", "<html>Welcome</html>", **HTML), genuine=False, asked=BARE).code
        == Code.ENDPOINT_ANSWERS
    )


def test_blobs_may_be_elsewhere() -> None:
    """A registry sends its clients to another domain for blobs."""
    given = head(307, "Temporary Redirect", Location="https://cdn.example.net/x")
    assert judged(given, genuine=False, path="/v2/x/blobs/sha256:1").code == Code.ENDPOINT_ANSWERS


@pytest.mark.parametrize(
    ("kind", "genuine", "due"),
    [
        (FailureKind.TIMED_OUT, True, "answer-silent"),
        (FailureKind.CLOSED, True, "answer-closed"),
        (FailureKind.RESET, True, "answer-closed"),
        (FailureKind.TLS_ALERT, True, "tls-rejected"),
        (FailureKind.HTTP_MALFORMED, True, "origin-error"),
        (FailureKind.HTTP_MALFORMED, False, "answer-from-middlebox"),
        (FailureKind.TOO_LARGE, False, "answer-from-middlebox"),
        *(
            (kind, False, "answer-closed")
            for kind in (FailureKind.RESET, FailureKind.CLOSED, FailureKind.OTHER)
        ),
    ],
)
def test_no_answer(kind: FailureKind, genuine: bool, due: str) -> None:
    """A request without an answer is told by how it ended."""
    assert judged(None, genuine=genuine, failure=failed(kind)).code == due


@pytest.mark.parametrize(
    ("kind", "answered", "due"),
    [
        (FailureKind.TIMED_OUT, head(200), "path-mtu"),
        (FailureKind.TIMED_OUT, None, "answer-silent"),
        (FailureKind.RESET, head(200), "answer-closed"),
    ],
)
def test_path_mtu(kind: FailureKind, answered: Head | None, due: str) -> None:
    """Silence that small segments cure is a packet size."""
    step = Exchange(method="GET", path="/", head=answered)
    small = attempt(*to_target(), shaken(), step, label=Experiment.SMALL_SEGMENTS)
    assert judged(None, genuine=True, failure=failed(kind), more=(small,)).code == due


def test_the_last_answer_counts() -> None:
    """Of several requests on one connection the last that was answered is judged; the one after
    which it ended is not."""
    steps = (
        Exchange(method="GET", path="/a", head=head(200)),
        Exchange(method="GET", path="/b", failure=failed(FailureKind.CLOSED)),
    )
    found = http.last_exchange(attempt(*steps))
    assert found is not None
    assert found.path == "/a"
    assert http.last_exchange(None) is None
    assert http.judge(BARE, observed(BARE, *to_target(), shaken()), genuine=True) is None
