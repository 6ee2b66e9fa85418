"""Ways, second round: addresses inside the cluster's own ranges, upgrades on the way, gateways, and
three faults at once."""

from __future__ import annotations

from ..fronts import inspector, led_to_inspector
from ..name_servers import RESOLVER, bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, PROXY_URL, SKIP_RANGE, Filter, Scenario, fails, passes, warns
from ..scripted_proxy import Script
from ..software import scripted_proxy, squid, tinyproxy
from .ways import ARM, through

_GATEWAY = ("--gateway-url", "https://contoso.gw.arc.azure.com")
_TRUSTED = ("--proxy-cert", "@PKI@/inspection-ca.pem")
_RELAYS = (
    "azgn-westeurope-public-1p-sn-vazr0002.servicebus.windows.net "
    "azgnrelay-westeurope-l1.servicebus.windows.net"
)


def _drop(host: str, rule: str) -> tuple[Filter, ...]:
    return (Filter(host=host, hook="input", rules=(rule,)),)


RANGES = (
    fails(
        "ways-proxy-in-service-range",
        "The Service range of the cluster holds the proxy's address, and nobody answers there.",
        "squid, nftables",
        "proxy-silent",
        squid(),
        filters=_drop("proxy", "tcp dport 3128 drop"),
        settings=through(
            PROXY_URL, "--service-cidr", "10.77.0.0/16", skip_range=f"{SKIP_RANGE},10.77.0.0/16"
        ),
        hits=("proxy-silent cluster",),
    ),
    fails(
        "ways-resolver-in-service-range",
        "The Service range of the cluster holds the name server's address, and it is silent.",
        "bind, nftables",
        "resolver-silent",
        bind(),
        squid(),
        filters=_drop("resolver", "meta l4proto { tcp, udp } th dport 53 drop"),
        settings=through(
            "http://proxy.corp.lab:3128",
            "--service-cidr",
            "10.77.2.0/24",
            skip_range=f"{SKIP_RANGE},10.77.2.0/24",
        ),
        hits=("resolver-silent cluster",),
    ),
    passes(
        "ways-proxy-beside-service-range",
        "The Service range of the cluster ends right before the proxy's address.",
        "squid",
        squid(),
        settings=through(PROXY_URL, "--service-cidr", "10.96.0.0/12"),
    ),
)

UPGRADES = (
    fails(
        "ways-relay-closed-in-tunnel",
        "The proxy ends the tunnels to the relays at once.",
        "scripted",
        "tls-closed",
        scripted_proxy(Script(only=("servicebus.windows.net",), then="close")),
        settings=PROXY_FLAGS,
        hits=(f"tls-closed firewall {_RELAYS}",),
    ),
    fails(
        "ways-relay-denied-by-407",
        "The proxy wants credentials for the relays alone, and none are set.",
        "scripted",
        "proxy-auth-required",
        scripted_proxy(
            Script(
                only=("servicebus.windows.net",),
                answer="HTTP/1.1 407 Proxy Authentication Required\r\n"
                'Proxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n',
                then="close",
            )
        ),
        settings=PROXY_FLAGS,
        hits=(f"proxy-auth-required you {_RELAYS}",),
    ),
    fails(
        "ways-relay-inspected-refuses",
        "The box between, whose CA is given, answers each upgrade with 403 and nothing more.",
        "haproxy",
        "tls-intercepted websocket-refused",
        bind(),
        inspector("http-request deny deny_status 403 if { hdr(upgrade) -m found }"),
        filters=led_to_inspector("relay"),
        settings=_TRUSTED,
        hits=(f"websocket-refused proxy {_RELAYS}",),
    ),
    fails(
        "ways-relay-inspected-untrusted-strips",
        "The box between, whose CA is not given, takes the upgrade out: one fault.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector("http-request del-header upgrade", "http-request del-header connection"),
        filters=led_to_inspector("relay"),
        hits=(f"tls-intercepted proxy {_RELAYS}",),
    ),
    warns(
        "ways-relay-inspected-well",
        "The box between, whose CA is given, lets the upgrade through.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector("relay"),
        settings=_TRUSTED,
        hits=(f"tls-intercepted proxy {_RELAYS}",),
    ),
)

GATEWAYS = (
    fails(
        "ways-gateway-sinkholed",
        "The gateway's name is sinkholed.",
        "dnsmasq",
        "name-sinkholed",
        dnsmasq("address=/gw.arc.azure.com/0.0.0.0"),
        settings=_GATEWAY,
        hits=("name-sinkholed dns contoso.gw.arc.azure.com",),
    ),
    fails(
        "ways-gateway-reset",
        "A firewall resets connections to the gateway.",
        "nftables",
        "target-refused",
        bind(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("ip daddr 203.0.113.70 tcp dport 443 reject with tcp reset",),
            ),
        ),
        settings=_GATEWAY,
        hits=("target-refused firewall contoso.gw.arc.azure.com",),
    ),
    fails(
        "ways-gateway-in-bypass-list",
        "The bypass list names the gateway's zone, and the direct way is closed.",
        "squid, nftables",
        "skip-range-too-broad",
        bind(),
        squid(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("iifname node oifname internet tcp dport 443 drop",),
            ),
        ),
        settings=through(PROXY_URL, *_GATEWAY, skip_range=f"{SKIP_RANGE},.gw.arc.azure.com"),
        hits=("skip-range-too-broad you contoso.gw.arc.azure.com",),
    ),
)

THREE = (
    fails(
        "ways-three-direct",
        "Three faults: a name sinkholed, a service dropped, another inspected.",
        "dnsmasq, nftables, haproxy",
        "name-sinkholed target-silent tls-intercepted",
        dnsmasq(f"address=/{ARM}/0.0.0.0"),
        inspector(),
        filters=(
            *led_to_inspector("registry"),
            Filter(
                host="router", hook="forward", rules=("ip daddr 203.0.113.51 tcp dport 443 drop",)
            ),
        ),
        hits=(
            f"name-sinkholed dns {ARM}",
            "target-silent firewall westeurope.dp.kubernetesconfiguration.azure.com",
            "tls-intercepted proxy mcr.microsoft.com",
        ),
    ),
    fails(
        "ways-three-of-names",
        "Three faults of names: one unknown, one refused, one without address.",
        "unbound",
        "name-empty name-unknown resolver-refused",
        unbound(
            f'local-zone: "{ARM}." always_nxdomain',
            'local-zone: "mcr.microsoft.com." always_refuse',
            'local-zone: "sts.windows.net." always_nodata',
        ),
        hits=(
            f"name-unknown dns {ARM}",
            "resolver-refused dns mcr.microsoft.com",
            "name-empty dns sts.windows.net",
        ),
    ),
    fails(
        "ways-three-tinyproxy",
        "Three faults: one host filtered, port 8084 closed, a broken entry in the list.",
        "tinyproxy",
        "entry-malformed proxy-denied proxy-port-denied",
        tinyproxy(
            'Filter "@FOLDER@/filter"', files=(("filter", "^sts\\.windows\\.net$\n"),), ports=(443,)
        ),
        settings=through(PROXY_URL, skip_range=f"{SKIP_RANGE},10.0.0.0/40"),
        hits=("entry-malformed you", "proxy-denied proxy sts.windows.net"),
    ),
    fails(
        "ways-resolver-file-and-firewall",
        "One name is unknown, also with the search list, and a firewall resets port 8084.",
        "unbound, nftables",
        "name-unknown target-refused",
        unbound(f'local-zone: "{ARM}." always_nxdomain'),
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.lab\noptions ndots:5\n",
        filters=(
            Filter(host="router", hook="forward", rules=("tcp dport 8084 reject with tcp reset",)),
        ),
        hits=(f"name-unknown dns {ARM}", "target-refused firewall westeurope.obo.arc.azure.com"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*RANGES, *UPGRADES, *GATEWAYS, *THREE)
