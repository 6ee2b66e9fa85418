"""The Arc gateway: only its own list must be reachable, none of it inspected, none of it by private
link."""

from __future__ import annotations

from ..fronts import inspector, led_to_inspector
from ..name_servers import bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, passes, warns
from ..software import mitmproxy, squid, squid_bump, tinyproxy
from ..zone import PRIVATE_ENDPOINT
from .interception import GIVEN, TRUSTED, WEBSOCKETS
from .ways import ARM

_HOST = "contoso.gw.arc.azure.com"
_GATEWAY = ("--gateway-url", f"https://{_HOST}")
_PROXIED = (*PROXY_FLAGS, *_GATEWAY)
_TRUSTED = (*TRUSTED, *_GATEWAY)
_CARRIED = (
    "acl carried dstdomain .dp.kubernetesconfiguration.azure.com .servicebus.windows.net "
    "sts.windows.net"
)


def _splicing(*names: str) -> tuple[str, ...]:
    return (f"acl some ssl::server_name {' '.join(names)}", "ssl_bump peek step1")


REACHED = (
    passes(
        "gateway-clean",
        "The gateway and its list are reachable directly.",
        "bind",
        bind(),
        settings=_GATEWAY,
    ),
    *(
        passes(
            f"gateway-clean-{name}",
            "The gateway and its list are reachable through a proxy.",
            name,
            server,
            settings=_PROXIED,
        )
        for name, server in (
            ("squid", squid()),
            ("tinyproxy", tinyproxy()),
            ("mitmproxy", mitmproxy("--ignore-hosts", ".*")),
        )
    ),
    passes(
        "gateway-host-alone",
        "The gateway is named by its host, as the portal shows it.",
        "squid",
        squid(),
        settings=(*PROXY_FLAGS, "--gateway-url", _HOST),
    ),
    passes(
        "gateway-carried-denied",
        "The proxy denies what the gateway carries, which is the gateway's purpose.",
        "squid",
        squid(_CARRIED, "http_access deny carried"),
        settings=_PROXIED,
    ),
    passes(
        "gateway-carried-dropped",
        "The firewall drops what the gateway carries.",
        "nftables",
        bind(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("ip daddr { 203.0.113.51, 203.0.113.60 } drop",),
            ),
        ),
        settings=_GATEWAY,
    ),
    passes(
        "gateway-exempted-squid",
        "Squid inspects, and exempts the gateway and its list.",
        "squid",
        squid_bump(
            *_splicing(".arc.azure.com", ARM, ".microsoftonline.com", ".microsoft.com"),
            "ssl_bump splice some",
            "ssl_bump bump all",
        ),
        settings=_PROXIED,
    ),
    # A name that many customers share can only be led into one customer's private zone by an
    # alias that everybody sees.
    passes(
        "gateway-private-alias-public",
        "The public alias of one name leads through privatelink, and no private zone is linked: "
        "the address is public.",
        "bind",
        bind(),
        zone=(
            "gbl.his.arc.azure.com. CNAME gbl.privatelink.his.arc.azure.com.",
            "gbl.privatelink.his.arc.azure.com. A 203.0.113.50",
        ),
        settings=_GATEWAY,
    ),
    passes(
        "gateway-private-by-proxy",
        "The node's resolver gives a private address for one name; the proxy resolves for itself.",
        "dnsmasq, squid",
        squid(),
        dnsmasq(f"address=/{ARM}/{PRIVATE_ENDPOINT}"),
        settings=_PROXIED,
    ),
)

BROKEN = (
    fails(
        "gateway-inspected-squid",
        "Squid inspects everything, the agents trust it; the gateway does not bear that.",
        "squid",
        "gateway-inspected",
        squid_bump(options=(WEBSOCKETS,)),
        settings=(*GIVEN, *_GATEWAY),
    ),
    fails(
        "gateway-inspected-untrusted",
        "Squid inspects everything, the agents do not trust it.",
        "squid",
        "gateway-inspected",
        squid_bump(options=(WEBSOCKETS,)),
        settings=_PROXIED,
    ),
    fails(
        "gateway-inspected-alone",
        "Squid exempts all but the gateway, whose name was new.",
        "squid",
        "gateway-inspected",
        squid_bump(
            *_splicing(".gw.arc.azure.com"),
            "ssl_bump bump some",
            "ssl_bump splice all",
            options=(WEBSOCKETS,),
        ),
        settings=(*GIVEN, *_GATEWAY),
    ),
    fails(
        "gateway-inspected-stripped",
        "Squid inspects everything and removes Upgrade; inspection is what is wrong.",
        "squid",
        "gateway-inspected",
        squid_bump(),
        settings=(*GIVEN, *_GATEWAY),
    ),
    fails(
        "gateway-inspected-mitmproxy",
        "mitmproxy inspects everything.",
        "mitmproxy",
        "gateway-inspected",
        mitmproxy(),
        settings=_PROXIED,
    ),
    fails(
        "gateway-inspected-transparent",
        "A firewall opens TLS with the gateway, the agents trust it.",
        "haproxy",
        "gateway-inspected",
        bind(),
        inspector(),
        filters=led_to_inspector("gateway"),
        settings=_TRUSTED,
    ),
    fails(
        "gateway-other-inspected",
        "A firewall opens TLS with the registry, the agents trust it; with a gateway that is not "
        "enough.",
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(),
        filters=led_to_inspector("registry"),
        settings=_TRUSTED,
    ),
    fails(
        "gateway-exempted-alone",
        "Squid exempts the gateway and inspects its list, the agents trust it.",
        "squid",
        "tls-intercepted",
        squid_bump(
            *_splicing(".gw.arc.azure.com"),
            "ssl_bump splice some",
            "ssl_bump bump all",
            options=(WEBSOCKETS,),
        ),
        settings=(*GIVEN, *_GATEWAY),
    ),
    warns(
        "gateway-private-address",
        "One name of the gateway's list has a private address, which even works.",
        "dnsmasq",
        "name-private",
        dnsmasq(f"address=/{ARM}/{PRIVATE_ENDPOINT}"),
        settings=_GATEWAY,
    ),
    fails(
        "gateway-private-address-of-itself",
        "The gateway's own name has a private address.",
        "unbound",
        "gateway-private-link",
        unbound(
            'local-zone: "gw.arc.azure.com." redirect',
            f'local-data: "gw.arc.azure.com. A {PRIVATE_ENDPOINT}"',
        ),
        settings=_GATEWAY,
    ),
    warns(
        "gateway-private-alias",
        "One name of the gateway's list leads through privatelink to a private address.",
        "dnsmasq",
        "name-private",
        dnsmasq(
            "cname=gbl.his.arc.azure.com,gbl.privatelink.his.arc.azure.com",
            f"host-record=gbl.privatelink.his.arc.azure.com,{PRIVATE_ENDPOINT}",
        ),
        settings=_GATEWAY,
    ),
    fails(
        "gateway-inspected-and-denied-8084",
        "Squid inspects everything, and denies port 8084 to all.",
        "squid",
        "gateway-inspected block-page",
        squid_bump(rules=("acl odd port 8084", "http_access deny odd"), options=(WEBSOCKETS,)),
        settings=(*GIVEN, *_GATEWAY),
    ),
    fails(
        "gateway-other-cloud",
        "A gateway is named in a cloud that has none.",
        "bind",
        "gateway-cloud-unsupported",
        bind(),
        settings=(*_GATEWAY, "--cloud", "AzureUSGovernment", "--region", "usgovvirginia"),
    ),
    fails(
        "gateway-url-malformed",
        "The gateway's URL is that of its resource in the portal.",
        "bind",
        "gateway-url-malformed",
        bind(),
        settings=("--gateway-url", "https://contoso.arc.azure.com"),
    ),
    fails(
        "gateway-denied",
        "The proxy denies the gateway.",
        "squid",
        "proxy-denied",
        squid("acl gateway dstdomain .gw.arc.azure.com", "http_access deny gateway"),
        settings=_PROXIED,
    ),
    fails(
        "gateway-denied-8084",
        "The proxy opens port 443 only; obo needs 8084 with a gateway, too.",
        "squid",
        "proxy-port-denied",
        squid(tls_ports="443"),
        settings=_PROXIED,
    ),
    fails(
        "gateway-dropped-8084",
        "The firewall drops port 8084.",
        "nftables",
        "target-silent",
        bind(),
        filters=(Filter(host="router", hook="forward", rules=("tcp dport 8084 drop",)),),
        settings=_GATEWAY,
    ),
    fails(
        "gateway-unknown",
        "The gateway's name does not exist: it was mistyped, or the gateway was deleted.",
        "unbound",
        "name-unknown",
        unbound('local-zone: "gw.arc.azure.com." always_nxdomain'),
        settings=_GATEWAY,
    ),
    fails(
        "gateway-list-denied",
        "The proxy allows the gateway and forgot the regional identity host of its list.",
        "squid",
        "proxy-denied",
        squid("acl identity dstdomain weu.his.arc.azure.com", "http_access deny identity"),
        settings=_PROXIED,
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*REACHED, *BROKEN)
