"""A WebSocket upgrade: the decision table of what comes back for it, in a genuine and in an
inspected session."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings.reading import read
from arcprobe.findings.rungs import upgrade as websocket
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Head,
    Judgement,
    Kind,
    Upgrade,
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

RELAY = "azgnrelay-eastus-l1.servicebus.windows.net"
ASKED = check(Kind.WEBSOCKET, host=RELAY, marks=(("header", "Server", r"^Microsoft-HTTPAPI/2\.0"),))
TRACKED = (
    "MissingToken: Relay security token is required. TrackingId:4f7c_G1, SystemTracker:x,"
    " Timestamp:2026-11-23T12:00:00"
)
ONLY = "This endpoint is only for web-socket requests"
API = {"Server": "Microsoft-HTTPAPI/2.0"}
SQUID = {"Via": "1.1 gate (squid/5.7)", "X_Cache": "MISS from gate"}


def judged(
    given: Head | None,
    *,
    genuine: bool,
    asked: Check = ASKED,
    more: tuple[Attempt, ...] = (),
    **step: Any,
) -> Judgement:
    """The judgement of one upgrade."""
    upgrade = Upgrade(**{"path": "/$hc/x", "head": given, **step})
    seen = observed(asked, *to_target(), shaken(), upgrade, more=more)
    found = websocket.judge(read(asked, seen), scene_of(asked, is_genuine=genuine))
    assert found is not None
    assert found.evidence
    return found


# the answer, then its code in a genuine and in an inspected session
ANSWERS: tuple[tuple[str, Head, str, str], ...] = (
    (
        "401 of the relay",
        head(401, TRACKED, **API),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "404 of the relay",
        head(404, "x TrackingId:1", **API),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "403 of the relay",
        head(403, "InvalidToken TrackingId:1"),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "502 of the relay: no listener",
        head(502, "x", "TrackingId:1"),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "504 of the relay",
        head(504, "x", "TrackingId:1"),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "the relay saw no upgrade",
        head(400, ONLY, **API),
        "websocket-stripped",
        "websocket-stripped",
    ),
    (
        "… and says so in the body",
        head(400, "Bad Request", ONLY, **API, **SQUID),
        "websocket-stripped",
        "websocket-stripped",
    ),
    ("426", head(426, "Upgrade Required"), "websocket-stripped", "websocket-stripped"),
    (
        "400, rewritten by Squid",
        head(400, "Bad Request", **API, **SQUID),
        "websocket-reaches-origin",
        "websocket-stripped",
    ),
    (
        "401, rewritten by Squid",
        head(401, "Unauthorized", **API, **SQUID),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "404 with the relay's mark",
        head(404, "Not Found", **API),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "401 of nobody",
        head(401, "Unauthorized"),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "mitmproxy fails, and hands on what was said",
        head(500, "TrackingId:1", Server="mitmproxy 9"),
        "websocket-reaches-origin",
        "websocket-refused",
    ),
    (
        "mitmproxy hands on",
        head(499, "TrackingId:1", Server="mitmproxy 9"),
        "websocket-reaches-origin",
        "websocket-reaches-origin",
    ),
    (
        "Squid lets no 101 pass, and hands on what was said",
        head(502, "TrackingId:1", X_Squid_Error="ERR_INVALID_RESP 0"),
        "websocket-reaches-origin",
        "websocket-refused",
    ),
    ("404 of nobody", head(404, "Not Found"), "websocket-reaches-origin", "websocket-refused"),
    ("400 of nobody", head(400, "Bad Request"), "websocket-reaches-origin", "websocket-refused"),
    ("403 of nobody", head(403, "Forbidden"), "websocket-reaches-origin", "websocket-refused"),
    (
        "200 with a page",
        head(200, "OK", "<html>Please wait</html>"),
        "websocket-reaches-origin",
        "websocket-refused",
    ),
    ("HTTP/1.0", head(200, "OK", version="1.0"), "websocket-reaches-origin", "websocket-refused"),
    ("503 without a mark", head(503, "x"), "origin-error", "websocket-refused"),
    (
        "Squid denies",
        head(403, "x", X_Squid_Error="ERR_ACCESS_DENIED 0"),
        "websocket-reaches-origin",
        "block-page",
    ),
    (
        "Squid cannot resolve",
        head(503, "x", X_Squid_Error="ERR_DNS_FAIL 0"),
        "origin-error",
        "proxy-cannot-resolve",
    ),
    (
        "Squid lets no 101 pass",
        head(502, "x", X_Squid_Error="ERR_INVALID_RESP 0"),
        "origin-error",
        "websocket-refused",
    ),
    (
        "mitmproxy fails",
        head(502, "x", "Connect call failed", Server="mitmproxy 9"),
        "origin-error",
        "websocket-refused",
    ),
)


@pytest.mark.parametrize(
    ("given", "genuine", "inspected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_answers(given: Head, genuine: str, inspected: str) -> None:
    """What comes instead of 101 is the endpoint's own, or a sign of what became of the upgrade on
    the way."""
    assert judged(given, genuine=True).code == genuine
    assert judged(given, genuine=False).code == inspected


def test_origin_errors_warn() -> None:
    """An error of the relay itself is its own trouble."""
    assert judged(head(503, "x"), genuine=True).verdict is Verdict.WARN


def test_whoever_passed_it_on_removed_it() -> None:
    """The product that is told to let upgrades pass is the one that stands in Via, also where the
    relay wrote the answer."""
    assert judged(head(400, ONLY, **API, **SQUID), genuine=False).product == "Squid"


SWITCHED: dict[str, Any] = {"accept": "k", "accept_due": "k", "upgrade_headers": True, "pong": True}


@pytest.mark.parametrize(
    ("step", "genuine", "due"),
    [
        ({}, True, "websocket-upgraded"),
        ({}, False, "websocket-upgraded"),
        ({"held": 70.0}, False, "websocket-upgraded"),
        ({"accept": "other"}, True, "websocket-faked"),
        ({"accept": ""}, False, "websocket-faked"),
        ({"upgrade_headers": False}, False, "websocket-faked"),
        (
            {"failure": failed(FailureKind.HTTP_MALFORMED, "a masked frame")},
            False,
            "websocket-faked",
        ),
        ({"failure": failed(FailureKind.TIMED_OUT), "pong": False}, False, "websocket-silent"),
        ({"failure": failed(FailureKind.TOO_LARGE), "pong": False}, False, "websocket-silent"),
        ({"failure": failed(FailureKind.CLOSED), "pong": False}, True, "websocket-dropped"),
        ({"failure": failed(FailureKind.RESET), "pong": False}, False, "websocket-dropped"),
        (
            {"failure": failed(FailureKind.CLOSED), "pong": False, "close_code": 1008},
            True,
            "websocket-reaches-origin",
        ),
        (
            {"failure": failed(FailureKind.CLOSED), "pong": False, "close_code": 1008},
            False,
            "websocket-dropped",
        ),
        ({"cut": "reset", "held": 60.0}, True, "websocket-idle-cut"),
        ({"cut": "closed", "held": 60.0}, False, "websocket-idle-cut"),
        ({"cut": "closed", "held": 60.0, "close_code": 1000}, True, "websocket-upgraded"),
        ({"cut": "closed", "held": 60.0, "close_code": 1000}, False, "websocket-idle-cut"),
    ],
)
def test_switched(step: dict[str, Any], genuine: bool, due: str) -> None:
    """101 is an upgrade only with the right key, the right headers, and frames that come
    through."""
    assert (
        judged(head(101, "Switching Protocols"), genuine=genuine, **{**SWITCHED, **step}).code
        == due
    )


@pytest.mark.parametrize("name", ["Sec_WebSocket_Extensions", "Sec_WebSocket_Protocol"])
def test_what_nobody_asked_for(name: str) -> None:
    """A 101 that negotiates what was not offered was not written for this request (RFC 6455 section
    4.1)."""
    assert (
        judged(head(101, "x", **{name: "x"}), genuine=True, **SWITCHED).code == Code.WEBSOCKET_FAKED
    )


@pytest.mark.parametrize(
    ("kind", "genuine", "due"),
    [
        (FailureKind.TIMED_OUT, True, "websocket-silent"),
        (FailureKind.RESET, True, "websocket-dropped"),
        (FailureKind.CLOSED, False, "websocket-dropped"),
        (FailureKind.OTHER, False, "websocket-dropped"),
        (FailureKind.TLS_ALERT, True, "tls-rejected"),
        (FailureKind.HTTP_MALFORMED, True, "origin-error"),
        (FailureKind.HTTP_MALFORMED, False, "websocket-refused"),
        (FailureKind.TOO_LARGE, False, "websocket-refused"),
    ],
)
def test_no_answer(kind: FailureKind, genuine: bool, due: str) -> None:
    """An upgrade without an answer is told by how it ended."""
    assert judged(None, genuine=genuine, failure=failed(kind)).code == due


def test_path_mtu() -> None:
    """Silence that small segments cure is a packet size."""
    small = attempt(
        *to_target(), shaken(), Upgrade(path="/", head=head(401)), label=Experiment.SMALL_SEGMENTS
    )
    assert (
        judged(None, genuine=True, failure=failed(FailureKind.TIMED_OUT), more=(small,)).code
        == Code.PATH_MTU
    )


def test_not_asked() -> None:
    """Where the way did not lead so far, nothing is said."""
    seen = read(ASKED, observed(ASKED, *to_target()))
    assert websocket.judge(seen, scene_of(ASKED, is_genuine=True)) is None


UPGRADED = "upgrade azgnrelay-eastus-l1.servicebus.windows.net:443/$hc/x → HTTP/1.1 101 in 0.00 s"


@pytest.mark.parametrize(
    ("step", "genuine", "due"),
    [
        ({}, False, ("a ping was answered by its pong",)),
        ({"held": 69.6}, False, ("a ping was answered by its pong", "held for 70 s")),
        (
            {"cut": "closed", "held": 60.04, "close_code": 1000},
            True,
            (
                "a ping was answered by its pong",
                "the endpoint itself closed it with code 1000 after 60.0 s",
            ),
        ),
        ({"cut": "reset", "held": 60.04}, True, ("held open without traffic, reset after 60.0 s",)),
        (
            {"accept": "other"},
            True,
            (
                "Sec-WebSocket-Accept does not match the key that was sent",
                "received: 'other', expected: 'k'",
            ),
        ),
        ({"upgrade_headers": False}, True, ("no Upgrade header", "received: 'k', expected: 'k'")),
        (
            {"failure": failed(FailureKind.HTTP_MALFORMED, "a masked frame")},
            True,
            ("after 101: a masked frame",),
        ),
        ({"failure": failed(FailureKind.TIMED_OUT)}, True, ("a ping got no pong",)),
        ({"failure": failed(FailureKind.RESET)}, True, ("after 101: reset",)),
        (
            {"failure": failed(FailureKind.CLOSED), "close_code": 1008},
            True,
            ("the endpoint itself closed it with code 1008: its frames arrived",),
        ),
    ],
)
def test_the_words_of_a_switch(step: dict[str, Any], genuine: bool, due: tuple[str, ...]) -> None:
    """What was seen after 101 stands in the evidence, after the request."""
    found = judged(head(101), genuine=genuine, **{**SWITCHED, **step})
    assert said(found) == (UPGRADED, *due)


def test_the_words_of_what_nobody_asked_for() -> None:
    """The headers that must not come are named."""
    given = head(101, Sec_WebSocket_Extensions="x", Sec_WebSocket_Protocol="y")
    assert said(judged(given, genuine=True, **SWITCHED))[-1] == (
        "the answer has sec-websocket-extensions, sec-websocket-protocol, which was not"
        " requested: a client"
        " must fail the connection (RFC 6455 section 4.1)"
    )


@pytest.mark.parametrize(
    ("step", "due"),
    [
        ({"failure": failed(FailureKind.TIMED_OUT), "took": 9.96}, "10.0"),
        ({"failure": failed(FailureKind.RESET), "took": 9.94}, "9.9"),
        ({"cut": "closed", "held": 60.4, "took": 1.0}, "60"),
        ({"cut": "closed", "held": 60.6, "took": 1.0}, "61"),
    ],
)
def test_seconds(step: dict[str, Any], due: str) -> None:
    """The summary has the time that it took, or how long the connection was held."""
    found = judged(head(101), genuine=False, **{**SWITCHED, **step})
    assert value_of(found, "seconds") == due


def test_what_worked_is_named() -> None:
    """The summary of an upgrade that works says what came through."""
    found = judged(head(101), genuine=False, **SWITCHED)
    assert value_of(found, "detail") == "ping and pong"


@pytest.mark.parametrize(
    ("given", "genuine", "due"),
    [
        (
            head(401),
            True,
            "the TLS session is with the endpoint itself: its answer proves the path",
        ),
        (head(503), True, "the TLS session is with the endpoint itself"),
        (head(401), False, "401: the upgrade was seen"),
        (head(404, **API), False, "the endpoint's own mark: header Server matches"),
        (head(403, "x TrackingId:1"), False, "the endpoint's own mark: TrackingId:1"),
        (
            head(403, "TrackingId:" + "x" * 100),
            False,
            "the endpoint's own mark: TrackingId:" + "x" * 69,
        ),
        (head(403), False, "nothing shows that it came from the endpoint"),
        (head(200, version="1.0"), False, "the answer is HTTP/1.0, which has no Upgrade"),
        (
            head(400, **API),
            False,
            "the endpoint answered 400, expected 401: it saw no Upgrade header",
        ),
        (
            head(426),
            False,
            "the endpoint says that it saw no Upgrade header; it was sent, so something on the path"
            " removed it",
        ),
        (
            head(403, X_Squid_Error="ERR_ACCESS_DENIED 0"),
            False,
            "the inspecting proxy wrote this answer itself",
        ),
    ],
)
def test_the_words_of_an_answer(given: Head, genuine: bool, due: str) -> None:
    """The last line of evidence is the reason; before it stands who answered."""
    found = judged(given, genuine=genuine)
    lines = said(found)
    who = "the endpoint" if genuine else "something inside the inspected session"
    assert lines[1].startswith(f"{who} answered HTTP/1.")
    assert lines[-1].startswith(due)
    if len(due) > 60 and due.endswith("x"):
        assert lines[-1] == due


def test_who_is_to_act() -> None:
    """In an inspected session it is who wrote the answer; where the upgrade was removed, who passed
    it on; in a genuine session nobody on the way wrote it."""
    zscaler = head(403, "Forbidden", "<html>x</html>", Server="Zscaler/6.2")
    found = judged(zscaler, genuine=False)
    assert (found.code, found.product) == (Code.WEBSOCKET_REFUSED, "Zscaler")
    assert value_of(found, "product") == "Zscaler"
    assert judged(zscaler, genuine=True).product == ""
    stripped = judged(head(426, **SQUID), genuine=True)
    assert stripped.product == "Squid"
    assert dict(stripped.values)["product"] == ""


def test_a_proxys_own_page_is_the_proxys_fault() -> None:
    """As for a plain request: a page of the proxy's own is the same fault, whatever was asked."""
    through = check(Kind.WEBSOCKET, host=RELAY, proxy=PROXY)
    page = head(403, "x", X_Squid_Error="ERR_ACCESS_DENIED 0")
    found = judged(page, genuine=False, asked=through)
    assert (found.code, found.subject) == (Code.BLOCK_PAGE, "http://proxy.example:3128")
    assert judged(head(403), genuine=False, asked=through).subject == ""


def test_the_words_of_no_answer() -> None:
    """An upgrade without an answer is told with its time, its bytes and what came instead."""
    failure = failed(FailureKind.HTTP_MALFORMED, "no status line")
    found = judged(None, genuine=False, failure=failure, first_bytes="SSH", bytes_in=3, took=1.25)
    assert said(found) == (
        "upgrade /$hc/x: no status line after 1.25 s, 3 bytes of answer",
        "received: 'SSH'",
    )
