"""DNS: answers that come and are wrong, private, different, cut or slow."""

from __future__ import annotations

from ..name_servers import RESOLVER, SECOND_RESOLVER, bind, dnsmasq, scripted_dns, unbound
from ..scenario import Filter, Scenario, fails, passes, warns
from ..scripted_dns import Rule
from ..software import block_page
from ..zone import BLOCK_PAGE
from .resolving import IN_CLUSTER, TWO_RESOLVERS, everywhere
from .ways import ARM

# Appliances send unrelated names to one place; these have nothing in common but the policy.
_BLOCKED = (ARM, "login.microsoftonline.com", "mcr.microsoft.com", "dl.k8s.io")


def _reject_dns_over_tcp(verdict: str) -> Filter:
    return Filter(host="resolver", hook="input", rules=(f"tcp dport 53 {verdict}",))


WRONG_ANSWER = (
    *(
        fails(
            f"dns-sinkhole-zero-{label}",
            "The filter answers 0.0.0.0 for one name.",
            label,
            "name-sinkholed",
            server,
        )
        for label, server in (
            ("bind", bind(policy=(f"{ARM} A 0.0.0.0",))),
            ("unbound", unbound(f'local-zone: "{ARM}." always_null')),
            ("dnsmasq", dnsmasq(f"address=/{ARM}/0.0.0.0")),
        )
    ),
    *(
        fails(
            f"dns-sinkhole-loopback-{label}",
            "The filter answers 127.0.0.1 for the relay.",
            label,
            "name-sinkholed",
            server,
        )
        for label, server in (
            ("bind", bind(policy=("*.servicebus.windows.net A 127.0.0.1",))),
            (
                "unbound",
                unbound(
                    'local-zone: "servicebus.windows.net." redirect',
                    'local-data: "servicebus.windows.net. A 127.0.0.1"',
                ),
            ),
            ("dnsmasq", dnsmasq("address=/servicebus.windows.net/127.0.0.1")),
        )
    ),
    *(
        fails(
            f"dns-block-page-{label}",
            "Unrelated names all lead to the address of a block page.",
            label,
            "name-sinkholed",
            server,
            block_page(),
        )
        for label, server in (
            ("bind", bind(policy=tuple(f"{name} A {BLOCK_PAGE}" for name in _BLOCKED))),
            ("dnsmasq", dnsmasq(*(f"address=/{name}/{BLOCK_PAGE}" for name in _BLOCKED))),
            (
                "unbound",
                unbound(
                    *(
                        line
                        for name in _BLOCKED
                        for line in (
                            f'local-zone: "{name}." redirect',
                            f'local-data: "{name}. A {BLOCK_PAGE}"',
                        )
                    )
                ),
            ),
        )
    ),
    fails(
        "dns-block-page-inside",
        "Unrelated names lead to a block page on a private address.",
        "dnsmasq",
        "name-sinkholed",
        dnsmasq(*(f"address=/{name}/10.77.5.80" for name in _BLOCKED)),
        block_page("apiserver"),
    ),
    *(
        fails(
            f"dns-search-wildcard-{label}",
            "A wildcard in a search domain answers for every name, because ndots:5 tries it first.",
            label,
            "name-hijacked-by-search",
            server,
            block_page("apiserver"),
            resolv_conf=IN_CLUSTER,
        )
        for label, server in (
            ("dnsmasq", dnsmasq("address=/corp.lab/10.77.5.80")),
            (
                "bind",
                bind(
                    zones=('zone "corp.lab" { type primary; file "@FOLDER@/corp.zone"; };',),
                    files=(
                        (
                            "corp.zone",
                            "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 10.77.2.2\n"
                            "* A 10.77.5.80\n",
                        ),
                    ),
                ),
            ),
            (
                "unbound",
                unbound('local-zone: "corp.lab." redirect', 'local-data: "corp.lab. A 10.77.5.80"'),
            ),
        )
    ),
    warns(
        "dns-search-dead-suffix",
        "The server of a search domain is dead: every lookup waits for it first.",
        "scripted",
        "lookup-slow",
        scripted_dns(Rule(act="silent", suffix="corp.dead")),
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.dead\noptions ndots:5 timeout:2 "
        "attempts:1\n",
        timeout=6,
    ),
    warns(
        "dns-slow-resolver",
        "The resolver takes three seconds for every answer.",
        "scripted",
        "lookup-slow",
        scripted_dns(Rule(act="forward", delay=3.0)),
        timeout=10,
    ),
    warns(
        "dns-slowest-resolver",
        "The resolver takes four seconds for every answer: a second more, and programs ask again.",
        "scripted",
        "lookup-slow",
        scripted_dns(Rule(act="forward", delay=4.0)),
        timeout=10,
    ),
    *(
        warns(
            f"dns-unknown-rewritten-{label}",
            "The provider answers names that do not exist with its own search page.",
            label,
            "unknown-names-rewritten",
            server,
        )
        for label, server in (
            (
                "dnsmasq",
                dnsmasq(
                    f"address=/#/{BLOCK_PAGE}",
                    *(
                        f"server=/{zone}/203.0.113.53"
                        for zone in (
                            "azure.com",
                            "microsoft.com",
                            "windows.net",
                            "microsoftonline.com",
                            "k8s.io",
                            "azurecr.io",
                            "azure.net",
                        )
                    ),
                ),
            ),
            (
                "bind",
                bind(
                    zones=('zone "." { type redirect; file "@FOLDER@/redirect.zone"; };',),
                    files=(
                        (
                            "redirect.zone",
                            f"$TTL 60\n@ SOA ns. root. 1 2 3 4 5\n@ NS ns.\n* A {BLOCK_PAGE}\n",
                        ),
                    ),
                ),
            ),
        )
    ),
    warns(
        "dns-aaaa-dropped",
        "A box swallows every question for IPv6 addresses.",
        "scripted",
        "ipv6-lookup-dropped",
        scripted_dns(Rule(act="silent", kind="AAAA")),
        resolv_conf=f"nameserver {RESOLVER}\noptions timeout:1 attempts:2\n",
        timeout=6,
    ),
    fails(
        "dns-ipv6-only-without-route",
        "One name has only an IPv6 address, and the node has no way to it.",
        "unbound",
        "target-unreachable",
        unbound(f'local-zone: "{ARM}." redirect', f'local-data: "{ARM}. AAAA 2001:db8::20"'),
    ),
)

PRIVATE = (
    *(
        warns(
            f"dns-private-link-{label}",
            "The name leads through privatelink to a private address that works; nobody asked "
            "for private link.",
            label,
            "name-private",
            server,
            zone=(
                "gbl.his.arc.azure.com. CNAME gbl.privatelink.his.arc.azure.com.",
                "gbl.privatelink.his.arc.azure.com. A 203.0.113.50",
            ),
        )
        for label, server in (
            (
                "bind",
                bind(
                    zones=(
                        'zone "privatelink.his.arc.azure.com" { type primary; file '
                        '"@FOLDER@/private.zone"; };',
                    ),
                    files=(
                        (
                            "private.zone",
                            "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 10.77.2.2\n"
                            "gbl A 10.77.9.50\n",
                        ),
                    ),
                ),
            ),
            (
                "dnsmasq",
                dnsmasq(
                    "cname=gbl.his.arc.azure.com,gbl.privatelink.his.arc.azure.com",
                    "host-record=gbl.privatelink.his.arc.azure.com,10.77.9.50",
                ),
            ),
        )
    ),
    *(
        fails(
            f"dns-private-link-empty-zone-{label}",
            "An empty private zone is linked: the public CNAME leads into it and ends.",
            label,
            "private-link-unresolved",
            server,
            zone=(
                "gbl.his.arc.azure.com. CNAME gbl.privatelink.his.arc.azure.com.",
                "gbl.privatelink.his.arc.azure.com. A 203.0.113.50",
            ),
        )
        for label, server in (
            (
                "bind",
                bind(
                    zones=(
                        'zone "privatelink.his.arc.azure.com" { type primary; file '
                        '"@FOLDER@/empty.zone"; };',
                    ),
                    files=(
                        (
                            "empty.zone",
                            "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 10.77.2.2\n",
                        ),
                    ),
                ),
            ),
        )
    ),
    *(
        fails(
            f"dns-private-link-missing-record-{label}",
            "The public CNAME leads into a private zone that lacks the record.",
            label,
            "private-link-unresolved",
            server,
            zone=(
                "gbl.his.arc.azure.com. CNAME gbl.privatelink.his.arc.azure.com.",
                # So that the wildcard above it does not answer (RFC 4592 section 2.2.2).
                "privatelink.his.arc.azure.com. TXT linked",
            ),
        )
        for label, server in (("unbound", unbound()), ("dnsmasq", dnsmasq()), ("bind", bind()))
    ),
    passes(
        "dns-private-link-public-answer",
        "The name has a privatelink CNAME, as every name with a private endpoint somewhere; from "
        "here it ends publicly.",
        "bind",
        bind(),
        zone=(
            "gbl.his.arc.azure.com. CNAME gbl.privatelink.his.arc.azure.com.",
            "gbl.privatelink.his.arc.azure.com. A 203.0.113.50",
        ),
    ),
)

DIFFERENT = (
    *(
        warns(
            f"dns-resolvers-disagree-{label}",
            "The second resolver does not know a name that the first one knows.",
            label,
            "resolvers-disagree",
            bind(),
            server,
            resolv_conf=TWO_RESOLVERS,
        )
        for label, server in (
            ("unbound", unbound(f'local-zone: "{ARM}." always_nxdomain', address=SECOND_RESOLVER)),
            ("dnsmasq", dnsmasq(f"address=/{ARM}/", address=SECOND_RESOLVER)),
        )
    ),
    warns(
        "dns-second-resolver-internal-only",
        "The second resolver only knows the company's own names.",
        "unbound",
        "resolvers-disagree",
        bind(),
        unbound(*everywhere("always_nxdomain"), address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
    ),
    passes(
        "dns-resolvers-answer-other-front-ends",
        "Two resolvers give different addresses of the same service, as load balancing does.",
        "unbound",
        unbound(
            'local-zone: "login.microsoftonline.com." redirect',
            'local-data: "login.microsoftonline.com. A 203.0.113.30"',
        ),
        unbound(
            'local-zone: "login.microsoftonline.com." redirect',
            'local-data: "login.microsoftonline.com. A 203.0.113.31"',
            address=SECOND_RESOLVER,
        ),
        resolv_conf=TWO_RESOLVERS,
    ),
    *(
        fails(
            f"dns-truncated-tcp-{verdict.split()[0]}-{label}",
            "Answers are cut to fit and the firewall blocks DNS over TCP.",
            label,
            "dns-tcp-blocked",
            server,
            filters=(_reject_dns_over_tcp(verdict),),
        )
        for label, server, verdict in (
            ("scripted", scripted_dns(Rule(act="truncate", over="udp")), "drop"),
            ("scripted", scripted_dns(Rule(act="truncate", over="udp")), "reject with tcp reset"),
            ("bind", bind(policy=("*.com CNAME rpz-tcp-only.",)), "drop"),
            ("bind", bind(policy=("*.com CNAME rpz-tcp-only.",)), "reject with tcp reset"),
        )
    ),
    passes(
        "dns-truncated-tcp-open",
        "Answers over UDP are cut, over TCP they are whole.",
        "bind",
        bind(policy=("*.com CNAME rpz-tcp-only.",)),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*WRONG_ANSWER, *PRIVATE, *DIFFERENT)
