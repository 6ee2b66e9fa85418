"""DNS, second round: one name, one record type or one name server of several is ill, and what
resolv.conf itself does to lookups."""

from __future__ import annotations

from msgspec.structs import replace

from ..name_servers import RESOLVER, SECOND_RESOLVER, bind, dnsmasq, scripted_dns, unbound
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, passes, warns
from ..scripted_dns import Rule
from ..software import block_page, squid
from ..zone import BLOCK_PAGE
from .resolving import DUAL_STACK, TWO_RESOLVERS
from .ways import ARM

_THIRD_RESOLVER = "10.77.2.4"
_THREE = f"{TWO_RESOLVERS}nameserver {_THIRD_RESOLVER}\n"
_LOGIN, _REGISTRY = "login.microsoftonline.com", "mcr.microsoft.com"


def _at(code: str, owner: str, *hosts: str) -> tuple[str, ...]:
    return (" ".join((code, owner, *hosts)),)


ONE_NAME = (
    fails(
        "names-alias-to-nowhere-bind",
        "A response policy leads one name by an alias to a name that does not exist.",
        "bind",
        "name-unknown",
        bind(policy=(f"{ARM} CNAME gone.corp.lab.",)),
        hits=_at("name-unknown", "dns", ARM),
    ),
    fails(
        "names-servfail-for-one",
        "The resolver fails for one name and answers all others.",
        "scripted",
        "resolver-failed",
        scripted_dns(Rule(act="servfail", suffix=_REGISTRY)),
        hits=_at("resolver-failed", "dns", _REGISTRY),
    ),
    fails(
        "names-refused-for-one",
        "The resolver refuses one name and answers all others.",
        "scripted",
        "resolver-refused",
        scripted_dns(Rule(act="refused", suffix=_LOGIN)),
        hits=_at("resolver-refused", "dns", _LOGIN),
    ),
    fails(
        "names-own-zone-hides-azure",
        "The company has a zone azure.com of its own, without the names of Azure.",
        "unbound",
        "name-unknown",
        unbound('local-zone: "azure.com." static'),
        hits=("name-unknown dns",),
    ),
    fails(
        "names-forward-zone-closed",
        "One zone is forwarded to a server that refuses everything: SERVFAIL for its names.",
        "bind",
        "resolver-failed",
        bind(
            zones=(
                'zone "his.arc.azure.com" { type forward; forward only; '
                f"forwarders {{ {SECOND_RESOLVER}; }}; }};",
            )
        ),
        dnsmasq(forward_to="", address=SECOND_RESOLVER),
        hits=_at("resolver-failed", "dns", "gbl.his.arc.azure.com"),
    ),
    fails(
        "names-truncated-for-one",
        "The answers for one name are cut, and the firewall resets DNS over TCP.",
        "scripted",
        "dns-tcp-blocked",
        scripted_dns(Rule(act="truncate", over="udp", suffix=_LOGIN)),
        filters=(
            Filter(host="resolver", hook="input", rules=("tcp dport 53 reject with tcp reset",)),
        ),
        hits=_at("dns-tcp-blocked", "firewall", _LOGIN),
    ),
    fails(
        "names-nodata-for-the-relay",
        "The relay's names have no address, all others have.",
        "scripted",
        "name-empty",
        scripted_dns(Rule(act="nodata", suffix="servicebus.windows.net")),
        hits=("name-empty dns",),
    ),
    fails(
        "names-unspecified-broadcast",
        "The filter answers 255.255.255.255 for one name.",
        "scripted",
        "name-sinkholed",
        scripted_dns(Rule(act="answer", suffix=ARM, kind="A", value="255.255.255.255")),
        hits=_at("name-sinkholed", "dns", ARM),
    ),
    fails(
        "names-link-local",
        "The filter answers a link-local address for one name.",
        "scripted",
        "name-sinkholed",
        scripted_dns(
            Rule(act="answer", suffix=ARM, kind="A", value="169.254.1.1"),
            Rule(act="nodata", suffix=ARM),
        ),
        hits=_at("name-sinkholed", "dns", ARM),
    ),
    fails(
        "names-documentation-address",
        "The filter answers an address of documentation, where nobody is, for four names.",
        "scripted",
        "name-sinkholed",
        *(
            scripted_dns(
                *(
                    rule
                    for name in (ARM, _LOGIN, "sts.windows.net", _REGISTRY)
                    for rule in (
                        Rule(act="answer", suffix=name, kind="A", value="192.0.2.1"),
                        Rule(act="nodata", suffix=name),
                    )
                )
            ),
        ),
        hits=("name-sinkholed dns",),
    ),
)

BY_TYPE = (
    *(
        passes(
            f"names-ipv6-{act}",
            f"Questions for IPv6 addresses are answered with {act.upper()}, those for IPv4 are "
            "well: every agent goes on with what it has.",
            "scripted",
            scripted_dns(Rule(act=act, kind="AAAA")),
        )
        for act in ("nodata", "nxdomain", "servfail", "refused")
    ),
    passes(
        "names-synthesized-ipv6",
        "DNS64 makes up IPv6 addresses beside the real ones, and the node has no IPv6.",
        "bind",
        bind("dns64 64:ff9b::/96 { clients { any; }; exclude { any; }; };"),
    ),
    passes(
        "names-many-addresses",
        "One name has twelve addresses, all of one front end; the answer fits.",
        "scripted",
        scripted_dns(
            Rule(
                act="answer",
                suffix=_LOGIN,
                kind="A",
                value=" ".join(("203.0.113.30", "203.0.113.31", "203.0.113.32")),
            )
        ),
    ),
)

SEVERAL_SERVERS = (
    warns(
        "names-first-of-two-refuses",
        "The first of two resolvers refuses everything; clients go on to the second at once.",
        "dnsmasq, bind",
        "resolvers-disagree",
        dnsmasq(forward_to=""),
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
        hits=("resolvers-disagree dns",),
    ),
    warns(
        "names-first-of-two-fails",
        "The first of two resolvers fails for everything; clients go on to the second at once.",
        "scripted, bind",
        "resolvers-disagree",
        scripted_dns(Rule(act="servfail")),
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
        hits=("resolvers-disagree dns",),
    ),
    fails(
        "names-first-of-two-sinkholes",
        "The first of two resolvers sinkholes one name; nobody asks the second.",
        "dnsmasq, bind",
        "name-sinkholed",
        dnsmasq(f"address=/{ARM}/0.0.0.0"),
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
        hits=_at("name-sinkholed", "dns", ARM),
    ),
    fails(
        "names-first-of-two-knows-not",
        "The first of two resolvers says that one name does not exist; nobody asks the second.",
        "unbound, bind",
        "name-unknown",
        unbound(f'local-zone: "{ARM}." always_nxdomain'),
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
        hits=_at("name-unknown", "dns", ARM),
    ),
    warns(
        "names-third-of-three-lies",
        "The third of three resolvers leads three names to a block page; it is asked only when "
        "the others are away.",
        "bind, unbound, dnsmasq",
        "resolvers-disagree",
        bind(),
        unbound(address=SECOND_RESOLVER),
        dnsmasq(
            *(f"address=/{name}/{BLOCK_PAGE}" for name in (ARM, _LOGIN, "sts.windows.net")),
            address=_THIRD_RESOLVER,
        ),
        block_page(),
        resolv_conf=_THREE,
        hits=_at("resolvers-disagree", "dns", ARM, _LOGIN, "sts.windows.net"),
    ),
    warns(
        "names-second-sinkholes",
        "The second resolver sinkholes one name; it is asked only when the first is away.",
        "bind, unbound",
        "resolvers-disagree",
        bind(),
        unbound(f'local-zone: "{ARM}." always_null', address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
        hits=_at("resolvers-disagree", "dns", ARM),
    ),
    warns(
        "names-third-of-three-silent",
        "The third of three resolvers is away; it would be asked when the others are, too.",
        "bind, unbound",
        "resolver-silent",
        bind(),
        unbound(address=SECOND_RESOLVER),
        resolv_conf=_THREE,
        filters=(Filter(host="router", hook="forward", rules=("ip daddr 10.77.2.4 drop",)),),
        hits=("resolver-silent dns",),
    ),
    passes(
        "names-three-alike",
        "Three resolvers of three products say the same.",
        "bind, unbound, dnsmasq",
        bind(),
        unbound(address=SECOND_RESOLVER),
        dnsmasq(address=_THIRD_RESOLVER),
        resolv_conf=_THREE,
    ),
    fails(
        "names-all-three-fail-otherwise",
        "Of three resolvers one is closed, one refuses, one fails: no name resolves.",
        "kernel, dnsmasq, scripted",
        "resolver-refused",
        dnsmasq(forward_to="", address=SECOND_RESOLVER),
        scripted_dns(Rule(act="servfail"), address=_THIRD_RESOLVER),
        resolv_conf=_THREE,
        hits=("resolver-refused dns",),
    ),
)

RESOLVER_FILE = (
    passes(
        "names-search-servfail",
        "The server of the search domain fails for it at once; the name itself is tried next.",
        "scripted",
        scripted_dns(Rule(act="servfail", suffix="corp.dead")),
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.dead\noptions ndots:5\n",
    ),
    passes(
        "names-search-wildcard-few-dots",
        "A wildcard stands in the search domain, but with ndots:1 every name is tried as it is.",
        "dnsmasq",
        dnsmasq("address=/corp.lab/10.77.5.80"),
        block_page("apiserver"),
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.lab\noptions ndots:1\n",
    ),
    passes(
        "names-over-tcp-only",
        "resolv.conf asks for TCP (use-vc), and TCP is open.",
        "bind",
        bind(),
        resolv_conf=f"nameserver {RESOLVER}\noptions use-vc\n",
    ),
    fails(
        "names-over-tcp-only-closed",
        "resolv.conf asks for TCP (use-vc), and the firewall resets DNS over TCP.",
        "bind",
        "dns-tcp-blocked",
        bind(),
        resolv_conf=f"nameserver {RESOLVER}\noptions use-vc\n",
        filters=(
            Filter(host="resolver", hook="input", rules=("tcp dport 53 reject with tcp reset",)),
        ),
        hits=("dns-tcp-blocked firewall",),
    ),
    fails(
        "names-nobody-to-ask",
        "resolv.conf names no server, and nothing listens on the node itself.",
        "kernel",
        "resolver-unreachable",
        resolv_conf="search corp.lab\n",
    ),
    fails(
        "names-slower-than-patience",
        "The resolver takes two seconds, resolv.conf allows one try of one second.",
        "scripted",
        "resolver-silent",
        scripted_dns(Rule(act="forward", delay=2.0)),
        resolv_conf=f"nameserver {RESOLVER}\noptions timeout:1 attempts:1\n",
        hits=("resolver-silent dns",),
        timeout=6,
    ),
    passes(
        "names-file-with-comments",
        "resolv.conf has comments, unknown options, tabs and a domain line.",
        "bind",
        bind(),
        resolv_conf=(
            f"; made by the installer\n# second\ndomain corp.lab\nnameserver\t{RESOLVER}\n"
            "options edns0 trust-ad single-request-reopen no-aaaa-of-old\n"
        ),
    ),
    fails(
        "names-everything-is-the-portal",
        "A captive portal's wildcard answers every name with its own private address.",
        "dnsmasq, nginx",
        "name-sinkholed",
        dnsmasq("address=/#/10.77.5.80", forward_to=""),
        block_page("apiserver"),
        hits=("name-sinkholed dns",),
    ),
    passes(
        "names-everything-is-the-portal-proxied",
        "A wildcard answers every name, but an explicit proxy by address resolves for itself.",
        "dnsmasq, squid",
        dnsmasq("address=/#/10.77.5.80", forward_to=""),
        block_page("apiserver"),
        squid(),
        settings=PROXY_FLAGS,
    ),
)

NODE = (
    fails(
        "names-hosts-file-sinkholes",
        "The node's hosts file says 0.0.0.0 for one name, the resolver knows better.",
        "kernel, bind",
        "name-sinkholed",
        bind(),
        hosts=f"0.0.0.0 {ARM}\n",
        hits=_at("name-sinkholed", "you", ARM),
    ),
    passes(
        "names-hosts-file-right",
        "The node's hosts file has the right address of two names, one of which the resolver does "
        "not know.",
        "kernel, unbound",
        unbound(f'local-zone: "{ARM}." always_nxdomain'),
        hosts=f"203.0.113.20 {ARM}\n203.0.113.40 {_REGISTRY}\n",
    ),
    passes(
        "names-stub-on-the-node",
        "A stub on the node itself (127.0.0.53) forwards to the company's resolver.",
        "dnsmasq, bind",
        bind(),
        replace(dnsmasq(address="127.0.0.53", forward_to=RESOLVER), host="node"),
        resolv_conf="nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.lab\n",
    ),
    fails(
        "names-stub-on-the-node-alone",
        "A stub on the node itself (127.0.0.53) stands, and the company's resolver is away.",
        "dnsmasq",
        "resolver-silent",
        replace(dnsmasq(address="127.0.0.53", forward_to=RESOLVER), host="node"),
        resolv_conf="nameserver 127.0.0.53\n",
        filters=(Filter(host="router", hook="forward", rules=(f"ip daddr {RESOLVER} drop",)),),
        hits=("resolver-silent dns",),
    ),
    passes(
        "names-only-ipv6",
        "All names have IPv6 addresses alone, and the node's way by IPv6 is open.",
        "scripted",
        scripted_dns(Rule(act="nodata", kind="A")),
        ipv6=True,
        commands=DUAL_STACK,
    ),
    fails(
        "names-ipv6-first-and-dropped",
        "Names have both addresses; IPv6 alone is the way of one of them, and is dropped.",
        "scripted, nftables",
        "target-silent",
        scripted_dns(Rule(act="nodata", kind="A", suffix=ARM)),
        ipv6=True,
        commands=DUAL_STACK,
        filters=(Filter(host="router", hook="forward", rules=("ip6 daddr 2001:db8::20 drop",)),),
        hits=_at("target-silent", "firewall", ARM),
    ),
    passes(
        "names-ipv6-dropped-beside-ipv4",
        "Names have both addresses, and a firewall drops IPv6: clients go on by IPv4.",
        "bind, nftables",
        bind(),
        ipv6=True,
        commands=DUAL_STACK,
        filters=(Filter(host="router", hook="forward", rules=("ip6 daddr 2001:db8::/32 drop",)),),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*ONE_NAME, *BY_TYPE, *SEVERAL_SERVERS, *RESOLVER_FILE, *NODE)
