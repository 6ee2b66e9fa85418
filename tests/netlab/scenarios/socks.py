"""SOCKS servers."""

from __future__ import annotations

from ..name_servers import bind
from ..scenario import Scenario, fails, passes
from ..servers import Server
from ..software import PORT, PROXY, dante, squid
from .proxy_policy import blocked_out
from .ways import through


def _socks(*rules: str, method: str = "none") -> Server:
    # The account that Dante asks for; a hash of `opensesame` (openssl passwd -6).
    etc = (
        (
            "passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
            "arc:x:1000:1000::/:/bin/false\n",
        ),
        ("shadow", f"root:*:19000::::::\nnobody:*:19000::::::\narc:{_SHADOW}:19000:0:99999:7:::\n"),
    )
    return dante(*rules, method=method, etc=etc if method == "username" else ())


_SHADOW = (
    "$6$arcprobe$koI.V.WclZ3xwXVQCLzXnBpM4moECERn9BWJ1rOM"
    "r/TfV665a2OYFfyq10QCEnOQc6c3sS04gO.09P3mPVQSt1"
)
_SOCKS = through(f"socks5h://{PROXY}:{PORT}")


def _socks_as(user: str, password: str) -> tuple[str, ...]:
    return through(f"socks5h://{user}:{password}@{PROXY}:{PORT}")


_PASS = "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }"

SOCKS = (
    *(
        passes(
            f"socks-clean-{scheme}",
            f"A SOCKS server, named with {scheme}://.",
            "dante",
            dante(),
            bind(),
            settings=through(f"{scheme}://{PROXY}:{PORT}"),
        )
        for scheme in ("socks5", "socks5h")
    ),
    passes(
        "socks-name-at-proxy",
        "No local DNS; the SOCKS server resolves.",
        "dante",
        dante(),
        settings=_SOCKS,
    ),
    fails(
        "socks-method-refused",
        "The SOCKS server wants a user name, none is set.",
        "dante",
        "proxy-auth-required",
        _socks(method="username"),
        settings=_SOCKS,
    ),
    fails(
        "socks-password-wrong",
        "The SOCKS password is wrong.",
        "dante",
        "proxy-auth-rejected",
        _socks(method="username"),
        settings=_socks_as("arc", "wrong"),
    ),
    passes(
        "socks-password-right",
        "The SOCKS password is right.",
        "dante",
        _socks(method="username"),
        settings=_socks_as("arc", "opensesame"),
    ),
    fails(
        "socks-denied",
        "The SOCKS ruleset denies one service.",
        "dante",
        "proxy-denied",
        dante("socks block { from: 0.0.0.0/0 to: 203.0.113.20/32 }", _PASS),
        settings=_SOCKS,
    ),
    fails(
        "socks-denied-8084",
        "The SOCKS ruleset passes port 443 only.",
        "dante",
        "proxy-port-denied",
        dante("socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 port = 443 }"),
        settings=_SOCKS,
    ),
    fails(
        "socks-cannot-connect",
        "The SOCKS server's own connection is refused.",
        "dante",
        "proxy-cannot-connect",
        dante(),
        filters=blocked_out("reject with tcp reset"),
        settings=_SOCKS,
    ),
    fails(
        "socks-host-unreachable",
        "The SOCKS server has no way to one service.",
        "dante",
        "proxy-cannot-connect",
        dante(),
        filters=blocked_out("reject with icmpx admin-prohibited"),
        settings=_SOCKS,
    ),
    fails(
        "socks-is-http",
        "The setting says socks5h://, the proxy speaks HTTP.",
        "squid",
        "proxy-not-http",
        squid(),
        settings=_SOCKS,
    ),
)

SCENARIOS: tuple[Scenario, ...] = SOCKS
