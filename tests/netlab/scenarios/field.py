"""What people met in public bug reports, as networks: each fault by its own name, told once."""

from __future__ import annotations

from ..fronts import front, inspector, led_to_front, led_to_inspector
from ..name_servers import bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, PROXY_URL, SKIP_RANGE, Filter, Scenario, fails, passes
from ..scripted_proxy import Script, Then
from ..software import block_page, scripted_proxy, squid, tinyproxy
from .ways import ARM, through

_CLOSED = (
    Filter(
        host="router",
        hook="forward",
        rules=("iifname node oifname internet tcp dport { 443, 8084 } drop",),
    ),
)
_LED_INSIDE = "10.77.4.2"


def _said(name: str, story: str, cause: str, head: str, *only: str) -> Scenario:
    """A proxy that answers CONNECT with this head and goes on as if it were a tunnel."""
    then: Then = "close" if only else "tunnel"
    script = Script(answer=f"HTTP/1.1 {head}\r\n\r\n", only=only, then=then)
    return fails(name, story, "scripted", cause, scripted_proxy(script), settings=PROXY_FLAGS)


ANSWERS = (
    _said(
        "field-201",
        "The tunnel opens with 201, which Go takes for no.",
        "proxy-denied",
        "201 Created",
    ),
    _said(
        "field-299", "The tunnel opens with 299, which Go takes for no.", "proxy-denied", "299 Fine"
    ),
    _said(
        "field-103-first",
        "The proxy sends early hints before its 200; Go reads one head.",
        "proxy-denied",
        "103 Early Hints\r\n\r\nHTTP/1.1 200 OK",
    ),
    *(
        _said(
            f"field-{status}-for-one",
            f"The proxy opens every tunnel but one, to which it says {status}: a policy.",
            "proxy-denied",
            f"{status} {phrase}",
            ARM,
        )
        for status, phrase in (
            (400, "Bad Request"),
            (404, "Not Found"),
            (405, "Method Not Allowed"),
            (501, "Not Implemented"),
        )
    ),
    _said(
        "field-502-for-one",
        "The proxy opens every tunnel but one, to which it says 502: its way is closed.",
        "proxy-cannot-connect",
        "502 Bad Gateway",
        ARM,
    ),
    fails(
        "field-silence-behind-one-tunnel",
        "Behind one of the proxy's tunnels nobody speaks; it is a proxy all the same.",
        "scripted",
        "tls-silent",
        scripted_proxy(Script(only=(ARM,), then="silence")),
        settings=PROXY_FLAGS,
    ),
    fails(
        "field-garbage-behind-one-tunnel",
        "Behind one of the proxy's tunnels something speaks that is no TLS.",
        "scripted",
        "tls-plaintext-answer",
        scripted_proxy(
            Script(
                only=(ARM,), answer="HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n", then="close"
            )
        ),
        settings=PROXY_FLAGS,
    ),
)

PARENTS = (
    fails(
        "field-parent-down-tinyproxy",
        "The parent proxy of Tinyproxy is down.",
        "tinyproxy",
        "proxy-cannot-connect",
        tinyproxy("Upstream http 10.77.4.2:3128"),
        settings=PROXY_FLAGS,
    ),
)

SETTINGS = (
    fails(
        "field-only-http-proxy",
        "Only HTTP_PROXY is set, and the direct way is closed.",
        "squid, nftables",
        "proxy-variables-disagree",
        bind(),
        squid(),
        filters=_CLOSED,
        environment=(("HTTP_PROXY", PROXY_URL), ("NO_PROXY", SKIP_RANGE)),
    ),
    fails(
        "field-only-all-proxy",
        "Only ALL_PROXY is set, which Go does not read, and the direct way is closed.",
        "squid, nftables",
        "proxy-variables-disagree",
        bind(),
        squid(),
        filters=_CLOSED,
        environment=(("ALL_PROXY", PROXY_URL), ("NO_PROXY", SKIP_RANGE)),
    ),
    fails(
        "field-list-names-azure-dropped",
        "The bypass list names an Azure host, to which no direct way leads.",
        "squid, nftables",
        "skip-range-too-broad",
        bind(),
        squid(),
        filters=_CLOSED,
        settings=through(PROXY_URL, skip_range=f"{SKIP_RANGE},{ARM}"),
    ),
    fails(
        "field-list-names-azure-unknown",
        "The bypass list names an Azure zone, whose names the local resolver does not know.",
        "squid, unbound",
        "skip-range-too-broad",
        unbound('local-zone: "com." always_nxdomain'),
        squid(),
        settings=through(PROXY_URL, skip_range=f"{SKIP_RANGE},.his.arc.azure.com"),
    ),
    *(
        passes(
            f"field-{limit}-descriptors",
            f"The network is sound, and a process may open {limit} files.",
            "bind",
            bind(),
            open_files=limit,
        )
        for limit in (32, 64)
    ),
)

NAMES = (
    fails(
        "field-sinkhole-beside-ipv6",
        "The resolver says 0.0.0.0 and the real IPv6 address, on a node without IPv6.",
        "unbound",
        "name-sinkholed",
        unbound(
            f'local-zone: "{ARM}." static',
            f'local-data: "{ARM}. A 0.0.0.0"',
            f'local-data: "{ARM}. AAAA 2001:db8::20"',
        ),
    ),
    fails(
        "field-portal-inside",
        "The resolver leads one name to a portal inside, with its own certificate.",
        "dnsmasq, nginx",
        "name-private",
        dnsmasq(f"address=/{ARM}/{_LED_INSIDE}"),
        block_page("proxy2"),
    ),
    fails(
        "field-private-silent",
        "The resolver gives a private address for one name, where nobody answers.",
        "dnsmasq, nftables",
        "name-private",
        dnsmasq(f"address=/{ARM}/{_LED_INSIDE}"),
        filters=(Filter(host="proxy2", hook="input", rules=("tcp dport 443 drop",)),),
    ),
    fails(
        "field-other-azure-service",
        "A front end that many services share shows the genuine certificate of another one.",
        "haproxy",
        "certificate-wrong-name",
        bind(),
        front(certificates="@PKI@/leaves/4.pem"),
        filters=led_to_front("arm"),
    ),
)


def _given(name: str, story: str, folder: str, bundle: str) -> Scenario:
    return fails(
        name,
        story,
        "haproxy",
        "tls-intercepted",
        bind(),
        inspector(certificates=f"@PKI@/{folder}"),
        filters=led_to_inspector(),
        settings=("--proxy-cert", f"@PKI@/{bundle}.pem"),
    )


BUNDLES = (
    _given(
        "field-bundle-other-key",
        "The bundle's CA has the name of the box's CA, and another key.",
        "forged",
        "inspection-other-key",
    ),
    _given(
        "field-leaf-alone",
        "The box sends its leaf alone, the bundle has the root: the CA between is missing.",
        "forged-below-alone",
        "corporate-ca",
    ),
    _given(
        "field-chain-go-refuses",
        "The box's CA, given to the agents, is of a curve that Go does not know.",
        "forged-brainpool",
        "brainpool-ca",
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*ANSWERS, *PARENTS, *SETTINGS, *NAMES, *BUNDLES)
