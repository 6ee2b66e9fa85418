"""The scenarios of ``arcprobe demo``: one row a story, with what a preflight must say of it.

``causes`` are in the order of the report, lowest layer first. To add one: a row here and
its story in ``knowledge/texts``; the tests run every row.
"""

from __future__ import annotations

from difflib import get_close_matches

from arcprobe.knowledge.language import language
from arcprobe.lab.script import (
    ClusterScript,
    DnsRule,
    DnsScript,
    NetworkScript,
    OriginScript,
    ProxyPolicy,
    Script,
)
from arcprobe.model import Code, Verdict

_IDENTITY = "*.his.arc.azure.com"
_RELAY = "*.servicebus.windows.net"
_CONFIGURATION = "eastus.dp.kubernetesconfiguration.azure.com"
_GATEWAY = "contoso.gw.arc.azure.com"
_ALL = ("*",)
_ASKING = ProxyPolicy(user="arc", password="secret")
# An example as documents have it; its first entry is one cluster's, and not this one's.
_COPIED_SKIP_RANGE = "10.0.0.0/16,kubernetes.default.svc,.svc.cluster.local,.svc"


class DemoScenario(Script, frozen=True, kw_only=True):
    """A story, the network that tells it, and the verdict and causes that follow."""

    name: str
    verdict: Verdict = Verdict.PASS
    causes: tuple[Code, ...] = ()
    network: NetworkScript = NetworkScript()

    @property
    def story(self) -> str:
        """One sentence for people, of ``knowledge/texts``."""
        return language().template(f"lab.story.{self.name}")


def _rule(pattern: str, answer: str, *addresses: str) -> DnsRule:
    return DnsRule(pattern=pattern, answer=answer, addresses=addresses)


def _dns(*rules: DnsRule) -> DnsScript:
    return DnsScript(rules=rules)


def _broken(
    name: str, network: NetworkScript, *causes: Code, verdict: Verdict = Verdict.FAIL
) -> DemoScenario:
    return DemoScenario(name=name, verdict=verdict, causes=causes, network=network)


SCENARIOS: tuple[DemoScenario, ...] = (
    DemoScenario(name="clean"),
    DemoScenario(name="direct", network=NetworkScript(proxy=None)),
    DemoScenario(
        name="internal-dns",
        network=NetworkScript(
            dns=_dns(_rule("proxy.contoso.example", "address"), _rule("*", "nxdomain"))
        ),
    ),
    DemoScenario(
        name="auth-given",
        network=NetworkScript(
            proxy=ProxyPolicy(user="arc", password="p@ss:w%rd#1"), credentials="arc:p@ss:w%rd#1"
        ),
    ),
    DemoScenario(
        name="proxy-over-tls",
        network=NetworkScript(proxy=ProxyPolicy(over_tls=True), gives_proxy_cert=True),
    ),
    DemoScenario(
        name="gateway-clean", network=NetworkScript(flags=("--gateway-url", f"https://{_GATEWAY}"))
    ),
    DemoScenario(name="in-pod", network=NetworkScript(cluster=ClusterScript(source="api"))),
    # 1400 bytes is what fits into one segment behind a tunnel; the agents' hello has more since Go
    # 1.24 sends a post-quantum key share
    DemoScenario(
        name="hello-rejected", network=NetworkScript(proxy=ProxyPolicy(largest_hello=1400))
    ),
    _broken(
        "dns-broken",
        NetworkScript(proxy=None, dns=_dns(_rule("*", "servfail"))),
        Code.RESOLVER_FAILED,
    ),
    _broken(
        "name-unknown",
        NetworkScript(proxy=None, dns=_dns(_rule(_IDENTITY, "nxdomain"))),
        Code.NAME_UNKNOWN,
    ),
    _broken(
        "sinkholed",
        NetworkScript(proxy=None, dns=_dns(_rule(_RELAY, "address", "0.0.0.0"))),
        Code.NAME_SINKHOLED,
    ),
    _broken(
        "proxy-name-unknown",
        NetworkScript(dns=_dns(_rule("proxy.contoso.example", "nxdomain"))),
        Code.PROXY_NAME_UNKNOWN,
    ),
    _broken("proxy-down", NetworkScript(proxy=ProxyPolicy(listens=False)), Code.PROXY_REFUSED),
    _broken("scheme-mistaken", NetworkScript(proxy_scheme="https"), Code.PROXY_SPEAKS_PLAIN),
    _broken("auth-required", NetworkScript(proxy=_ASKING), Code.PROXY_AUTH_REQUIRED),
    _broken(
        "auth-rejected",
        NetworkScript(proxy=_ASKING, credentials="arc:mistyped"),
        Code.PROXY_AUTH_REJECTED,
    ),
    _broken(
        "auth-unsupported",
        NetworkScript(
            proxy=ProxyPolicy(user="arc", password="secret", offers=("Negotiate", "NTLM")),
            credentials="arc:secret",
        ),
        Code.PROXY_AUTH_UNSUPPORTED,
    ),
    _broken("denied", NetworkScript(proxy=ProxyPolicy(denied=(_IDENTITY,))), Code.PROXY_DENIED),
    _broken(
        "port-8084-denied",
        NetworkScript(proxy=ProxyPolicy(allowed_ports=(443,))),
        Code.PROXY_PORT_DENIED,
    ),
    _broken(
        "proxy-blind",
        NetworkScript(proxy=ProxyPolicy(unresolved=("*guestnotificationservice.azure.com",))),
        Code.PROXY_CANNOT_RESOLVE,
    ),
    _broken(
        "denied-inside",
        NetworkScript(proxy=ProxyPolicy(denied=(_IDENTITY,), inspected=(_IDENTITY,))),
        Code.BLOCK_PAGE,
    ),
    _broken(
        "block-page",
        NetworkScript(
            proxy=ProxyPolicy(denied=(_IDENTITY,), inspected=(_IDENTITY,), page="filter")
        ),
        Code.BLOCK_PAGE,
    ),
    _broken("inspected", NetworkScript(proxy=ProxyPolicy(inspected=_ALL)), Code.TLS_INTERCEPTED),
    _broken(
        "inspected-trusted",
        NetworkScript(proxy=ProxyPolicy(inspected=_ALL), gives_proxy_cert=True),
        Code.TLS_INTERCEPTED,
        verdict=Verdict.WARN,
    ),
    _broken(
        "websocket-stripped",
        NetworkScript(
            proxy=ProxyPolicy(inspected=_ALL, strips_upgrade=True), gives_proxy_cert=True
        ),
        Code.TLS_INTERCEPTED,
        Code.WEBSOCKET_STRIPPED,
    ),
    _broken(
        "gateway-inspected",
        NetworkScript(
            proxy=ProxyPolicy(inspected=("*.gw.arc.azure.com",)),
            gives_proxy_cert=True,
            flags=("--gateway-url", _GATEWAY),
        ),
        Code.GATEWAY_INSPECTED,
    ),
    _broken("sni-filter", NetworkScript(proxy=ProxyPolicy(resets=(_RELAY,))), Code.TLS_RESET),
    _broken(
        "chain-incomplete",
        NetworkScript(origins=OriginScript(certificates=((_CONFIGURATION, "incomplete"),))),
        Code.CHAIN_INCOMPLETE,
    ),
    _broken(
        "certificate-expired",
        NetworkScript(origins=OriginScript(certificates=((_CONFIGURATION, "expired"),))),
        Code.CERTIFICATE_EXPIRED,
    ),
    _broken(
        "skip-range-gap", NetworkScript(skip_range=_COPIED_SKIP_RANGE), Code.SERVICES_UNCOVERED
    ),
    _broken(
        "services-forbidden",
        NetworkScript(cluster=ClusterScript(source="api", forbidden=("services",))),
        Code.SERVICES_UNREADABLE,
        verdict=Verdict.WARN,
    ),
    _broken(
        "everything",
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
        Code.PROXY_DENIED,
        Code.PROXY_PORT_DENIED,
        Code.TLS_INTERCEPTED,
        Code.WEBSOCKET_STRIPPED,
        Code.SERVICES_UNCOVERED,
    ),
)


def find_scenario(name: str) -> DemoScenario | None:
    """The scenario of that name."""
    return next((scenario for scenario in SCENARIOS if scenario.name == name), None)


def nearest_names(name: str) -> list[str]:
    """Names of scenarios that look like a mistyped one."""
    return get_close_matches(name, [scenario.name for scenario in SCENARIOS])
