"""What the error answer of a proxy says: by its marks for programs, its status, its words."""

from __future__ import annotations

import pytest

from arcprobe.knowledge.products import Found
from arcprobe.knowledge.proxy_errors import author_of, code_of, product_of, squid_code
from arcprobe.model import Code, Head

DENIED, RESOLVE, CONNECT = (Code.PROXY_DENIED, Code.PROXY_CANNOT_RESOLVE, Code.PROXY_CANNOT_CONNECT)
OVERLOADED, REDIRECTS, NOT_HTTP = (Code.PROXY_OVERLOADED, Code.PROXY_REDIRECTS, Code.PROXY_NOT_HTTP)
PROVEN = Found(name="tinyproxy", confidence="seen", source="x")
NAMED = Found(name="tinyproxy", confidence="seen", source="x", proves=False)
WEB_SERVER = Found(name="nginx", confidence="seen", source="x")


def head(status: int, reason: str = "", body: str = "", **headers: str) -> Head:
    """An answer; the names of its headers with ``_`` for ``-``."""
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Head(status=status, reason=reason, body=body, headers=named)


@pytest.mark.parametrize(
    ("token", "status", "due"),
    [
        ("ERR_ACCESS_DENIED 0", 403, DENIED),
        ("ERR_CACHE_ACCESS_DENIED 0", 407, DENIED),
        ("ERR_FORWARDING_DENIED 0", 403, DENIED),
        ("ERR_ACL_TIME_QUOTA_EXCEEDED 0", 403, DENIED),
        ("ERR_ICAP_FAILURE 0", 500, DENIED),
        ("ERR_DNS_FAIL 0", 503, RESOLVE),
        ("ERR_CONNECT_FAIL 111", 503, CONNECT),
        ("ERR_SECURE_CONNECT_FAIL 71", 503, CONNECT),
        ("ERR_READ_TIMEOUT 0", 504, CONNECT),
        ("ERR_READ_ERROR 104", 502, CONNECT),
        ("ERR_GATEWAY_FAILURE 0", 500, CONNECT),
        ("ERR_SHUTTING_DOWN 0", 503, OVERLOADED),
        ("ERR_CANNOT_FORWARD 0", 500, RESOLVE),
        ("ERR_CANNOT_FORWARD 0", 502, CONNECT),
        ("ERR_CANNOT_FORWARD 0", 503, CONNECT),
        ("403 Access Denied", 302, REDIRECTS),
        ("403 Access Denied", 403, DENIED),
        ("403 elsewhere", 403, None),
        ("ERR_OF_TOMORROW 0", 403, None),
        ("", 403, None),
    ],
)
def test_squids_names(token: str, status: int, due: Code | None) -> None:
    """Each error that Squid names is the fault that it means, whatever its page says."""
    assert squid_code(token, status) == due


@pytest.mark.parametrize(
    ("error", "due"),
    [
        ("dns_timeout", RESOLVE),
        ("dns_error", RESOLVE),
        ("destination_not_found", RESOLVE),
        ("destination_unavailable", CONNECT),
        ("destination_ip_unroutable", CONNECT),
        ("connection_refused", CONNECT),
        ("connection_terminated", CONNECT),
        ("connection_timeout", CONNECT),
        ("proxy_loop_detected", CONNECT),
        ("destination_ip_prohibited", DENIED),
        ("http_request_denied", DENIED),
        ("connection_limit_reached", OVERLOADED),
    ],
)
def test_proxy_status_counts_before_all_else(error: str, due: Code) -> None:
    """A Proxy-Status of RFC 9209 decides, though the status alone would say that it redirects."""
    given = f'gate; error={error}; details="x"'
    assert code_of(head(302, "Found", Proxy_Status=given), None) == due
    assert code_of(head(302, "Found", Proxy_Status=f'gate; error="{error}"'), None) == due
    squid = head(302, Proxy_Status=given, X_Squid_Error="ERR_ACCESS_DENIED 0")
    assert code_of(squid, None) == due


def test_an_unknown_error_type_leaves_it_to_the_rest() -> None:
    """A Proxy-Status with a type of later years, or of TLS, takes nothing away."""
    given = head(502, "x", "no route to host", Proxy_Status="gate; error=tls_protocol_error")
    assert code_of(given, None) == CONNECT
    assert code_of(head(403, Proxy_Status="gate; received-status=403"), None) == DENIED


def test_squids_name_counts_before_the_status() -> None:
    """What Squid names counts more than a status that would say something else."""
    assert code_of(head(403, X_Squid_Error="ERR_DNS_FAIL 0"), None) == RESOLVE
    assert code_of(head(503, X_Squid_Error="ERR_SHUTTING_DOWN 0"), None) == OVERLOADED
    assert code_of(head(403, X_Squid_Error="ERR_OF_TOMORROW 0"), None) == DENIED


@pytest.mark.parametrize(
    ("status", "due"),
    [
        *((status, REDIRECTS) for status in (300, 301, 302, 303, 305, 307, 308, 511)),
        *((status, DENIED) for status in (401, 402, 403, 451, 470)),
        (429, OVERLOADED),
        *((status, CONNECT) for status in (500, 502, 503, 504)),
        *((status, NOT_HTTP) for status in (400, 404, 405, 501)),
        *((status, DENIED) for status in (304, 406, 409, 418)),
    ],
)
def test_the_status_alone(status: int, due: Code) -> None:
    """Without any mark or word the status says what it can."""
    assert code_of(head(status, "x"), None) == due


def test_a_plain_status_counts_before_words() -> None:
    """A page of a refusal may speak of connections: it is a refusal. Where it says that the name
    was not found, that is the reason."""
    assert code_of(head(403, "Forbidden", "cannot connect to the service desk"), None) == DENIED
    assert code_of(head(403, "Forbidden", "could not be resolved"), None) == RESOLVE
    assert code_of(head(302, "Found", "could not be resolved"), None) == REDIRECTS
    assert code_of(head(302, "Found", "cannot connect"), None) == REDIRECTS


def test_a_proxy_that_asks_to_come_again() -> None:
    """503 with Retry-After is a limit; without it, or with another status, it is none."""
    assert code_of(head(503, "x", Retry_After="5"), None) == OVERLOADED
    assert code_of(head(503, "x"), None) == CONNECT
    assert code_of(head(502, "x", Retry_After="5"), None) == CONNECT


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("DNS lookup failure for: x", RESOLVE),
        ("Host Not Found or connection failed", RESOLVE),
        ("[Errno -2] Name or service not known", RESOLVE),
        ("The hostname could not be resolved", RESOLVE),
        ("cannot resolve x", RESOLVE),
        ("Unable to resolve", RESOLVE),
        ("Unable to determine IP address from host name", RESOLVE),
        ("(dns_unresolved_hostname)", RESOLVE),
        ("(dns_server_failure)", RESOLVE),
        ("dns resolution failure", RESOLVE),
        ("DNS_FAIL", RESOLVE),
        ("No such domain", RESOLVE),
        ("hostnotfound", RESOLVE),
        ("nodename nor servname provided", RESOLVE),
        ("Temporary failure in name resolution", RESOLVE),
        ("No address associated with hostname", RESOLVE),
        ("getaddrinfo failed", RESOLVE),
        ("too many connections", OVERLOADED),
        ("Too many users", OVERLOADED),
        ("You have exceeded your limits", OVERLOADED),
        ("maximum number of connections", OVERLOADED),
        ("connection limit reached", OVERLOADED),
        ("server too busy", OVERLOADED),
        ("Server is busy", OVERLOADED),
        ("overloaded", OVERLOADED),
        ("rate limit", OVERLOADED),
        ("MaxClients", OVERLOADED),
        ("maximum clients", OVERLOADED),
        ("No server is available to handle this request", CONNECT),
        ("connect to 10.0.0.1 failed", CONNECT),
        ("Connection refused", CONNECT),
        ("connection timed out", CONNECT),
        ("cannot connect", CONNECT),
        ("Unable to connect", CONNECT),
        ("upstream connect error or disconnect/reset before headers", CONNECT),
        ("no healthy upstream", CONNECT),
        ("(tcp_error)", CONNECT),
        ("Network is unreachable", CONNECT),
        ("No route to host", CONNECT),
        ("Connect call failed", CONNECT),
    ],
)
def test_what_products_say(words: str, due: Code) -> None:
    """The words of products name the fault, in the reason phrase as in the page."""
    assert code_of(head(406, words), None) == due
    assert code_of(head(406, "x", f"<p>{words}</p>"), None) == due
    assert code_of(head(500, "x", words), None) == due


def test_the_first_cause_that_is_said_counts() -> None:
    """A page that tells of a name and of a connection tells of the name."""
    assert code_of(head(502, "x", "host not found, cannot connect"), None) == RESOLVE
    assert code_of(head(502, "x", "too many connections, cannot connect"), None) == OVERLOADED


@pytest.mark.parametrize(
    ("product", "due"),
    [(None, NOT_HTTP), (NAMED, NOT_HTTP), (WEB_SERVER, NOT_HTTP), (PROVEN, DENIED)],
)
def test_who_does_not_know_connect_is_no_proxy(product: Found | None, due: Code) -> None:
    """405 and its like are those of a web server, unless something proves that a proxy wrote it."""
    assert code_of(head(405, "Method Not Allowed"), product) == due
    assert code_of(head(405, "x", "cannot connect"), PROVEN) == CONNECT


def test_authors_and_those_who_pass_it_on() -> None:
    """A Via names who passed an answer on, and not who wrote it."""
    passed = head(404, Via="1.1 gate (squid/5.7)")
    written = head(403, Server="Zscaler/6.2")
    assert (found := product_of(passed)) is not None
    assert found.name == "Squid"
    assert author_of(passed) is None
    assert (found := author_of(written)) is not None
    assert found.name == "Zscaler"
    assert product_of(None) is None
