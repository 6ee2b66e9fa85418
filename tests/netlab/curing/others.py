"""Networks that are not in the matrix, laid out as other administrators do: what the reports give
to be pasted has to heal them too. ``python -m tests.netlab cure 'other-*'``."""

from __future__ import annotations

import msgspec

from ..fronts import FRONT_PORT, led_to_inspector
from ..name_servers import bind, dnsmasq, unbound
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, warns
from ..scenarios.interception import TRUSTED
from ..scenarios.ways import ARM, through
from ..servers import Server
from ..software import (
    PORT,
    PROXY,
    apache,
    dante,
    haproxy,
    mitmproxy,
    nginx,
    squid,
    squid_bump,
    tinyproxy,
)

_INTRANET = "intranet.corp.lab"


def _with_files(server: Server, *files: tuple[str, str]) -> Server:
    return msgspec.structs.replace(server, files=(*server.files, *files))


_DEBIAN = (
    "acl localnet src 10.0.0.0/8",
    "acl Safe_ports port 80 443 8084 1025-65535",
    "http_access deny !Safe_ports",
    "http_access deny CONNECT !SSL_ports",
    "http_access allow localhost manager",
    "http_access deny manager",
    "acl allowed dstdomain .corp.lab",
    "http_access allow localnet allowed",
    "http_access deny all",
)

_SQUIDS = (
    (
        "squid-included",
        "Squid's denials stand in a file that squid.conf includes.",
        "proxy-denied",
        _with_files(
            squid("include @FOLDER@/blocked.conf"),
            ("blocked.conf", f"acl blocked dstdomain {ARM}\nhttp_access deny blocked\n"),
        ),
    ),
    (
        "squid-debian-default-deny",
        "Debian's squid.conf with a list of what is allowed; all else is denied.",
        "proxy-denied",
        squid(*_DEBIAN),
    ),
    (
        "squid-names-taken",
        "Squid has ACLs with names like those of arcprobe, and a block of an earlier day.",
        "proxy-denied",
        squid(
            "acl arcprobe_hosts dstdomain .corp.lab",
            "acl arcprobe_denied port 80",
            "# arcprobe_denied_0a1b2c begin",
            f"acl arcprobe_denied_0a1b2c_hosts_443 dstdomain gbl.his.arc.azure.com {ARM}",
            "acl arcprobe_denied_0a1b2c_port_443 port 443",
            "http_access allow arcprobe_denied_0a1b2c_hosts_443 arcprobe_denied_0a1b2c_port_443",
            "# arcprobe_denied_0a1b2c end",
            "http_access deny all",
        ),
    ),
    (
        "squid-regex-and-time",
        "Squid denies by a regular expression, and at these hours.",
        "proxy-denied",
        squid(
            "acl hours time SMTWHFA 00:00-23:59",
            r"acl cloud dstdom_regex -i \.azure\.com$ \.windows\.net$",
            "http_access deny cloud hours",
        ),
    ),
    (
        "squid-two-denials",
        "Squid denies one name and, with another rule, a port.",
        "proxy-denied",
        squid(
            "acl cloud dstdomain login.microsoftonline.com .his.arc.azure.com",
            "acl relay dstdomain .obo.arc.azure.com",
            "http_access deny CONNECT cloud",
            "http_access deny relay",
        ),
    ),
    (
        "squid-bump-included",
        "The lines of Squid's inspection stand in a file that squid.conf includes.",
        "tls-intercepted",
        _with_files(
            squid_bump("include @FOLDER@/inspection.conf"),
            (
                "inspection.conf",
                "acl bank ssl::server_name .bank.example\nssl_bump peek step1\n"
                "ssl_bump splice bank\nssl_bump bump all\n",
            ),
        ),
    ),
    (
        "squid-password-and-lists",
        "Squid asks for a password, has lists beside it, and denies Azure to all.",
        "proxy-denied",
        squid(
            "acl office src 10.0.0.0/8",
            "acl cloud dstdomain .azure.com .windows.net .microsoftonline.com",
            "acl manager_only dstdomain .bank.example",
            "http_access deny cloud",
            "http_access allow office manager_only",
        ),
    ),
    (
        "squid-bump-and-default-deny",
        "Squid inspects, and allows nothing of Azure.",
        "proxy-denied",
        squid_bump(rules=_DEBIAN),
    ),
)

_SECTIONS = (
    "frontend statistics\n  bind 127.0.0.1:8404\n  http-request deny if { path /secret }\n"
    "frontend published\n  bind 10.77.3.2:8443\n  http-request deny\n"
    f"frontend proxy\n  bind {PROXY}:{PORT}\n  mode http\n"
    "  http-request set-header X-Forwarded-Proto https\n"
    "  acl allowed hdr_end(host) -i corp.lab:443 corp.lab\n  http-request deny unless allowed\n"
    "  default_backend cache\n"
    "backend cache\n  http-request deny deny_status 403 if { hdr_sub(host) -i arc.azure.com }\n"
    "  server cache 10.77.4.2:3128\n"
)
_BLOCK_LIST = "0.0.0.0 ads.example\n0.0.0.0 management.azure.com\n0.0.0.0 gbl.his.arc.azure.com\n"

_DENY_LIST = "|!~d intranet|403"

_VIEWS = (
    'view "cluster" { match-clients { 10.77.0.0/16; }; recursion yes;\n'
    'zone "azure.com" { type primary; file "@FOLDER@/empty.zone"; };\n'
    "};\n"
    'view "others" { match-clients { any; }; recursion yes;\n'
    "};\n"
)
_EMPTY_ZONE = "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n"
_INHERITED = (
    "resolver 203.0.113.53 ipv6=off; proxy_set_header Host $host; proxy_ssl_server_name on; "
    f"proxy_ssl_name $host; server {{ listen {FRONT_PORT} ssl; "
    "ssl_certificate @PKI@/forged/11.pem; ssl_certificate_key @PKI@/forged/11.pem; "
    "proxy_set_header X-Real-IP $remote_addr; proxy_set_header Host $host; "
    "location / { proxy_pass https://$host$request_uri; } }"
)

OTHERS: tuple[Scenario, ...] = (
    fails(
        "other-bind-views",
        "BIND has views; that of the cluster has an empty zone of its own.",
        "bind",
        "name-unknown",
        _with_files(bind(zones=(_VIEWS,)), ("empty.zone", _EMPTY_ZONE)),
    ),
    fails(
        "other-dnsmasq-included",
        "Dnsmasq reads a file more, which knows no name of Azure.",
        "dnsmasq",
        "name-unknown",
        _with_files(
            dnsmasq("conf-file=@FOLDER@/more.conf"),
            ("more.conf", "local=/azure.com/\naddress=/ads.example/0.0.0.0\n"),
        ),
    ),
    fails(
        "other-nginx-inherited-headers",
        "The headers of a reverse proxy that inspects stand in its server, not in the location.",
        "nginx",
        "tls-intercepted websocket-stripped",
        bind(),
        nginx(_INHERITED, host="router", port=FRONT_PORT),
        filters=led_to_inspector("relay"),
        settings=TRUSTED,
    ),
    fails(
        "other-squid-upgrades-denied",
        "Squid inspects, the agents trust it; it denies every upgrade by a line of its own.",
        "squid",
        "tls-intercepted websocket-stripped",
        squid_bump(
            options=(
                "http_upgrade_request_protocols OTHER deny all",
                "http_upgrade_request_protocols websocket deny all",
            )
        ),
        settings=(*PROXY_FLAGS, "--proxy-cert", "@PKI@/inspection-ca.pem"),
    ),
    *(
        fails(f"other-{name}", story, "squid", code, server, settings=PROXY_FLAGS)
        for name, story, code, server in _SQUIDS
    ),
    fails(
        "other-haproxy-several-sections",
        "HAProxy has several frontends; that of the proxies denies, and so does their backend.",
        "haproxy",
        "proxy-denied",
        haproxy(_SECTIONS),
        squid(host="proxy2"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "other-tinyproxy-filter-urls",
        "Tinyproxy filters URLs, not hosts, and denies what its extended expressions do not name.",
        "tinyproxy",
        "proxy-denied",
        tinyproxy(
            'Filter "@FOLDER@/filter"',
            "FilterDefaultDeny Yes",
            "FilterURLs On",
            "FilterExtended On",
            files=(("filter", f"^(www\\.)?{_INTRANET}(:443)?$\n"),),
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "other-apache-two-sections",
        "Apache allows one name and denies others in two sections.",
        "apache",
        "proxy-denied",
        apache(
            '<ProxyMatch "azure\\.com">',
            "Require all denied",
            "</ProxyMatch>",
            inside=("Require all denied",),
        ),
        settings=PROXY_FLAGS,
    ),
    fails(
        "other-dante-block-rules",
        "Dante blocks names by suffix before it passes the rest.",
        "dante",
        "proxy-denied",
        dante(
            "socks block { from: 0.0.0.0/0 to: .azure.com }",
            "socks block { from: 0.0.0.0/0 to: login.microsoftonline.com }",
            "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
        ),
        settings=through(f"socks5h://{PROXY}:{PORT}"),
    ),
    fails(
        "other-mitmproxy-block-list",
        "mitmproxy inspects, and answers all but the intranet itself.",
        "mitmproxy",
        "tls-intercepted",
        mitmproxy("--set", f"block_list={_DENY_LIST}"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "other-dnsmasq-domain",
        "Dnsmasq answers a whole domain with an address of its own.",
        "dnsmasq",
        "name-sinkholed",
        dnsmasq("address=/azure.com/0.0.0.0", "address=/ads.example/0.0.0.0"),
    ),
    fails(
        "other-dnsmasq-hosts-file",
        "Dnsmasq reads a block list in the form of a hosts file, as Pi-hole does.",
        "dnsmasq",
        "name-sinkholed",
        _with_files(dnsmasq("addn-hosts=@FOLDER@/block.list"), ("block.list", _BLOCK_LIST)),
    ),
    fails(
        "other-bind-two-policies",
        "BIND has an allowing and a blocking response policy zone, with a wildcard.",
        "bind",
        "name-sinkholed",
        _with_files(
            bind(
                'response-policy { zone "allow"; zone "rpz"; } qname-wait-recurse no;',
                zones=(
                    'zone "allow" { type primary; file "@FOLDER@/allow.zone"; };',
                    'zone "rpz" { type primary; file "@FOLDER@/rpz.zone"; };',
                ),
            ),
            (
                "allow.zone",
                "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n"
                f"{_INTRANET} CNAME rpz-passthru.\n",
            ),
            (
                "rpz.zone",
                "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n"
                "*.arc.azure.com A 0.0.0.0\nmanagement.azure.com A 0.0.0.0\n",
            ),
        ),
    ),
    fails(
        "other-bind-own-zone",
        "BIND has an empty zone of its own for a domain of the Internet.",
        "bind",
        "name-unknown",
        _with_files(
            bind(
                zones=('zone "his.arc.azure.com" { type primary; file "@FOLDER@/empty.zone"; };',)
            ),
            (
                "empty.zone",
                "$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\n",
            ),
        ),
    ),
    fails(
        "other-unbound-static-zone",
        "Unbound has a static zone for a domain, with a redirect below it.",
        "unbound",
        "name-sinkholed",
        unbound(
            'local-zone: "azure.com." redirect',
            'local-data: "azure.com. A 0.0.0.0"',
            'local-zone: "corp.lab." transparent',
        ),
    ),
    fails(
        "other-unbound-nxdomain",
        "Unbound does not know a whole domain.",
        "unbound",
        "name-unknown",
        unbound('local-zone: "windows.net." always_nxdomain'),
    ),
    fails(
        "other-nftables-output-policy",
        "The node's own packet filter drops by policy what it was not told to let out.",
        "nftables",
        "target-silent",
        unbound(),
        filters=(
            Filter(
                host="node",
                hook="output",
                rules=(
                    "oifname lo accept",
                    "ct state established,related accept",
                    "ip daddr 10.0.0.0/8 accept",
                    "tcp dport != { 443, 8084 } accept",
                    "ip daddr 203.0.113.30-203.0.113.255 accept",
                    "ip daddr 198.51.100.0/24 accept",
                    "counter drop",
                ),
            ),
        ),
    ),
    warns(
        "other-squid-bump-trusted-stare",
        "Squid stares first, and bumps all but one name; the agents trust it.",
        "squid",
        "tls-intercepted",
        squid_bump(
            "acl quiet ssl::server_name .corp.lab",
            "ssl_bump splice quiet",
            "ssl_bump stare step1",
            "ssl_bump bump all",
        ),
        settings=(*PROXY_FLAGS, "--proxy-cert", "@PKI@/inspection-ca.pem"),
    ),
)
