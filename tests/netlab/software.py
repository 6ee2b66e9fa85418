"""The servers that scenarios are made of, as functions from what differs to a `Server`; every
configuration text is here."""

from __future__ import annotations

import msgspec

from .scripted_dns import Rule
from .scripted_proxy import Script
from .servers import Server
from .zone import BLOCK_PAGE, INTERNET_DNS, zone_file

RESOLVER = "10.77.2.2"
SECOND_RESOLVER = "10.77.2.3"
PROXY = "10.77.3.2"
PORT = 3128
_PORTS = {"dns": (("udp", 53), ("tcp", 53))}
HOSTS = {"proxy": PROXY, "proxy2": "10.77.4.2", "internet": BLOCK_PAGE, "apiserver": "10.77.5.80"}


def origins() -> Server:
    """The Azure look-alikes."""
    return Server(
        software="origins",
        host="internet",
        argv=("@PYTHON@", "-m", "tests.netlab.origins", "@PKI@"),
        listens=(("tcp", 443), ("tcp", 8084), ("tcp", 80)),
    )


def internet_dns(*, ipv6: bool = False, extra: tuple[str, ...] = ()) -> Server:
    """The lab's whole public name space, on BIND; `extra` are further lines of its zone."""
    config = f"""options {{ directory "@FOLDER@"; listen-on {{ {INTERNET_DNS}; }}; listen-on-v6 {{ none; }}; recursion no;
    pid-file "@FOLDER@/named.pid"; session-keyfile "@FOLDER@/session.key"; dnssec-validation no; }};
    controls {{ }};
    zone "." {{ type primary; file "@FOLDER@/root.zone"; }};
    """
    files = (("named.conf", config), ("root.zone", zone_file(ipv6=ipv6, extra=extra)))
    argv = ("named", "-g", "-n", "1", "-c", "@FOLDER@/named.conf")
    return Server(
        software="named",
        host="internet",
        argv=argv,
        files=files,
        listens=_PORTS["dns"],
        says="running",
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
    config = f"""options {{ directory "@FOLDER@"; listen-on {{ {address}; }}; listen-on-v6 {{ none; }};
    pid-file "@FOLDER@/named.pid"; session-keyfile "@FOLDER@/session.key"; recursion yes;
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
        listens=_PORTS["dns"],
        says="running",
    )


def unbound(
    *lines: str, address: str = RESOLVER, forward_to: str = INTERNET_DNS, plain: bool = True
) -> Server:
    """Unbound as the company's resolver: forwards; `lines` go into its server clause."""
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
    {"access-control: 0.0.0.0/0 allow" if not any("access-control" in line for line in lines) else ""}
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
        listens=_PORTS["dns"],
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
        listens=_PORTS["dns"],
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
    return Server(software="scripted dns", host="resolver", argv=argv, listens=_PORTS["dns"])


def squid(
    *rules: str,
    listen: str = "http_port",
    host: str = "proxy",
    port: int = PORT,
    dns: str = INTERNET_DNS,
    options: tuple[str, ...] = (),
    files: tuple[tuple[str, str], ...] = (),
    tls_ports: str = "443 8084",
) -> Server:
    """Squid as a forward proxy: `rules` stand before its stock http_access lines; `listen` may be
    an https_port line's head."""
    directive, _, tail = listen.partition(" ")
    config = "\n".join(
        (
            f"{directive} {HOSTS[host]}:{port} {tail}",
            f"acl SSL_ports port {tls_ports}",
            *rules,
            "http_access deny CONNECT !SSL_ports",
            "http_access allow all",
            "cache deny all",
            "cache_effective_user proxy",
            "pid_filename @FOLDER@/squid.pid",
            "access_log stdio:@FOLDER@/access.log",
            "cache_log @FOLDER@/cache.log",
            "coredump_dir @FOLDER@",
            "netdb_filename none",
            "pinger_enable off",
            "visible_hostname proxy.corp.lab",
            "shutdown_lifetime 0 seconds",
            "max_filedescriptors 1024",
            f"dns_nameservers {dns}",
            *options,
            "",
        )
    )
    # shared memory goes by the service's name: without one of its own a Squid would share its
    # TLS sessions with the next one's
    argv = ("squid", "-N", "-n", "@NAME@", "-f", "@FOLDER@/squid.conf")
    return Server(
        software="squid",
        host=host,
        argv=argv,
        files=(("squid.conf", config), *files),
        listens=(("tcp", port),),
    )


_CERTGEN = "/usr/lib/squid/security_file_certgen"


def squid_bump(
    *bumping: str,
    rules: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    dns: str = INTERNET_DNS,
    roots: str = "@PKI@/public-roots.pem",
) -> Server:
    """Squid that inspects TLS with the company's inspection authority; `bumping` are its ssl_bump
    lines, in order.

    `roots` is what it trusts of origins.
    """
    chosen = bumping or ("ssl_bump bump all",)
    made = squid(
        *rules,
        listen="http_port ssl-bump cert=@PKI@/inspection-ca-with-key.pem generate-host-certificates=on",
        dns=dns,
        options=(
            f"sslcrtd_program {_CERTGEN} -s @FOLDER@/ssl_db -M 4MB",
            "sslcrtd_children 2",
            f"tls_outgoing_options cafile={roots}",
            "acl step1 at_step SslBump1",
            *chosen,
            *options,
        ),
    )
    # Squid serves as user proxy, and so does the program that mints certificates.
    prepare = (
        (_CERTGEN, "-c", "-s", "@FOLDER@/ssl_db", "-M", "4MB"),
        ("chown", "-R", "proxy", "@FOLDER@/ssl_db"),
    )
    return msgspec.structs.replace(made, prepare=prepare)


def tinyproxy(
    *lines: str, files: tuple[tuple[str, str], ...] = (), ports: tuple[int, ...] = (443, 8084)
) -> Server:
    """Tinyproxy as a forward proxy; it resolves with the proxy host's own resolv.conf."""
    allowed = tuple(f"ConnectPort {port}" for port in ports)
    config = "\n".join(
        (
            f"Port {PORT}",
            f"Listen {PROXY}",
            "Timeout 60",
            "MaxClients 100",
            "LogLevel Warning",
            *allowed,
            *lines,
            "",
        )
    )
    argv = ("tinyproxy", "-d", "-c", "@FOLDER@/tinyproxy.conf")
    return Server(
        software="tinyproxy",
        host="proxy",
        argv=argv,
        files=(("tinyproxy.conf", config), *files),
        listens=(("tcp", PORT),),
    )


_MODULES = (
    "mpm_event authn_core authz_core authz_user authz_host authn_file auth_basic auth_digest proxy proxy_connect proxy_http ssl "
    "socache_shmcb headers rewrite dir"
)


def apache(
    *lines: str,
    files: tuple[tuple[str, str], ...] = (),
    proxying: bool = True,
    tls: str = "",
    inside: tuple[str, ...] = (),
    ports: str = "443 8084",
) -> Server:
    """Apache with mod_proxy_connect; `inside` are lines of its `<Proxy *>` section, `tls` a
    certificate file for TLS."""
    modules = tuple(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
        for name in _MODULES.split()
    )
    proxy = (
        ("ProxyRequests On", f"AllowCONNECT {ports}", "<Proxy *>", *inside, "</Proxy>")
        if proxying
        else ()
    )
    secure = ("SSLEngine on", f"SSLCertificateFile {tls}") if tls else ()
    config = "\n".join(
        (
            'ServerRoot "@FOLDER@"',
            "ServerName proxy.corp.lab",
            f"Listen {PROXY}:{PORT}",
            "PidFile @FOLDER@/httpd.pid",
            "DefaultRuntimeDir @FOLDER@",
            "Mutex pthread",
            "ErrorLog @FOLDER@/error.log",
            "DocumentRoot @FOLDER@",
            "StartServers 1",
            "ServerLimit 1",
            "ThreadsPerChild 64",
            "MaxRequestWorkers 64",
            *modules,
            "<Directory @FOLDER@>",
            "Require all granted",
            "</Directory>",
            *secure,
            *proxy,
            *lines,
            "",
        )
    )
    argv = ("apache2", "-DFOREGROUND", "-f", "@FOLDER@/httpd.conf")
    return Server(
        software="apache",
        host="proxy",
        argv=argv,
        files=(("httpd.conf", config), *files),
        listens=(("tcp", PORT),),
    )


def haproxy(
    text: str, *, host: str = "proxy", port: int = PORT, files: tuple[tuple[str, str], ...] = ()
) -> Server:
    """HAProxy with the given sections; it cannot be a forward proxy itself but often stands in
    front of one."""
    defaults = "defaults\n  mode http\n  timeout connect 2s\n  retries 0\n  timeout client 60s\n  timeout server 60s\n"
    argv = ("haproxy", "-db", "-f", "@FOLDER@/haproxy.cfg")
    return Server(
        software="haproxy",
        host=host,
        argv=argv,
        files=(("haproxy.cfg", defaults + text), *files),
        listens=(("tcp", port),),
    )


def dante(*rules: str, method: str = "none", etc: tuple[tuple[str, str], ...] = ()) -> Server:
    """Dante as a SOCKS server; `rules` are its socks pass/block rules, first match wins."""
    chosen = rules or ("socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",)
    config = "\n".join(
        (
            "logoutput: stderr",
            "errorlog: stderr",
            f"internal: {PROXY} port = {PORT}",
            f"external: {PROXY}",
            "clientmethod: none",
            f"socksmethod: {method}",
            "user.privileged: root",
            "user.unprivileged: nobody",
            "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
            *chosen,
            "",
        )
    )
    argv = ("danted", "-f", "@FOLDER@/danted.conf", "-p", "@FOLDER@/danted.pid")
    return Server(
        software="dante",
        host="proxy",
        argv=argv,
        files=(("danted.conf", config),),
        etc=etc,
        listens=(("tcp", PORT),),
    )


def mitmproxy(*arguments: str) -> Server:
    """mitmproxy as a forward proxy; with `--ignore-hosts .*` it passes TLS through."""
    argv = (
        "mitmdump",
        "--listen-host",
        PROXY,
        "--listen-port",
        str(PORT),
        "--set",
        "confdir=@FOLDER@/conf",
        "--set",
        "ssl_verify_upstream_trusted_ca=@PKI@/public-roots.pem",
        *arguments,
    )
    return Server(software="mitmdump", host="proxy", argv=argv, listens=(("tcp", PORT),))


def nginx(
    text: str, *, host: str = "proxy", port: int = PORT, files: tuple[tuple[str, str], ...] = ()
) -> Server:
    """nginx with the given http section."""
    config = f"""daemon off; master_process off; pid @FOLDER@/nginx.pid; error_log stderr; worker_processes 1;
    events {{ worker_connections 256; }}
    http {{ access_log off; client_body_temp_path @FOLDER@/b; proxy_temp_path @FOLDER@/p; fastcgi_temp_path @FOLDER@/f;
    uwsgi_temp_path @FOLDER@/u; scgi_temp_path @FOLDER@/s;
    {text}
    }}
    """
    argv = ("nginx", "-c", "@FOLDER@/nginx.conf", "-e", "stderr")
    return Server(
        software="nginx",
        host=host,
        argv=argv,
        files=(("nginx.conf", config), *files),
        listens=(("tcp", port),),
    )


def block_page(host: str = "internet") -> Server:
    """The company's block page, HTTP and TLS under its own name, on nginx."""
    address = HOSTS[host]
    page = "return 403 '<html><title>Web Page Blocked</title>Category: Cloud Storage. Contact the Contoso service desk.</html>';"
    text = f"""server {{ listen {address}:80; default_type text/html; {page} }}
    server {{ listen {address}:443 ssl; ssl_certificate @PKI@/block-page.pem; ssl_certificate_key @PKI@/block-page.pem;
    default_type text/html; {page} }}"""
    return nginx(text, host=host, port=443)


def scripted_proxy(script: Script, *, port: int = PORT) -> Server:
    """A proxy with the faults that real ones do not offer."""
    argv = (
        "@PYTHON@",
        "-m",
        "tests.netlab.scripted_proxy",
        PROXY,
        str(port),
        msgspec.json.encode(script).decode(),
    )
    return Server(software="scripted proxy", host="proxy", argv=argv, listens=(("tcp", port),))


def transparent_peer(script: Script) -> Server:
    """What a router redirects connections to: plays the script on all of its addresses."""
    argv = (
        "@PYTHON@",
        "-m",
        "tests.netlab.scripted_proxy",
        "0.0.0.0",
        str(PORT),
        msgspec.json.encode(script).decode(),
    )
    return Server(software="transparent box", host="router", argv=argv, listens=(("tcp", PORT),))
