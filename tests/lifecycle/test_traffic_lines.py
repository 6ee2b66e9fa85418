"""One line of a log of whatever format."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from arcprobe.lifecycle.traffic_lines import Outcome, Seen, read_line, when, without_secrets

CARRIED, REFUSED, FAILED = Outcome.CARRIED, Outcome.REFUSED, Outcome.FAILED
MCR = "mcr.microsoft.com"


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        # free text
        ("CONNECT mcr.microsoft.com:443", Seen(MCR, 443, CARRIED)),
        ("tunnel to mcr.microsoft.com established", Seen(MCR, 443, CARRIED)),
        ("dial MCR.Microsoft.com: connection refused", Seen(MCR, 443, FAILED)),
        ("CONNECT mcr.microsoft.com:8084 denied by policy", Seen(MCR, 8084, REFUSED)),
        ("Proxying request to https://mcr.microsoft.com/v2/", Seen(MCR, 443, CARRIED)),
        ("GET http://mcr.microsoft.com/crl HTTP/1.1 404 Not Found", Seen(MCR, 80, CARRIED)),
        ("server.go:42 mcr.microsoft.com:443 from 10.0.0.1:5000", Seen(MCR, 443, CARRIED)),
        # JSON
        ('{"host":"mcr.microsoft.com","port":8084,"status":200}', Seen(MCR, 8084, CARRIED)),
        ('{"host": "arc-proxy-5f", "msg": "CONNECT mcr.microsoft.com"}', Seen(MCR, 443, CARRIED)),
        ('{"target":"mcr.microsoft.com:443","status":"403"}', Seen(MCR, 443, REFUSED)),
        ('{"sni":"mcr.microsoft.com","response_code":0}', Seen(MCR, 443, CARRIED)),
        ('{"sni":"mcr.microsoft.com","response_code":"000"}', Seen(MCR, 443, FAILED)),
        ('{"authority":"mcr.microsoft.com","error":null}', Seen(MCR, 443, CARRIED)),
        ('{"authority":"mcr.microsoft.com","error":"EOF x509"}', Seen(MCR, 443, FAILED)),
        # key=value
        ("dest=mcr.microsoft.com:443 status=502 err=", Seen(MCR, 443, FAILED)),
        ('level=error msg="i/o timeout" target=mcr.microsoft.com', Seen(MCR, 443, FAILED)),
        ("client=a.corp.com:4000 host=mcr.microsoft.com errors=0", Seen(MCR, 443, CARRIED)),
        # Envoy
        (
            '[2026-11-26T20:00:00.310Z] "CONNECT mcr.microsoft.com:443 HTTP/1.1" 200 - 0 5 3 2 '
            '"-" "Go-http-client/1.1" "c9f2" "mcr.microsoft.com:443" "10.1.2.3:3128"',
            Seen(MCR, 443, CARRIED),
        ),
        (
            '[2026-11-26T20:00:00.310Z] "GET /v2 HTTP/1.1" 200 UC 0 5 3 2 "-" "curl/7.1" "id" '
            '"mcr.microsoft.com" "10.1.2.3:3128"',
            Seen(MCR, 443, FAILED),
        ),
        # nginx
        (
            '10.0.0.1 - - [26/Nov/2026:20:00:00 +0000] "CONNECT mcr.microsoft.com:443 HTTP/1.1" '
            '407 0 "-" "Go-http-client/1.1"',
            Seen(MCR, 443, REFUSED),
        ),
        # Squid
        (
            "1795723200.450 180 10.0.0.1 TCP_TUNNEL/200 6107 CONNECT mcr.microsoft.com:443 - "
            "HIER_DIRECT/1.2.3.4 -",
            Seen(MCR, 443, CARRIED),
        ),
        (
            "1795723200.450 0 10.0.0.1 TCP_DENIED/403 3891 CONNECT mcr.microsoft.com:443 - "
            "HIER_NONE/- text/html",
            Seen(MCR, 443, REFUSED),
        ),
    ],
)
def test_a_host_is_found(line: str, seen: Seen) -> None:
    """The host that a line is about and what became of it, in every format that a proxy writes."""
    assert read_line(line.encode()) == seen


@pytest.mark.parametrize(
    "line",
    ["", "started", "main.go:42 listening on 10.0.0.1:8080", "config.yaml loaded", "v1.2.3", "..."],
)
def test_no_host_is_made_up(line: str) -> None:
    """A line that names no host names none: files, versions and addresses are none."""
    assert read_line(line.encode()) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_read(line: bytes) -> None:
    """No line is an error."""
    read_line(line)
    read_line(b"CONNECT " + line)
    when(line)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2026-11-26T21:00:00.123456789Z stdout", "2026-11-26T21:00:00Z"),
        ("2026-11-26 21:00:00,5 +0100 x", "2026-11-26T20:00:00Z"),
        ("2026-11-26T21:00:00+01:00", "2026-11-26T20:00:00Z"),
        ("10.0.0.1 - - [26/Nov/2026:22:00:00 +0200] x", "2026-11-26T20:00:00Z"),
        ("1795723200.450 180 10.0.0.1", "2026-11-26T20:00:00Z"),
        ('{"ts":1795723200450}', "2026-11-26T20:00:00Z"),
        ("2026-13-45T99:00:00Z", ""),
        ("no time", ""),
    ],
)
def test_times_of_every_format(line: str, moment: str) -> None:
    """The moment of a line in UTC, whatever the format and zone."""
    assert when(line.encode()) == moment


@pytest.mark.parametrize(
    "line",
    [
        "using http://user:CANARY@proxy:3128",
        "Authorization: Bearer CANARY.x.y",
        "proxy-authorization: Basic CANARY",
        "GET /?sig=CANARY&x=1",
        'password=CANARY "password":"CANARY" token: CANARY secret: CANARY',
        "apikey: CANARY, 'pwd': 'CANARY CANARY', {\\\"token\\\": \\\"CANARY\\\"}",
        "by jane:CANARY@proxy:3128, Negotiate CANARY, cookie=CANARY; x",
        '{"authorization":"Bearer CANARY"} {"Authorization": "Basic CANARY"}',
        "blob CANARYabcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_secrets_are_left_out(line: str) -> None:
    """What may be a secret is not repeated; the words round it are."""
    assert "CANARY" not in without_secrets(line)
    for plain in ("listening on 8080", "2026-11-26T20:00:00Z user@host: ready", "a: b@c"):
        assert without_secrets(plain) == plain
