"""The rung of the tunnel: what real proxies answer to CONNECT, and what those do that are none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from arcprobe.findings import judge as judge_run
from arcprobe.findings.reading import read
from arcprobe.findings.rungs.tunnel import judge, offered_schemes
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Experiment,
    FailureKind,
    Head,
    Judgement,
    Observation,
    Owner,
    Role,
    Tunnel,
)
from tests.findings.seen import (
    PROXY,
    RUN,
    SOCKS_PROXY,
    THROUGH,
    TLS_PROXY,
    answer,
    attempt,
    check,
    ended_at,
    failed,
    head,
    observed,
    reading,
    said,
    scene,
    shaken,
    to_proxy,
    unshaken,
    value_of,
)

ON_8084 = check(proxy=PROXY, port=8084)


def answered(
    given: Head, *, credentials: str = "", asked: Check = THROUGH, more: tuple[Attempt, ...] = ()
) -> str:
    """The code of an answer to CONNECT."""
    return ended_at(asked, *to_proxy(), answer(given, credentials=credentials), more=more)


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
    assert ended_at(THROUGH, *to_proxy(), answer(given), shaken()) == ""


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
    finding = judge_run((THROUGH,), (observed(THROUGH, *to_proxy(), answer(given)),), RUN)[0]
    assert (finding.code, finding.product) == (due, name)
    assert finding.remedy.startswith(f"{name} (")


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
    assert offered_schemes(head(407, "x", Proxy_Authenticate=text)) == due


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


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (FailureKind.TIMED_OUT, "proxy-hung"),
        (FailureKind.CLOSED, "proxy-closed"),
        (FailureKind.RESET, "proxy-reset"),
        (FailureKind.HTTP_MALFORMED, "proxy-not-http"),
        (FailureKind.TOO_LARGE, "proxy-not-http"),
        (FailureKind.TLS_ALERT, "proxy-auth-unsupported"),
        (FailureKind.UNREACHABLE, "proxy-unreachable"),
        (FailureKind.PROHIBITED, "proxy-unreachable"),
        (FailureKind.OTHER, "proxy-not-http"),
    ],
)
def test_no_answer_to_connect(kind: FailureKind, due: str) -> None:
    """A CONNECT without an answer is told by how it ended."""
    assert ended_at(THROUGH, *to_proxy(), answer(None, failure=failed(kind))) == due


def test_scheme_mistaken() -> None:
    """A proxy that wants TLS and one that does not are told from each other by asking in the other
    way."""
    closed = answer(None, failure=failed(FailureKind.CLOSED))
    by_tls = attempt(*to_proxy(), shaken(Role.PROXY), label=Experiment.PROXY_TLS)
    assert ended_at(THROUGH, *to_proxy(), closed, more=(by_tls,)) == "proxy-speaks-tls"
    assert answered(head(400, "Bad Request"), more=(by_tls,)) == "proxy-speaks-tls"
    alert = answer(
        None, failure=failed(FailureKind.HTTP_MALFORMED), first_bytes="\\x15\\x03\\x01", bytes_in=7
    )
    assert ended_at(THROUGH, *to_proxy(), alert) == "proxy-speaks-tls"
    over_tls = check(proxy=TLS_PROXY)
    plain = attempt(*to_proxy(), answer(head(407, "x")), label=Experiment.PROXY_PLAIN)
    for kind in (
        FailureKind.TLS_PLAINTEXT,
        FailureKind.CLOSED,
        FailureKind.TIMED_OUT,
        FailureKind.RESET,
    ):
        assert (
            ended_at(over_tls, *to_proxy(TLS_PROXY), unshaken(kind, Role.PROXY), more=(plain,))
            == "proxy-speaks-plain"
        )
    spoke = unshaken(FailureKind.TLS_PLAINTEXT, Role.PROXY, first_bytes="HTTP/1.1 400 Bad Request")
    assert ended_at(over_tls, *to_proxy(TLS_PROXY), spoke) == "proxy-speaks-plain"
    ssh = unshaken(FailureKind.TLS_PLAINTEXT, Role.PROXY, first_bytes="SSH-2.0-OpenSSH_9.2")
    assert ended_at(over_tls, *to_proxy(TLS_PROXY), ssh) == "proxy-not-http"


def test_something_else_listens() -> None:
    """A service that is no proxy is told by its first bytes, or by the greeting that it answers."""
    ssh = answer(
        None,
        failure=failed(FailureKind.HTTP_MALFORMED),
        first_bytes="SSH-2.0-OpenSSH_9.2",
        bytes_in=21,
    )
    assert ended_at(THROUGH, *to_proxy(), ssh) == "proxy-not-http"
    closed = answer(None, failure=failed(FailureKind.CLOSED))
    greeted = attempt(
        *to_proxy(),
        Tunnel(target="x:443", protocol="socks5", socks_method=0),
        label=Experiment.PROXY_SOCKS,
    )
    assert ended_at(THROUGH, *to_proxy(), closed, more=(greeted,)) == "proxy-not-http"


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
    assert ended_at(THROUGH, *to_proxy(), opened, unshaken(kind, first_bytes="<html>")) == due


def test_squid_writes_its_error_into_the_tunnel() -> None:
    """What Squid says after its 200, in plain text, is judged as if it had said it before."""
    for token, due in (
        ("ERR_DNS_FAIL 0", "proxy-cannot-resolve"),
        ("ERR_ACCESS_DENIED 0", "proxy-denied"),
    ):
        text = f"HTTP/1.1 503 Service Unavailable\\r\\nX-Squid-Error: {token}"
        spoke = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes=text)
        assert (
            ended_at(THROUGH, *to_proxy(), answer(head(200, "Connection established")), spoke)
            == due
        )


# ------------------------------------------------------------------------ one target among others

OTHER = check(host="management.azure.com", proxy=PROXY)
OPENED = (OTHER, observed(OTHER, *to_proxy(), answer(head(200, "OK")), shaken()))
TMG_PORT = (
    "Proxy Error ( The specified Secure Sockets Layer (SSL) port is not allowed. Forefront TMG is"
    " not configured to allow SSL requests from this port. )"
)
TMG_URL = "Proxy Error ( The ISA Server denied the specified Uniform Resource Locator (URL).  )"


def refused(
    asked: Check, given: Head | None, *others: tuple[Check, Observation], **more: Any
) -> Judgement:
    """What is said of a tunnel that was refused, while others were asked for too."""
    seen = observed(asked, *to_proxy(), answer(given, **more))
    word = judge(read(asked, seen), scene((asked, seen), *others))
    assert word is not None
    return word


@pytest.mark.parametrize("server", ["", "envoy", "nginx/1.24.0", "Apache"])
@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_proxy_that_opened_others_refuses_this_target(status: int, server: str) -> None:
    """Whoever opened a tunnel in this run is an HTTP proxy: what a web server would say is a
    refusal."""
    given = head(status, "x", Server=server) if server else head(status, "x")
    assert refused(ON_8084, given, OPENED).code is Code.PROXY_DENIED
    assert refused(ON_8084, given).code is Code.PROXY_NOT_HTTP


def test_a_proxy_that_opened_others_and_ends_one_speaks_http() -> None:
    """Garbage or silence for one target does not make an HTTP proxy another thing."""
    garbage = {
        "failure": failed(FailureKind.HTTP_MALFORMED),
        "first_bytes": "\\x15\\x03",
        "bytes_in": 9,
    }
    assert refused(THROUGH, None, OPENED, **garbage).code is Code.PROXY_CLOSED
    assert refused(THROUGH, None, **garbage).code is Code.PROXY_SPEAKS_TLS
    silent = {"failure": failed(FailureKind.TIMED_OUT)}
    assert refused(THROUGH, None, OPENED, **silent).code is Code.PROXY_HUNG


def test_plain_text_behind_one_of_many_tunnels_is_not_the_proxys() -> None:
    """Where TLS worked behind another tunnel, text behind this one does not make the proxy a web
    server."""
    opened = answer(head(200, "OK", Content_Type="text/html", Content_Length="9"))
    broken = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes="<html>")
    seen = observed(THROUGH, *to_proxy(), opened, broken)
    word = read(THROUGH, seen)
    assert judge(word, scene((THROUGH, seen), OPENED)) is None
    alone = judge(word, scene((THROUGH, seen)))
    assert alone is not None
    assert alone.code is Code.PROXY_NOT_HTTP


@pytest.mark.parametrize(
    ("given", "due"),
    [
        (head(502, TMG_PORT, "(12204)"), Code.PROXY_PORT_DENIED),
        (head(502, "Proxy Error", "Error Code: 502 Proxy Error. (12204)"), Code.PROXY_PORT_DENIED),
        (head(502, TMG_URL), Code.PROXY_DENIED),
        (head(502, "Proxy Error", "Error Code: 502 Proxy Error. (12202)"), Code.PROXY_DENIED),
        (head(403, "Forbidden", "CONNECT to this port is not allowed"), Code.PROXY_PORT_DENIED),
        (head(502, "Bad Gateway"), Code.PROXY_CANNOT_CONNECT),
    ],
)
def test_words_name_the_rung_before_the_status(given: Head, due: Code) -> None:
    """What the answer says in words goes before what its status says."""
    assert refused(ON_8084, given, OPENED).code is due


@pytest.mark.parametrize(
    ("given", "is_parent"),
    [
        (head(502, "Parent proxy unreacheable"), True),
        (head(503, "x", "Could not connect to the upstream proxy"), True),
        (head(502, "Bad Gateway", "forwarding-failed"), True),
        (head(502, "Bad Gateway"), False),
        (head(504, "Gateway Timeout", "connection timed out"), False),
    ],
)
def test_a_parent_proxy_that_is_down(given: Head, is_parent: bool) -> None:
    """A relay whose parent does not answer is the proxy team's matter, not a firewall's before
    Azure."""
    word = refused(THROUGH, given)
    assert word.code is Code.PROXY_CANNOT_CONNECT
    assert (word.owner is Owner.PROXY) is is_parent
    assert (word.remedy is not None) is is_parent


def test_a_407_without_a_scheme() -> None:
    """Whether user and password would help cannot be told, and that is said."""
    seen = reading(THROUGH, *to_proxy(), answer(head(407)))
    word = judge(seen, scene())
    assert word is not None
    assert word.code == "proxy-auth-required"
    assert said(word)[-1] == (
        "the 407 names no scheme: only the proxy team can say whether a user and password would"
        " be accepted"
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (head(201, "Created"), "201 Created"),
        (msgspec.structs.replace(head(200, "OK"), informational=(103,)), "103, then 200 OK"),
        (msgspec.structs.replace(head(200, "OK"), informational=(100, 103)), "100, then 200 OK"),
    ],
)
def test_a_tunnel_that_go_does_not_take(given: Head, shown: str) -> None:
    """Any 2xx opens a tunnel to browsers, and 200 as the first head alone to the agents: the proxy
    team is shown what it sent."""
    word = refused(THROUGH, given)
    assert word.code is Code.PROXY_DENIED
    assert value_of(word, "status") == shown
    assert any(shown in line for line in said(word))
    assert word.subject == f"{PROXY.url} {shown}"


def test_a_status_of_squid_that_means_nothing() -> None:
    """An error in the tunnel whose token is none of Squid's that are known is not judged by it."""
    text = "HTTP/1.1 503 Service Unavailable\\r\\nX-Squid-Error: ERR_OF_THEIR_OWN 0"
    spoke = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes=text)
    opened = answer(head(200, "Connection established"))
    assert ended_at(THROUGH, *to_proxy(), opened, spoke) == ""


@pytest.mark.parametrize(
    ("length", "came", "due"),
    [
        ("9", "HTTP/1.1 400 Bad Request", "proxy-not-http"),
        ("", "HTTP/1.1 400 Bad Request", ""),
        ("9", "SSH-2.0", ""),
    ],
)
def test_a_web_server_that_takes_tls_for_its_next_request(length: str, came: str, due: str) -> None:
    """200 with a length, of whatever type, and 400 to the ClientHello: no tunnel was opened."""
    opened = answer(head(200, "OK", **({"Content_Length": length} if length else {})))
    spoke = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes=came)
    assert ended_at(THROUGH, *to_proxy(), opened, spoke) == due


def test_a_tunnel_of_socks_announces_no_page() -> None:
    """What stands behind it is judged where TLS is: a SOCKS proxy has no head to announce it by."""
    opened = Tunnel(target="x:443", protocol="socks5", socks_reply=0)
    spoke = unshaken(FailureKind.TLS_PLAINTEXT, first_bytes="HTTP/1.1 400 Bad Request")
    assert ended_at(check(proxy=SOCKS_PROXY), *to_proxy(SOCKS_PROXY), opened, spoke) == ""
