"""Reaching the proxy: it is well, it is down, silent, out of reach; and the variables that name
it."""

from __future__ import annotations

from ..scenario import (
    PROXY_FLAGS,
    PROXY_URL,
    SKIP_RANGE,
    Command,
    Filter,
    Scenario,
    fails,
    passes,
    warns,
)
from ..scripted_proxy import Script
from ..software import (
    PORT,
    PROXY,
    apache,
    dante,
    haproxy,
    mitmproxy,
    scripted_proxy,
    squid,
    tinyproxy,
)
from .ways import IN_FRONT, each, through

CLEAN = (
    *each(
        "pass",
        "proxy-clean",
        "An open forward proxy.",
        "",
        (
            squid(),
            tinyproxy(),
            apache(),
            mitmproxy("--ignore-hosts", ".*"),
            scripted_proxy(Script()),
        ),
    ),
    passes(
        "proxy-clean-haproxy",
        "HAProxy shares the load of a farm of proxies.",
        "haproxy, squid",
        haproxy(IN_FRONT),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    passes(
        "proxy-clean-splice",
        "Squid looks at the name in the handshake and then leaves the tunnel alone.",
        "squid",
        squid(
            listen="http_port ssl-bump cert=@PKI@/inspection-ca-with-key.pem "
            "generate-host-certificates=off",
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
        settings=(
            "--proxy-https",
            PROXY_URL,
            "--proxy-http",
            "http://10.77.4.2:3128",
            "--proxy-skip-range",
            SKIP_RANGE,
        ),
    ),
    passes(
        "proxy-clean-environment",
        "The proxy is named by HTTPS_PROXY, the bypass list by NO_PROXY.",
        "squid",
        squid(),
        environment=(
            ("HTTPS_PROXY", PROXY_URL),
            ("HTTP_PROXY", PROXY_URL),
            ("NO_PROXY", SKIP_RANGE),
        ),
    ),
    passes(
        "proxy-clean-in-skip-range",
        "The bypass list covers the proxy's own address, which changes nothing for those who "
        "ask it.",
        "squid",
        squid(),
        settings=through(PROXY_URL, skip_range=SKIP_RANGE + ",10.77.3.2"),
    ),
)

_DROP = (Filter(host="proxy", hook="input", rules=(f"tcp dport {PORT} drop",)),)

UNREACHABLE = (
    fails(
        "proxy-refused",
        "Nothing listens on the proxy's port.",
        "kernel",
        "proxy-refused",
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-refused-https",
        "The proxy for https is down; the one for http works.",
        "squid",
        "proxy-refused",
        squid(host="proxy2"),
        settings=(
            "--proxy-https",
            PROXY_URL,
            "--proxy-http",
            "http://10.77.4.2:3128",
            "--proxy-skip-range",
            SKIP_RANGE,
        ),
    ),
    fails(
        "proxy-refused-farm",
        "The load balancer is up, no proxy behind it is.",
        "haproxy",
        "proxy-closed",
        haproxy(IN_FRONT),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-closes-haproxy",
        "The load balancer rejects this source: it takes the connection and closes it.",
        "haproxy",
        "proxy-closed",
        haproxy(
            f"frontend front\n  mode tcp\n  bind {PROXY}:{PORT}\n  tcp-request content reject\n"
            "  default_backend none\n"
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
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=(f"ip daddr {PROXY} reject with icmpx admin-prohibited",),
            ),
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-unreachable-address",
        "The proxy setting names an address that does not exist.",
        "nftables",
        "proxy-unreachable",
        settings=through("http://10.99.3.2:3128"),
    ),
    *each(
        "fail",
        "proxy-reset",
        "The proxy takes the connection and resets it.",
        "proxy-reset",
        (
            scripted_proxy(Script(raw=True, answer="", then="reset")),
            squid("acl node src 10.77.1.0/24", "deny_info TCP_RESET node", "http_access deny node"),
        ),
    ),
)

VARIABLES = (
    warns(
        "proxy-variables-disagree",
        "HTTPS_PROXY names the proxy, https_proxy another one; the agents take the upper-case "
        "form.",
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
        environment=(
            ("HTTPS_PROXY", "http://10.77.4.2:3128"),
            ("HTTP_PROXY", "http://10.77.4.2:3128"),
        ),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*CLEAN, *UNREACHABLE, *VARIABLES)
