"""TLS: who answers the handshake, and with whose certificate."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, Scenario, fails, passes, warns
from ..software import mitmproxy, squid_bump

_GIVEN = (*PROXY_FLAGS, "--proxy-cert", "@PKI@/inspection-ca.pem")
_SPLICED = (
    "acl arc ssl::server_name .azure.com .windows.net .microsoft.com .microsoftonline.com .k8s.io",
    "ssl_bump peek step1",
    "ssl_bump splice arc",
    "ssl_bump bump all",
)

SCENARIOS: tuple[Scenario, ...] = (
    fails(
        "tls-bump-untrusted-squid",
        "Squid inspects TLS, WebSockets included, with the company's authority, which the agents "
        "are not given.",
        "squid",
        "tls-intercepted",
        squid_bump(options=("http_upgrade_request_protocols websocket allow all",)),
        settings=PROXY_FLAGS,
    ),
    warns(
        "tls-bump-trusted-squid",
        "Squid inspects TLS, WebSockets included, and the agents are given its authority.",
        "squid",
        "tls-intercepted",
        squid_bump(options=("http_upgrade_request_protocols websocket allow all",)),
        settings=_GIVEN,
    ),
    passes(
        "tls-bump-exempted-squid",
        "Squid inspects TLS but leaves the names that Arc needs alone.",
        "squid",
        squid_bump(*_SPLICED),
        settings=PROXY_FLAGS,
    ),
    fails(
        "tls-bump-untrusted-mitmproxy",
        "mitmproxy inspects TLS with an authority that it made for itself.",
        "mitmproxy",
        "tls-intercepted",
        mitmproxy(),
        settings=PROXY_FLAGS,
    ),
)
