"""DNS: what the company's resolvers do to the names, first on direct routes, then behind an explicit proxy."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, SKIP_RANGE, Command, Filter, Scenario, fails, passes, warns
from ..scripted_dns import Rule
from ..servers import Server
from ..software import (
    BLOCK_PAGE,
    PORT,
    RESOLVER,
    SECOND_RESOLVER,
    bind,
    block_page,
    dnsmasq,
    scripted_dns,
    squid,
    unbound,
)

ARM = "management.azure.com"
RELAY = "azgnrelay-westeurope-l1.servicebus.windows.net"
TWO_RESOLVERS = f"nameserver {RESOLVER}\nnameserver {SECOND_RESOLVER}\n"
IN_CLUSTER = f"nameserver {RESOLVER}\nsearch default.svc.corp.lab svc.corp.lab corp.lab\noptions ndots:5\n"
# Appliances send unrelated names to one place; these have nothing in common but the policy.
_BLOCKED = (ARM, "login.microsoftonline.com", "mcr.microsoft.com", "dl.k8s.io")


def _rpz(name: str, action: str) -> Server:
    return bind(policy=(f"{name} {action}",))


def _everywhere(reply: str) -> tuple[str, ...]:
    return tuple(f'local-zone: "{zone}" {reply}' for zone in ("com.", "net.", "io."))


def _reject_dns_over_tcp(verdict: str) -> Filter:
    return Filter(host="resolver", hook="input", rules=(f"tcp dport 53 {verdict}",))


CLEAN = (
    passes("direct-clean-bind", "No proxy, nothing in the way, BIND resolves.", "bind", bind()),
    passes("direct-clean-unbound", "No proxy, nothing in the way, Unbound resolves.", "unbound", unbound()),
    passes("direct-clean-dnsmasq", "No proxy, nothing in the way, dnsmasq resolves.", "dnsmasq", dnsmasq()),
    passes(
        "direct-clean-dual-stack",
        "No proxy, IPv4 and IPv6 both work.",
        "bind",
        bind(),
        ipv6=True,
        commands=(
            # A global address, because resolvers prefer IPv4 to a unique local one (RFC 6724 section 2.1).
            Command(host="node", words=("ip", "addr", "add", "2001:db8:77:1::2/64", "dev", "wire", "nodad")),
            Command(host="router", words=("ip", "addr", "add", "2001:db8:77:1::1/64", "dev", "node", "nodad")),
            Command(host="node", words=("ip", "-6", "route", "add", "default", "via", "2001:db8:77:1::1")),
        ),
    ),
    passes(
        "direct-clean-ipv6-names-without-route",
        "The names have IPv6 addresses too, the node has only IPv4: every client falls back at once.",
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
        fails(f"dns-unknown-{label}", "The filter says that management.azure.com does not exist.", label, "name-unknown", server)
        for label, server in (
            ("bind", _rpz(ARM, "CNAME .")),
            ("unbound", unbound(f'local-zone: "{ARM}." always_nxdomain')),
            ("dnsmasq", dnsmasq(f"address=/{ARM}/")),
        )
    ),
    *(
        fails(f"dns-knows-nothing-{label}", "The resolver knows no name of the internet.", label, "name-unknown", server)
        for label, server in (
            ("bind", bind(policy=("*.com CNAME .", "*.net CNAME .", "*.io CNAME ."))),
            ("unbound", unbound(*_everywhere("always_nxdomain"))),
            ("dnsmasq", dnsmasq("address=/#/", forward_to="")),
        )
    ),
    *(
        fails(f"dns-empty-{label}", "The name exists but is stripped of its addresses.", label, "name-empty", server)
        for label, server in (
            ("bind", _rpz(ARM, "CNAME *.")),
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
            'trust-anchor: "azure.com. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"',
            plain=False,
        ),
    ),
    fails(
        "dns-servfail-broken-zone-bind",
        "The company's own copy of a zone does not load: SERVFAIL for its names.",
        "bind",
        "resolver-failed",
        bind(zones=('zone "microsoftonline.com" { type primary; file "@FOLDER@/missing.zone"; };',)),
    ),
    *(
        fails(f"dns-refused-{label}", "The resolver refuses to serve this network.", label, "resolver-refused", server)
        for label, server in (
            ("bind", bind("allow-query { 192.0.2.1; };")),
            ("unbound", unbound("access-control: 0.0.0.0/0 refuse")),
            ("dnsmasq", dnsmasq(forward_to="")),
        )
    ),
    *(
        fails(f"dns-silent-{label}", "The only resolver never answers.", label, "resolver-silent", *given, filters=filters)
        for label, given, filters in (
            ("unbound", (unbound("access-control: 0.0.0.0/0 deny"),), ()),
            ("nftables", (bind(),), (Filter(host="resolver", hook="input", rules=("meta l4proto { tcp, udp } drop",)),)),
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
        filters=(Filter(host="router", hook="forward", rules=("meta l4proto { tcp, udp } th dport 53 iifname node drop",)),),
    ),
    warns(
        "dns-first-of-two-silent",
        "The first of two resolvers is dead; every lookup waits for it before the second answers.",
        "nftables",
        "lookup-slow",
        bind(address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS + "options timeout:2 attempts:2\n",
        filters=(Filter(host="resolver", hook="input", rules=(f"ip saddr 10.77.1.2 ip daddr {RESOLVER} drop",)),),
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
        fails(f"dns-{label}", story, "scripted", "resolver-silent", scripted_dns(Rule(act=act)))
        for label, act, story in (
            ("wrong-id", "wrong-id", "Every answer carries another question's id and is ignored."),
            ("malformed", "malformed", "Every answer is cut off inside a name and is ignored."),
        )
    ),
)

WRONG_ANSWER = (
    *(
        fails(f"dns-sinkhole-zero-{label}", "The filter answers 0.0.0.0 for one name.", label, "name-sinkholed", server)
        for label, server in (
            ("bind", bind(policy=(f"{ARM} A 0.0.0.0",))),
            ("unbound", unbound(f'local-zone: "{ARM}." always_null')),
            ("dnsmasq", dnsmasq(f"address=/{ARM}/0.0.0.0")),
        )
    ),
    *(
        fails(f"dns-sinkhole-loopback-{label}", "The filter answers 127.0.0.1 for the relay.", label, "name-sinkholed", server)
        for label, server in (
            ("bind", bind(policy=("*.servicebus.windows.net A 127.0.0.1",))),
            (
                "unbound",
                unbound(
                    'local-zone: "servicebus.windows.net." redirect', 'local-data: "servicebus.windows.net. A 127.0.0.1"'
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
                unbound(*(line for name in _BLOCKED for line in (
                    f'local-zone: "{name}." redirect', f'local-data: "{name}. A {BLOCK_PAGE}"'
                ))),
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
                    files=(("corp.zone", "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 10.77.2.2\n* A 10.77.5.80\n"),),
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
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.dead\noptions ndots:5 timeout:2 attempts:1\n",
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
    *(
        warns(
            f"dns-unknown-rewritten-{label}",
            "The provider answers names that do not exist with its own search page.",
            label,
            "unknown-names-rewritten",
            server,
        )
        for label, server in (
            ("dnsmasq", dnsmasq(f"address=/#/{BLOCK_PAGE}", *(
                f"server=/{zone}/203.0.113.53" for zone in
                ("azure.com", "microsoft.com", "windows.net", "microsoftonline.com", "k8s.io", "azurecr.io", "azure.net")
            ))),
            (
                "bind",
                bind(
                    zones=('zone "." { type redirect; file "@FOLDER@/redirect.zone"; };',),
                    files=(("redirect.zone", f"$TTL 60\n@ SOA ns. root. 1 2 3 4 5\n@ NS ns.\n* A {BLOCK_PAGE}\n"),),
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
            "The name leads through privatelink to a private address that works; nobody asked for private link.",
            label,
            "name-private",
            server,
        )
        for label, server in (
            (
                "bind",
                bind(policy=(
                    "gbl.his.arc.azure.com CNAME gbl.privatelink.his.arc.azure.com.",
                    "gbl.privatelink.his.arc.azure.com A 10.77.9.50",
                )),
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
                    zones=('zone "privatelink.his.arc.azure.com" { type primary; file "@FOLDER@/empty.zone"; };',),
                    files=(("empty.zone", "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 10.77.2.2\n"),),
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
        "The name has a privatelink CNAME, as every name with a private endpoint somewhere; from here it ends publicly.",
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
        unbound(*_everywhere("always_nxdomain"), address=SECOND_RESOLVER),
        resolv_conf=TWO_RESOLVERS,
    ),
    passes(
        "dns-resolvers-answer-other-front-ends",
        "Two resolvers give different addresses of the same service, as load balancing does.",
        "unbound",
        unbound('local-zone: "login.microsoftonline.com." redirect', 'local-data: "login.microsoftonline.com. A 203.0.113.30"'),
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

_NAMED_PROXY = ("--proxy-https", f"http://proxy.corp.lab:{PORT}", "--proxy-skip-range", SKIP_RANGE)

BEHIND_PROXY = (
    *(
        passes(
            f"proxy-dns-{label}",
            story,
            f"squid, {label.rpartition('-')[2]}",
            squid(),
            *given,
            settings=PROXY_FLAGS,
        )
        for label, story, given in (
            ("local-unknown-unbound", "Local DNS knows no external name; the proxy does.", (unbound(*_everywhere("always_nxdomain")),)),
            ("local-refused-bind", "Local DNS refuses external names; the proxy resolves.", (bind("allow-query { 192.0.2.1; };"),)),
            ("local-silent-kernel", "There is no local DNS at all; the proxy resolves.", ()),
            ("local-sinkhole-dnsmasq", "Local DNS sinkholes what the proxy resolves.", (dnsmasq("address=/#/0.0.0.0", forward_to=""),)),
        )
    ),
    passes(
        "proxy-name-resolves",
        "The proxy is named; local DNS knows only the company's names.",
        "squid, dnsmasq",
        squid(),
        dnsmasq("host-record=proxy.corp.lab,10.77.3.2", "address=/#/", forward_to=""),
        settings=_NAMED_PROXY,
    ),
    passes(
        "proxy-name-short-with-search",
        "The proxy is named by its first label, the search domain completes it.",
        "squid, dnsmasq",
        squid(),
        dnsmasq("host-record=proxy.corp.lab,10.77.3.2", "address=/#/", forward_to=""),
        resolv_conf=f"nameserver {RESOLVER}\nsearch corp.lab\n",
        settings=("--proxy-https", f"http://proxy:{PORT}", "--proxy-skip-range", SKIP_RANGE),
    ),
    *(
        fails(
            f"proxy-name-unknown-{label}",
            "The proxy's own name does not resolve here.",
            label,
            "proxy-name-unknown",
            squid(),
            server,
            settings=_NAMED_PROXY,
        )
        for label, server in (
            ("unbound", unbound('local-zone: "corp.lab." always_nxdomain')),
            ("bind", bind(policy=("proxy.corp.lab CNAME .",))),
            ("dnsmasq", dnsmasq("local=/corp.lab/")),
        )
    ),
    fails(
        "proxy-name-empty",
        "The proxy's own name has no address.",
        "unbound",
        "proxy-name-unknown",
        squid(),
        unbound('local-zone: "proxy.corp.lab." always_nodata'),
        settings=_NAMED_PROXY,
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*CLEAN, *NO_ANSWER, *WRONG_ANSWER, *PRIVATE, *DIFFERENT, *BEHIND_PROXY)
