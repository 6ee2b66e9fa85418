"""An HTTP answer: whose is it? Inside a genuine session the endpoint's; inside an inspected one its
marks tell."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.reading import read
from arcprobe.findings.rungs import answer
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Exchange,
    Experiment,
    FailureKind,
    Head,
    Judgement,
    Verdict,
)
from tests.findings.seen import (
    PROXY,
    attempt,
    check,
    failed,
    head,
    observed,
    said,
    scene_of,
    shaken,
    to_target,
    value_of,
)

TOKEN = r'"token_endpoint"\s*:\s*"https://'  # of the catalogue: no other expression is run
MARKED = check(marks=(("header", "X-Ms-Request-Id", "."), ("body", "", TOKEN)))
BARE = check()
BUSY = (502, 503, 504)


def judged(
    given: Head | None,
    *,
    genuine: bool,
    asked: Check = MARKED,
    more: tuple[Attempt, ...] = (),
    **step: Any,
) -> Judgement:
    """The judgement of one answer."""
    exchange = Exchange(**{"method": "GET", "path": "/", "head": given, **step})
    seen = observed(asked, *to_target(), shaken(), exchange, more=more)
    found = answer.judge(read(asked, seen), scene_of(asked, is_genuine=genuine))
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
    ("a mark in the body", head(200, "OK", '{"token_endpoint": "https://x"}'), "endpoint-answers"),
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
    ("the last redirect", head(399, "x", Location="https://a.example/"), "answer-redirected"),
    ("the first redirect", head(300, "x", Location="https://a.example/"), "answer-redirected"),
    ("before redirects", head(299, "x", Location="https://a.example/"), "endpoint-answers"),
    ("after redirects", head(400, "x", Location="https://a.example/"), "endpoint-answers"),
    ("a redirect without aim", head(302, "Found"), "endpoint-answers"),
    ("Zscaler refuses", head(400, "x", "x", Server="Zscaler/6.2"), "block-page"),
    ("Zscaler passes it", head(399, "x", "x", Server="Zscaler/6.2"), "endpoint-answers"),
    (
        "Zscaler, though marked",
        head(404, "x", "{}", Server="Zscaler/6.2", **ID),
        "endpoint-answers",
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
    found = answer.judge(read(BARE, observed(BARE, *steps)), scene_of(BARE, is_genuine=True))
    assert found is not None
    assert said(found) == ("GET eastus.his.arc.azure.com:443/a → HTTP/1.1 200 in 0.00 s",)


def test_no_request_no_word() -> None:
    """Where the connection did not lead as far as a request, nothing is said."""
    seen = observed(BARE, *to_target(), shaken())
    assert answer.judge(read(BARE, seen), scene_of(BARE, is_genuine=True)) is None


def test_clear_text_is_nobodys_own() -> None:
    """Without TLS anybody on the way can have written an answer: a block page is seen as one."""
    plain = check(protocol="http", port=80)
    assert judged(head(403, "Forbidden"), genuine=True, asked=plain).code == Code.BLOCK_PAGE


def test_the_words_of_a_genuine_answer() -> None:
    """An answer in a genuine session is told by its status and its time; a gateway error also by
    who sent it."""
    found = judged(head(404, "Not Found", "x", Server="y"), genuine=True, took=0.256)
    assert said(found) == ("GET eastus.his.arc.azure.com:443/ → HTTP/1.1 404 Not Found in 0.26 s",)
    assert (value_of(found, "status"), found.product, found.subject) == ("404 Not Found", "", "")
    found = judged(head(503, "Busy", Server="Kestrel"), genuine=True)
    assert said(found) == (
        "GET eastus.his.arc.azure.com:443/ → HTTP/1.1 503 Busy in 0.00 s",
        "the TLS session is with the endpoint itself",
        "the endpoint answered HTTP/1.1 503 Busy",
        "Server: Kestrel",
    )


def test_the_words_of_a_block_page() -> None:
    """A block page is told with all that names its author; the proxy is what is to be healed, the
    product who is to act."""
    through = check(proxy=PROXY)
    page = head(403, "Forbidden", "<title>Web Page Blocked</title>", **HTML)
    found = judged(page, genuine=False, asked=through)
    assert said(found) == (
        "GET eastus.his.arc.azure.com:443/ → HTTP/1.1 403 Forbidden in 0.00 s",
        "something inside the inspected session answered HTTP/1.1 403 Forbidden",
        "title of the page: Web Page Blocked",
        "nothing shows that it came from the endpoint",
    )
    assert (found.product, found.subject) == ("Palo Alto Networks", "http://proxy.example:3128")
    assert value_of(found, "product") == "Palo Alto Networks"
    bare = judged(head(451, "No"), genuine=False, asked=through)
    assert (bare.product, bare.subject) == ("", "http://proxy.example:3128")


def test_the_words_of_a_mark() -> None:
    """The mark by which the endpoint is known is named."""
    found = judged(head(200, "OK", "{}", **ID), genuine=False)
    assert said(found)[1:] == (
        "the endpoint's own mark came through: header X-Ms-Request-Id matches '.'",
    )
    found = judged(head(503, "x", '{"token_endpoint": "https://x"}'), genuine=False)
    assert said(found)[-1] == f"body matches {TOKEN!r}"
    assert found.verdict is Verdict.WARN


def test_the_words_of_doubt() -> None:
    """Who cannot be proved to have written an answer is not accused of more than is seen."""
    assert said(judged(head(404), genuine=False))[1:] == (
        "inspected: nothing proves that the endpoint wrote it, and nothing contradicts it",
    )
    assert said(judged(head(502), genuine=False))[-1] == (
        "it is not certain who wrote it; more likely the inspecting device failed to reach"
        " the endpoint"
    )
    page = head(200, "OK", "<html>Welcome</html>", **HTML)
    assert said(judged(page, genuine=False))[-1] == (
        "an HTML page came with 200 where the endpoint sends JSON, without any of the endpoint's"
        " marks"
    )


def test_a_redirect_names_its_aim() -> None:
    """The remedy needs to know where the redirect leads to."""
    given = head(302, "Found", Location="https://portal.corp.example/login")
    found = judged(given, genuine=False)
    assert value_of(found, "location") == "https://portal.corp.example/login"


def test_the_words_of_no_answer() -> None:
    """A request without an answer is told with its time, its bytes and what came instead."""
    found = judged(
        None,
        genuine=True,
        failure=failed(FailureKind.HTTP_MALFORMED, "no status line"),
        first_bytes="SSH-2.0" + "x" * 200,
        bytes_in=207,
        took=1.26,
    )
    assert said(found) == (
        "GET /: no status line after 1.26 s, 207 bytes of answer",
        "received: 'SSH-2.0" + "x" * 113 + "'",
    )
    assert value_of(found, "seconds") == "1.3"
    assert value_of(found, "detail") == "SSH-2.0" + "x" * 53
    assert value_of(found, "status") == "with something that is not HTTP"


def test_the_words_of_an_alert() -> None:
    """An alert in the place of an answer is explained."""
    failure = failed(FailureKind.TLS_ALERT, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]")
    found = judged(None, genuine=True, failure=failure)
    assert said(found) == (
        "GET /: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] after 0.00 s, 0 bytes of answer",
        "fatal alert certificate_required: a client certificate is required, which the agents do"
        " not have for this endpoint",
    )
    assert value_of(found, "alert") == "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]"
    unknown = judged(None, genuine=True, failure=failed(FailureKind.TLS_ALERT))
    assert said(unknown) == ("GET /: tls-alert after 0.00 s, 0 bytes of answer",)


def test_the_words_of_a_cure() -> None:
    """That small segments are answered is the proof of a packet size."""
    step = Exchange(method="GET", path="/", head=head(200))
    small = attempt(*to_target(), shaken(), step, label=Experiment.SMALL_SEGMENTS)
    found = judged(None, genuine=True, failure=failed(FailureKind.TIMED_OUT), more=(small,))
    assert said(found)[-1] == "with TCP segments of 536 bytes the same request is answered"
