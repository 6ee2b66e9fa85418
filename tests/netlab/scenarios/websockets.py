"""WebSocket upgrades to the relay: what becomes of them at boxes that inspect, and what the relay
itself says."""

from __future__ import annotations

from ..fronts import FRONT_PORT, front, inspector, led_to_front, led_to_inspector
from ..name_servers import bind
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, passes, warns
from ..scripted_proxy import Script
from ..software import haproxy, mitmproxy, nginx, squid, squid_bump
from .answers import ended
from .interception import GIVEN, TRUSTED
from .ways import IN_FRONT

_IF = "if { req.hdr(upgrade) -i websocket }"
_RELAY = led_to_inspector("relay")
# The relay answers 101 here without a token (AMQP over WebSocket); at the path that arcprobe asks
# by itself it wants one first.
_OPEN = ("--endpoint", "wss://azgnrelay-westeurope-l1.servicebus.windows.net/$servicebus/websocket")
_NORTH = "azgnrelay-northeurope-l1.servicebus.windows.net"


def _inspected(name: str, story: str, code: str, *lines: str) -> Scenario:
    """A box that the agents trust opens TLS with the relay; `lines` are what it does to
    upgrades."""
    return fails(
        f"websocket-{name}",
        f"A box that inspects the relay, and that the agents trust, {story}.",
        "haproxy",
        f"tls-intercepted {code}",
        bind(),
        inspector(*lines),
        filters=_RELAY,
        settings=TRUSTED,
    )


def _scripted(name: str, story: str, code: str, script: Script) -> Scenario:
    return fails(
        f"websocket-{name}",
        f"A box that inspects the relay, and that the agents trust, {story}.",
        "haproxy, scripted",
        f"tls-intercepted {code}",
        bind(),
        *ended(script, "@PKI@/forged", "router"),
        filters=_RELAY,
        settings=TRUSTED,
    )


_PAGE = "<html><title>Contoso</title>Please wait</html>"
_BARE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_NO_RELAY = "acl relay dstdomain .servicebus.windows.net"

BOXES = (
    warns(
        "websocket-inspected",
        "A box that inspects the relay, and that the agents trust, lets upgrades through.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=_RELAY,
        settings=TRUSTED,
    ),
    _inspected(
        "stripped",
        "removes Upgrade",
        "websocket-stripped",
        "http-request del-header Upgrade",
        "http-request del-header Connection",
    ),
    fails(
        "websocket-stripped-nginx",
        "A reverse proxy that the agents trust speaks HTTP/1.0 to the relay, as nginx does "
        "unless told otherwise.",
        "nginx",
        "tls-intercepted websocket-stripped",
        bind(),
        nginx(
            f"resolver 203.0.113.53 ipv6=off; server {{ listen {FRONT_PORT} ssl; ssl_certificate "
            "@PKI@/forged/11.pem; "
            "ssl_certificate_key @PKI@/forged/11.pem; "
            "location / { proxy_pass https://$host$request_uri; proxy_ssl_server_name on; "
            "proxy_ssl_name $host; "
            "proxy_set_header Host $host; } }",
            host="router",
            port=FRONT_PORT,
        ),
        filters=_RELAY,
        settings=TRUSTED,
    ),
    fails(
        "websocket-stripped-squid",
        "Squid inspects, the agents trust it; it removes Upgrade, as it does unless told "
        "otherwise.",
        "squid",
        "tls-intercepted websocket-stripped",
        squid_bump(),
        settings=GIVEN,
    ),
    fails(
        "websocket-stripped-squid-docs",
        "Squid inspects; its administrator allowed WebSocket as the manual spells it, which does "
        "not match.",
        "squid",
        "tls-intercepted websocket-stripped",
        squid_bump(options=("http_upgrade_request_protocols WebSocket allow all",)),
        settings=GIVEN,
    ),
    fails(
        "websocket-stripped-mitmproxy",
        "mitmproxy inspects, with WebSockets switched off by its administrator.",
        "mitmproxy",
        "tls-intercepted",
        mitmproxy("--set", "websocket=false", "--modify-headers", "/~q/Upgrade/"),
        settings=PROXY_FLAGS,
    ),
    *(
        _inspected(
            f"refused-{status}",
            f"answers upgrades with {status}",
            code,
            f"http-request return status {status} {_IF}",
        )
        for status, code in (
            (403, "websocket-refused"),
            (400, "websocket-refused"),
            (502, "websocket-refused"),
            (426, "websocket-stripped"),
        )
    ),
    _inspected(
        "page-200",
        "answers upgrades with a page",
        "websocket-refused",
        f"http-request return status 200 content-type text/html string '{_PAGE}' {_IF}",
    ),
    fails(
        "websocket-wrong-key",
        "A box that inspects the relay, and that the agents trust, sends on another key than it "
        "was sent.",
        "haproxy",
        "tls-intercepted websocket-faked",
        bind(),
        inspector(
            "http-request set-header Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ== if { path_beg "
            "/$servicebus }"
        ),
        filters=_RELAY,
        settings=(*TRUSTED, *_OPEN),
    ),
    warns(
        "websocket-inspected-101",
        "A box that inspects the relay, and that the agents trust, lets an upgrade through as "
        "far as 101.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=_RELAY,
        settings=(*TRUSTED, *_OPEN),
    ),
    fails(
        "websocket-inspected-idle-cut",
        "A box that inspects the relay, and that the agents trust, cuts WebSockets that are idle "
        "for a second.",
        "haproxy",
        "tls-intercepted websocket-idle-cut",
        bind(),
        inspector(tunnel="1s"),
        filters=_RELAY,
        settings=(*TRUSTED, *_OPEN, "--websocket-hold", "3"),
    ),
    _scripted(
        "bare-101",
        "answers 101 itself, and knows no more of WebSockets",
        "websocket-faked",
        Script(
            raw=True,
            answer="HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\n\r\n",
            then="silence",
        ),
    ),
    _scripted(
        "http-1.0",
        "answers in HTTP/1.0, which has no upgrade",
        "websocket-refused",
        Script(
            raw=True,
            answer="HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html></html>",
            then="close",
        ),
    ),
    _inspected("closed", "closes at upgrades", "websocket-dropped", f"http-request reject {_IF}"),
    _inspected(
        "silent", "never answers upgrades", "websocket-silent", f"http-request silent-drop {_IF}"
    ),
    fails(
        "websocket-denied-inside-squid",
        "Squid inspects, the agents trust it; its rules deny the relay.",
        "squid",
        "tls-intercepted block-page",
        squid_bump(
            rules=(_NO_RELAY, "http_access deny relay"),
            options=("http_upgrade_request_protocols websocket allow all",),
        ),
        settings=GIVEN,
    ),
)

_SMALL_FRAMES = (
    # a record of application data (RFC 8446 section 5.1) with a few bytes in it: a pong, and
    # nothing else that the relay sends
    Filter(
        host="router",
        hook="forward",
        rules=tuple(
            f"ip saddr 203.0.113.60 tcp sport 443 @ih,0,40 0x170303{length:04x} drop"
            for length in range(18, 48)
        ),
    ),
)
_CUTTING = IN_FRONT.replace("frontend front\n", "frontend front\n  timeout client 1s\n").replace(
    "backend cache\n  mode", "backend cache\n  timeout server 1s\n  mode"
)


def _relay(name: str, story: str, *lines: str) -> Scenario:
    """The relay's own front end says something else than 101: the way is proved all the same."""
    return passes(
        f"websocket-origin-{name}",
        f"The relay itself {story}: it is reached.",
        "haproxy",
        bind(),
        front(*lines, certificates="@PKI@/leaves"),
        filters=led_to_front("relay"),
    )


WAYS = (
    fails(
        "websocket-frames-lost",
        "A firewall loses the first frames after 101, however often they come.",
        "nftables",
        "websocket-silent",
        bind(),
        filters=_SMALL_FRAMES,
        settings=_OPEN,
    ),
    fails(
        "websocket-idle-cut",
        "The load balancer in front of the proxies cuts connections that are idle for a second.",
        "haproxy, squid",
        "websocket-idle-cut",
        haproxy(_CUTTING),
        squid(host="proxy2"),
        settings=(*PROXY_FLAGS, *_OPEN, "--websocket-hold", "3"),
    ),
    passes(
        "websocket-idle-kept",
        "The load balancer in front of the proxies keeps idle connections for a minute.",
        "haproxy, squid",
        haproxy(IN_FRONT),
        squid(host="proxy2"),
        settings=(*PROXY_FLAGS, *_OPEN, "--websocket-hold", "2"),
    ),
    passes(
        "websocket-endpoint-added",
        "A further relay host is named by --endpoint, and upgrades.",
        "squid",
        squid(),
        settings=(*PROXY_FLAGS, "--endpoint", f"wss://{_NORTH}/"),
    ),
    fails(
        "websocket-endpoint-denied",
        "A further relay host is named by --endpoint, and the proxy denies it.",
        "squid",
        "proxy-denied",
        squid(f"acl north dstdomain {_NORTH}", "http_access deny north"),
        settings=(*PROXY_FLAGS, "--endpoint", f"wss://{_NORTH}/"),
    ),
    _relay("401", "asks for a token, with its tracking id", "http-request set-path /$hc/arcprobe"),
    _relay("400", "answers 400 with its tracking id", "http-request set-path /arcprobe"),
    _relay(
        "404",
        "says 404 with its tracking id",
        "http-request return status 404 hdr Server Microsoft-HTTPAPI/2.0 content-type text/plain "
        "string 'TrackingId:1f_G22'",
    ),
    _relay("403", "says 403", "http-request return status 403"),
    warns(
        "websocket-origin-502",
        "The relay's own front end answers 502.",
        "haproxy",
        "origin-error",
        bind(),
        front("http-request return status 502", certificates="@PKI@/leaves"),
        filters=led_to_front("relay"),
    ),
    fails(
        "websocket-origin-silent",
        "The relay's own front end never answers upgrades.",
        "haproxy",
        "websocket-silent",
        bind(),
        front(f"http-request silent-drop {_IF}", certificates="@PKI@/leaves"),
        filters=led_to_front("relay"),
    ),
    fails(
        "websocket-origin-closed",
        "The relay's own front end closes at upgrades.",
        "haproxy",
        "websocket-dropped",
        bind(),
        front(f"http-request reject {_IF}", certificates="@PKI@/leaves"),
        filters=led_to_front("relay"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*BOXES, *WAYS)
