"""Packets that do not fit: large ones that vanish on one side, ClientHellos of two segments that a
box does not take."""

from __future__ import annotations

from ..fronts import SERVICES
from ..name_servers import bind
from ..scenario import PROXY_FLAGS, Command, Filter, Scenario, fails, passes
from ..software import squid, tinyproxy

# Without it the kernel moves many segments through the lab as one packet, and a router would see
# their sum.
_ONE_BY_ONE = tuple(
    Command(host=host, words=("ip", "link", "set", "wire", "gso_max_segs", "1"))
    for host in ("internet", "proxy", "node")
)
_INTERNET = "ip saddr { 203.0.113.0/24, 198.51.100.0/24 }"


def _swallowed(source: str, above: int) -> tuple[Filter, ...]:
    """A tunnel that carries no packet above so many bytes, on a way where no ICMP comes back."""
    return (
        Filter(
            host="router",
            hook="forward",
            rules=(f"{source} tcp sport {{ 443, 8084, 3128 }} meta length > {above} drop",),
        ),
    )


def _large(source: str, verdict: str, more: str = "") -> tuple[Filter, ...]:
    """A box that reads a ClientHello from its first packet, and does `verdict` to those that do not
    fit into one."""
    rules = tuple(
        f"iifname {source} {more} tcp dport {{ 443, 8084 }} @ih,0,16 0x1603 @ih,24,8 {high} "
        f"{verdict}"
        for high in range(5, 9)
    )
    return (Filter(host="router", hook="forward", rules=rules),)


SCENARIOS: tuple[Scenario, ...] = (
    fails(
        "mtu-black-hole",
        "Large packets from the internet vanish, and nobody says so: handshakes stop at the "
        "certificate.",
        "nftables",
        "path-mtu",
        bind(),
        commands=_ONE_BY_ONE,
        filters=_swallowed(_INTERNET, 1300),
    ),
    fails(
        "mtu-black-hole-one",
        "Large packets of one service vanish.",
        "nftables",
        "path-mtu",
        bind(),
        commands=_ONE_BY_ONE,
        filters=_swallowed(f"ip saddr {SERVICES['arm']}", 1300),
    ),
    fails(
        "mtu-black-hole-to-proxy",
        "Large packets from the proxy vanish between it and the node.",
        "nftables, squid",
        "path-mtu",
        squid(),
        commands=_ONE_BY_ONE,
        filters=_swallowed("iifname proxy", 1300),
        settings=PROXY_FLAGS,
    ),
    fails(
        "mtu-black-hole-behind-proxy",
        "Large packets vanish between the proxy and the internet: nobody in front of the proxy "
        "can tell it from a filter.",
        "nftables, squid",
        "tls-silent",
        squid(),
        commands=_ONE_BY_ONE,
        filters=_swallowed(_INTERNET, 1300),
        settings=PROXY_FLAGS,
    ),
    passes(
        "mtu-small-and-said",
        "A link of 1300 bytes whose router says so: the senders adapt.",
        "iproute2",
        bind(),
        commands=(
            *_ONE_BY_ONE,
            Command(
                host="router",
                words=(*"ip route replace 10.77.1.0/24 dev node mtu lock 1300".split(),),
            ),
        ),
    ),
    passes(
        "mtu-small-and-clamped",
        "A tunnel of 1300 bytes without ICMP, whose router clamps the segment size.",
        "nftables",
        bind(),
        commands=_ONE_BY_ONE,
        filters=(
            Filter(
                host="router",
                hook="prerouting",
                rules=("tcp flags syn tcp option maxseg size set 1200",),
            ),
            *_swallowed(_INTERNET, 1300),
        ),
    ),
    fails(
        "large-hello-dropped",
        "A firewall drops ClientHellos that do not fit into one packet, as Go's have not since "
        "1.24.",
        "nftables",
        "large-hello-dropped",
        bind(),
        filters=_large("node", "drop"),
    ),
    fails(
        "large-hello-reset",
        "A firewall resets connections whose ClientHello does not fit into one packet.",
        "nftables",
        "large-hello-dropped",
        bind(),
        filters=_large("node", "reject with tcp reset"),
    ),
    fails(
        "large-hello-dropped-one",
        "A box in front of one service drops ClientHellos that do not fit into one packet.",
        "nftables",
        "large-hello-dropped",
        bind(),
        filters=_large("node", "drop", f"ip daddr {SERVICES['relay']}"),
    ),
    fails(
        "large-hello-dropped-behind-proxy",
        "The firewall behind the proxy drops ClientHellos that do not fit into one packet.",
        "nftables, tinyproxy",
        "large-hello-dropped",
        tinyproxy(),
        filters=_large("proxy", "drop"),
        settings=PROXY_FLAGS,
    ),
)
