"""What the proxy wants to know about its client."""

from __future__ import annotations

from ..scenario import PROXY_FLAGS, Scenario, fails, passes
from ..servers import Server
from ..software import PORT, PROXY, apache, haproxy, mitmproxy, squid, tinyproxy
from .ways import PASSWORD, USER, as_user, each

# RFC 3986 section 2.2: every reserved character, and the percent sign itself; `:` only where a
# user name may not have it.
HARD_USER = "arc!$&'()*+,;=/?#[]@%"
HARD_PASSWORD = ":/?#[]@!$&'()*+,;=%41 "
CZECH_PASSWORD = "žluťoučký"
HARD_PERCENT = "arc%21%24%26%27%28%29%2A%2B%2C%3B%3D%2F%3F%23%5B%5D%40%25"
HARD_PASSWORD_PERCENT = "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%2541%20"

# Password files as `openssl passwd -6 -salt arcprobe` hashes them: crypt(3) is what Squid's
# basic_ncsa_auth reads.
_HASHES = {
    PASSWORD: (
        "$6$arcprobe$S3VZTEjr7Mp5jHB4l4s.7PCnngBsM5Zhx2C/zQUz"
        "6rh9S5YOZKYT4d.E4aUBIRle4mqcXfWMqnMo5wmY1MwZ41"
    ),
    HARD_PASSWORD: (
        "$6$arcprobe$EvhAesz7Eg9TCdpRnPpF7HsFrzYLs8yT2w5MZ9rm"
        "06kLGgvmt57.cWS9ebd5s6VOmEbIebB9cR8KIQTDjWyJU1"
    ),
    CZECH_PASSWORD: (
        "$6$arcprobe$NQbtbWuSBneoK5Az2DvbMKg6U7Amb6DqnXB7p6F/"
        "29bfO1wfuyAnN0vlyNkJKjDZrKOX5M2JRT.K/jf2aQztw."
    ),
}


def _accounts(user: str = USER, password: str = PASSWORD) -> tuple[tuple[str, str], ...]:
    return (("accounts", f"{user}:{_HASHES[password]}\n"),)


def basic_squid(extra: tuple[str, ...] = (), files: tuple[tuple[str, str], ...] = ()) -> Server:
    """Squid with Basic authentication; `extra` rules stand before the one that demands it."""
    return squid(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth @FOLDER@/accounts",
        "auth_param basic realm Contoso proxy",
        "acl known proxy_auth REQUIRED",
        *extra,
        "http_access deny !known",
        files=files or _accounts(),
    )


# The SHA-1 form of Apache's password file (mod_authn_file), of an empty password and of
# `open-sesame`.
_EMPTY_SHA1 = "{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk="
_SHA1 = "{SHA}" + "piGucRdTwGb7+i3S1svNik60+fw="


def _basic_apache(digest: str = "") -> Server:
    return apache(
        inside=(
            "AuthType Basic",
            'AuthName "Contoso proxy"',
            "AuthUserFile @FOLDER@/passwords",
            "Require valid-user",
        ),
        files=(("passwords", f"{USER}:{digest or _SHA1}\n"),),
    )


# `http-request auth` would answer CONNECT with 401; this is how HAProxy is made to ask as a proxy.
_HAPROXY_AUTH = (
    f"frontend front\n  bind {PROXY}:{PORT}\n"
    "  http-request return status 407 hdr Proxy-Authenticate 'Basic realm=\"Contoso\"' "
    'unless { req.hdr(Proxy-Authorization) -m str "Basic YXJjOm9wZW4tc2VzYW1l" }\n'
    "  default_backend cache\nbackend cache\n  server cache 10.77.4.2:3128\n"
)


def _squid_offering(*schemes: str) -> Server:
    lines = {
        "digest": (
            "auth_param digest program /usr/lib/squid/digest_file_auth @FOLDER@/digest",
            "auth_param digest realm Contoso",
        ),
        "ntlm": ("auth_param ntlm program /usr/lib/squid/ntlm_fake_auth",),
        "negotiate": (
            "auth_param negotiate program /usr/lib/squid/negotiate_wrapper_auth --ntlm "
            "/usr/lib/squid/ntlm_fake_auth",
        ),
        "basic": (
            "auth_param basic program /usr/lib/squid/basic_ncsa_auth @FOLDER@/accounts",
            "auth_param basic realm Contoso proxy",
        ),
    }
    offered = tuple(line for scheme in schemes for line in lines[scheme])
    files = (("digest", "arc:open-sesame\n"), *_accounts())
    return squid(*offered, "acl known proxy_auth REQUIRED", "http_access deny !known", files=files)


_APACHE_DIGEST = apache(
    inside=(
        "AuthType Digest",
        'AuthName "Contoso"',
        "AuthUserFile @FOLDER@/digest",
        "Require valid-user",
    ),
    files=(("digest", "arc:Contoso:0123456789abcdef0123456789abcdef\n"),),
)
_ASKING = (
    basic_squid(),
    tinyproxy(f"BasicAuth {USER} {PASSWORD}"),
    _basic_apache(),
    mitmproxy("--ignore-hosts", ".*", "--proxyauth", f"{USER}:{PASSWORD}"),
)
_RIGHT = as_user(USER, "open-sesame")
_HAPROXY_PAIR = (haproxy(_HAPROXY_AUTH), squid(host="proxy2"))

AUTHENTICATION = (
    *each(
        "fail",
        "proxy-auth-required",
        "The proxy wants Basic credentials, none are set.",
        "proxy-auth-required",
        _ASKING,
    ),
    *each(
        "fail",
        "proxy-auth-wrong",
        "The password is wrong.",
        "proxy-auth-rejected",
        _ASKING,
        as_user(USER, "wrong"),
    ),
    *each("pass", "proxy-auth-right", "The credentials are right.", "", _ASKING, _RIGHT),
    fails(
        "proxy-auth-required-haproxy",
        "HAProxy in front of the proxies wants credentials (its reason phrase is unusual).",
        "haproxy",
        "proxy-auth-required",
        *_HAPROXY_PAIR,
        settings=PROXY_FLAGS,
    ),
    fails(
        "proxy-auth-wrong-haproxy",
        "HAProxy in front of the proxies wants other credentials.",
        "haproxy",
        "proxy-auth-rejected",
        *_HAPROXY_PAIR,
        settings=as_user(USER, "wrong"),
    ),
    passes(
        "proxy-auth-right-haproxy",
        "HAProxy in front of the proxies gets the credentials that it wants.",
        "haproxy",
        *_HAPROXY_PAIR,
        settings=_RIGHT,
    ),
    passes(
        "proxy-auth-file",
        "The credentials come from --proxy-auth-file.",
        "squid",
        basic_squid(),
        files=(("credentials", f"{USER}:{PASSWORD}\n"),),
        settings=(*PROXY_FLAGS, "--proxy-auth-file", "@FOLDER@/credentials"),
    ),
    passes(
        "proxy-auth-reserved-characters",
        "User and password hold every reserved character, percent-encoded.",
        "squid",
        basic_squid(files=_accounts(HARD_USER, HARD_PASSWORD)),
        settings=as_user(HARD_PERCENT, HARD_PASSWORD_PERCENT),
    ),
    passes(
        "proxy-auth-non-ascii",
        "User and password are not ASCII and sent as UTF-8.",
        "squid",
        basic_squid(files=_accounts("jürgen", CZECH_PASSWORD)),
        settings=as_user("j%C3%BCrgen", "%C5%BElu%C5%A5ou%C4%8Dk%C3%BD"),
    ),
    passes(
        "proxy-auth-empty-password",
        "A user without a password.",
        "apache",
        _basic_apache(_EMPTY_SHA1),
        settings=as_user("arc", ""),
    ),
    *(
        fails(
            f"proxy-auth-{scheme}-only-{label}",
            f"The proxy offers {scheme} only, which the agents cannot do.",
            label,
            "proxy-auth-unsupported",
            server,
            settings=settings,
        )
        for scheme, label, server, settings in (
            ("digest", "squid", _squid_offering("digest"), _RIGHT),
            ("digest", "apache", _APACHE_DIGEST, _RIGHT),
            ("ntlm", "squid", _squid_offering("ntlm"), _RIGHT),
            ("negotiate", "squid", _squid_offering("negotiate"), PROXY_FLAGS),
            ("ntlm-and-negotiate", "squid", _squid_offering("negotiate", "ntlm"), _RIGHT),
        )
    ),
    fails(
        "proxy-auth-several-offered-none-set",
        "The proxy offers Negotiate, NTLM, Digest and Basic, no credentials are set.",
        "squid",
        "proxy-auth-required",
        _squid_offering("negotiate", "ntlm", "digest", "basic"),
        settings=PROXY_FLAGS,
    ),
    passes(
        "proxy-auth-several-offered",
        "The proxy offers Negotiate, NTLM, Digest and Basic; Basic credentials are set.",
        "squid",
        _squid_offering("negotiate", "ntlm", "digest", "basic"),
        settings=_RIGHT,
    ),
    passes(
        "proxy-auth-not-asked-for",
        "Credentials are set, the proxy does not ask for any.",
        "tinyproxy",
        tinyproxy(),
        settings=_RIGHT,
    ),
)

SCENARIOS: tuple[Scenario, ...] = AUTHENTICATION
