"""TLS that is opened on the way: by explicit proxies, by transparent boxes, for all hosts and for
some, trusted and not.

With everything inspected and trusted `tls-intercepted` is a warning beside whatever else is wrong.
"""

from __future__ import annotations

import msgspec

from ..fronts import FRONT_PORT, front, inspector, led_to_front, led_to_inspector
from ..name_servers import RESOLVER, bind, unbound
from ..scenario import PROXY_FLAGS, PROXY_URL, Filter, Scenario, fails, passes, warns
from ..servers import Server
from ..software import haproxy, mitmproxy, squid, squid_bump, tinyproxy
from ..zone import INTERNET_DNS
from .ways import ARM, IN_FRONT, through

TRUSTED = ("--proxy-cert", "@PKI@/inspection-ca.pem")
GIVEN = (*PROXY_FLAGS, *TRUSTED)
WEBSOCKETS = "http_upgrade_request_protocols websocket allow all"
_STARE = (
    "ssl_bump stare step1",
    "acl step2 at_step SslBump2",
    "ssl_bump stare step2",
    "ssl_bump bump all",
)
_AZURE = "acl some ssl::server_name .azure.com .k8s.io"
_DENY = (f"acl blocked dstdomain {ARM}", "http_access deny blocked")
_REFUSED = (
    Filter(
        host="router",
        hook="forward",
        rules=("iifname proxy ip daddr 203.0.113.20 tcp dport 443 reject with tcp reset",),
    ),
)


def _custom(server: Server) -> Server:
    """mitmproxy with the company's authority instead of its own."""
    made = (
        ("mkdir", "@FOLDER@/conf"),
        ("cp", "@PKI@/inspection-ca-with-key.pem", "@FOLDER@/conf/mitmproxy-ca.pem"),
    )
    return msgspec.structs.replace(server, prepare=made)


def _bumped(
    *bumping: str,
    rules: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    dns: str = INTERNET_DNS,
    roots: str = "@PKI@/public-roots.pem",
) -> Server:
    """Squid that inspects and lets WebSockets through."""
    return squid_bump(*bumping, rules=rules, options=(WEBSOCKETS, *options), dns=dns, roots=roots)


SQUID = (
    passes(
        "bump-peek-splice",
        "Squid peeks at both sides of the handshake and splices everything.",
        "squid",
        _bumped(
            "ssl_bump peek step1",
            "acl step2 at_step SslBump2",
            "ssl_bump peek step2",
            "ssl_bump splice all",
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "bump-stare-untrusted",
        "Squid stares at the handshake and bumps.",
        "squid",
        "tls-intercepted",
        _bumped(*_STARE),
        settings=PROXY_FLAGS,
    ),
    warns(
        "bump-stare-trusted",
        "Squid stares at the handshake and bumps; the agents trust it.",
        "squid",
        "tls-intercepted",
        _bumped(*_STARE),
        settings=GIVEN,
    ),
    fails(
        "bump-selective-untrusted",
        "Squid exempts some of the names that Arc needs and inspects the others.",
        "squid",
        "tls-intercepted",
        _bumped(_AZURE, "ssl_bump peek step1", "ssl_bump splice some", "ssl_bump bump all"),
        settings=PROXY_FLAGS,
    ),
    warns(
        "bump-selective-trusted",
        "Squid exempts some of the names, the agents trust it for the others.",
        "squid",
        "tls-intercepted",
        _bumped(_AZURE, "ssl_bump peek step1", "ssl_bump splice some", "ssl_bump bump all"),
        settings=GIVEN,
    ),
    fails(
        "bump-only-relay",
        "Squid exempts everything but the relay, whose name nobody knew.",
        "squid",
        "tls-intercepted",
        _bumped(
            "acl relay ssl::server_name .servicebus.windows.net",
            "ssl_bump peek step1",
            "ssl_bump bump relay",
            "ssl_bump splice all",
        ),
        settings=PROXY_FLAGS,
    ),
    warns(
        "bump-trusted-and-direct",
        "Squid inspects, the agents trust it; the direct way is open and shows the genuine "
        "certificates.",
        "squid, bind",
        "tls-intercepted",
        _bumped(),
        bind(),
        settings=(*GIVEN, "--direct"),
    ),
    fails(
        "bump-wrong-bundle",
        "Squid inspects, the agents are given the company's other authority.",
        "squid",
        "tls-intercepted",
        _bumped(),
        settings=(*PROXY_FLAGS, "--proxy-cert", "@PKI@/corporate-ca.pem"),
    ),
    fails(
        "bump-untrusted-origin",
        "Squid inspects and lacks the public roots: it forges with its other authority, whose "
        "name says so.",
        "squid",
        "tls-intercepted",
        _bumped(
            *_STARE, options=("sslproxy_cert_error allow all",), roots="@PKI@/corporate-ca.pem"
        ),
        settings=GIVEN,
    ),
    fails(
        "bump-origin-refused",
        "Squid inspects and lacks the public roots: it shows an error page instead of every "
        "endpoint.",
        "squid",
        "tls-intercepted proxy-cannot-connect",
        _bumped(roots="@PKI@/corporate-ca.pem"),
        settings=GIVEN,
    ),
)

# What an inspecting Squid says inside the session, where everything is inspected and trusted, and
# where nothing else is.
_ERRORS = (
    ("denied", "denies one name", "block-page", _DENY, INTERNET_DNS, (), ()),
    (
        "cannot-resolve",
        "cannot resolve one name",
        # Squid 5.7 tells so where it splices; inside the session it only says
        # ERR_READ_ERROR, as of any end.
        "proxy-cannot-connect",
        (),
        RESOLVER,
        (unbound(f'local-zone: "{ARM}." always_nxdomain'),),
        (),
    ),
    (
        "cannot-connect",
        "is refused by one endpoint",
        "proxy-cannot-connect",
        (),
        INTERNET_DNS,
        (),
        _REFUSED,
    ),
)
_SPLICE = ("ssl_bump peek step1", "ssl_bump splice all")

INSIDE = (
    *(
        fails(
            f"bump-{name}",
            f"Squid inspects, the agents trust it; it {words}.",
            "squid",
            f"tls-intercepted {code}",
            _bumped(*_STARE, rules=rules, dns=dns),
            *servers,
            filters=filters,
            settings=GIVEN,
        )
        for name, words, code, rules, dns, servers, filters in _ERRORS
    ),
    *(
        fails(
            f"splice-{name}",
            f"Squid inspects nothing and {words}: it forges a certificate only to say so.",
            "squid",
            "proxy-cannot-resolve" if dns == RESOLVER else code,
            _bumped(*_SPLICE, rules=rules, dns=dns),
            *servers,
            filters=filters,
            settings=PROXY_FLAGS,
        )
        for name, words, code, rules, dns, servers, filters in _ERRORS[:2]
    ),
    # Measured with Squid 5.7: for a spliced tunnel it has no session to say it in.
    fails(
        "splice-cannot-connect",
        "Squid inspects nothing and is refused by one endpoint: it ends the tunnel without a word.",
        "squid",
        "tls-closed",
        _bumped(*_SPLICE),
        filters=_REFUSED,
        settings=PROXY_FLAGS,
    ),
    fails(
        "bump-denied-redirect",
        "Squid inspects, the agents trust it; it sends one name to a portal.",
        "squid",
        "tls-intercepted answer-redirected",
        _bumped(
            rules=_DENY, options=("deny_info 302:http://blocked.corp.lab/portal?url=%u blocked",)
        ),
        settings=GIVEN,
    ),
    fails(
        "bump-denied-category",
        "Squid inspects, the agents trust it; a category filter shows its page for one name.",
        "squid",
        "tls-intercepted block-page",
        msgspec.structs.replace(
            made := _bumped(rules=_DENY, options=("deny_info 403:@FOLDER@/page.html blocked",)),
            files=(
                *made.files,
                (
                    "page.html",
                    "<html><title>Web Page Blocked</title>Category: Cloud Storage</html>\n",
                ),
            ),
        ),
        settings=GIVEN,
    ),
    fails(
        "bump-denied-8084",
        "Squid inspects, the agents trust it; it denies port 8084.",
        "squid",
        "tls-intercepted block-page",
        _bumped(rules=("acl odd port 8084", "http_access deny odd")),
        settings=GIVEN,
    ),
)

_EXEMPT = ("--ignore-hosts", r"azure\.com", "--ignore-hosts", r"k8s\.io")

BESIDES = (
    fails(
        "bump-origin-expired",
        "Squid inspects, the agents trust it; the certificate of one endpoint has expired, and "
        "Squid shows an error page.",
        "squid, haproxy",
        "tls-intercepted proxy-cannot-connect",
        _bumped(),
        front(certificates="@PKI@/shapes/expired.pem"),
        filters=led_to_front("arm"),
        settings=GIVEN,
    ),
    fails(
        "splice-origin-expired",
        "Squid inspects nothing; the certificate of one endpoint has expired.",
        "squid, haproxy",
        "certificate-expired",
        _bumped(*_SPLICE),
        front(certificates="@PKI@/shapes/expired.pem"),
        filters=led_to_front("arm"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "bump-and-services-uncovered",
        "Squid inspects, the agents trust it; and the bypass list lacks the Services' range.",
        "squid",
        "tls-intercepted services-uncovered",
        _bumped(),
        settings=through(
            PROXY_URL,
            *TRUSTED,
            skip_range="localhost,127.0.0.1,10.244.0.0/16,10.77.1.0/24,10.77.5.2,.svc,.cluster.local",
        ),
    ),
)

MITMPROXY = (
    warns(
        "mitmproxy-custom-trusted",
        "mitmproxy inspects with the company's authority, which the agents are given.",
        "mitmproxy",
        "tls-intercepted",
        _custom(mitmproxy()),
        settings=GIVEN,
    ),
    fails(
        "mitmproxy-custom-untrusted",
        "mitmproxy inspects with the company's authority, which the agents are not given.",
        "mitmproxy",
        "tls-intercepted",
        _custom(mitmproxy()),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mitmproxy-selective",
        "mitmproxy exempts some hosts and inspects the others.",
        "mitmproxy",
        "tls-intercepted",
        mitmproxy(*_EXEMPT),
        settings=PROXY_FLAGS,
    ),
    warns(
        "mitmproxy-selective-trusted",
        "mitmproxy exempts some hosts, the agents trust it for the others.",
        "mitmproxy",
        "tls-intercepted",
        _custom(mitmproxy(*_EXEMPT)),
        settings=GIVEN,
    ),
    fails(
        "mitmproxy-upstream",
        "mitmproxy inspects and goes on to another proxy.",
        "mitmproxy, squid",
        "tls-intercepted",
        mitmproxy("--mode", "upstream:http://10.77.4.2:3128"),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    passes(
        "mitmproxy-upstream-exempted",
        "mitmproxy exempts everything and goes on to another proxy.",
        "mitmproxy, squid",
        mitmproxy("--mode", "upstream:http://10.77.4.2:3128", "--ignore-hosts", ".*"),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
)

_BOX = "An inspecting firewall that nobody was told about"

TRANSPARENT = (
    fails(
        "box-untrusted",
        f"{_BOX} opens all TLS.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector(),
    ),
    warns(
        "box-trusted",
        f"{_BOX} opens all TLS, the agents trust it.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector(),
        settings=TRUSTED,
    ),
    fails(
        "box-one-service",
        f"{_BOX} opens TLS with one service only.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector("registry"),
    ),
    fails(
        "box-only-443",
        f"{_BOX} opens TLS on port 443, and knows nothing of 8084.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=(
            Filter(
                host="router",
                hook="prerouting",
                kind="nat",
                rules=(
                    f"ip daddr {{ 203.0.113.0/24, 198.51.100.0/24 }} tcp dport 443 redirect to "
                    f":{FRONT_PORT}",
                ),
            ),
        ),
    ),
    fails(
        "box-behind-tinyproxy",
        "The firewall behind an honest proxy opens all TLS.",
        "haproxy, tinyproxy",
        "tls-intercepted",
        tinyproxy(),
        inspector(),
        filters=led_to_inspector(),
        settings=PROXY_FLAGS,
    ),
    fails(
        "box-behind-haproxy-and-squid",
        "The firewall behind a farm of honest proxies opens TLS with one service.",
        "haproxy, squid",
        "tls-intercepted",
        haproxy(IN_FRONT),
        squid(host="proxy2"),
        inspector(),
        filters=led_to_inspector("configuration"),
        settings=PROXY_FLAGS,
    ),
    warns(
        "box-below-trusted",
        "The box signs with an authority below the company's root, which the agents are given.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates="@PKI@/forged-below"),
        filters=led_to_inspector(),
        settings=("--proxy-cert", "@PKI@/corporate-ca.pem"),
    ),
    fails(
        "box-below-intermediate-given",
        "The agents are given the box's intermediate only: Go would trust it, OpenSSL and .NET "
        "do not.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates="@PKI@/forged-below"),
        filters=led_to_inspector(),
        settings=("--proxy-cert", "@PKI@/inspection-below.pem"),
    ),
    *(
        fails(
            f"box-{name}",
            f"{_BOX} {words}.",
            "haproxy",
            "tls-intercepted",
            bind(),
            inspector(certificates=certificates),
            filters=led_to_inspector(*services),
        )
        for name, words, certificates, services in (
            (
                "copied-marks",
                "copies the marks of public certificates, and sends its leaf alone",
                "@PKI@/forged-copied",
                (),
            ),
            (
                "borrowed-name",
                "calls its authority by the name of Microsoft's",
                "@PKI@/forged-borrowed-bare",
                (),
            ),
            (
                "borrowed-name-one",
                "borrows Microsoft's name for one service only",
                "@PKI@/forged-borrowed",
                ("arm",),
            ),
            (
                "copied-marks-one",
                "copies all marks for one service only",
                "@PKI@/forged-copied",
                ("arm",),
            ),
            (
                "self-signed",
                "shows one host a certificate that signs itself",
                "@PKI@/shapes/self-signed.pem",
                ("arm",),
            ),
        )
    ),
    fails(
        "box-common-name-only",
        "The agents trust the box, but its leaf has its name in the common name alone, which Go "
        "refuses.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates="@PKI@/shapes/common-name-only.pem"),
        filters=led_to_inspector("arm"),
        settings=TRUSTED,
    ),
    fails(
        "box-expired",
        "The agents trust the box, but it shows one host a certificate that has expired.",
        "haproxy",
        "tls-intercepted certificate-expired",
        bind(),
        inspector(certificates="@PKI@/shapes/expired-forged.pem"),
        filters=led_to_inspector("arm"),
        settings=TRUSTED,
    ),
    fails(
        "box-name-of-another",
        "The agents trust the box, but it shows one host the certificate that it forged for "
        "another.",
        "haproxy",
        "certificate-wrong-name",
        bind(),
        inspector(certificates="@PKI@/forged/5.pem"),
        filters=led_to_inspector("arm"),
        settings=TRUSTED,
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*SQUID, *INSIDE, *BESIDES, *MITMPROXY, *TRANSPARENT)
