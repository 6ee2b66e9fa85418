"""The proxies and web servers that scenarios are made of, as functions from what differs to a
`Server`; every configuration text is here or in ``name_servers``."""

from __future__ import annotations

import msgspec

from .scripted_proxy import Script
from .servers import Server
from .zone import BLOCK_PAGE, INTERNET_DNS

PROXY = "10.77.3.2"
PORT = 3128
HOSTS = {"proxy": PROXY, "proxy2": "10.77.4.2", "internet": BLOCK_PAGE, "apiserver": "10.77.5.80"}


def origins() -> Server:
    """The Azure look-alikes."""
    return Server(
        software="origins",
        host="internet",
        argv=("@PYTHON@", "-m", "tests.netlab.origins", "@PKI@"),
        listens=(("tcp", 443), ("tcp", 8084), ("tcp", 80)),
    )


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
            # what did not resolve is forgotten at once, not after a minute: the cure asks again
            "negative_dns_ttl 1 second",
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
        listen="http_port ssl-bump cert=@PKI@/inspection-ca-with-key.pem "
        "generate-host-certificates=on",
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
    "mpm_event authn_core authz_core authz_user authz_host authn_file auth_basic auth_digest "
    "proxy proxy_connect proxy_http ssl "
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
    defaults = (
        "defaults\n  mode http\n  timeout connect 2s\n  retries 0\n  timeout client 60s\n"
        "  timeout server 60s\n"
    )
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
    config = f"""daemon off; user root; pid @FOLDER@/nginx.pid; error_log stderr;
    worker_processes 1;
    events {{ worker_connections 256; }}
    http {{ access_log off; client_body_temp_path @FOLDER@/b; proxy_temp_path @FOLDER@/p;
    fastcgi_temp_path @FOLDER@/f; uwsgi_temp_path @FOLDER@/u; scgi_temp_path @FOLDER@/s;
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
    page = (
        "return 403 '<html><title>Web Page Blocked</title>Category: Cloud Storage. Contact "
        "the Contoso service desk.</html>';"
    )
    text = f"""server {{ listen {address}:80; default_type text/html; {page} }}
    server {{ listen {address}:443 ssl; ssl_certificate @PKI@/block-page.pem;
    ssl_certificate_key @PKI@/block-page.pem; default_type text/html; {page} }}"""
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
