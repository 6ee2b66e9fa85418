"""DNS: what the company's resolvers do to the names, first on direct routes, then behind an
explicit proxy."""

from __future__ import annotations

from ..name_servers import RESOLVER, SECOND_RESOLVER, bind, dnsmasq, scripted_dns, unbound
from ..scenario import Filter, Scenario, fails, passes, warns
from ..scripted_dns import Rule
from .resolving import DUAL_STACK, IN_CLUSTER, TWO_RESOLVERS, everywhere, rpz
from .ways import ARM

CLEAN = (
    passes("direct-clean-bind", "No proxy, nothing in the way, BIND resolves.", "bind", bind()),
    passes(
        "direct-clean-unbound",
        "No proxy, nothing in the way, Unbound resolves.",
        "unbound",
        unbound(),
    ),
    passes(
        "direct-clean-dnsmasq",
        "No proxy, nothing in the way, dnsmasq resolves.",
        "dnsmasq",
        dnsmasq(),
    ),
    passes(
        "direct-clean-dual-stack",
        "No proxy, IPv4 and IPv6 both work.",
        "bind",
        bind(),
        ipv6=True,
        commands=DUAL_STACK,
    ),
    passes(
        "direct-clean-ipv6-names-without-route",
        "The names have IPv6 addresses too, the node has only IPv4: every client falls back at "
        "once.",
        "bind",
        bind(),
        ipv6=True,
    ),
    passes(
        "direct-clean-cluster-search",
        "A cluster's resolv.conf with ndots:5 and search domains that answer properly.",
        "unbound",
        unbound(),
        resolv_conf=IN_CLUSTER,
    ),
)

NO_ANSWER = (
    *(
        fails(
            f"dns-unknown-{label}",
            "The filter says that management.azure.com does not exist.",
            label,
            "name-unknown",
            server,
        )
        for label, server in (
            ("bind", rpz(ARM, "CNAME .")),
            ("unbound", unbound(f'local-zone: "{ARM}." always_nxdomain')),
            ("dnsmasq", dnsmasq(f"address=/{ARM}/")),
        )
    ),
    *(
        fails(
            f"dns-knows-nothing-{label}",
            "The resolver knows no name of the internet.",
            label,
            "name-unknown",
            server,
        )
        for label, server in (
            ("bind", bind(policy=("*.com CNAME .", "*.net CNAME .", "*.io CNAME ."))),
            ("unbound", unbound(*everywhere("always_nxdomain"))),
            ("dnsmasq", dnsmasq("address=/#/", forward_to="")),
        )
    ),
    *(
        fails(
            f"dns-empty-{label}",
            "The name exists but is stripped of its addresses.",
            label,
            "name-empty",
            server,
        )
        for label, server in (
            ("bind", rpz(ARM, "CNAME *.")),
            ("unbound", unbound(f'local-zone: "{ARM}." always_nodata')),
            ("dnsmasq", dnsmasq(f"txt-record={ARM},empty", f"local=/{ARM}/")),
        )
    ),
    fails(
        "dns-servfail-forwarder-bind",
        "The resolver's own forwarder refuses it: SERVFAIL for everything.",
        "bind",
        "resolver-failed",
        bind(forward_to=SECOND_RESOLVER),
        dnsmasq(forward_to="", address=SECOND_RESOLVER),
    ),
    fails(
        "dns-servfail-bogus-unbound",
        "Unbound finds the DNSSEC signatures of one zone missing and answers SERVFAIL.",
        "unbound",
        "resolver-failed",
        unbound(
            'trust-anchor: "azure.com. DS 20326 8 2 '
            'E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"',
            plain=False,
        ),
    ),
    fails(
        "dns-servfail-broken-zone-bind",
        "The company's own copy of a zone does not load: SERVFAIL for its names.",
        "bind",
        "resolver-failed",
        bind(
            zones=('zone "microsoftonline.com" { type primary; file "@FOLDER@/missing.zone"; };',)
        ),
    ),
    *(
        fails(
            f"dns-refused-{label}",
            "The resolver refuses to serve this network.",
            label,
            "resolver-refused",
            server,
        )
        for label, server in (
            ("bind", bind("allow-query { 192.0.2.1; };")),
            ("unbound", unbound("access-control: 0.0.0.0/0 refuse")),
            ("dnsmasq", dnsmasq(forward_to="")),
        )
    ),
    *(
        fails(
            f"dns-silent-{label}",
            "The only resolver never answers.",
            label,
            "resolver-silent",
            *given,
            filters=filters,
        )
        for label, given, filters in (
            ("unbound", (unbound("access-control: 0.0.0.0/0 deny"),), ()),
            (
                "nftables",
                (bind(),),
                (Filter(host="resolver", hook="input", rules=("meta l4proto { tcp, udp } drop",)),),
            ),
            ("scripted", (scripted_dns(Rule(act="silent")),), ()),
        )
    ),
    fails(
        "dns-silent-two",
        "Both resolvers swallow every question.",
        "nftables",
        "resolver-silent",
        bind(),
        resolv_conf=TWO_RESOLVERS,
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=("meta l4proto { tcp, udp } th dport 53 iifname node drop",),
            ),
        ),
    ),
    warns(
        "dns-first-of-two-silent",
        "The first of two resolvers is dead; every lookup waits for it before the second answers.",
        "nftables",
        "lookup-slow",
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS + "options timeout:2 attempts:2\n",
        filters=(
            Filter(
                host="resolver",
                hook="input",
                rules=(f"ip saddr 10.77.1.2 ip daddr {RESOLVER} drop",),
            ),
        ),
        timeout=6,
    ),
    fails(
        "dns-name-silent-unbound",
        "The filter swallows questions for one name only.",
        "unbound",
        "resolver-silent",
        unbound(f'local-zone: "{ARM}." always_deny'),
    ),
    fails(
        "dns-resolver-no-route",
        "resolv.conf names an address that no router knows.",
        "iproute2",
        "resolver-unreachable",
        resolv_conf="nameserver 10.99.0.53\n",
    ),
    fails(
        "dns-resolver-port-closed",
        "Nothing listens on port 53 of the resolver's address.",
        "kernel",
        "resolver-unreachable",
    ),
    fails(
        "dns-resolver-prohibited",
        "A firewall forbids DNS to the resolver, and says so.",
        "nftables",
        "resolver-unreachable",
        bind(),
        filters=(
            Filter(
                host="router",
                hook="forward",
                rules=(f"ip daddr {RESOLVER} reject with icmpx admin-prohibited",),
            ),
        ),
    ),
    *(
        fails(f"dns-{label}", story, "scripted", "resolver-silent", scripted_dns(rule))
        for label, rule, story in (
            (
                "wrong-id",
                Rule(act="wrong-id"),
                "Every answer carries another question's id and is ignored.",
            ),
            (
                "malformed",
                Rule(act="malformed"),
                "Every answer is cut off inside a name and is ignored.",
            ),
        )
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*CLEAN, *NO_ANSWER)
