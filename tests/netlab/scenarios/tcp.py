"""TCP on direct routes: what firewalls, routers and middleboxes do to connections before a byte of
TLS."""

from __future__ import annotations

from ..name_servers import bind
from ..scenario import Command, Filter, Scenario, fails, passes
from ..scripted_proxy import Script
from ..software import haproxy, transparent_peer

_RELAY = "203.0.113.60"
_ARM = "203.0.113.20"
_OBO = "203.0.113.54"


def _router(*rules: str) -> tuple[Filter, ...]:
    return (Filter(host="router", hook="forward", rules=rules),)


def _one(name: str, story: str, code: str, rule: str) -> Scenario:
    return fails(name, story, "nftables", code, bind(), filters=_router(rule))


BLOCKED = (
    _one(
        "tcp-refused-one",
        "A firewall resets connections to one service.",
        "target-refused",
        f"ip daddr {_ARM} tcp dport 443 reject with tcp reset",
    ),
    _one(
        "tcp-refused-all",
        "A firewall resets every connection to the internet.",
        "target-refused",
        "iifname node ip daddr { 203.0.113.0/24, 198.51.100.0/24 } tcp dport { 443, 8084 } "
        "reject with tcp reset",
    ),
    _one(
        "tcp-refused-8084",
        "Only port 443 is open; 8084 is reset.",
        "target-refused",
        "tcp dport 8084 reject with tcp reset",
    ),
    _one(
        "tcp-dropped-one",
        "A firewall drops packets to the relay.",
        "target-silent",
        f"ip daddr {_RELAY} tcp dport 443 drop",
    ),
    _one(
        "tcp-dropped-all",
        "A firewall drops everything to the internet but DNS.",
        "target-silent",
        "iifname node ip daddr { 203.0.113.0/24, 198.51.100.0/24 } tcp dport { 443, 8084 } drop",
    ),
    _one(
        "tcp-dropped-8084",
        "Only port 443 is open; 8084 is dropped.",
        "target-silent",
        "tcp dport 8084 drop",
    ),
    _one(
        "tcp-answers-dropped",
        "Connections go out, the answers are dropped on the way back (asymmetric routing).",
        "target-silent",
        f"ip saddr {_ARM} drop",
    ),
    _one(
        "tcp-prohibited-one",
        "A router says that one service is administratively prohibited.",
        "target-unreachable",
        f"ip daddr {_ARM} reject with icmpx admin-prohibited",
    ),
    _one(
        "tcp-prohibited-all",
        "A router says that the internet is administratively prohibited.",
        "target-unreachable",
        "iifname node ip daddr { 203.0.113.0/24, 198.51.100.0/24 } reject with icmpx "
        "admin-prohibited",
    ),
    _one(
        "tcp-port-unreachable",
        "A firewall answers with ICMP port unreachable, as its default reject does.",
        "target-refused",
        f"ip daddr {_ARM} tcp dport 443 reject with icmpx port-unreachable",
    ),
    fails(
        "tcp-no-route-router",
        "A router has no route to one service and says so.",
        "iproute2",
        "target-unreachable",
        bind(),
        commands=(Command(host="router", words=("ip", "route", "add", _ARM, "dev", "nowhere")),),
    ),
    fails(
        "tcp-no-route-node",
        "The node has no default route; only the company's networks are known.",
        "iproute2",
        "target-unreachable",
        bind(),
        commands=(
            Command(host="node", words=("ip", "route", "add", "10.77.0.0/16", "via", "10.77.1.1")),
            Command(host="node", words=("ip", "route", "delete", "default")),
        ),
    ),
    fails(
        "tcp-blackhole-router",
        "A router throws packets to one service away without a word.",
        "iproute2",
        "target-silent",
        bind(),
        commands=(Command(host="router", words=("ip", "route", "add", "blackhole", _ARM)),),
    ),
    fails(
        "tcp-node-firewall",
        "The node's own firewall forbids the port (the kernel answers the connect).",
        "nftables",
        "target-refused",
        bind(),
        filters=(
            Filter(host="node", hook="output", rules=("tcp dport 443 reject with tcp reset",)),
        ),
    ),
)

_REDIRECT = Filter(
    host="router",
    hook="prerouting",
    kind="nat",
    rules=("iifname node tcp dport { 80, 443, 8084 } redirect to :3128",),
)

MIDDLEBOX = (
    fails(
        "tcp-middlebox-resets",
        "A transparent box accepts every connection to every address and resets it on the first "
        "byte.",
        "nftables, scripted",
        "transparent-proxy",
        bind(),
        transparent_peer(Script(raw=True, answer="", then="reset")),
        filters=(_REDIRECT,),
    ),
    fails(
        "tcp-middlebox-swallows",
        "A transparent box accepts every connection to every address and never answers.",
        "nftables, scripted",
        "transparent-proxy",
        bind(),
        transparent_peer(Script(raw=True, answer="", then="silence")),
        filters=(_REDIRECT,),
    ),
    fails(
        "tcp-middlebox-closes",
        "A transparent box accepts every connection to every address and closes it on the first "
        "byte.",
        "haproxy",
        "transparent-proxy",
        bind(),
        haproxy(
            "frontend box\n  mode tcp\n  bind :3128\n  tcp-request inspect-delay 2s\n"
            "  tcp-request content reject if { req.len gt 0 }\n",
            host="router",
        ),
        filters=(_REDIRECT,),
    ),
    passes(
        "tcp-transparent-splice",
        "A transparent box accepts every connection and passes it on faithfully by the name in "
        "the handshake.",
        "haproxy",
        bind(),
        haproxy(
            "resolvers lab\n  nameserver internet 203.0.113.53:53\n  accepted_payload_size 4096\n"
            "frontend box\n  mode tcp\n  bind :3128\n  option clitcpka\n"
            "  tcp-request inspect-delay 2s\n"
            "  tcp-request content do-resolve(txn.address,lab,ipv4) req.ssl_sni if { "
            "req.ssl_hello_type 1 }\n"
            "  tcp-request content capture req.ssl_sni len 80\n"
            "  tcp-request content accept if { req.ssl_hello_type 1 }\n"
            "  use_backend obo if { req.ssl_sni -m end .obo.arc.azure.com }\n"
            "  default_backend out\n"
            "backend out\n  mode tcp\n  tcp-request content set-dst var(txn.address)\n"
            "  tcp-request content set-dst-port int(443)\n  server any 0.0.0.0:0\n"
            "backend obo\n  mode tcp\n  tcp-request content set-dst var(txn.address)\n"
            "  tcp-request content set-dst-port int(8084)\n  server any 0.0.0.0:0\n",
            host="router",
        ),
        filters=(_REDIRECT,),
    ),
)

_TWO = "login.microsoftonline.com"

SEVERAL_ADDRESSES = (
    passes(
        "tcp-first-of-two-refuses",
        "One of a service's three front ends refuses; clients go on to the next at once.",
        "nftables",
        bind(),
        filters=_router("ip daddr 203.0.113.30 tcp dport 443 reject with tcp reset"),
    ),
    fails(
        "tcp-all-of-three-refuse",
        "All of a service's front ends are refused.",
        "nftables",
        "target-refused",
        bind(),
        filters=_router("ip daddr 203.0.113.30-203.0.113.32 tcp dport 443 reject with tcp reset"),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*BLOCKED, *MIDDLEBOX, *SEVERAL_ADDRESSES)
