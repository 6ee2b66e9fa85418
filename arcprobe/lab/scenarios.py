"""The scenarios of ``arcprobe demo``: one row a story, with what a preflight must say of it.

``causes`` are in the order of the report, lowest layer first. To add one: a row here; the tests run
every row.
"""

from __future__ import annotations

from difflib import get_close_matches

from arcprobe.lab.script import (
    ClusterScript,
    DnsRule,
    DnsScript,
    NetworkScript,
    OriginScript,
    ProxyPolicy,
    Script,
)
from arcprobe.model import Verdict

_IDENTITY = "*.his.arc.azure.com"
_RELAY = "*.servicebus.windows.net"
_GATEWAY = "contoso.gw.arc.azure.com"
_ALL = ("*",)
# Microsoft's own example of a skip range (facts/arc.md 5.3); its first entry is one cluster's,
# and not this one's.
_COPIED_SKIP_RANGE = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"


class DemoScenario(Script, frozen=True, kw_only=True):
    """A story, the network that tells it, and the verdict and causes that follow."""

    name: str
    story: str
    verdict: Verdict
    causes: tuple[str, ...] = ()
    network: NetworkScript = NetworkScript()


def _broken(
    name: str, story: str, network: NetworkScript, *causes: str, verdict: Verdict = Verdict.FAIL
) -> DemoScenario:
    return DemoScenario(name=name, story=story, verdict=verdict, causes=causes, network=network)


SCENARIOS: tuple[DemoScenario, ...] = (
    DemoScenario(
        name="clean",
        story="A forward proxy that lets everything through, and a bypass list that covers the cluster.",
        verdict=Verdict.PASS,
    ),
    DemoScenario(
        name="direct",
        story="No proxy: names resolve and every endpoint is reached straight.",
        verdict=Verdict.PASS,
        network=NetworkScript(proxy=None),
    ),
    DemoScenario(
        name="internal-dns",
        story="Behind the proxy the resolvers know internal names alone, which is all that is needed.",
        verdict=Verdict.PASS,
        network=NetworkScript(
            dns=DnsScript(
                rules=(
                    DnsRule(pattern="proxy.contoso.example", answer="address"),
                    DnsRule(pattern="*", answer="nxdomain"),
                )
            )
        ),
    ),
    DemoScenario(
        name="auth-given",
        story="The proxy asks for user and password, and the right ones are given.",
        verdict=Verdict.PASS,
        network=NetworkScript(
            proxy=ProxyPolicy(user="arc", password="p@ss:w%rd#1"), credentials="arc:p@ss:w%rd#1"
        ),
    ),
    DemoScenario(
        name="proxy-over-tls",
        story="Clients speak TLS to the proxy itself, and --proxy-cert has the CA of its certificate.",
        verdict=Verdict.PASS,
        network=NetworkScript(proxy=ProxyPolicy(over_tls=True), gives_proxy_cert=True),
    ),
    DemoScenario(
        name="gateway-clean",
        story="An Azure Arc gateway is used, and the proxy leaves its host and the others alone.",
        verdict=Verdict.PASS,
        network=NetworkScript(flags=("--gateway-url", f"https://{_GATEWAY}")),
    ),
    DemoScenario(
        name="in-pod",
        story="As clean, but seen from a pod: the Services come from the API server, page by page.",
        verdict=Verdict.PASS,
        network=NetworkScript(cluster=ClusterScript(source="api")),
    ),
    _broken(
        "dns-broken",
        "No proxy, and the resolver fails on every name (SERVFAIL).",
        NetworkScript(proxy=None, dns=DnsScript(rules=(DnsRule(pattern="*", answer="servfail"),))),
        "resolver-failed",
    ),
    _broken(
        "name-unknown",
        "No proxy, and an internal zone hides the identity service: his.arc.azure.com does not exist here.",
        NetworkScript(
            proxy=None, dns=DnsScript(rules=(DnsRule(pattern=_IDENTITY, answer="nxdomain"),))
        ),
        "name-unknown",
    ),
    _broken(
        "sinkholed",
        "No proxy, and a protective resolver answers 0.0.0.0 for the relay.",
        NetworkScript(
            proxy=None,
            dns=DnsScript(
                rules=(DnsRule(pattern=_RELAY, answer="address", addresses=("0.0.0.0",)),)
            ),
        ),
        "name-sinkholed",
    ),
    _broken(
        "proxy-name-unknown",
        "The proxy's own name does not exist in DNS.",
        NetworkScript(
            dns=DnsScript(rules=(DnsRule(pattern="proxy.contoso.example", answer="nxdomain"),))
        ),
        "proxy-name-unknown",
    ),
    _broken(
        "proxy-down",
        "Nothing listens on the proxy's port.",
        NetworkScript(proxy=ProxyPolicy(listens=False)),
        "proxy-refused",
    ),
    _broken(
        "scheme-mistaken",
        "The proxy is a plain one, but its URL was written with https://.",
        NetworkScript(proxy_scheme="https"),
        "proxy-speaks-plain",
    ),
    _broken(
        "auth-required",
        "The proxy asks for user and password, and none are given.",
        NetworkScript(proxy=ProxyPolicy(user="arc", password="secret")),
        "proxy-auth-required",
    ),
    _broken(
        "auth-rejected",
        "The proxy asks for user and password, and the password given is wrong.",
        NetworkScript(proxy=ProxyPolicy(user="arc", password="secret"), credentials="arc:mistyped"),
        "proxy-auth-rejected",
    ),
    _broken(
        "auth-unsupported",
        "The proxy takes Kerberos and NTLM only, which the agents cannot do.",
        NetworkScript(
            proxy=ProxyPolicy(user="arc", password="secret", offers=("Negotiate", "NTLM")),
            credentials="arc:secret",
        ),
        "proxy-auth-unsupported",
    ),
    _broken(
        "denied",
        "The proxy's policy denies the identity service, *.his.arc.azure.com.",
        NetworkScript(proxy=ProxyPolicy(denied=(_IDENTITY,))),
        "proxy-denied",
    ),
    _broken(
        "port-8084-denied",
        "The proxy opens tunnels to port 443 only, and the on-behalf-of service is on 8084.",
        NetworkScript(proxy=ProxyPolicy(allowed_ports=(443,))),
        "proxy-port-denied",
    ),
    _broken(
        "proxy-blind",
        "The proxy cannot resolve the notification service's names.",
        NetworkScript(proxy=ProxyPolicy(unresolved=("*guestnotificationservice.azure.com",))),
        "proxy-cannot-resolve",
    ),
    _broken(
        "denied-inside",
        "The proxy says 200 to CONNECT, and denies the identity service only inside the TLS session that it forged.",
        NetworkScript(proxy=ProxyPolicy(denied=(_IDENTITY,), inspected=(_IDENTITY,))),
        "block-page",
    ),
    _broken(
        "block-page",
        "A content filter's block page takes the place of the identity service, over a forged certificate.",
        NetworkScript(
            proxy=ProxyPolicy(denied=(_IDENTITY,), inspected=(_IDENTITY,), page="filter")
        ),
        "block-page",
    ),
    _broken(
        "inspected",
        "The proxy inspects TLS with a CA that the agents do not trust.",
        NetworkScript(proxy=ProxyPolicy(inspected=_ALL)),
        "tls-intercepted",
    ),
    _broken(
        "inspected-trusted",
        "The proxy inspects TLS, and the agents are given its CA with --proxy-cert.",
        NetworkScript(proxy=ProxyPolicy(inspected=_ALL), gives_proxy_cert=True),
        "tls-intercepted",
        verdict=Verdict.WARN,
    ),
    _broken(
        "websocket-stripped",
        "As inspected-trusted, and inside TLS the proxy takes the WebSocket upgrade out of requests to the relay.",
        NetworkScript(
            proxy=ProxyPolicy(inspected=_ALL, strips_upgrade=True), gives_proxy_cert=True
        ),
        "tls-intercepted",
        "websocket-stripped",
    ),
    _broken(
        "gateway-inspected",
        "An Azure Arc gateway is used, and the proxy inspects TLS to its host.",
        NetworkScript(
            proxy=ProxyPolicy(inspected=("*.gw.arc.azure.com",)),
            gives_proxy_cert=True,
            flags=("--gateway-url", _GATEWAY),
        ),
        "gateway-inspected",
    ),
    _broken(
        "sni-filter",
        "A filter behind the proxy resets TLS to the relay as soon as it has read the server's name.",
        NetworkScript(proxy=ProxyPolicy(resets=(_RELAY,))),
        "tls-reset",
    ),
    _broken(
        "chain-incomplete",
        "One endpoint sends its genuine certificate without the CA certificates above it, and nobody inspects.",
        NetworkScript(
            origins=OriginScript(
                certificates=(("eastus.dp.kubernetesconfiguration.azure.com", "incomplete"),)
            )
        ),
        "chain-incomplete",
    ),
    _broken(
        "certificate-expired",
        "One endpoint presents its genuine certificate, which expired ten days ago.",
        NetworkScript(
            origins=OriginScript(
                certificates=(("eastus.dp.kubernetesconfiguration.azure.com", "expired"),)
            )
        ),
        "certificate-expired",
    ),
    _broken(
        "skip-range-gap",
        "The bypass list was copied from an example: its range is not the one of this cluster's Services.",
        NetworkScript(skip_range=_COPIED_SKIP_RANGE),
        "services-uncovered",
    ),
    _broken(
        "services-forbidden",
        "Seen from a pod whose service account may not list Services.",
        NetworkScript(cluster=ClusterScript(source="api", forbidden=("services",))),
        "services-unreadable",
        verdict=Verdict.WARN,
    ),
    _broken(
        "everything",
        "Five faults at once: a name and a port denied, the relay inspected, its WebSocket stripped, a gap in the bypass list.",
        NetworkScript(
            proxy=ProxyPolicy(
                denied=("*.dp.kubernetesconfiguration.azure.com",),
                allowed_ports=(443,),
                inspected=(_RELAY,),
                strips_upgrade=True,
            ),
            gives_proxy_cert=True,
            skip_range=_COPIED_SKIP_RANGE,
        ),
        "proxy-denied",
        "proxy-port-denied",
        "tls-intercepted",
        "websocket-stripped",
        "services-uncovered",
    ),
)


def find_scenario(name: str) -> DemoScenario | None:
    """The scenario of that name."""
    return next((scenario for scenario in SCENARIOS if scenario.name == name), None)


def nearest_names(name: str) -> list[str]:
    """Names of scenarios that look like a mistyped one."""
    return get_close_matches(name, [scenario.name for scenario in SCENARIOS])
