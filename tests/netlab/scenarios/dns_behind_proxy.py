"""DNS behind an explicit proxy: what local DNS says of the internet is no matter, the proxy's own
name must resolve."""

from __future__ import annotations

from ..name_servers import RESOLVER, bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, SKIP_RANGE, Scenario, fails, passes
from ..software import PORT, squid
from .resolving import everywhere

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
            (
                "local-unknown-unbound",
                "Local DNS knows no external name; the proxy does.",
                (unbound(*everywhere("always_nxdomain")),),
            ),
            (
                "local-refused-bind",
                "Local DNS refuses external names; the proxy resolves.",
                (bind("allow-query { 192.0.2.1; };"),),
            ),
            ("local-silent-kernel", "There is no local DNS at all; the proxy resolves.", ()),
            (
                "local-sinkhole-dnsmasq",
                "Local DNS sinkholes what the proxy resolves.",
                (dnsmasq("address=/#/0.0.0.0", forward_to=""),),
            ),
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

SCENARIOS: tuple[Scenario, ...] = BEHIND_PROXY
