"""The forward proxy: reaching it, TLS to it, authentication, policy, its own way out, its manners, overload, SOCKS."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, PROXY_URL, SKIP_RANGE, Command, Filter, Scenario, fails, passes, warns
from ..scripted_proxy import Script
from ..servers import Server
from ..software import (
    HOSTS,
    PORT,
    PROXY,
    RESOLVER,
    apache,
    bind,
    block_page,
    dante,
    haproxy,
    mitmproxy,
    nginx,
    scripted_proxy,
    squid,
    tinyproxy,
    unbound,
)

ARM = "management.azure.com"
USER, PASSWORD = "arc", "open sesame"
# RFC 3986 section 2.2: every reserved character, and the percent sign itself; `:` only where a user name may not have it.
HARD_USER = "arc!$&'()*+,;=/?#[]@%"
HARD_PASSWORD = ":/?#[]@!$&'()*+,;=%41 "
CZECH_PASSWORD = "žluťoučký"
HARD_PERCENT = "arc%21%24%26%27%28%29%2A%2B%2C%3B%3D%2F%3F%23%5B%5D%40%25"
HARD_PASSWORD_PERCENT = "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%2541%20"


def through(url: str, *more: str, skip_range: str = SKIP_RANGE) -> tuple[str, ...]:
    """Settings for one proxy at `url`."""
    return ("--proxy-https", url, "--proxy-http", url, "--proxy-skip-range", skip_range, *more)


def _with(user: str, password: str, scheme: str = "http") -> tuple[str, ...]:
    return through(f"{scheme}://{user}:{password}@{PROXY}:{PORT}")


def _each(
    verdict: str, name: str, story: str, causes: str, servers: tuple[Server, ...], settings: tuple[str, ...] = PROXY_FLAGS
) -> tuple[Scenario, ...]:
    make = {"fail": fails, "warn": warns}.get(verdict)
    if make is None:
        return tuple(passes(f"{name}-{_label(each)}", story, _label(each), each, settings=settings) for each in servers)
    return tuple(make(f"{name}-{_label(each)}", story, _label(each), causes, each, settings=settings) for each in servers)


def _label(server: Server) -> str:
    return {"mitmdump": "mitmproxy", "scripted proxy": "scripted"}.get(server.software, server.software)


_IN_FRONT = (
    "frontend front\n  mode tcp\n  bind {bind}\n  default_backend cache\n"
    "backend cache\n  mode tcp\n  server cache 10.77.4.2:3128\n"
)


def _basic_squid(extra: tuple[str, ...] = (), files: tuple[tuple[str, str], ...] = ()) -> Server:
    return squid(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth @FOLDER@/accounts",
        "auth_param basic realm Contoso proxy",
        "acl known proxy_auth REQUIRED",
        *extra,
        "http_access deny !known",
        files=files or _accounts(),
    )


# Password files as `openssl passwd -6 -salt arcprobe` hashes them: crypt(3) is what Squid's basic_ncsa_auth reads.
_HASHES = {
    PASSWORD: "$6$arcprobe$uLscECSP.6ZZqAUuJogIlFnapMUn5zBat45JgHq1zJV1xVvrNKSu8.1OFZ0dfqnGO0G.di9aGyA4XCNbX2/9O1",
    HARD_PASSWORD: "$6$arcprobe$EvhAesz7Eg9TCdpRnPpF7HsFrzYLs8yT2w5MZ9rm06kLGgvmt57.cWS9ebd5s6VOmEbIebB9cR8KIQTDjWyJU1",
    CZECH_PASSWORD: "$6$arcprobe$NQbtbWuSBneoK5Az2DvbMKg6U7Amb6DqnXB7p6F/29bfO1wfuyAnN0vlyNkJKjDZrKOX5M2JRT.K/jf2aQztw.",
}


def _accounts(user: str = USER, password: str = PASSWORD) -> tuple[tuple[str, str], ...]:
    return (("accounts", f"{user}:{_HASHES[password]}\n"),)


def _basic_apache(digest: str = "") -> Server:
    return apache(
        inside=(
            "AuthType Basic",
            'AuthName "Contoso proxy"',
            "AuthUserFile @FOLDER@/passwords",
            "Require valid-user",
        ),
        files=(("passwords", f"{USER}:{digest or _SHA1}\n"),),
    )


# The SHA-1 form of Apache's password file (mod_authn_file), of an empty password and of `open sesame`.
_EMPTY_SHA1 = "{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk="
_SHA1 = "{SHA}" + "W8r/fyL/UzygmbNAjq2HbA67qac="

# `http-request auth` would answer CONNECT with 401; this is how HAProxy is made to ask as a proxy.
_HAPROXY_AUTH = (
    f"frontend front\n  bind {PROXY}:{PORT}\n"
    "  http-request return status 407 hdr Proxy-Authenticate 'Basic realm=\"Contoso\"' "
    'unless { req.hdr(Proxy-Authorization) -m str "Basic YXJjOm9wZW4gc2VzYW1l" }\n'
    "  default_backend cache\nbackend cache\n  server cache 10.77.4.2:3128\n"
)

CLEAN = (
    *_each(
        "pass",
        "proxy-clean",
        "An open forward proxy.",
        "",
        (squid(), tinyproxy(), apache(), mitmproxy("--ignore-hosts", ".*"), scripted_proxy(Script())),
    ),
    passes(
        "proxy-clean-haproxy",
        "HAProxy shares the load of a farm of proxies.",
        "haproxy, squid",
        haproxy(_IN_FRONT.format(bind=f"{PROXY}:{PORT}")),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    passes(
        "proxy-clean-splice",
        "Squid looks at the name in the handshake and then leaves the tunnel alone.",
        "squid",
        squid(
            listen="http_port ssl-bump cert=@PKI@/inspection-ca-with-key.pem generate-host-certificates=off",
            options=("acl step1 at_step SslBump1", "ssl_bump peek step1", "ssl_bump splice all"),
        ),
        settings=PROXY_FLAGS,
    ),
    passes(
        "proxy-clean-two-proxies",
        "One proxy for https, another for http; both work.",
        "squid, squid",
        squid(),
        squid(host="proxy2"),
        settings=("--proxy-https", PROXY_URL, "--proxy-http", "http://10.77.4.2:3128", "--proxy-skip-range", SKIP_RANGE),
    ),
    passes(
        "proxy-clean-environment",
        "The proxy is named by HTTPS_PROXY, the bypass list by NO_PROXY.",
        "squid",
        squid(),
        environment=(("HTTPS_PROXY", PROXY_URL), ("HTTP_PROXY", PROXY_URL), ("NO_PROXY", SKIP_RANGE)),
    ),
    passes(
        "proxy-clean-in-skip-range",
        "The bypass list covers the proxy's own address, which changes nothing for those who ask it.",
        "squid",
        squid(),
        settings=through(PROXY_URL, skip_range=SKIP_RANGE + ",10.77.3.2"),
    ),
)

_DROP = (Filter(host="proxy", hook="input", rules=(f"tcp dport {PORT} drop",)),)

UNREACHABLE = (
    fails("proxy-refused", "Nothing listens on the proxy's port.", "kernel", "proxy-refused", settings=PROXY_FLAGS),
    fails(
        "proxy-refused-https",
        "The proxy for https is down; the one for http works.",
        "squid",
        "proxy-refused",
        squid(host="proxy2"),
        settings=("--proxy-https", PROXY_URL, "--proxy-http", "http://10.77.4.2:3128", "--proxy-skip-range", SKIP_RANGE),
    ),
    fails(
        "proxy-refused-farm",
        "The load balancer is up, no proxy behind it is.",
        "haproxy",
        "proxy-closed",
        haproxy(_IN_FRONT.format(bind=f"{PROXY}:{PORT}")),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-closes-haproxy",
        "The load balancer rejects this source: it takes the connection and closes it.",
        "haproxy",
        "proxy-closed",
        haproxy(
            f"frontend front\n  mode tcp\n  bind {PROXY}:{PORT}\n  tcp-request content reject\n  default_backend none\n"
            "backend none\n  mode tcp\n"
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-silent",
        "A firewall drops packets to the proxy.",
        "nftables",
        "proxy-silent",
        squid(),
        filters=_DROP,
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-silent-socks",
        "A firewall drops packets to the SOCKS server.",
        "nftables",
        "proxy-silent",
        dante(),
        filters=_DROP,
        settings=through(f"socks5h://{PROXY}:{PORT}"),
    ),
    fails(
        "proxy-unreachable-route",
        "No router knows the proxy's network.",
        "iproute2",
        "proxy-unreachable",
        squid(),
        commands=(Command(host="router", words=("ip", "route", "add", PROXY, "dev", "nowhere")),),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-unreachable-prohibited",
        "A firewall forbids the way to the proxy, and says so.",
        "nftables",
        "proxy-unreachable",
        squid(),
        filters=(Filter(host="router", hook="forward", rules=(f"ip daddr {PROXY} reject with icmpx admin-prohibited",)),),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-unreachable-address",
        "The proxy setting names an address that does not exist.",
        "nftables",
        "proxy-unreachable",
        settings=through("http://10.99.3.2:3128"),
    ),
    *_each(
        "fail",
        "proxy-reset",
        "The proxy takes the connection and resets it.",
        "proxy-reset",
        (
            scripted_proxy(Script(deaf=True, answer="", then="reset")),
            squid("acl node src 10.77.1.0/24", "deny_info TCP_RESET node", "http_access deny node"),
        ),
    ),
)

_TLS_FRONT = f"frontend front\n  mode tcp\n  bind {PROXY}:{PORT} ssl crt @PKI@/CERT\n  default_backend cache\n" + (
    "backend cache\n  mode tcp\n  server cache 10.77.4.2:3128\n"
)
_SECURE_URL = f"https://{PROXY}:{PORT}"


def _tls_proxies(certificate: str) -> tuple[tuple[Server, ...], ...]:
    return (
        (squid(listen=f"https_port tls-cert=@PKI@/{certificate}"),),
        (haproxy(_TLS_FRONT.replace("CERT", certificate)), squid(host="proxy2")),
        (apache(tls=f"@PKI@/{certificate}"),),
    )


def _secure(name: str, story: str, certificate: str, settings: tuple[str, ...], *, well: bool = False) -> tuple[Scenario, ...]:
    if well:
        return tuple(
            passes(f"{name}-{_label(group[0])}", story, _label(group[0]), *group, settings=settings)
            for group in _tls_proxies(certificate)
        )
    return tuple(
        fails(
            f"{name}-{_label(group[0])}",
            story,
            _label(group[0]),
            "proxy-certificate-untrusted",
            *group,
            settings=settings,
        )
        for group in _tls_proxies(certificate)
    )


_CORPORATE = ("--proxy-cert", "@PKI@/corporate-ca.pem")

SCHEME = (
    fails(
        "proxy-is-ssh",
        "The port belongs to an SSH server.",
        "scripted",
        "proxy-not-http",
        scripted_proxy(Script(greeting="SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", deaf=True, answer="", then="silence")),
        settings=PROXY_FLAGS,
    ),
    *_each(
        "fail",
        "proxy-is-web-server",
        "The port belongs to an ordinary web server, not to a proxy.",
        "proxy-not-http",
        (
            nginx(f"server {{ listen {PROXY}:{PORT}; return 200 'intranet'; }}"),
            apache("Options None", proxying=False),
        ),
    ),
    fails(
        "proxy-is-socks",
        "The port belongs to a SOCKS server.",
        "dante",
        "proxy-not-http",
        dante(),
        settings=PROXY_FLAGS,
    ),
    *(
        fails(
            f"proxy-is-tls-{_label(group[0])}",
            "The proxy speaks TLS, the setting says http://.",
            _label(group[0]),
            "proxy-speaks-tls",
            *group,
            settings=PROXY_FLAGS,
        )
        for group in (
            *_tls_proxies("proxy.pem"),
            (
                nginx(
                    f"server {{ listen {PROXY}:{PORT} ssl; ssl_certificate @PKI@/proxy.pem; "
                    "ssl_certificate_key @PKI@/proxy.pem; }"
                ),
            ),
        )
    ),
    *_each(
        "fail",
        "proxy-is-plain",
        "The proxy speaks plain HTTP, the setting says https://.",
        "proxy-speaks-plain",
        (squid(), tinyproxy(), apache()),
        through(_SECURE_URL),
    ),
    fails(
        "proxy-tls-unknown-ca-mitmproxy",
        "The proxy speaks both on one port, with a certificate of its own making.",
        "mitmproxy",
        "proxy-certificate-untrusted",
        mitmproxy("--ignore-hosts", ".*"),
        settings=through(_SECURE_URL),
    ),
    *_secure("proxy-tls-unknown-ca", "The proxy's certificate comes from the company's own authority, which nobody was given.",
             "proxy.pem", through(_SECURE_URL)),
    *_secure("proxy-tls-other-authority", "The given bundle is not the one that signed the proxy's certificate.",
             "proxy-stranger.pem", through(_SECURE_URL, *_CORPORATE)),
    *_secure("proxy-tls-other-name", "The proxy's certificate is for another machine of the farm.",
             "proxy-other-name.pem", through(_SECURE_URL, *_CORPORATE)),
    *_secure("proxy-tls-expired", "The proxy's certificate has expired.",
             "proxy-expired.pem", through(_SECURE_URL, *_CORPORATE)),
    *_secure("proxy-tls-given", "The proxy's authority was given with --proxy-cert.",
             "proxy.pem", through(_SECURE_URL, *_CORPORATE), well=True),
)  # fmt: skip


def _squid_offering(*schemes: str, check: bool = False) -> Server:
    lines = {
        "digest": ("auth_param digest program /usr/lib/squid/digest_file_auth @FOLDER@/digest", "auth_param digest realm Contoso"),
        "ntlm": ("auth_param ntlm program /usr/lib/squid/ntlm_fake_auth",),
        "negotiate": ("auth_param negotiate program /usr/lib/squid/negotiate_wrapper_auth --ntlm /usr/lib/squid/ntlm_fake_auth",),
        "basic": ("auth_param basic program /usr/lib/squid/basic_ncsa_auth @FOLDER@/accounts", "auth_param basic realm Contoso proxy"),
    }
    offered = tuple(line for scheme in schemes for line in lines[scheme])
    files = (("digest", "arc:open sesame\n"), *_accounts())
    return squid(*offered, "acl known proxy_auth REQUIRED", "http_access deny !known", files=files)


_APACHE_DIGEST = apache(
    inside=("AuthType Digest", 'AuthName "Contoso"', "AuthUserFile @FOLDER@/digest", "Require valid-user"),
    files=(("digest", "arc:Contoso:0123456789abcdef0123456789abcdef\n"),),
)
_ASKING = (
    _basic_squid(),
    tinyproxy(f'BasicAuth {USER} "{PASSWORD}"'),
    _basic_apache(),
    mitmproxy("--ignore-hosts", ".*", "--proxyauth", f"{USER}:{PASSWORD}"),
)
_RIGHT = _with(USER, "open%20sesame")
_HAPROXY_PAIR = (haproxy(_HAPROXY_AUTH), squid(host="proxy2"))

AUTHENTICATION = (
    *_each("fail", "proxy-auth-required", "The proxy wants Basic credentials, none are set.", "proxy-auth-required", _ASKING),
    *_each("fail", "proxy-auth-wrong", "The password is wrong.", "proxy-auth-rejected", _ASKING, _with(USER, "wrong")),
    *_each("pass", "proxy-auth-right", "The credentials are right.", "", _ASKING, _RIGHT),
    fails(
        "proxy-auth-required-haproxy",
        "HAProxy in front of the proxies wants credentials (its reason phrase is unusual).",
        "haproxy",
        "proxy-auth-required",
        *_HAPROXY_PAIR,
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-auth-wrong-haproxy",
        "HAProxy in front of the proxies wants other credentials.",
        "haproxy",
        "proxy-auth-rejected",
        *_HAPROXY_PAIR,
        settings=_with(USER, "wrong"),
    ),
    passes(
        "proxy-auth-right-haproxy",
        "HAProxy in front of the proxies gets the credentials that it wants.",
        "haproxy",
        *_HAPROXY_PAIR,
        settings=_RIGHT,
    ),
    passes(
        "proxy-auth-file",
        "The credentials come from --proxy-auth-file.",
        "squid",
        _basic_squid(),
        files=(("credentials", f"{USER}:{PASSWORD}\n"),),
        settings=(*PROXY_FLAGS, "--proxy-auth-file", "@FOLDER@/credentials"),
    ),
    passes(
        "proxy-auth-reserved-characters",
        "User and password hold every reserved character, percent-encoded.",
        "squid",
        _basic_squid(files=_accounts(HARD_USER, HARD_PASSWORD)),
        settings=_with(HARD_PERCENT, HARD_PASSWORD_PERCENT),
    ),
    passes(
        "proxy-auth-non-ascii",
        "User and password are not ASCII and sent as UTF-8.",
        "squid",
        _basic_squid(files=_accounts("jürgen", CZECH_PASSWORD)),
        settings=_with("j%C3%BCrgen", "%C5%BElu%C5%A5ou%C4%8Dk%C3%BD"),
    ),
    passes(
        "proxy-auth-empty-password",
        "A user without a password.",
        "apache",
        _basic_apache(_EMPTY_SHA1),
        settings=_with("arc", ""),
    ),
    *(
        fails(
            f"proxy-auth-{scheme}-only-{label}",
            f"The proxy offers {scheme} only, which the agents cannot do.",
            label,
            "proxy-auth-unsupported",
            server,
            settings=settings,
        )
        for scheme, label, server, settings in (
            ("digest", "squid", _squid_offering("digest"), _RIGHT),
            ("digest", "apache", _APACHE_DIGEST, _RIGHT),
            ("ntlm", "squid", _squid_offering("ntlm"), _RIGHT),
            ("negotiate", "squid", _squid_offering("negotiate"), PROXY_FLAGS),
            ("ntlm-and-negotiate", "squid", _squid_offering("negotiate", "ntlm"), _RIGHT),
        )
    ),
    fails(
        "proxy-auth-several-offered-none-set",
        "The proxy offers Negotiate, NTLM, Digest and Basic, no credentials are set.",
        "squid",
        "proxy-auth-required",
        _squid_offering("negotiate", "ntlm", "digest", "basic"),
        settings=PROXY_FLAGS,
    ),
    passes(
        "proxy-auth-several-offered",
        "The proxy offers Negotiate, NTLM, Digest and Basic; Basic credentials are set.",
        "squid",
        _squid_offering("negotiate", "ntlm", "digest", "basic"),
        settings=_RIGHT,
    ),
    passes(
        "proxy-auth-not-asked-for",
        "Credentials are set, the proxy does not ask for any.",
        "tinyproxy",
        tinyproxy(),
        settings=_RIGHT,
    ),
)

_DENY_NAME = ("acl cloud dstdomain .azure.com", "http_access deny cloud")
_PORTAL = "http://blocked.corp.lab/portal?url=%u"

POLICY = (
    *_each(
        "fail",
        "proxy-denied-name",
        "The proxy's rules deny one name.",
        "proxy-denied",
        (
            squid(f"acl blocked dstdomain {ARM}", "http_access deny blocked"),
            tinyproxy('Filter "@FOLDER@/filter"', files=(("filter", "management\\.azure\\.com\n"),)),
            apache(f"ProxyBlock {ARM}"),
            scripted_proxy(
                Script(only=(ARM,), answer="HTTP/1.1 403 Forbidden\r\nServer: Zscaler/6.2\r\nContent-Length: 0\r\n\r\n", then="close")
            ),
        ),
    ),
    fails(
        "proxy-denied-name-haproxy",
        "HAProxy in front of the proxies denies one name.",
        "haproxy, squid",
        "proxy-denied",
        haproxy(
            f"frontend front\n  bind {PROXY}:{PORT}\n  http-request deny if {{ path_beg {ARM} }} or {{ url_beg {ARM} }}\n"
            "  default_backend cache\nbackend cache\n  server cache 10.77.4.2:3128\n"
        ),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    *_each(
        "fail",
        "proxy-denied-all",
        "The proxy's rules deny this source everything.",
        "proxy-denied",
        (
            squid("acl nodes src 10.77.1.0/24", "http_access deny nodes"),
            tinyproxy("Deny 10.77.1.0/24"),
            apache(inside=("Require not ip 10.77.1.0/24", "Require all denied")),
        ),
    ),
    *_each(
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
        squid(*_DENY_NAME, options=("deny_info 403:@FOLDER@/page.html cloud",),
              files=(("page.html", "<html><title>Web Page Blocked</title>Category: Cloud Storage</html>\n"),)),
        settings=PROXY_FLAGS,
    ),
    *_each(
        "fail",
        "proxy-redirects",
        "The proxy sends unknown clients to a portal.",
        "proxy-redirects",
        (
            squid(*_DENY_NAME, options=(f"deny_info 302:{_PORTAL} cloud",)),
            scripted_proxy(
                Script(
                    answer="HTTP/1.1 307 Temporary Redirect\r\nLocation: https://gateway.zscaler.net/auD?origurl=x\r\n"
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
            f"frontend front\n  bind {PROXY}:{PORT}\n  http-request redirect location http://portal.corp.lab/login code 302\n"
        ),
        settings=PROXY_FLAGS,
    ),
)  # fmt: skip

_NO_DNS = unbound('local-zone: "." always_nxdomain')


def _squid_error(status: str, error: str) -> Server:
    body = f"<html><body id={error.split()[0]}><p>The requested URL could not be retrieved</p></body></html>"
    answer = (
        f"HTTP/1.1 {status}\r\nServer: squid/6.13\r\nMime-Version: 1.0\r\nContent-Type: text/html;charset=utf-8\r\n"
        f"X-Squid-Error: {error}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
    return scripted_proxy(Script(only=(ARM,), answer=answer, then="close"))


def _blocked_out(rule: str) -> tuple[Filter, ...]:
    return (Filter(host="router", hook="forward", rules=(f"iifname proxy ip daddr 203.0.113.20 tcp dport 443 {rule}",)),)


WAY_OUT = (
    *(
        fails(
            f"proxy-cannot-resolve-{label}",
            story,
            "squid",
            "proxy-cannot-resolve",
            squid(dns=RESOLVER, options=("dns_timeout 2 seconds",)),
            server,
            resolv_conf="nameserver 203.0.113.53\n",
            settings=PROXY_FLAGS,
        )
        for label, story, server in (
            ("unknown", "The proxy's resolver knows no external name (Squid 5 words it badly).", _NO_DNS),
            ("refused", "The proxy's resolver refuses it (Squid 5).", bind("allow-query { 192.0.2.1; };")),
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
        resolv_conf="nameserver 203.0.113.53\n",
        proxy_resolv_conf=f"nameserver {RESOLVER}\n",
        settings=PROXY_FLAGS,
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
            filters=_blocked_out(rule),
            settings=PROXY_FLAGS,
        )
        for label, story, software, server, rule in (
            ("refused-squid", "The proxy's own connection to one service is refused.", "squid", squid(), "reject with tcp reset"),
            ("refused-apache", "The proxy's own connection is refused.", "apache", apache(), "reject with tcp reset"),
            ("refused-tinyproxy", "The proxy's own connection is refused.", "tinyproxy", tinyproxy(), "reject with tcp reset"),
            ("unreachable-squid", "The proxy has no way to one service.", "squid", squid(), "reject with icmpx admin-prohibited"),
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
            f"proxy-hung-way-out-{_label(server)}",
            "The firewall drops the proxy's own connections; it waits longer than its clients do.",
            _label(server),
            "proxy-hung",
            server,
            filters=(
                Filter(
                    host="router",
                    hook="forward",
                    rules=("iifname proxy ip daddr { 203.0.113.0/24, 198.51.100.0/24 } tcp dport { 443, 8084 } drop",),
                ),
            ),
            settings=PROXY_FLAGS,
        )
        for server in (squid(), apache(), tinyproxy())
    ),
)

_OK = "HTTP/1.1 200 Connection established\r\n"


def _manners(name: str, story: str, causes: str, script: Script) -> Scenario:
    if causes:
        return fails(name, story, "scripted", causes, scripted_proxy(script), settings=PROXY_FLAGS)
    return passes(name, story, "scripted", scripted_proxy(script), settings=PROXY_FLAGS)


MANNERS = (
    _manners("proxy-slow-head", "The proxy's answer comes byte by byte, in time.", "", Script(pause=0.02)),
    _manners("proxy-slow-endless", "The proxy's answer comes byte by byte, one a second.", "proxy-hung", Script(pause=1.0)),
    _manners("proxy-hung", "The proxy takes the request and never answers.", "proxy-hung", Script(answer="", then="silence")),
    _manners("proxy-closed-before-head", "The proxy takes the request and closes.", "proxy-closed", Script(answer="", then="close")),
    _manners(
        "proxy-closed-within-head",
        "The proxy closes in the middle of its answer.",
        "proxy-closed",
        Script(answer="HTTP/1.1 200 Connection esta", then="close"),
    ),
    _manners("proxy-closed-after-head", "The proxy says 200 and closes.", "tls-closed", Script(then="close")),
    _manners("proxy-hung-after-head", "The proxy says 200 and carries nothing.", "tls-silent", Script(then="silence")),
    _manners(
        "proxy-200-with-length",
        "The proxy's 200 announces a body that does not come; clients must ignore that (RFC 9110 section 9.3.6).",
        "",
        Script(answer=f"{_OK}Content-Length: 39\r\n\r\n"),
    ),
    _manners(
        "proxy-200-with-page",
        "The proxy says 200 and sends a page instead of a tunnel.",
        "tls-plaintext-answer",
        Script(answer=f"{_OK}Content-Length: 45\r\n\r\n<html><title>Please log in</title>...</html>\n", then="close"),
    ),
    _manners("proxy-large-head", "The proxy's answer has 12 KB of header.", "", Script(answer=f"{_OK}X-Policy: @FILLER@\r\n\r\n", filler=12000)),
    _manners(
        "proxy-endless-head",
        "The proxy's answer is a header without end.",
        "proxy-not-http",
        Script(answer=f"{_OK}X-Policy: @FILLER@", filler=4_000_000, then="silence"),
    ),
    _manners("proxy-garbage", "The proxy answers with bytes that are not HTTP.", "proxy-not-http", Script(answer="\x00\x01\x02hello\r\n\r\n", then="close")),
    _manners("proxy-http-1-0", "The proxy answers in HTTP/1.0.", "", Script(answer="HTTP/1.0 200 Connection established\r\n\r\n")),
    _manners("proxy-100-first", "The proxy sends 100 before its 200.", "", Script(answer=f"HTTP/1.1 100 Continue\r\n\r\n{_OK}\r\n")),
    _manners("proxy-200-without-phrase", "The proxy's 200 has no reason phrase.", "", Script(answer="HTTP/1.1 200\r\n\r\n")),
    _manners("proxy-bare-newlines", "The proxy ends its lines with LF only.", "", Script(answer="HTTP/1.1 200 OK\nVia: 1.0 x\n\n")),
)  # fmt: skip

OVERLOAD = (
    _manners(
        "proxy-overloaded-503",
        "The proxy is overloaded and says when to come back.",
        "proxy-overloaded",
        Script(answer="HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", then="close"),
    ),
    _manners(
        "proxy-overloaded-429",
        "The proxy limits the rate of requests.",
        "proxy-overloaded",
        Script(after=4, answer="HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n", then="close"),
    ),
    fails(
        "proxy-overloaded-haproxy",
        "The load balancer has no free connection to any proxy and gives up after half a second.",
        "haproxy, scripted",
        "proxy-overloaded",
        haproxy(
            f"frontend front\n  bind {PROXY}:{PORT}\n  default_backend cache\n"
            "backend cache\n  timeout queue 500ms\n  http-after-response set-header Retry-After 5 if { status 503 }\n"
            f"  server cache {PROXY}:3129 maxconn 1\n"
        ),
        scripted_proxy(Script(answer="", then="silence"), port=3129),
        settings=PROXY_FLAGS,
    ),
    _manners(
        "proxy-overloaded-after-k",
        "The proxy answers four connections, the others get 503.",
        "proxy-overloaded",
        Script(after=4, answer="HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", then="close"),
    ),
)  # fmt: skip


def _socks(*rules: str, method: str = "none") -> Server:
    # The account that Dante asks for; a hash of `opensesame` (openssl passwd -6).
    etc = (
        ("passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\narc:x:1000:1000::/:/bin/false\n"),
        ("shadow", f"root:*:19000::::::\nnobody:*:19000::::::\narc:{_SHADOW}:19000:0:99999:7:::\n"),
    )
    return dante(*rules, method=method, etc=etc if method == "username" else ())


_SHADOW = "$6$arcprobe$koI.V.WclZ3xwXVQCLzXnBpM4moECERn9BWJ1rOMr/TfV665a2OYFfyq10QCEnOQc6c3sS04gO.09P3mPVQSt1"
_SOCKS = through(f"socks5h://{PROXY}:{PORT}")


def _socks_as(user: str, password: str) -> tuple[str, ...]:
    return through(f"socks5h://{user}:{password}@{PROXY}:{PORT}")


_PASS = "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }"

SOCKS = (
    *(
        passes(f"socks-clean-{scheme}", f"A SOCKS server, named with {scheme}://.", "dante", dante(), bind(), settings=through(f"{scheme}://{PROXY}:{PORT}"))
        for scheme in ("socks5", "socks5h", "socks4")
    ),
    passes("socks-name-at-proxy", "No local DNS; the SOCKS server resolves.", "dante", dante(), settings=_SOCKS),
    fails("socks-method-refused", "The SOCKS server wants a user name, none is set.", "dante", "proxy-auth-required", _socks(method="username"), settings=_SOCKS),
    fails("socks-password-wrong", "The SOCKS password is wrong.", "dante", "proxy-auth-rejected", _socks(method="username"), settings=_socks_as("arc", "wrong")),
    passes("socks-password-right", "The SOCKS password is right.", "dante", _socks(method="username"), settings=_socks_as("arc", "opensesame")),
    fails("socks-denied", "The SOCKS ruleset denies one service.", "dante", "proxy-denied", dante("socks block { from: 0.0.0.0/0 to: 203.0.113.20/32 }", _PASS), settings=_SOCKS),
    fails("socks-denied-8084", "The SOCKS ruleset passes port 443 only.", "dante", "proxy-port-denied", dante("socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 port = 443 }"), settings=_SOCKS),
    fails("socks-cannot-connect", "The SOCKS server's own connection is refused.", "dante", "proxy-cannot-connect", dante(), filters=_blocked_out("reject with tcp reset"), settings=_SOCKS),
    fails("socks-host-unreachable", "The SOCKS server has no way to one service.", "dante", "proxy-cannot-connect", dante(), filters=_blocked_out("reject with icmpx admin-prohibited"), settings=_SOCKS),
    fails("socks-is-http", "The setting says socks5h://, the proxy speaks HTTP.", "squid", "proxy-not-http", squid(), settings=_SOCKS),
)  # fmt: skip

VARIABLES = (
    warns(
        "proxy-variables-disagree",
        "HTTPS_PROXY names the proxy, https_proxy another one; the agents take the upper-case form.",
        "squid",
        "proxy-variables-disagree",
        squid(),
        environment=(
            ("HTTPS_PROXY", PROXY_URL),
            ("https_proxy", "http://10.77.4.2:3128"),
            ("HTTP_PROXY", PROXY_URL),
            ("NO_PROXY", SKIP_RANGE),
        ),
    ),
    passes(
        "proxy-variables-agree",
        "Both forms of every variable are set and agree.",
        "squid",
        squid(),
        environment=tuple(
            (name, value)
            for forms, value in (
                (("HTTPS_PROXY", "https_proxy"), PROXY_URL),
                (("HTTP_PROXY", "http_proxy"), PROXY_URL),
                (("NO_PROXY", "no_proxy"), SKIP_RANGE),
            )
            for name in forms
        ),
    ),
    passes(
        "proxy-flag-wins",
        "The environment names a dead proxy, the flag the living one.",
        "squid",
        squid(),
        settings=PROXY_FLAGS,
        environment=(("HTTPS_PROXY", "http://10.77.4.2:3128"), ("HTTP_PROXY", "http://10.77.4.2:3128")),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (
    *CLEAN,
    *UNREACHABLE,
    *SCHEME,
    *AUTHENTICATION,
    *POLICY,
    *WAY_OUT,
    *MANNERS,
    *OVERLOAD,
    *SOCKS,
    *VARIABLES,
)
