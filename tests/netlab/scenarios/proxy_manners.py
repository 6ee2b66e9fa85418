"""How the proxy answers: slowly, badly, by halves, or not at all."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, passes
from ..scripted_proxy import Script
from ..software import PORT, PROXY, haproxy, scripted_proxy, squid

_OK = "HTTP/1.1 200 Connection established\r\n"


def _manners(name: str, story: str, causes: str, script: Script) -> Scenario:
    if causes:
        return fails(name, story, "scripted", causes, scripted_proxy(script), settings=PROXY_FLAGS)
    return passes(name, story, "scripted", scripted_proxy(script), settings=PROXY_FLAGS)


MANNERS = (
    _manners(
        "proxy-slow-head", "The proxy's answer comes byte by byte, in time.", "", Script(pause=0.02)
    ),
    passes(
        "proxy-slow-answer",
        "The proxy opens each tunnel after eight seconds.",
        "scripted",
        scripted_proxy(Script(wait=8)),
        settings=PROXY_FLAGS,
        timeout=10,
    ),
    passes(
        "proxy-lossy-way",
        "Of all packets between node and proxy, every twentieth is lost, each way.",
        "nftables, squid",
        squid(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=(
                    'iifname "node" oifname "proxy" numgen random mod 100 < 5 drop',
                    'iifname "proxy" oifname "node" numgen random mod 100 < 5 drop',
                ),
            ),
        ),
        settings=PROXY_FLAGS,
    ),
    _manners(
        "proxy-slow-endless",
        "The proxy's answer comes byte by byte, one a second.",
        "proxy-hung",
        Script(pause=1.0),
    ),
    _manners(
        "proxy-hung",
        "The proxy takes the request and never answers.",
        "proxy-hung",
        Script(answer="", then="silence"),
    ),
    _manners(
        "proxy-closed-before-head",
        "The proxy takes the request and closes.",
        "proxy-closed",
        Script(answer="", then="close"),
    ),
    _manners(
        "proxy-closed-within-head",
        "The proxy closes in the middle of its answer.",
        "proxy-closed",
        Script(answer="HTTP/1.1 200 Connection esta", then="close"),
    ),
    _manners(
        "proxy-closed-after-head",
        "The proxy says 200 and closes.",
        "tls-closed",
        Script(then="close"),
    ),
    _manners(
        "proxy-hung-after-head",
        "The proxy says 200 and carries nothing.",
        "tls-silent",
        Script(then="silence"),
    ),
    _manners(
        "proxy-200-with-length",
        "The proxy's 200 announces a body that does not come; clients must ignore that (RFC 9110 "
        "section 9.3.6).",
        "",
        Script(answer=f"{_OK}Content-Length: 39\r\n\r\n"),
    ),
    _manners(
        "proxy-200-with-page",
        "The proxy says 200 and sends a page instead of a tunnel.",
        "tls-plaintext-answer",
        Script(
            answer=f"{_OK}Content-Length: 45\r\n\r\n<html><title>Please log in</title>...</html>\n",
            then="close",
        ),
    ),
    _manners(
        "proxy-large-head",
        "The proxy's answer has 12 KB of header.",
        "",
        Script(answer=f"{_OK}X-Policy: @FILLER@\r\n\r\n", filler=12000),
    ),
    _manners(
        "proxy-endless-head",
        "The proxy's answer is a header without end.",
        "proxy-not-http",
        Script(answer=f"{_OK}X-Policy: @FILLER@", filler=4_000_000, then="silence"),
    ),
    _manners(
        "proxy-garbage",
        "The proxy answers with bytes that are not HTTP.",
        "proxy-not-http",
        Script(answer="\x00\x01\x02hello\r\n\r\n", then="close"),
    ),
    _manners(
        "proxy-http-1-0",
        "The proxy answers in HTTP/1.0.",
        "",
        Script(answer="HTTP/1.0 200 Connection established\r\n\r\n"),
    ),
    _manners(
        "proxy-100-first",
        "The proxy sends 100 before its 200; Go reads one head.",
        "proxy-denied",
        Script(answer=f"HTTP/1.1 100 Continue\r\n\r\n{_OK}\r\n"),
    ),
    _manners(
        "proxy-204",
        "The proxy opens the tunnel with 204; Go takes 200 alone.",
        "proxy-denied",
        Script(answer="HTTP/1.1 204 No Content\r\n\r\n"),
    ),
    _manners(
        "proxy-blank-before-colon",
        "A header of the proxy has a blank before its colon, which Go takes.",
        "",
        Script(answer=f"{_OK}Via : 1.1 gate\r\n\r\n"),
    ),
    _manners(
        "proxy-200-and-more",
        "Bytes come with the proxy's 200, which Go drops, and the tunnel is open.",
        "",
        Script(answer=f"{_OK}\r\nwelcome"),
    ),
    _manners(
        "proxy-200-without-phrase",
        "The proxy's 200 has no reason phrase.",
        "",
        Script(answer="HTTP/1.1 200\r\n\r\n"),
    ),
    _manners(
        "proxy-bare-newlines",
        "The proxy ends its lines with LF only.",
        "",
        Script(answer="HTTP/1.1 200 OK\nVia: 1.0 x\n\n"),
    ),
)

OVERLOAD = (
    _manners(
        "proxy-overloaded-503",
        "The proxy is overloaded and says when to come back.",
        "proxy-overloaded",
        Script(
            answer="HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n"
            "\r\n",
            then="close",
        ),
    ),
    _manners(
        "proxy-overloaded-429",
        "The proxy limits the rate of requests.",
        "proxy-overloaded",
        Script(
            after=4,
            answer="HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
            then="close",
        ),
    ),
    fails(
        "proxy-overloaded-haproxy",
        "The load balancer has no free connection to any proxy and gives up after half a second.",
        "haproxy, scripted",
        "proxy-overloaded",
        haproxy(
            f"frontend front\n  bind {PROXY}:{PORT}\n  default_backend cache\n"
            "backend cache\n  timeout queue 500ms\n  http-after-response set-header Retry-After "
            "5 if { status 503 }\n"
            f"  server cache {PROXY}:3129 maxconn 1\n"
        ),
        scripted_proxy(Script(answer="", then="silence"), port=3129),
        settings=PROXY_FLAGS,
    ),
    _manners(
        "proxy-overloaded-after-k",
        "The proxy answers four connections, the others get 503.",
        "proxy-overloaded",
        Script(
            after=4,
            answer="HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n"
            "\r\n",
            then="close",
        ),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*MANNERS, *OVERLOAD)
