"""A WebSocket upgrade: the decision table of what comes back for it, in a genuine and in an
inspected session."""

from __future__ import annotations

from typing import Any

import pytest

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.rungs import upgrade as websocket
from arcprobe.model import Attempt, Code, Experiment, FailureKind, Head, Kind, Upgrade, Verdict
from tests.findings.seen import attempt, check, failed, head, observed, shaken, to_target

RELAY = "azgnrelay-eastus-l1.servicebus.windows.net"
ASKED = check(
    Kind.WEBSOCKET, host=RELAY, marks=(("header", "Server", "^Microsoft-HTTPAPI/2\\.0$"),)
)
TRACKED = "MissingToken: Relay security token is required. TrackingId:4f7c_G1, SystemTracker:x, Timestamp:2026-11-23T12:00:00"
ONLY = "This endpoint is only for web-socket requests"
API = {"Server": "Microsoft-HTTPAPI/2.0"}
SQUID = {"Via": "1.1 gate (squid/5.7)", "X_Cache": "MISS from gate"}


def judged(
    given: Head | None, *, genuine: bool, more: tuple[Attempt, ...] = (), **step: Any
) -> Judgement:
    """The judgement of one upgrade."""
    upgrade = Upgrade(**{"path": "/$hc/x", "head": given, **step})
    found = websocket.judge(
        ASKED, observed(ASKED, *to_target(), shaken(), upgrade, more=more), genuine=genuine
    )
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
    assert websocket.judge(ASKED, observed(ASKED, *to_target()), genuine=True) is None
