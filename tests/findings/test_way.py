"""The way to the target: each row of its tables, and the answers that real products give to
CONNECT. From values alone."""

from __future__ import annotations

import pytest

from arcprobe.findings import _way, judge
from arcprobe.knowledge import codes
from arcprobe.model import (
    AnyStep,
    Attempt,
    Check,
    Dial,
    Experiment,
    FailureKind,
    Head,
    Kind,
    Lookup,
    Observation,
    Proxy,
    Store,
    Trust,
    Tunnel,
)
from tests.findings.seen import (
    LEAF,
    PROXY,
    SOCKS_PROXY,
    TLS_PROXY,
    answer,
    attempt,
    check,
    failed,
    head,
    observed,
    shaken,
    to_proxy,
    to_target,
    unshaken,
)
from tests.findings.test_judge import RUN

THROUGH = check(proxy=PROXY)
ON_8084 = check(proxy=PROXY, port=8084)
DIRECT = check()


def code_of(asked: Check, *steps: AnyStep, more: tuple[Attempt, ...] = ()) -> str:
    """The code that the way is given, "" where it stood; and that it is in the table, with
    evidence."""
    found = _way.judge(asked, observed(asked, *steps, more=more))
    if found is None:
        return ""
    assert codes.row(found.code).name == found.code
    assert all(found.evidence), found
    assert found.evidence
    return found.code


def answered(
    given: Head, *, credentials: str = "", asked: Check = THROUGH, more: tuple[Attempt, ...] = ()
) -> str:
    """The code of an answer to CONNECT."""
    return code_of(asked, *to_proxy(), answer(given, credentials=credentials), more=more)


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "due"), _way._LOOKUP.items())
def test_lookup_table(kind: FailureKind, due: str) -> None:
    """Each way in which a name fails to become an address has its code; the proxy's unknown name
    has one of its own."""
    assert code_of(DIRECT, Lookup(name=DIRECT.host, failure=failed(kind))) == due
    of_proxy = {"name-unknown": "proxy-name-unknown", "name-empty": "proxy-name-unknown"}.get(
        due, due
    )
    assert code_of(THROUGH, Lookup(name=PROXY.host, failure=failed(kind))) == of_proxy


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_of_every_rung_has_a_code(kind: FailureKind) -> None:
    """Whatever the failure, each rung of the way below the tunnel's answer says something of the
    table; none is let pass."""
    assert code_of(DIRECT, Lookup(name=DIRECT.host, failure=failed(kind)))
    assert code_of(THROUGH, *to_proxy(failure=failed(kind))).startswith("proxy-")
    assert code_of(DIRECT, *to_target(failure=failed(kind)))
    assert code_of(THROUGH, *to_proxy(), answer(None, failure=failed(kind))).startswith("proxy-")
    over_tls = check(proxy=TLS_PROXY)
    assert code_of(over_tls, *to_proxy(TLS_PROXY), unshaken(kind, "proxy")).startswith("proxy-")
    over_socks = check(proxy=SOCKS_PROXY)
    assert code_of(
        over_socks, *to_proxy(SOCKS_PROXY), answer(None, protocol="socks5", failure=failed(kind))
    ).startswith("proxy-")


@pytest.mark.parametrize(
    ("kind", "at_proxy", "at_target"),
    [
        (FailureKind.REFUSED, "proxy-refused", "target-refused"),
        (FailureKind.TIMED_OUT, "proxy-silent", "target-silent"),
        (FailureKind.RESET, "proxy-reset", "tls-reset"),
        (FailureKind.UNREACHABLE, "proxy-unreachable", "target-unreachable"),
        (FailureKind.PROHIBITED, "proxy-unreachable", "target-unreachable"),
        (FailureKind.NO_ADDRESS, "proxy-unreachable", "target-unreachable"),
    ],
)
def test_dial_table(kind: FailureKind, at_proxy: str, at_target: str) -> None:
    """A port that does not accept is told by how, and by whose it is."""
    assert code_of(THROUGH, *to_proxy(failure=failed(kind))) == at_proxy
    assert code_of(DIRECT, *to_target(failure=failed(kind))) == at_target


@pytest.mark.parametrize("first", [FailureKind.REFUSED, FailureKind.TIMED_OUT])
@pytest.mark.parametrize("last", [FailureKind.UNREACHABLE, FailureKind.NO_ADDRESS])
def test_a_missing_ipv6_route_hides_nothing(first: FailureKind, last: FailureKind) -> None:
    """Of several addresses, the one that this place has no route to tells less than the one that
    said something."""
    steps = (
        Lookup(name=DIRECT.host, addresses=("20.49.97.1", "2603:1030::1")),
        Dial(address="20.49.97.1", port=443, failure=failed(first)),
        Dial(address="2603:1030::1", port=443, failure=failed(last)),
    )
    assert (
        code_of(DIRECT, *steps)
        == {FailureKind.REFUSED: "target-refused", FailureKind.TIMED_OUT: "target-silent"}[first]
    )


# What each product writes: who, what happened, the answer, and the
# code that it is.
SQUID = {"Server": "squid/5.7", "Via": "1.1 gate (squid/5.7)"}
PRODUCTS: tuple[tuple[str, str, Head, str], ...] = (
    # Squid, old and new
    (
        "Squid 5.7",
        "any deny",
        head(403, "Forbidden", X_Squid_Error="ERR_ACCESS_DENIED 0", **SQUID),
        "proxy-denied",
    ),
    (
        "Squid 5.7",
        "name unknown",
        head(500, "Internal Server Error", X_Squid_Error="ERR_CANNOT_FORWARD 0"),
        "proxy-cannot-resolve",
    ),
    (
        "Squid 6.2",
        "name unknown",
        head(500, "x", X_Squid_Error="ERR_CANNOT_FORWARD 0"),
        "proxy-cannot-resolve",
    ),
    (
        "Squid 6.3",
        "name unknown",
        head(503, "Service Unavailable", X_Squid_Error="ERR_DNS_FAIL 0"),
        "proxy-cannot-resolve",
    ),
    (
        "Squid",
        "no parent",
        head(503, "x", X_Squid_Error="ERR_CANNOT_FORWARD 0"),
        "proxy-cannot-connect",
    ),
    (
        "Squid",
        "refused",
        head(503, "Service Unavailable", X_Squid_Error="ERR_CONNECT_FAIL 111"),
        "proxy-cannot-connect",
    ),
    (
        "Squid",
        "timed out",
        head(504, "Gateway Timeout", X_Squid_Error="ERR_CONNECT_FAIL 110"),
        "proxy-cannot-connect",
    ),
    (
        "Squid",
        "a loop",
        head(403, "Forbidden", X_Squid_Error="ERR_FORWARDING_DENIED 0"),
        "proxy-denied",
    ),
    (
        "Squid",
        "deny_info URL",
        head(302, "Found", X_Squid_Error="403 Access Denied", Location="http://b/"),
        "proxy-redirects",
    ),
    (
        "Squid",
        "deny_info 403",
        head(403, "Forbidden", X_Squid_Error="403 Access Denied"),
        "proxy-denied",
    ),
    (
        "Squid",
        "shutting down",
        head(503, "x", X_Squid_Error="ERR_SHUTTING_DOWN 0"),
        "proxy-overloaded",
    ),
    # others
    ("tinyproxy", "filter", head(403, "Filtered", Server="tinyproxy/1.11.1"), "proxy-denied"),
    ("tinyproxy", "client", head(403, "Access denied", Server="tinyproxy/1.11.1"), "proxy-denied"),
    (
        "tinyproxy",
        "DNS or connect",
        head(500, "Unable to connect", Server="tinyproxy/1.11.1"),
        "proxy-cannot-connect",
    ),
    (
        "tinyproxy",
        "parent",
        head(502, "Bad Gateway", Server="tinyproxy/1.11.1"),
        "proxy-cannot-connect",
    ),
    (
        "HAProxy",
        "no backend",
        head(
            503,
            "Service Unavailable",
            "<h1>503</h1>\nNo server is available to handle this request.",
        ),
        "proxy-cannot-connect",
    ),
    (
        "HAProxy",
        "deny",
        head(403, "Forbidden", "Request forbidden by administrative rules."),
        "proxy-denied",
    ),
    (
        "HAProxy",
        "timeout",
        head(504, "Gateway Time-out", "The server didn't respond in time."),
        "proxy-cannot-connect",
    ),
    (
        "Apache",
        "DNS",
        head(502, "Proxy Error", "DNS lookup failure for: x", Server="Apache/2.4.57"),
        "proxy-cannot-resolve",
    ),
    (
        "Apache",
        "blocked",
        head(403, "Forbidden", "Connect to remote machine blocked", Server="Apache/2.4.57"),
        "proxy-denied",
    ),
    (
        "Apache",
        "connect",
        head(503, "Service Unavailable", Server="Apache/2.4.57"),
        "proxy-cannot-connect",
    ),
    (
        "Apache",
        "no proxy at all",
        head(405, "Method Not Allowed", Server="Apache/2.4.57"),
        "proxy-not-http",
    ),
    (
        "nginx",
        "no proxy at all",
        head(405, "Not Allowed", "<center>nginx</center>", Server="nginx"),
        "proxy-not-http",
    ),
    (
        "nginx",
        "no proxy at all",
        head(400, "Bad Request", "<center>nginx</center>", Server="nginx"),
        "proxy-not-http",
    ),
    (
        "3proxy",
        "DNS",
        head(502, "Bad Gateway", "Host Not Found or connection failed", version="1.0"),
        "proxy-cannot-resolve",
    ),
    (
        "3proxy",
        "deny",
        head(403, "Forbidden", "Access control list denies you to access", version="1.0"),
        "proxy-denied",
    ),
    (
        "3proxy",
        "limits",
        head(503, "Service Unavailable", "You have exceeded your limits", version="1.0"),
        "proxy-overloaded",
    ),
    (
        "3proxy",
        "loop",
        head(503, "Service Unavailable", "Recursion detected", version="1.0"),
        "proxy-cannot-connect",
    ),
    ("Privoxy", "blocked", head(403, "Request blocked by Privoxy", "Privoxy"), "proxy-denied"),
    ("Privoxy", "connect", head(503, "Connect failed", "Privoxy"), "proxy-cannot-connect"),
    ("Privoxy", "forward", head(503, "Forwarding failure", "Privoxy"), "proxy-cannot-connect"),
    (
        "Privoxy",
        "DNS",
        head(404, "No such domain", "<title>404 - No such Domain (Privoxy@gate)</title>"),
        "proxy-cannot-resolve",
    ),
    (
        "mitmproxy",
        "DNS",
        head(502, "Bad Gateway", "[Errno -2] Name or service not known", Server="mitmproxy 9.0.1"),
        "proxy-cannot-resolve",
    ),
    (
        "mitmproxy",
        "connect",
        head(
            502,
            "Bad Gateway",
            "[Errno 111] Connect call failed ('10.0.0.1', 443)",
            Server="mitmproxy 9.0.1",
        ),
        "proxy-cannot-connect",
    ),
    (
        "Envoy",
        "upstream",
        head(
            503,
            "Service Unavailable",
            "upstream connect error or disconnect/reset before headers.",
            server="envoy",
        ),
        "proxy-cannot-connect",
    ),
    (
        "Envoy",
        "no host",
        head(503, "Service Unavailable", "no healthy upstream", server="envoy"),
        "proxy-cannot-connect",
    ),
    (
        "Envoy",
        "DNS",
        head(503, "Service Unavailable", "dns resolution failure", server="envoy"),
        "proxy-cannot-resolve",
    ),
    (
        "Envoy",
        "timeout",
        head(504, "Gateway Timeout", "upstream request timeout", server="envoy"),
        "proxy-cannot-connect",
    ),
    (
        "Envoy",
        "RBAC",
        head(403, "Forbidden", "RBAC: access denied", server="envoy"),
        "proxy-denied",
    ),
    ("Envoy", "rate", head(429, "Too Many Requests", server="envoy"), "proxy-overloaded"),
    ("Envoy", "no CONNECT route", head(404, "Not Found", server="envoy"), "proxy-not-http"),
    (
        "Zscaler",
        "block",
        head(403, "Forbidden", "<html>not allowed</html>", Server="Zscaler/6.2"),
        "proxy-denied",
    ),
    (
        "Zscaler",
        "not known",
        head(307, "Temporary Redirect", Location="https://gateway.zscloud.net/"),
        "proxy-redirects",
    ),
    (
        "FortiGate",
        "block",
        head(403, "Forbidden", "<title>Web Page Blocked</title>"),
        "proxy-denied",
    ),
    (
        "FortiGate",
        "DNS",
        head(502, "Bad Gateway", "The hostname could not be resolved."),
        "proxy-cannot-resolve",
    ),
    (
        "FortiGate",
        "DNS",
        head(503, "Service Unavailable", "The hostname could not be resolved."),
        "proxy-cannot-resolve",
    ),
    ("ProxySG", "policy", head(403, "Forbidden", "Access Denied (policy_denied)"), "proxy-denied"),
    ("ProxySG", "category", head(403, "Forbidden", "(content_filter_denied)"), "proxy-denied"),
    (
        "ProxySG",
        "TCP",
        head(503, "Service Unavailable", "Network Error (tcp_error)"),
        "proxy-cannot-connect",
    ),
    (
        "ProxySG",
        "DNS",
        head(503, "Service Unavailable", "Network Error (dns_unresolved_hostname)"),
        "proxy-cannot-resolve",
    ),
    (
        "ProxySG",
        "DNS",
        head(503, "Service Unavailable", "Network Error (dns_server_failure)"),
        "proxy-cannot-resolve",
    ),
    (
        "Skyhigh",
        "block",
        head(403, "URLBlocked", Via="1.1 10.0.0.1 (McAfee Web Gateway 7.8.2.7.0.28225)"),
        "proxy-denied",
    ),
    (
        "Skyhigh",
        "DNS",
        head(502, "hostnotfound", Via="1.1 10.0.0.1 (McAfee Web Gateway 11.2)"),
        "proxy-cannot-resolve",
    ),
    (
        "Skyhigh",
        "connect",
        head(502, "cannotconnect", Via="1.1 10.0.0.1 (McAfee Web Gateway 11.2)"),
        "proxy-cannot-connect",
    ),
    (
        "Cisco",
        "block",
        head(403, "Forbidden", "BLOCK_WEBCAT", Via="1.1 wsa:80 (Cisco-WSA/12.0.3-007)"),
        "proxy-denied",
    ),
    (
        "Cisco",
        "DNS",
        head(503, "Service Unavailable", "DNS_FAIL", Via="1.1 wsa:80 (Cisco-WSA/12.0.3-007)"),
        "proxy-cannot-resolve",
    ),
    (
        "Forcepoint",
        "block",
        head(302, "Found", Location="http://p:15871/cgi-bin/blockpage.cgi?ws-session=1"),
        "proxy-redirects",
    ),
    (
        "Azure Firewall",
        "deny",
        head(470, "", "Action: Deny. Reason: No rule matched. Proceeding with default action."),
        "proxy-denied",
    ),
    (
        "captive portal",
        "login",
        head(511, "Network Authentication Required", "<html>"),
        "proxy-redirects",
    ),
    ("legal", "blocked", head(451, "Unavailable For Legal Reasons"), "proxy-denied"),
    ("overload", "retry", head(503, "Service Unavailable", Retry_After="5"), "proxy-overloaded"),
)


@pytest.mark.parametrize(
    ("given", "due"), [row[2:] for row in PRODUCTS], ids=[" ".join(row[:2]) for row in PRODUCTS]
)
def test_products(given: Head, due: str) -> None:
    """What a real product answers to CONNECT is what it means."""
    assert answered(given) == due


@pytest.mark.parametrize(
    "given",
    [
        head(200, "Connection established"),
        head(200, "Connection established", version="1.0", Proxy_agent="tinyproxy/1.11.1"),
        head(200, "Connection Established", Proxy_Agent="Zscaler/6.2"),
        head(200, "Connection established", Proxy_Agent="Fortinet-Proxy/1.0"),
        head(200, "OK", Via="1.1 gate (squid/6.6)", Content_Type="text/html", Content_Length="0"),
        head(204),
    ],
)
def test_every_2xx_opens(given: Head) -> None:
    """Any 2xx opens the tunnel (RFC 9110 section 9.3.6), whoever says it and whatever headers it
    has."""
    assert code_of(THROUGH, *to_proxy(), answer(given), shaken()) == ""


REMEDIES = [
    ("Squid", "proxy-denied"),
    ("tinyproxy", "proxy-denied"),
    ("HAProxy", "proxy-denied"),
    ("3proxy", "proxy-denied"),
]


@pytest.mark.parametrize(("name", "due"), REMEDIES)
def test_the_product_is_named(name: str, due: str) -> None:
    """An answer that names its product gives the remedy in that product's own words."""
    given = next(row[2] for row in PRODUCTS if row[0].startswith(name) and row[3] == due)
    finding = judge((THROUGH,), (observed(THROUGH, *to_proxy(), answer(given)),), RUN)[0]
    assert (finding.code, finding.product) == (due, name)
    assert finding.remedy.startswith(f"{name}: ")


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "credentials", "due"),
    [
        (407, {"Proxy_Authenticate": 'Basic realm="gate"'}, "", "proxy-auth-required"),
        (407, {"Proxy_Authenticate": 'Basic realm="gate"'}, "basic", "proxy-auth-rejected"),
        (407, {"Proxy_Authenticate": "Negotiate, NTLM"}, "", "proxy-auth-unsupported"),
        (407, {"Proxy_Authenticate": "NTLM"}, "basic", "proxy-auth-unsupported"),
        (407, {"Proxy_Authenticate": 'NTLM, Basic realm="proxy"'}, "", "proxy-auth-required"),
        (
            407,
            {"Proxy_Authenticate": 'NEGOTIATE, NTLM, BASIC realm="x"'},
            "basic",
            "proxy-auth-rejected",
        ),
        (407, {}, "", "proxy-auth-required"),
        (
            407,
            {"X_Squid_Error": "ERR_CACHE_ACCESS_DENIED 0", "Proxy_Authenticate": 'Basic realm="x"'},
            "",
            "proxy-auth-required",
        ),
        (401, {"Server": "tinyproxy/1.11.1"}, "basic", "proxy-auth-rejected"),
        (401, {}, "", "proxy-denied"),
    ],
)
def test_authentication(status: int, headers: dict[str, str], credentials: str, due: str) -> None:
    """407 is told by what is offered and by whether credentials were sent."""
    assert (
        answered(head(status, "Proxy Authentication Required", **headers), credentials=credentials)
        == due
    )


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ('Basic realm="a, b"', ("Basic",)),
        ("Negotiate", ("Negotiate",)),
        ("Negotiate, NTLM", ("Negotiate", "NTLM")),
        ('Digest realm="x", nonce="y", qop="auth"', ("Digest",)),
        ('Digest realm="x", nonce="y", Basic realm="z"', ("Digest", "Basic")),
        ('NTLM, Basic realm="x"', ("NTLM", "Basic")),
        ("", ()),
    ],
)
def test_schemes(text: str, due: tuple[str, ...]) -> None:
    """A list of challenges is read as RFC 9110 section 11.6.1 writes it: commas part challenges and
    their parameters alike."""
    assert _way.schemes(head(407, "x", Proxy_Authenticate=text)) == due


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "due"),
    [
        (head(200, "Connection established"), "proxy-port-denied"),
        (head(503, "x", X_Squid_Error="ERR_CONNECT_FAIL 111"), "proxy-port-denied"),
        (head(403, "Forbidden", X_Squid_Error="ERR_ACCESS_DENIED 0"), "proxy-denied"),
        (head(407, "x", Proxy_Authenticate="Basic realm=x"), "proxy-denied"),
    ],
)
def test_port_or_name(other: Head, due: str) -> None:
    """A denied port is told from a denied name by asking for the same name on 443: Squid says the
    same of both."""
    given = head(403, "Forbidden", X_Squid_Error="ERR_ACCESS_DENIED 0")
    assert (
        answered(
            given,
            asked=ON_8084,
            more=(attempt(*to_proxy(), answer(other), label=Experiment.PORT_443),),
        )
        == due
    )


def test_tinyproxy_names_the_port() -> None:
    """tinyproxy says in its page that the port is what it refuses; on 443 that cannot be."""
    page = "The CONNECT method not allowed with the port you tried to use."
    assert (
        answered(head(403, "Access violation", page, Server="tinyproxy/1.11.1"), asked=ON_8084)
        == "proxy-port-denied"
    )


# ------------------------------------------------------------------------------------------- what i


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (FailureKind.TIMED_OUT, "proxy-hung"),
        (FailureKind.CLOSED, "proxy-closed"),
        (FailureKind.RESET, "proxy-reset"),
        (FailureKind.HTTP_MALFORMED, "proxy-not-http"),
        (FailureKind.TOO_LARGE, "proxy-not-http"),
    ],
)
def test_no_answer_to_connect(kind: FailureKind, due: str) -> None:
    """A CONNECT without an answer is told by how it ended."""
    assert code_of(THROUGH, *to_proxy(), answer(None, failure=failed(kind))) == due


def test_scheme_mistaken() -> None:
    """A proxy that wants TLS and one that does not are told from each other by asking in the other
    way."""
    closed = answer(None, failure=failed(FailureKind.CLOSED))
    by_tls = attempt(*to_proxy(), shaken("proxy"), label=Experiment.PROXY_TLS)
    assert code_of(THROUGH, *to_proxy(), closed, more=(by_tls,)) == "proxy-speaks-tls"
    assert answered(head(400, "Bad Request"), more=(by_tls,)) == "proxy-speaks-tls"
    alert = answer(
        None, failure=failed(FailureKind.HTTP_MALFORMED), first_bytes="\\x15\\x03\\x01", bytes_in=7
    )
    assert code_of(THROUGH, *to_proxy(), alert) == "proxy-speaks-tls"
    over_tls = check(proxy=TLS_PROXY)
    plain = attempt(*to_proxy(), answer(head(407, "x")), label=Experiment.PROXY_PLAIN)
    for kind in (
        FailureKind.TLS_PLAINTEXT,
        FailureKind.CLOSED,
        FailureKind.TIMED_OUT,
        FailureKind.RESET,
    ):
        assert (
            code_of(over_tls, *to_proxy(TLS_PROXY), unshaken(kind, "proxy"), more=(plain,))
            == "proxy-speaks-plain"
        )
    spoke = unshaken(FailureKind.TLS_PLAINTEXT, "proxy", first_bytes="HTTP/1.1 400 Bad Request")
    assert code_of(over_tls, *to_proxy(TLS_PROXY), spoke) == "proxy-speaks-plain"
    ssh = unshaken(FailureKind.TLS_PLAINTEXT, "proxy", first_bytes="SSH-2.0-OpenSSH_9.2")
    assert code_of(over_tls, *to_proxy(TLS_PROXY), ssh) == "proxy-not-http"


def test_something_else_listens() -> None:
    """A service that is no proxy is told by its first bytes, or by the greeting that it answers."""
    ssh = answer(
        None,
        failure=failed(FailureKind.HTTP_MALFORMED),
        first_bytes="SSH-2.0-OpenSSH_9.2",
        bytes_in=21,
    )
    assert code_of(THROUGH, *to_proxy(), ssh) == "proxy-not-http"
    closed = answer(None, failure=failed(FailureKind.CLOSED))
    greeted = attempt(
        *to_proxy(),
        Tunnel(target="x:443", protocol="socks5", socks_method=0),
        label=Experiment.PROXY_SOCKS,
    )
    assert code_of(THROUGH, *to_proxy(), closed, more=(greeted,)) == "proxy-not-http"


@pytest.mark.parametrize(
    ("length", "kind", "due"),
    [
        ("120", FailureKind.TLS_PLAINTEXT, "proxy-not-http"),
        ("0", FailureKind.TLS_PLAINTEXT, ""),
        ("120", FailureKind.RESET, ""),
    ],
)
def test_a_web_server_that_says_200_to_all(length: str, kind: FailureKind, due: str) -> None:
    """200 with a page behind it is a web server; a tunnel in which something else fails is not its
    fault."""
    opened = answer(head(200, "OK", Content_Type="text/html", Content_Length=length))
    assert code_of(THROUGH, *to_proxy(), opened, unshaken(kind, first_bytes="<html>")) == due


def test_squid_writes_its_error_into_the_tunnel() -> None:
    """What Squid says after its 200, in plain text, is judged as if it had said it before."""
    for token, due in (
        ("ERR_DNS_FAIL 0", "proxy-cannot-resolve"),
        ("ERR_ACCESS_DENIED 0", "proxy-denied"),
    ):
        text = f"HTTP/1.1 503 Service Unavailable\\r\\nX-Squid-Error: {token}"
        spoke = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes=text)
        assert (
            code_of(THROUGH, *to_proxy(), answer(head(200, "Connection established")), spoke) == due
        )


# ---------------------------------------------------------------------------------------------- the


@pytest.mark.parametrize(
    ("trust", "name_matches", "due"),
    [
        (Trust(store=Store.PUBLIC, accepted=True), True, ""),
        (
            Trust(
                store=Store.PUBLIC,
                accepted=False,
                code=20,
                words="unable to get local issuer certificate",
            ),
            True,
            "proxy-certificate-untrusted",
        ),
        (Trust(store=Store.PUBLIC, accepted=True), False, "proxy-certificate-untrusted"),
        (
            Trust(store=Store.PUBLIC, accepted=True, code=10, words="certificate has expired"),
            True,
            "proxy-certificate-untrusted",
        ),
    ],
)
def test_proxy_certificate(trust: Trust, name_matches: bool, due: str) -> None:
    """A proxy that is spoken to by TLS needs a certificate that the agents would take, also where
    it opens tunnels."""
    steps = (
        *to_proxy(TLS_PROXY),
        shaken("proxy", chain=(LEAF,), trust=(trust,), name_matches=name_matches),
        answer(head(200)),
    )
    assert code_of(check(proxy=TLS_PROXY), *steps) == due


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "reply", "credentials", "due"),
    [
        ("socks5", 1, "", "proxy-cannot-connect"),
        ("socks5", 2, "", "proxy-denied"),
        ("socks5", 3, "", "proxy-cannot-connect"),
        ("socks5", 4, "", "proxy-cannot-connect"),
        ("socks5", 5, "", "proxy-cannot-connect"),
        ("socks5", 8, "", "proxy-cannot-connect"),
        ("socks4", 91, "", "proxy-denied"),
        ("socks4", 92, "", "proxy-auth-required"),
        ("socks4", 93, "username", "proxy-auth-rejected"),
    ],
)
def test_socks_replies(protocol: str, reply: int, credentials: str, due: str) -> None:
    """Each reply of a SOCKS server means what RFC 1928 section 6, or the protocol of version 4,
    says."""
    refused = failed(FailureKind.SOCKS_REFUSED)
    tunnel = answer(
        None, protocol=protocol, socks_reply=reply, credentials=credentials, failure=refused
    )
    assert code_of(check(proxy=SOCKS_PROXY), *to_proxy(SOCKS_PROXY), tunnel) == due


@pytest.mark.parametrize(
    ("kind", "credentials", "due"),
    [
        (FailureKind.SOCKS_AUTH, "", "proxy-auth-required"),
        (FailureKind.SOCKS_AUTH, "username", "proxy-auth-rejected"),
        (FailureKind.SOCKS_MALFORMED, "", "proxy-not-http"),
        (FailureKind.TIMED_OUT, "", "proxy-hung"),
        (FailureKind.CLOSED, "", "proxy-closed"),
        (FailureKind.RESET, "", "proxy-reset"),
    ],
)
def test_socks_failures(kind: FailureKind, credentials: str, due: str) -> None:
    """A SOCKS server that asks for a password, or is none, is told by how it ended."""
    tunnel = answer(None, protocol="socks5", credentials=credentials, failure=failed(kind))
    asked = check(proxy=SOCKS_PROXY)
    assert code_of(asked, *to_proxy(SOCKS_PROXY), tunnel) == due
    plain = attempt(*to_proxy(), answer(head(200)), label=Experiment.PROXY_PLAIN)
    assert code_of(asked, *to_proxy(SOCKS_PROXY), tunnel, more=(plain,)) == "proxy-not-http"


@pytest.mark.parametrize(
    ("other", "due"),
    [
        (Tunnel(target="x:443", protocol="socks5", socks_reply=0), "proxy-port-denied"),
        (
            Tunnel(
                target="x:443",
                protocol="socks5",
                socks_reply=5,
                failure=failed(FailureKind.SOCKS_REFUSED),
            ),
            "proxy-port-denied",
        ),
        (
            Tunnel(
                target="x:443",
                protocol="socks5",
                socks_reply=2,
                failure=failed(FailureKind.SOCKS_REFUSED),
            ),
            "proxy-denied",
        ),
        (
            Tunnel(target="x:443", protocol="socks5", failure=failed(FailureKind.TIMED_OUT)),
            "proxy-denied",
        ),
    ],
)
def test_socks_port_or_name(other: Tunnel, due: str) -> None:
    """A ruleset that denies one port of a name is told from one that denies the name."""
    asked = check(proxy=SOCKS_PROXY, port=8084)
    denied = answer(
        None, protocol="socks5", socks_reply=2, failure=failed(FailureKind.SOCKS_REFUSED)
    )
    assert (
        code_of(
            asked, *to_proxy(SOCKS_PROXY), denied, more=(attempt(other, label=Experiment.PORT_443),)
        )
        == due
    )


def test_socks4_name_unknown_here() -> None:
    """With socks4:// a name that is unknown here is the settings' matter only if the server does
    not know it either."""
    proxy = Proxy(scheme="socks4", host="proxy.example", port=1080)
    asked = check(proxy=proxy)
    lookup = Lookup(name=asked.host, failure=failed(FailureKind.NAME_UNKNOWN))
    refused = Tunnel(
        target="x:443", protocol="socks4", socks_reply=91, failure=failed(FailureKind.SOCKS_REFUSED)
    )
    assert (
        code_of(
            asked, *to_proxy(proxy), lookup, more=(attempt(refused, label=Experiment.SOCKS_4A),)
        )
        == "proxy-denied"
    )


# --------------------------------------------------------------------------------------------------


def many(count: int, *ends: Tunnel) -> tuple[tuple[Check, ...], tuple[Observation, ...]]:
    """Checks of that many hosts through one proxy, and observations whose tunnels end in turn as
    given."""
    checks = tuple(check(host=f"host{number}.azure.com", proxy=PROXY) for number in range(count))
    seen = tuple(
        observed(each, *to_proxy(), ends[number % len(ends)]) for number, each in enumerate(checks)
    )
    asked = check(Kind.PROXY, host=PROXY.host, port=PROXY.port, proxy=PROXY)
    return (*checks, asked), seen


def test_what_the_proxy_says_to_all_is_said_once() -> None:
    """A proxy that refuses everybody alike is one finding of its own check; the endpoints' are
    skipped."""
    checks, seen = many(4, answer(head(407, "x", Proxy_Authenticate="Basic realm=x")))
    found = {finding.check: (finding.code, finding.verdict) for finding in judge(checks, seen, RUN)}
    assert found.pop(checks[-1].id) == ("proxy-auth-required", "fail")
    assert {verdict for _code, verdict in found.values()} == {"skip"}


def test_a_proxy_that_opens_one_tunnel_is_not_to_blame_for_all() -> None:
    """As soon as one tunnel was opened, each endpoint that was refused says so itself."""
    checks, seen = many(
        4, answer(head(407, "x", Proxy_Authenticate="Basic realm=x")), answer(head(200))
    )
    found = {finding.check: finding.code for finding in judge(checks, seen, RUN)}
    assert found[checks[-1].id] == "proxy-opens-tunnel"
    assert list(found.values()).count("proxy-auth-required") == 2
