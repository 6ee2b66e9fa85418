"""The name servers that scenarios are made of, as functions from what differs to a `Server`."""

from __future__ import annotations

import msgspec

from .scripted_dns import Rule
from .servers import Server
from .zone import INTERNET_DNS, zone_file

RESOLVER = "10.77.2.2"
SECOND_RESOLVER = "10.77.2.3"
_PORTS = (("udp", 53), ("tcp", 53))


def internet_dns(*, ipv6: bool = False, extra: tuple[str, ...] = ()) -> Server:
    """The lab's whole public name space, on BIND; `extra` are further lines of its zone."""
    config = f"""options {{ directory "@FOLDER@"; listen-on {{ {INTERNET_DNS}; }};
    listen-on-v6 {{ none; }}; recursion no;
    pid-file "@FOLDER@/named.pid"; session-keyfile "@FOLDER@/session.key"; dnssec-validation no; }};
    controls {{ }};
    zone "." {{ type primary; file "@FOLDER@/root.zone"; }};
    """
    files = (("named.conf", config), ("root.zone", zone_file(ipv6=ipv6, extra=extra)))
    argv = ("named", "-g", "-n", "1", "-c", "@FOLDER@/named.conf")
    return Server(
        software="named", host="internet", argv=argv, files=files, listens=_PORTS, says="running"
    )


def bind(
    *options: str,
    address: str = RESOLVER,
    zones: tuple[str, ...] = (),
    policy: tuple[str, ...] = (),
    files: tuple[tuple[str, str], ...] = (),
    forward_to: str = INTERNET_DNS,
) -> Server:
    """BIND as the company's resolver: forwards, with further options, zones, and response policy
    records (RPZ)."""
    rpz = (
        'response-policy { zone "rpz"; } break-dnssec yes qname-wait-recurse no;' if policy else ""
    )
    policy_zone = 'zone "rpz" { type primary; file "@FOLDER@/rpz.zone"; };' if policy else ""
    forward = f"forward only; forwarders {{ {forward_to}; }};" if forward_to else ""
    chosen = "\n".join(options)
    config = f"""options {{ directory "@FOLDER@"; listen-on {{ {address}; }};
    listen-on-v6 {{ none; }}; pid-file "@FOLDER@/named.pid";
    session-keyfile "@FOLDER@/session.key"; recursion yes;
    dnssec-validation no; empty-zones-enable no; {forward} {rpz}
    {"" if "allow-query" in chosen else "allow-query { any; };"}
    {chosen}
    }};
    controls {{ }};
    {policy_zone}
    {chr(10).join(zones)}
    """
    lines = (
        "$TTL 60",
        "@ SOA localhost. root.localhost. 1 3600 600 86400 60",
        "@ NS localhost.",
        *policy,
    )
    rpz_file = (("rpz.zone", "\n".join(lines) + "\n"),) if policy else ()
    argv = ("named", "-g", "-n", "1", "-c", "@FOLDER@/named.conf")
    all_files = (("named.conf", config), *rpz_file, *files)
    return Server(
        software="named",
        host="resolver",
        argv=argv,
        files=all_files,
        listens=_PORTS,
        says="running",
    )


def unbound(
    *lines: str, address: str = RESOLVER, forward_to: str = INTERNET_DNS, plain: bool = True
) -> Server:
    """Unbound as the company's resolver: forwards; `lines` go into its server clause."""
    access = "access-control: 0.0.0.0/0 allow"
    if any("access-control" in line for line in lines):
        access = ""
    config = f"""server:
    interface: {address}
    do-daemonize: no
    use-syslog: no
    logfile: ""
    username: ""
    chroot: ""
    directory: "@FOLDER@"
    pidfile: "@FOLDER@/unbound.pid"
    do-ip6: no
    module-config: "{"iterator" if plain else "validator iterator"}"
    {access}
    {chr(10).join("    " + line for line in lines)}
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: {forward_to}
"""
    argv = ("unbound", "-d", "-p", "-c", "@FOLDER@/unbound.conf")
    return Server(
        software="unbound",
        host="resolver",
        argv=argv,
        files=(("unbound.conf", config),),
        listens=_PORTS,
    )


def dnsmasq(*lines: str, address: str = RESOLVER, forward_to: str = INTERNET_DNS) -> Server:
    """Dnsmasq as the company's resolver."""
    upstream = f"server={forward_to}" if forward_to else ""
    config = "\n".join(
        (
            "no-resolv",
            "no-hosts",
            "bind-interfaces",
            f"listen-address={address}",
            "user=root",
            upstream,
            *lines,
            "",
        )
    )
    argv = (
        "dnsmasq",
        "--keep-in-foreground",
        "--log-facility=-",
        "--pid-file",
        "--conf-file=@FOLDER@/dnsmasq.conf",
    )
    return Server(
        software="dnsmasq",
        host="resolver",
        argv=argv,
        files=(("dnsmasq.conf", config),),
        listens=_PORTS,
    )


def scripted_dns(*rules: Rule, address: str = RESOLVER) -> Server:
    """A name server with the faults that real ones do not offer."""
    argv = (
        "@PYTHON@",
        "-m",
        "tests.netlab.scripted_dns",
        address,
        msgspec.json.encode(rules).decode(),
    )
    return Server(software="scripted dns", host="resolver", argv=argv, listens=_PORTS)
