"""Handshakes that do not come about: filters on the server's name, old TLS, client certificates,
answers that are no TLS."""

from __future__ import annotations

from ..fronts import FRONT_PORT, front, led_to_front, led_to_inspector
from ..name_servers import bind
from ..scenario import PROXY_FLAGS, Filter, Scenario, fails, passes
from ..scripted_proxy import Script
from ..servers import Server
from ..software import haproxy, nginx, squid, tinyproxy, transparent_peer
from .ways import ARM

_ONE = led_to_front("arm")
# Where OpenSSL's and Go's ClientHello have the server's name: behind the cipher suites (RFC 8446
# section 4.1.2), below byte 256, which is as far as nftables looks.
_OFFSETS = range(90, 240)


def _by_name(name: str, verdict: str, source: str = "node") -> tuple[Filter, ...]:
    """A firewall that reads the name in the ClientHello packet, and does `verdict` to it."""
    # 16 bytes are as much as nftables compares at once
    wanted = name.encode()[:16]
    number = f"0x{wanted.hex()}"
    rules = tuple(
        f"iifname {source} tcp dport 443 @ih,{at * 8},{len(wanted) * 8} {number} {verdict}"
        for at in _OFFSETS
    )
    return (Filter(host="router", hook="forward", rules=rules),)


def _every_hello(verdict: str) -> tuple[Filter, ...]:
    """A firewall that stops every ClientHello (a handshake record, RFC 8446 section 5.1) to the
    internet."""
    rule = f"iifname node tcp dport {{ 443, 8084 }} @ih,0,16 0x1603 {verdict}"
    return (Filter(host="router", hook="forward", rules=(rule,)),)


def s_server(*options: str, certificate: str = "@PKI@/leaves/0.pem") -> Server:
    """OpenSSL's own server for one host."""
    argv = (
        "openssl",
        "s_server",
        "-accept",
        str(FRONT_PORT),
        "-cert",
        certificate,
        "-cert_chain",
        certificate,
    )
    return Server(
        software="openssl",
        host="internet",
        argv=(*argv, "-key", certificate, "-quiet", "-www", *options),
        listens=(("tcp", FRONT_PORT),),
    )


_RESET, _DROP = "reject with tcp reset", "drop"

BY_NAME = (
    fails(
        "hello-reset-by-name",
        "A firewall resets connections that name one host in their ClientHello.",
        "nftables",
        "tls-reset",
        bind(),
        filters=_by_name(ARM, _RESET),
    ),
    fails(
        "hello-dropped-by-name",
        "A firewall drops ClientHellos that name one host.",
        "nftables",
        "tls-silent",
        bind(),
        filters=_by_name(ARM, _DROP),
    ),
    fails(
        "hello-reset-by-name-relay",
        "A firewall resets connections that name the relay, which only the notification service "
        "knows.",
        "nftables",
        "tls-reset",
        bind(),
        filters=_by_name("azgnrelay-westeurope-l1", _RESET),
    ),
    fails(
        "hello-reset-behind-squid",
        "The firewall behind the proxy resets connections that name one host; the proxy passes "
        "that on as an end.",
        "nftables, squid",
        "tls-closed",
        squid(),
        filters=_by_name(ARM, _RESET, "proxy"),
        settings=PROXY_FLAGS,
    ),
    fails(
        "hello-dropped-behind-tinyproxy",
        "The firewall behind the proxy drops ClientHellos that name one host.",
        "nftables, tinyproxy",
        "tls-silent",
        tinyproxy(),
        filters=_by_name(ARM, _DROP, "proxy"),
        settings=PROXY_FLAGS,
    ),
    *(
        fails(
            f"hello-{label}-by-haproxy",
            story,
            "haproxy",
            code,
            bind(),
            haproxy(
                f"frontend box\n  mode tcp\n  bind :{FRONT_PORT}\n  tcp-request inspect-delay 2s\n"
                f"  tcp-request content {action} if {{ req.ssl_sni -i {ARM} }}\n"
                "  tcp-request content accept if { req.ssl_hello_type 1 }\n  default_backend out\n"
                "backend out\n  mode tcp\n  server any 0.0.0.0:0\n",
                host="router",
                port=FRONT_PORT,
            ),
            filters=led_to_inspector(),
        )
        for label, story, action, code in (
            (
                "swallowed",
                "A transparent box swallows connections that name one host.",
                "silent-drop",
                "tls-silent",
            ),
            (
                "closed",
                "A transparent box closes connections that name one host.",
                "reject",
                "tls-closed",
            ),
        )
    ),
)

ALL_NAMES = (
    fails(
        "hello-reset-all",
        "A firewall takes TCP connections and resets every ClientHello to the internet.",
        "nftables",
        "tls-reset",
        bind(),
        filters=_every_hello(_RESET),
    ),
    fails(
        "hello-dropped-all",
        "A firewall lets TCP through and drops every ClientHello to the internet.",
        "nftables",
        "tls-silent",
        bind(),
        filters=_every_hello(_DROP),
    ),
)

_OLD = ("-cipher", "ALL:@SECLEVEL=0")

VERSIONS = (
    *(
        passes(
            f"hello-tls-{label}-only",
            f"A front end speaks {words} only.",
            "openssl",
            bind(),
            s_server(option),
            filters=_ONE,
        )
        for label, words, option in (("1.2", "TLS 1.2", "-tls1_2"), ("1.3", "TLS 1.3", "-tls1_3"))
    ),
    *(
        fails(
            f"hello-{label}",
            story,
            "openssl",
            "tls-too-old",
            bind(),
            s_server(*options),
            filters=_ONE,
        )
        for label, story, options in (
            ("tls-1.0-only", "Whoever answers for one host speaks TLS 1.0 only.", ("-tls1", *_OLD)),
            (
                "tls-1.1-only",
                "Whoever answers for one host speaks TLS 1.1 only.",
                ("-tls1_1", *_OLD),
            ),
            (
                "rsa-key-exchange-only",
                "Whoever answers for one host takes RSA key exchange only, which Go has not "
                "offered since 1.22.",
                ("-tls1_2", "-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0"),
            ),
            (
                "finite-field-only",
                "Whoever answers for one host takes finite-field Diffie-Hellman only, which Go "
                "never had.",
                ("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"),
            ),
        )
    ),
)

ALERTS = (
    fails(
        "hello-client-certificate",
        "Whoever answers for one host demands a client certificate (TLS 1.2).",
        "openssl",
        "tls-rejected",
        bind(),
        s_server("-tls1_2", "-Verify", "1", "-verify_return_error"),
        filters=_ONE,
    ),
    fails(
        "hello-client-certificate-1.3",
        "Whoever answers for one host demands a client certificate (TLS 1.3: the alert comes "
        "after the handshake).",
        "openssl",
        "tls-rejected",
        bind(),
        s_server("-tls1_3", "-Verify", "1", "-verify_return_error"),
        filters=_ONE,
    ),
    fails(
        "hello-client-certificate-haproxy",
        "A gateway in front of one host demands a client certificate.",
        "haproxy",
        "tls-rejected",
        bind(),
        front(
            certificates="@PKI@/leaves/0.pem",
            listen="ca-file @PKI@/corporate-ca.pem verify required",
        ),
        filters=_ONE,
    ),
    fails(
        "hello-unknown-name",
        "A front end with other names only refuses one host's name by an alert.",
        "openssl",
        "tls-rejected",
        bind(),
        s_server(
            "-servername",
            "www.contoso.example",
            "-servername_fatal",
            "-cert2",
            "@PKI@/shapes/other-name.pem",
            "-key2",
            "@PKI@/shapes/other-name.pem",
        ),
        filters=_ONE,
    ),
    fails(
        "hello-access-denied",
        "A box on the way answers every ClientHello for one service with the alert access_denied.",
        "scripted",
        "tls-rejected",
        bind(),
        transparent_peer(Script(raw=True, answer="\x15\x03\x03\x00\x02\x02\x31", then="close")),
        filters=led_to_inspector("arm", port=3128),
    ),
    fails(
        "hello-box-without-certificate",
        "A box on the way is set up to inspect and has no usable certificate: it fails every "
        "handshake.",
        "haproxy",
        "tls-rejected",
        bind(),
        front(certificates="@PKI@/block-page.pem", host="router", listen="strict-sni"),
        filters=led_to_inspector(),
    ),
)

_PAGE = "return 403 '<html><title>Web Page Blocked</title>Ask the Contoso service desk.</html>';"

PLAIN = (
    fails(
        "hello-plain-answer",
        "A box answers in plain HTTP on port 443 of one service.",
        "nginx",
        "tls-plaintext-answer",
        bind(),
        nginx(
            f"server {{ listen {FRONT_PORT}; default_type text/html; {_PAGE} }}",
            host="router",
            port=FRONT_PORT,
        ),
        filters=led_to_inspector("arm"),
    ),
    fails(
        "hello-plain-answer-all",
        "A captive portal answers everything in plain HTTP, whatever the port.",
        "nginx",
        "tls-plaintext-answer",
        bind(),
        nginx(
            f"server {{ listen {FRONT_PORT}; return 302 http://portal.corp.lab/login; }}",
            host="router",
            port=FRONT_PORT,
        ),
        filters=led_to_inspector(),
    ),
    fails(
        "hello-ssh-answer",
        "One name's port 443 leads to an SSH server.",
        "scripted",
        "tls-plaintext-answer",
        bind(),
        transparent_peer(
            Script(greeting="SSH-2.0-OpenSSH_9.2\r\n", raw=True, answer="", then="close")
        ),
        filters=led_to_inspector("arm", port=3128),
    ),
    fails(
        "hello-portal-certificate",
        "A captive portal answers everything by TLS, under its own name.",
        "nginx",
        "certificate-wrong-name",
        bind(),
        nginx(
            f"server {{ listen {FRONT_PORT} ssl; ssl_certificate @PKI@/block-page.pem; "
            "ssl_certificate_key @PKI@/block-page.pem; return 302 https://portal.corp.lab/login; }",
            host="router",
            port=FRONT_PORT,
        ),
        filters=led_to_inspector(),
    ),
)

SCENARIOS: tuple[Scenario, ...] = (*BY_NAME, *ALL_NAMES, *VERSIONS, *ALERTS, *PLAIN)
