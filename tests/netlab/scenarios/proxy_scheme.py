"""What speaks at the proxy's port, and TLS to the proxy."""

from __future__ import annotations

import msgspec

from ..scenario import PROXY_FLAGS, Scenario, fails, passes
from ..scripted_proxy import Script, Then
from ..servers import Server
from ..software import (
    PORT,
    PROXY,
    apache,
    dante,
    haproxy,
    mitmproxy,
    nginx,
    scripted_proxy,
    squid,
    tinyproxy,
)
from .ways import each, label, through

_TLS_FRONT = (
    f"frontend front\n  mode tcp\n  bind {PROXY}:{PORT} ssl crt @PKI@/CERT\n"
    "  default_backend cache\n" + ("backend cache\n  mode tcp\n  server cache 10.77.4.2:3128\n")
)
_SECURE_URL = f"https://{PROXY}:{PORT}"


def _tls_proxies(certificate: str) -> tuple[tuple[Server, ...], ...]:
    return (
        (squid(listen=f"https_port tls-cert=@PKI@/{certificate}"),),
        (haproxy(_TLS_FRONT.replace("CERT", certificate)), squid(host="proxy2")),
        (apache(tls=f"@PKI@/{certificate}"),),
    )


def _secure(
    name: str, story: str, certificate: str, settings: tuple[str, ...], *, well: bool = False
) -> tuple[Scenario, ...]:
    if well:
        return tuple(
            passes(f"{name}-{label(group[0])}", story, label(group[0]), *group, settings=settings)
            for group in _tls_proxies(certificate)
        )
    return tuple(
        fails(
            f"{name}-{label(group[0])}",
            story,
            label(group[0]),
            "proxy-certificate-untrusted",
            *group,
            settings=settings,
        )
        for group in _tls_proxies(certificate)
    )


_CORPORATE = ("--proxy-cert", "@PKI@/corporate-ca.pem")

_OTHER_PROTOCOLS: tuple[tuple[str, str, str, str, Then], ...] = (
    (
        "ssh",
        "The port belongs to an SSH server, which hangs up at the first line it does not "
        "understand.",
        "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
        "Invalid SSH identification string.\r\n",
        "close",
    ),
    (
        "mail",
        "The port belongs to a mail server, which greets and waits.",
        "220 mail.corp.lab ESMTP Postfix\r\n",
        "",
        "silence",
    ),
)

SCHEME = (
    *(
        fails(
            f"proxy-is-{label}",
            story,
            "scripted",
            "proxy-not-http",
            scripted_proxy(Script(greeting=greeting, answer=answer, raw=True, then=then)),
            settings=PROXY_FLAGS,
        )
        for label, story, greeting, answer, then in _OTHER_PROTOCOLS
    ),
    *each(
        "fail",
        "proxy-is-web-server",
        "The port belongs to an ordinary web server, not to a proxy.",
        "proxy-not-http",
        (
            nginx(f"server {{ listen {PROXY}:{PORT}; return 200 'intranet'; }}"),
            apache("Options None", proxying=False),
        ),
    ),
    fails(
        "proxy-is-socks",
        "The port belongs to a SOCKS server.",
        "dante",
        "proxy-not-http",
        dante(),
        settings=PROXY_FLAGS,
    ),
    *(
        fails(
            f"proxy-is-tls-{label(group[0])}",
            "The proxy speaks TLS, the setting says http://.",
            label(group[0]),
            "proxy-speaks-tls",
            *group,
            settings=PROXY_FLAGS,
        )
        for group in (
            *_tls_proxies("proxy.pem"),
            (
                nginx(
                    f"server {{ listen {PROXY}:{PORT} ssl; ssl_certificate @PKI@/proxy.pem; "
                    "ssl_certificate_key @PKI@/proxy.pem; }"
                ),
            ),
        )
    ),
    *each(
        "fail",
        "proxy-is-plain",
        "The proxy speaks plain HTTP, the setting says https://.",
        "proxy-speaks-plain",
        (squid(), tinyproxy(), apache()),
        through(_SECURE_URL),
    ),
    fails(
        "proxy-tls-unknown-ca-mitmproxy",
        "The proxy speaks both on one port, with a certificate of its own making.",
        "mitmproxy",
        "proxy-certificate-untrusted",
        mitmproxy("--ignore-hosts", ".*"),
        settings=through(_SECURE_URL),
    ),
    *_secure(
        "proxy-tls-unknown-ca",
        "The proxy's certificate comes from the company's own authority, which nobody was given.",
        "proxy.pem",
        through(_SECURE_URL),
    ),
    fails(
        "proxy-tls-unknown-ca-shown",
        "The proxy shows the root of the company's own authority too, which nobody was given.",
        "haproxy",
        "proxy-certificate-untrusted",
        msgspec.structs.replace(
            haproxy(_TLS_FRONT.replace("@PKI@/CERT", "@FOLDER@/both.pem")),
            prepare=(
                ("sh", "-c", "cat @PKI@/proxy.pem @PKI@/corporate-ca.pem > @FOLDER@/both.pem"),
            ),
        ),
        squid(host="proxy2"),
        settings=through(_SECURE_URL),
    ),
    *_secure(
        "proxy-tls-other-authority",
        "The given bundle is not the one that signed the proxy's certificate.",
        "proxy-stranger.pem",
        through(_SECURE_URL, *_CORPORATE),
    ),
    *_secure(
        "proxy-tls-other-name",
        "The proxy's certificate is for another machine of the farm.",
        "proxy-other-name.pem",
        through(_SECURE_URL, *_CORPORATE),
    ),
    *_secure(
        "proxy-tls-expired",
        "The proxy's certificate has expired.",
        "proxy-expired.pem",
        through(_SECURE_URL, *_CORPORATE),
    ),
    *_secure(
        "proxy-tls-given",
        "The proxy's authority was given with --proxy-cert.",
        "proxy.pem",
        through(_SECURE_URL, *_CORPORATE),
        well=True,
    ),
)

SCENARIOS: tuple[Scenario, ...] = SCHEME
