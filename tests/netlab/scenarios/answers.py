"""What comes back inside a session that stands: pages of a box that inspects, errors of the service
itself, nothing at all."""

from __future__ import annotations

from ..fronts import FRONT_PORT, front, inspector, led_to_front, led_to_inspector
from ..name_servers import bind
from ..scenario import PROXY_FLAGS, Scenario, fails, passes, warns
from ..scripted_proxy import Script
from ..servers import Server
from ..software import PORT, haproxy, tinyproxy, transparent_peer
from .interception import TRUSTED

_CONFIGURATION = "westeurope.dp.kubernetesconfiguration.azure.com"
_BLOCKED = (
    "<html><head><title>Web Page Blocked</title></head><body>Category: Cloud Storage</body></html>"
)
_NEUTRAL = "<html><head><title>Contoso</title></head><body><h1>Good afternoon</h1></body></html>"


def _page(status: int, page: str, name: str) -> str:
    return (
        f"http-request return status {status} content-type text/html string '{page}' if {{ "
        f"ssl_fc_sni {name} }}"
    )


def _inside(name: str, story: str, code: str, *lines: str) -> Scenario:
    """All is inspected and trusted; `lines` are what the box does besides."""
    return fails(
        f"answer-{name}",
        f"An inspecting box that the agents trust {story}.",
        "haproxy",
        f"tls-intercepted {code}",
        bind(),
        inspector(*lines),
        filters=led_to_inspector(),
        settings=TRUSTED,
    )


PAGES = (
    *(
        _inside(
            f"block-page-{status}",
            f"shows its block page for one name, with status {status}",
            "block-page",
            _page(status, _BLOCKED, _CONFIGURATION),
        )
        for status in (200, 403, 451, 470, 503)
    ),
    _inside(
        "block-page-403-bare",
        "refuses one name with 403 and no word of who it is",
        "block-page",
        f"http-request return status 403 if {{ ssl_fc_sni {_CONFIGURATION} }}",
    ),
    _inside(
        "redirect-302",
        "sends one name to the company's portal",
        "answer-redirected",
        f"http-request redirect location https://portal.corp.lab/login code 302 if {{ ssl_fc_sni "
        f"{_CONFIGURATION} }}",
    ),
    _inside(
        "redirect-307-all",
        "sends every name to the company's portal",
        "answer-redirected",
        "http-request redirect location https://portal.corp.lab/login code 307",
    ),
    _inside(
        "bad-gateway",
        "says 502 for one name",
        "answer-from-middlebox",
        _page(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", _CONFIGURATION),
    ),
    _inside(
        "neutral-page",
        "greets with a page of its own where Azure Resource Manager would send JSON",
        "answer-from-middlebox",
        _page(200, _NEUTRAL, "management.azure.com"),
    ),
    _inside(
        "page-for-registry",
        "shows its block page for the registry, which names the data hosts",
        "block-page",
        _page(403, _BLOCKED, "mcr.microsoft.com"),
    ),
    _inside(
        "silent",
        "never answers requests to one name",
        "answer-silent",
        f"http-request silent-drop if {{ ssl_fc_sni {_CONFIGURATION} }}",
    ),
    _inside(
        "closed",
        "closes at requests to one name",
        "answer-closed",
        f"http-request reject if {{ ssl_fc_sni {_CONFIGURATION} }}",
    ),
    fails(
        "answer-block-page-one-service",
        "A filter opens TLS with one service only, to show its block page; the agents do not "
        "trust it.",
        "haproxy",
        "block-page",
        bind(),
        inspector(_page(403, _BLOCKED, "mcr.microsoft.com")),
        filters=led_to_inspector("registry"),
    ),
)


def ended(
    script: Script, certificates: str = "@PKI@/leaves", host: str = "internet"
) -> tuple[Server, ...]:
    """HAProxy ends TLS, a script answers inside."""
    text = (
        f"frontend front\n  mode tcp\n  bind :{FRONT_PORT} ssl crt {certificates} alpn http/1.1\n"
        "  default_backend script\n"
        f"backend script\n  mode tcp\n  server script 127.0.0.1:{PORT}\n"
    )
    return (haproxy(text, host=host, port=FRONT_PORT), *(_at(host, script),))


def _at(host: str, script: Script) -> Server:
    made = transparent_peer(script)
    return Server(software=made.software, host=host, argv=made.argv, listens=made.listens)


_DNS_FAIL = (
    "HTTP/1.1 503 Service Unavailable\r\nServer: squid/6.13\r\n"
    "Content-Type: text/html;charset=utf-8\r\n"
    "X-Squid-Error: ERR_DNS_FAIL 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

INSPECTED = (
    fails(
        "answer-squid-6-dns",
        "Squid 6 opens TLS with one service only to say that it cannot resolve its name.",
        "haproxy, scripted",
        "proxy-cannot-resolve",
        tinyproxy(),
        *ended(Script(raw=True, answer=_DNS_FAIL, then="close"), "@PKI@/forged", "router"),
        filters=led_to_inspector("configuration"),
        settings=PROXY_FLAGS,
    ),
)


def _itself(
    name: str, story: str, code: str, *lines: str, service: str = "configuration"
) -> Scenario:
    """The service's own front end, with its own certificate."""
    make = warns if code == "origin-error" else fails
    return make(
        f"origin-{name}",
        f"The service itself {story}.",
        "haproxy",
        code,
        bind(),
        front(*lines, certificates="@PKI@/leaves"),
        filters=led_to_front(service),
    )


ORIGINS = (
    *(
        _itself(
            str(status), f"answers {status}", "origin-error", f"http-request return status {status}"
        )
        for status in (502, 503, 504)
    ),
    _itself("silent", "never answers", "answer-silent", "http-request silent-drop"),
    _itself("closed", "closes at every request", "answer-closed", "http-request reject"),
    *(
        passes(
            f"origin-{status}",
            f"The service itself answers {status}: it is reached.",
            "haproxy",
            bind(),
            front(
                f"http-request return status {status} content-type text/html string '{page}'",
                certificates="@PKI@/leaves",
            ),
            filters=led_to_front("configuration"),
        )
        for status, page in (
            (400, "no"),
            (401, "no"),
            (403, _BLOCKED),
            (429, "slow down"),
            (500, "oops"),
        )
    ),
    passes(
        "origin-redirects",
        "The service itself sends clients elsewhere: it is reached.",
        "haproxy",
        bind(),
        front(
            "http-request redirect location https://www.contoso.example/ code 302",
            certificates="@PKI@/leaves",
        ),
        filters=led_to_front("configuration"),
    ),
    warns(
        "origin-nonsense",
        "What answers inside the genuine session is no HTTP.",
        "haproxy, scripted",
        "origin-error",
        bind(),
        *ended(Script(raw=True, answer="\x00\x01nonsense\r\n\r\n", then="close")),
        filters=led_to_front("configuration"),
    ),
    passes(
        "origin-endless-body",
        "The service's answer has no end; its head is an answer.",
        "haproxy, scripted",
        bind(),
        *ended(
            Script(
                raw=True,
                answer="HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                "Transfer-Encoding: chunked\r\n\r\n40000\r\n@FILLER@",
                filler=200_000,
                then="silence",
            )
        ),
        filters=led_to_front("configuration"),
    ),
    passes(
        "origin-cut-body",
        "The service ends in the middle of its body; its head is an answer.",
        "haproxy, scripted",
        bind(),
        *ended(
            Script(
                raw=True, answer="HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", then="close"
            )
        ),
        filters=led_to_front("configuration"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*PAGES, *INSPECTED, *ORIGINS)
