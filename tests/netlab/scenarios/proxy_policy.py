"""What the proxy forbids, and what its own way out does."""

from __future__ import annotations

from ..name_servers import RESOLVER, bind, unbound
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails
from ..scripted_proxy import Script
from ..servers import Server
from ..software import PORT, PROXY, apache, dante, haproxy, scripted_proxy, squid, tinyproxy
from .resolving import PUBLIC
from .ways import ARM, each, label, through

_DENY_NAME = ("acl cloud dstdomain .azure.com", "http_access deny cloud")
_PORTAL = "http://blocked.corp.lab/portal?url=%u"

_DENYING = (
    f"frontend front\n  bind {PROXY}:{PORT}\n  http-request deny\n  default_backend cache\n"
    "backend cache\n  server cache 10.77.4.2:3128\n"
)

POLICY = (
    *each(
        "fail",
        "proxy-denied-name",
        "The proxy's rules deny one name.",
        "proxy-denied",
        (
            squid(f"acl blocked dstdomain {ARM}", "http_access deny blocked"),
            tinyproxy(
                'Filter "@FOLDER@/filter"', files=(("filter", "management\\.azure\\.com\n"),)
            ),
            apache(f"ProxyBlock {ARM}"),
            scripted_proxy(
                Script(
                    only=(ARM,),
                    answer="HTTP/1.1 403 Forbidden\r\nServer: Zscaler/6.2\r\n"
                    "Content-Length: 0\r\n\r\n",
                    then="close",
                )
            ),
        ),
    ),
    fails(
        "proxy-denied-name-haproxy",
        "HAProxy in front of the proxies denies one name.",
        "haproxy, squid",
        "proxy-denied",
        haproxy(
            f"frontend front\n  bind {PROXY}:{PORT}\n  http-request deny if {{ path_beg {ARM} }} "
            f"or {{ url_beg {ARM} }}\n"
            "  default_backend cache\nbackend cache\n  server cache 10.77.4.2:3128\n"
        ),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    *each(
        "fail",
        "proxy-denied-all",
        "The proxy's rules deny this source everything.",
        "proxy-denied",
        (
            squid("acl nodes src 10.77.1.0/24", "http_access deny nodes"),
            tinyproxy("Deny 10.77.1.0/24"),
            apache(inside=("Require all denied",)),
        ),
    ),
    *(
        fails(
            f"proxy-default-deny-{label(servers[0])}",
            "The proxy denies all that it was not told to allow; what discovery would find stays "
            "unknown.",
            label(servers[0]),
            "proxy-denied",
            *servers,
            settings=settings,
        )
        for settings, *servers in (
            (PROXY_FLAGS, squid("http_access deny all")),
            (
                PROXY_FLAGS,
                tinyproxy(
                    'Filter "@FOLDER@/filter"',
                    "FilterDefaultDeny Yes",
                    files=(("filter", "^intranet\\.corp\\.lab$\n"),),
                ),
            ),
            (PROXY_FLAGS, apache(inside=("Require host intranet.corp.lab",))),
            (PROXY_FLAGS, haproxy(_DENYING), squid(host="proxy2")),
            (
                through(f"socks5h://{PROXY}:{PORT}"),
                dante("socks pass { from: 0.0.0.0/0 to: 10.77.5.0/24 }"),
            ),
        )
    ),
    *each(
        "fail",
        "proxy-denied-8084",
        "The proxy opens tunnels to port 443 only.",
        "proxy-port-denied",
        (squid(tls_ports="443"), tinyproxy(ports=(443,)), apache(ports="443")),
    ),
    fails(
        "proxy-denied-category-page",
        "A category filter answers CONNECT with its own page.",
        "squid",
        "proxy-denied",
        squid(
            *_DENY_NAME,
            options=("deny_info 403:@FOLDER@/page.html cloud",),
            files=(
                (
                    "page.html",
                    "<html><title>Web Page Blocked</title>Category: Cloud Storage</html>\n",
                ),
            ),
        ),
        settings=PROXY_FLAGS,
    ),
    *each(
        "fail",
        "proxy-redirects",
        "The proxy sends unknown clients to a portal.",
        "proxy-redirects",
        (
            squid(*_DENY_NAME, options=(f"deny_info 302:{_PORTAL} cloud",)),
            scripted_proxy(
                Script(
                    answer="HTTP/1.1 307 Temporary Redirect\r\nLocation: "
                    "https://gateway.zscaler.net/auD?origurl=x\r\n"
                    "Server: Zscaler/6.2\r\nContent-Length: 0\r\n\r\n",
                    then="close",
                )
            ),
        ),
    ),
    fails(
        "proxy-redirects-haproxy",
        "HAProxy sends everybody to a portal.",
        "haproxy",
        "proxy-redirects",
        haproxy(
            f"frontend front\n  bind {PROXY}:{PORT}\n  http-request redirect location "
            "http://portal.corp.lab/login code 302\n"
        ),
        settings=PROXY_FLAGS,
    ),
)

_NO_DNS = unbound('local-zone: "." always_nxdomain')


def _squid_error(status: str, error: str) -> Server:
    body = (
        f"<html><body id={error.split()[0]}><p>The requested URL could not be "
        "retrieved</p></body></html>"
    )
    answer = (
        f"HTTP/1.1 {status}\r\nServer: squid/6.13\r\nMime-Version: 1.0\r\n"
        "Content-Type: text/html;charset=utf-8\r\n"
        f"X-Squid-Error: {error}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
    return scripted_proxy(Script(only=(ARM,), answer=answer, then="close"))


def blocked_out(rule: str) -> tuple[Filter, ...]:
    """A firewall between the proxy and one service (management.azure.com)."""
    return (
        Filter(
            host="router",
            hook="forward",
            rules=(f"iifname proxy ip daddr 203.0.113.20 tcp dport 443 {rule}",),
        ),
    )


WAY_OUT = (
    *(
        fails(
            f"proxy-cannot-resolve-{label}",
            story,
            "squid",
            "proxy-cannot-resolve",
            squid(dns=RESOLVER, options=("dns_timeout 2 seconds",)),
            server,
            resolv_conf=PUBLIC,
            settings=PROXY_FLAGS,
        )
        for label, story, server in (
            (
                "unknown",
                "The proxy's resolver knows no external name (Squid 5 words it badly).",
                _NO_DNS,
            ),
            (
                "refused",
                "The proxy's resolver refuses it (Squid 5).",
                bind("allow-query { 192.0.2.1; };"),
            ),
            (
                "one",
                "The proxy's resolver does not know one name (Squid 5).",
                unbound(f'local-zone: "{ARM}." always_nxdomain'),
            ),
        )
    ),
    fails(
        "proxy-cannot-resolve-apache",
        "The proxy's resolver knows no external name (Apache).",
        "apache",
        "proxy-cannot-resolve",
        apache(),
        _NO_DNS,
        resolv_conf=PUBLIC,
        proxy_resolv_conf=f"nameserver {RESOLVER}\n",
        settings=PROXY_FLAGS,
    ),
    # Tinyproxy and SOCKS have one answer for both, so nobody can tell what hides behind it.
    fails(
        "proxy-cannot-resolve-tinyproxy",
        "The proxy's resolver knows no external name; Tinyproxy only says that it is unable to "
        "connect.",
        "tinyproxy",
        "proxy-cannot-connect",
        tinyproxy(),
        _NO_DNS,
        resolv_conf=PUBLIC,
        proxy_resolv_conf=f"nameserver {RESOLVER}\n",
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-cannot-resolve-dante",
        "The SOCKS server's resolver knows no external name; its answer is host unreachable.",
        "dante",
        "proxy-cannot-connect",
        dante(),
        _NO_DNS,
        resolv_conf=PUBLIC,
        proxy_resolv_conf=f"nameserver {RESOLVER}\n",
        settings=through(f"socks5h://{PROXY}:{PORT}"),
    ),
    fails(
        "proxy-cannot-resolve-squid-6",
        "The proxy cannot resolve one name (the wording of Squid 6.3 and later).",
        "scripted",
        "proxy-cannot-resolve",
        _squid_error("503 Service Unavailable", "ERR_DNS_FAIL 0"),
        settings=PROXY_FLAGS,
    ),
    *(
        fails(
            f"proxy-cannot-connect-{label}",
            story,
            software,
            "proxy-cannot-connect",
            server,
            filters=blocked_out(rule),
            settings=PROXY_FLAGS,
        )
        for label, story, software, server, rule in (
            (
                "refused-squid",
                "The proxy's own connection to one service is refused.",
                "squid",
                squid(),
                "reject with tcp reset",
            ),
            (
                "refused-apache",
                "The proxy's own connection is refused.",
                "apache",
                apache(),
                "reject with tcp reset",
            ),
            (
                "refused-tinyproxy",
                "The proxy's own connection is refused.",
                "tinyproxy",
                tinyproxy(),
                "reject with tcp reset",
            ),
            (
                "unreachable-squid",
                "The proxy has no way to one service.",
                "squid",
                squid(),
                "reject with icmpx admin-prohibited",
            ),
            (
                "silent-squid",
                "The proxy's own connection gets no answer, and it says so after a second.",
                "squid",
                squid(options=("connect_timeout 1 second", "forward_timeout 1 second")),
                "drop",
            ),
        )
    ),
    *(
        fails(
            f"proxy-cannot-connect-squid-6-{code}",
            "The proxy reports why it could not connect (the wording of Squid 6).",
            "scripted",
            "proxy-cannot-connect",
            _squid_error("503 Service Unavailable", f"ERR_CONNECT_FAIL {code}"),
            settings=PROXY_FLAGS,
        )
        for code in (110, 111, 113)
    ),
    *(
        fails(
            f"proxy-hung-way-out-{label(server)}",
            "The firewall drops the proxy's own connections; it waits longer than its clients do.",
            label(server),
            "proxy-hung",
            server,
            filters=(
                Filter(
                    host="router",
                    hook="forward",
                    rules=(
                        "iifname proxy ip daddr { 203.0.113.0/24, 198.51.100.0/24 } tcp dport { "
                        "443, 8084 } drop",
                    ),
                ),
            ),
            settings=PROXY_FLAGS,
        )
        for server in (squid(), apache(), tinyproxy())
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*POLICY, *WAY_OUT)
