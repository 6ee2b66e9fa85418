"""Mixtures: one fault that hits some hosts, faults that hide others, and two faults that have
nothing to do with each other."""

from __future__ import annotations

from ..name_servers import bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, PROXY_URL, Filter, Scenario, fails, passes
from ..software import apache, squid, tinyproxy
from .proxy_auth import basic_squid
from .resolving import TWO_RESOLVERS
from .ways import ARM, USER, through

_DENY_HALF = (
    "acl relays dstdomain .servicebus.windows.net .data.mcr.microsoft.com .his.arc.azure.com",
    "http_access deny relays",
)
_NO_SERVICES = "localhost,127.0.0.1,10.244.0.0/16,10.77.1.0/24,10.77.5.2,.svc,.cluster.local"


def _drop(address: str) -> Filter:
    return Filter(host="router", hook="forward", rules=(f"ip daddr {address} tcp dport 443 drop",))


SCENARIOS: tuple[Scenario, ...] = (
    fails(
        "mixed-wildcards-denied",
        "The proxy team allowed the plain names and forgot the wildcards: half of the endpoints "
        "are denied.",
        "squid",
        "proxy-denied",
        squid(*_DENY_HALF),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-wildcards-denied-tinyproxy",
        "The proxy team allowed the plain names and forgot the wildcards (Tinyproxy).",
        "tinyproxy",
        "proxy-denied",
        tinyproxy(
            'Filter "@FOLDER@/filter"',
            files=(
                (
                    "filter",
                    "servicebus\\.windows\\.net\ndata\\.mcr\\.microsoft\\.com\n"
                    "his\\.arc\\.azure\\.com\n",
                ),
            ),
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-only-relay-denied",
        "Everything is allowed but the relay, which discovery must find first.",
        "squid",
        "proxy-denied",
        squid("acl relay dstdomain .servicebus.windows.net", "http_access deny relay"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-denied-and-services-uncovered",
        "The proxy denies one name, and the bypass list lacks the Services' range: two causes.",
        "squid",
        "proxy-denied services-uncovered",
        squid(f"acl blocked dstdomain {ARM}", "http_access deny blocked"),
        settings=through(PROXY_URL, skip_range=_NO_SERVICES),
    ),
    fails(
        "mixed-services-uncovered",
        "The proxy is fine, the bypass list lacks the Services' range.",
        "squid",
        "services-uncovered",
        squid(),
        settings=through(PROXY_URL, skip_range=_NO_SERVICES),
    ),
    fails(
        "mixed-proxy-down-and-services-uncovered",
        "The proxy is down, and the bypass list lacks the Services' range.",
        "kernel",
        "proxy-refused services-uncovered",
        settings=through(PROXY_URL, skip_range=_NO_SERVICES),
    ),
    fails(
        "mixed-auth-for-some",
        "The proxy wants credentials for the relay and the registry only.",
        "squid",
        "proxy-auth-required",
        basic_squid(
            (
                "acl free dstdomain .servicebus.windows.net .mcr.microsoft.com",
                "http_access allow !free",
            )
        ),
        settings=PROXY_FLAGS,
    ),
    passes(
        "mixed-auth-for-some-given",
        "The proxy wants credentials for some hosts, they are set.",
        "squid",
        basic_squid(
            (
                "acl free dstdomain .servicebus.windows.net .mcr.microsoft.com",
                "http_access allow !free",
            )
        ),
        settings=through(f"http://{USER}:open-sesame@10.77.3.2:3128"),
    ),
    fails(
        "mixed-name-and-port-denied",
        "The proxy denies one name, and port 8084 for all.",
        "squid",
        "proxy-denied proxy-port-denied",
        squid(
            "acl blocked dstdomain .login.microsoft.com",
            "http_access deny blocked",
            tls_ports="443",
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-name-and-port-denied-apache",
        "The proxy blocks one name, and has no AllowCONNECT for 8084.",
        "apache",
        "proxy-denied proxy-port-denied",
        apache("ProxyBlock management.azure.com", ports="443"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-port-denied-and-refused",
        "The proxy has no port 8084, and its way to the registry is closed.",
        "squid, nftables",
        "proxy-port-denied proxy-cannot-connect",
        squid(tls_ports="443"),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("iifname proxy ip daddr 203.0.113.40 tcp dport 443 reject with tcp reset",),
            ),
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mixed-unknown-and-dropped",
        "One name does not exist, packets to another service are dropped.",
        "unbound, nftables",
        "name-unknown target-silent",
        unbound('local-zone: "mcr.microsoft.com." always_nxdomain'),
        filters=(_drop("203.0.113.20"),),
    ),
    fails(
        "mixed-sinkhole-and-refused",
        "One name is sinkholed, port 8084 is reset.",
        "dnsmasq, nftables",
        "name-sinkholed target-refused",
        dnsmasq("address=/dl.k8s.io/0.0.0.0", f"address=/{ARM}/0.0.0.0"),
        filters=(
            Filter(host="router", hook="forward", rules=("tcp dport 8084 reject with tcp reset",)),
        ),
    ),
    fails(
        "mixed-disagree-and-refused",
        "The resolvers disagree about one name, and another service is refused.",
        "bind, unbound, nftables",
        "resolvers-disagree target-refused",
        bind(),
        unbound(f'local-zone: "{ARM}." always_nxdomain', address="10.77.2.3"),
        resolv_conf=TWO_RESOLVERS,
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("ip daddr 203.0.113.40 tcp dport 443 reject with tcp reset",),
            ),
        ),
    ),
    fails(
        "mixed-dropped-and-refused",
        "Packets to one service are dropped, connections to another are refused.",
        "nftables",
        "target-silent target-refused",
        bind(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=(
                    "ip daddr 203.0.113.20 drop",
                    "ip daddr 203.0.113.40 tcp dport 443 reject with tcp reset",
                ),
            ),
        ),
    ),
    passes(
        "mixed-first-address-dropped",
        "One of a service's front ends swallows packets, the others work; clients go on to the "
        "next.",
        "nftables",
        bind(),
        filters=(_drop("203.0.113.30"),),
    ),
)
