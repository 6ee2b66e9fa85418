"""Proxies, second round: one target is refused in many words, answers that Go takes or not, and
addresses of proxies."""

from __future__ import annotations

from ..name_servers import bind
from ..scenario import PROXY_FLAGS, SKIP_RANGE, Command, Filter, Scenario, fails, passes
from ..scripted_proxy import Script, Then
from ..software import PORT, PROXY, dante, haproxy, scripted_proxy, squid
from .ways import ARM, through

_OK = "HTTP/1.1 200 Connection established"
_NAMED = f"http://proxy.corp.lab:{PORT}"


def _refuses(
    name: str, story: str, cause: str, owner: str, head: str, body: str = "", then: Then = "close"
) -> Scenario:
    """A proxy that opens every tunnel but that to one host."""
    answer = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    script = Script(answer=answer, only=(ARM,), then=then)
    return fails(
        f"proxies-{name}",
        story,
        "scripted",
        cause,
        scripted_proxy(script),
        settings=PROXY_FLAGS,
        hits=(f"{cause} {owner} {ARM}",),
    )


def _page(text: str) -> str:
    return f"<html><head><title>Message</title></head><body><h1>{text}</h1></body></html>"


ONE_TARGET = (
    _refuses(
        "negotiate-for-one",
        "The proxy wants Kerberos for one host.",
        "proxy-auth-unsupported",
        "proxy",
        "407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate",
    ),
    _refuses(
        "451-for-one",
        "The proxy says that one host is not available for legal reasons.",
        "proxy-denied",
        "proxy",
        "451 Unavailable For Legal Reasons",
    ),
    _refuses(
        "503-for-one",
        "The proxy says 503 for one host, and nothing more: its way is closed.",
        "proxy-cannot-connect",
        "firewall",
        "503 Service Unavailable",
    ),
    _refuses(
        "504-for-one",
        "The proxy gives up on one host.",
        "proxy-cannot-connect",
        "firewall",
        "504 Gateway Timeout",
    ),
    _refuses(
        "500-for-one",
        "The proxy says 500 for one host, and nothing more.",
        "proxy-cannot-connect",
        "firewall",
        "500 Internal Server Error",
    ),
    _refuses(
        "503-policy-page",
        "The page of a 503 says that the category of one host is blocked.",
        "proxy-denied",
        "proxy",
        "503 Service Unavailable\r\nContent-Type: text/html",
        _page("Access Denied. The category Cloud Storage is blocked by the policy of Contoso."),
    ),
    _refuses(
        "502-policy-page",
        "The page of a 502 says that one host is blocked by the policy.",
        "proxy-denied",
        "proxy",
        "502 Bad Gateway\r\nContent-Type: text/html",
        _page("This site is blocked by your organization's policy."),
    ),
    _refuses(
        "500-unknown-host-page",
        "The page of a 500 says that the proxy did not find the name.",
        "proxy-cannot-resolve",
        "proxy",
        "500 Internal Server Error\r\nContent-Type: text/html",
        _page(f"DNS error: the host name {ARM} could not be resolved."),
    ),
    _refuses(
        "403-name-not-resolved-page",
        "The page of a 403 says that the proxy did not find the name.",
        "proxy-cannot-resolve",
        "proxy",
        "403 Forbidden\r\nContent-Type: text/html",
        _page("Unable to determine IP address from host name: No DNS records"),
    ),
    _refuses(
        "302-for-one",
        "The proxy leads one host to its portal.",
        "proxy-redirects",
        "proxy",
        "302 Found\r\nLocation: http://portal.corp.lab/login?url=x",
    ),
    _refuses(
        "429-for-one",
        "The proxy counts connections to one host and has had enough.",
        "proxy-overloaded",
        "proxy",
        "429 Too Many Requests\r\nRetry-After: 60",
    ),
    fails(
        "proxies-reset-in-tunnel",
        "The tunnel to one host opens and is reset.",
        "scripted",
        "tls-reset",
        scripted_proxy(Script(only=(ARM,), then="reset")),
        settings=PROXY_FLAGS,
        hits=(f"tls-reset firewall {ARM}",),
    ),
    fails(
        "proxies-obo-denied",
        "The proxy denies the one host that is asked at port 8084 by its name.",
        "squid",
        "proxy-denied",
        squid("acl no dstdomain .obo.arc.azure.com", "http_access deny no"),
        settings=PROXY_FLAGS,
        hits=("proxy-denied proxy westeurope.obo.arc.azure.com",),
    ),
    fails(
        "proxies-policy-page-200",
        "The proxy says 200 for one host and sends a page in the place of a tunnel.",
        "scripted",
        "tls-plaintext-answer",
        scripted_proxy(
            Script(
                only=(ARM,),
                answer="HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _page("Blocked"),
                then="close",
            )
        ),
        settings=PROXY_FLAGS,
        hits=(f"tls-plaintext-answer proxy {ARM}",),
    ),
)


def _head(name: str, story: str, head: str, cause: str = "") -> Scenario:
    """A proxy with an odd head before each tunnel."""
    server = scripted_proxy(Script(answer=f"{head}\r\n\r\n"))
    if not cause:
        return passes(f"proxies-{name}", story, "scripted", server, settings=PROXY_FLAGS)
    return fails(f"proxies-{name}", story, "scripted", cause, server, settings=PROXY_FLAGS)


HEADS = (
    _head("head-close", "The 200 says Connection: close.", f"{_OK}\r\nConnection: close"),
    _head(
        "head-chunked", "The 200 says that chunks follow.", f"{_OK}\r\nTransfer-Encoding: chunked"
    ),
    _head("head-folded", "A header of the 200 is folded.", f"{_OK}\r\nX-Note: one\r\n two"),
    _head("head-latin", "A header of the 200 has letters of Latin 1.", f"{_OK}\r\nX-Note: f\xfcr"),
    _head("head-empty-value", "A header of the 200 is empty.", f"{_OK}\r\nProxy-Agent:"),
    _head("head-two-lengths", "The 200 has two lengths alike.", f"{_OK}\r\nContent-Length: 0" * 1),
    _head("head-three-digits", "The phrase of the 200 has blanks.", "HTTP/1.1 200   OK  "),
    _head(
        "head-http-2",
        "The proxy calls its protocol HTTP/2 in an HTTP/1 head.",
        "HTTP/2 200 OK",
        "proxy-not-http",
    ),
    _head("head-http-1-9", "The proxy calls its protocol HTTP/1.9.", "HTTP/1.9 200 OK"),
    _head(
        "head-no-colon",
        "A header line of the 200 has no colon, which Go refuses.",
        f"{_OK}\r\nProxy agent of Contoso",
        "proxy-not-http",
    ),
    _head(
        "head-nul",
        "A header of the 200 has a NUL, which Go refuses.",
        f"{_OK}\r\nX-Note: a\x00b",
        "proxy-not-http",
    ),
    _head(
        "head-blank-first",
        "The first header line of the 200 begins with a blank, which Go refuses.",
        f"{_OK}\r\n X-Note: a",
        "proxy-not-http",
    ),
    _head("head-four-digits", "The proxy answers 2000.", "HTTP/1.1 2000 OK", "proxy-not-http"),
    _head(
        "head-lower-case",
        "The proxy writes http/1.1 in small letters, which Go refuses.",
        "http/1.1 200 OK",
        "proxy-not-http",
    ),
    _head(
        "head-no-scheme-407",
        "The proxy wants credentials and does not say how.",
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0",
        "proxy-auth-required",
    ),
)

_WAY_6 = (
    Command(
        host="node", words=("ip", "-6", "route", "add", "fd00:77:0:3::/64", "via", "fd00:77:0:1::1")
    ),
)

ADDRESSES = (
    passes(
        "proxies-ipv6-literal",
        "The proxy is given by an IPv6 address.",
        "squid",
        squid(options=(f"http_port [fd00:77:0:3::2]:{PORT}",)),
        commands=_WAY_6,
        settings=through(f"http://[fd00:77:0:3::2]:{PORT}"),
    ),
    fails(
        "proxies-ipv6-literal-closed",
        "The proxy is given by an IPv6 address, where it does not listen.",
        "squid",
        "proxy-refused",
        squid(),
        commands=_WAY_6,
        settings=through(f"http://[fd00:77:0:3::2]:{PORT}"),
    ),
    passes(
        "proxies-one-of-two-closed",
        "The proxy's name has two addresses, at one of which nobody listens: clients go on.",
        "squid, bind",
        bind(),
        squid(),
        zone=("proxy.corp.lab. A 10.77.4.2",),
        settings=through(_NAMED),
    ),
    passes(
        "proxies-one-of-two-silent",
        "The proxy's name has two addresses, one of which swallows packets: clients go on.",
        "squid, bind",
        bind(),
        squid(),
        zone=("proxy.corp.lab. A 10.77.4.2",),
        filters=(Filter(host="proxy2", hook="input", rules=("tcp dport 3128 drop",)),),
        settings=through(_NAMED),
        timeout=6,
    ),
    passes(
        "proxies-socks-password-not-needed",
        "A user and a password are given, the SOCKS server asks for none.",
        "dante",
        dante(),
        settings=through(f"socks5://arc:open-sesame@{PROXY}:{PORT}"),
    ),
    fails(
        "proxies-socks-one-host-denied",
        "The SOCKS server's rules deny one address.",
        "dante",
        "proxy-denied",
        dante(
            "socks block { from: 0.0.0.0/0 to: 203.0.113.20/32 }",
            "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
        ),
        settings=through(f"socks5://{PROXY}:{PORT}"),
        hits=(f"proxy-denied proxy {ARM}",),
    ),
    passes(
        "proxies-http-and-https-differ",
        "HTTPS goes by one proxy and HTTP by another, which is down: nothing required is HTTP.",
        "squid",
        squid(),
        settings=(
            "--proxy-https",
            f"http://{PROXY}:{PORT}",
            "--proxy-http",
            f"http://{PROXY}:{PORT}/",
            "--proxy-skip-range",
            SKIP_RANGE,
        ),
    ),
    fails(
        "proxies-two-names-one-closed",
        "The proxy is a load balancer's address whose one server is down.",
        "haproxy",
        "proxy-closed",
        haproxy(
            f"frontend f\n  mode tcp\n  bind {PROXY}:{PORT}\n  default_backend b\n"
            "backend b\n  mode tcp\n  server one 10.77.4.2:3128 check inter 200ms\n"
        ),
        settings=PROXY_FLAGS,
    ),
)

LISTS = (
    fails(
        "proxies-list-star",
        "The bypass list is a star, the direct way is closed.",
        "squid, nftables",
        "skip-range-too-broad",
        bind(),
        squid(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("iifname node oifname internet tcp dport { 443, 8084 } drop",),
            ),
        ),
        settings=through(f"http://{PROXY}:{PORT}", skip_range=f"{SKIP_RANGE},*"),
        hits=("skip-range-too-broad you",),
    ),
    fails(
        "proxies-list-port-of-obo",
        "An entry with a port leads the one endpoint at 8084 past the proxy.",
        "squid, nftables",
        "skip-range-too-broad",
        bind(),
        squid(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("iifname node oifname internet tcp dport 8084 reject with tcp reset",),
            ),
        ),
        settings=through(f"http://{PROXY}:{PORT}", skip_range=f"{SKIP_RANGE},arc.azure.com:8084"),
        hits=("skip-range-too-broad you westeurope.obo.arc.azure.com",),
    ),
    fails(
        "proxies-list-malformed-and-denied",
        "The bypass list has a broken network, and the proxy denies one host: two causes.",
        "squid",
        "entry-malformed proxy-denied",
        squid(f"acl no dstdomain {ARM}", "http_access deny no"),
        settings=through(f"http://{PROXY}:{PORT}", skip_range=f"{SKIP_RANGE},10.300.0.0/16"),
        hits=("entry-malformed you", f"proxy-denied proxy {ARM}"),
    ),
    passes(
        "proxies-arc-keyword",
        "The bypass keyword Arc is asked for, and the direct way is open.",
        "squid",
        bind(),
        squid(),
        settings=through(f"http://{PROXY}:{PORT}", "--add-proxy-bypass", "Arc"),
    ),
    fails(
        "proxies-arc-keyword-closed",
        "The bypass keyword Arc is asked for, and a firewall drops the direct way.",
        "squid, nftables",
        "target-silent",
        bind(),
        squid(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("iifname node oifname internet tcp dport { 443, 8084 } drop",),
            ),
        ),
        settings=through(f"http://{PROXY}:{PORT}", "--add-proxy-bypass", "Arc"),
        hits=("target-silent firewall",),
    ),
    fails(
        "proxies-services-denied-portless",
        "Three faults: one host denied, port 8084 not open, Services not in the list.",
        "squid",
        "proxy-denied proxy-port-denied services-uncovered",
        squid(f"acl no dstdomain {ARM}", "http_access deny no", tls_ports="443"),
        settings=through(
            f"http://{PROXY}:{PORT}",
            skip_range="localhost,127.0.0.1,10.244.0.0/16,10.77.1.0/24,10.77.5.2,.svc,.cluster.local",
        ),
        hits=(f"proxy-denied proxy {ARM}", "services-uncovered you"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*ONE_TARGET, *HEADS, *ADDRESSES, *LISTS)
