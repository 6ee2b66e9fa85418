"""What the error answer of a proxy says, whoever wrote it: by its machine-readable marks, by its
status, by its words. Pure."""

from __future__ import annotations

import re

from arcprobe.knowledge.products import Found, middlebox_of
from arcprobe.model import Code, Head

# X-Squid-Error: the names of Squid 5 and 6, err_type of src/error/forward.h, by the statuses with
# which src/ makes an ErrorState of each. ERR_CANNOT_FORWARD has two meanings, see _cannot_forward.
_SQUID = {
    "ERR_ACCESS_DENIED": Code.PROXY_DENIED,
    "ERR_CACHE_ACCESS_DENIED": Code.PROXY_DENIED,
    "ERR_FORWARDING_DENIED": Code.PROXY_DENIED,
    "ERR_ACL_TIME_QUOTA_EXCEEDED": Code.PROXY_DENIED,
    "ERR_ICAP_FAILURE": Code.PROXY_DENIED,
    "ERR_DNS_FAIL": Code.PROXY_CANNOT_RESOLVE,
    "ERR_CONNECT_FAIL": Code.PROXY_CANNOT_CONNECT,
    "ERR_SECURE_CONNECT_FAIL": Code.PROXY_CANNOT_CONNECT,
    "ERR_READ_TIMEOUT": Code.PROXY_CANNOT_CONNECT,
    "ERR_READ_ERROR": Code.PROXY_CANNOT_CONNECT,
    "ERR_GATEWAY_FAILURE": Code.PROXY_CANNOT_CONNECT,
    "ERR_SHUTTING_DOWN": Code.PROXY_OVERLOADED,
}
# The error types of Proxy-Status, RFC 9209 section 2.3. Types that tell of TLS or of HTTP with the
# origin are left to the status.
_PROXY_STATUS = {
    "dns_timeout": Code.PROXY_CANNOT_RESOLVE,
    "dns_error": Code.PROXY_CANNOT_RESOLVE,
    "destination_not_found": Code.PROXY_CANNOT_RESOLVE,
    "destination_unavailable": Code.PROXY_CANNOT_CONNECT,
    "destination_ip_prohibited": Code.PROXY_DENIED,
    "destination_ip_unroutable": Code.PROXY_CANNOT_CONNECT,
    "connection_refused": Code.PROXY_CANNOT_CONNECT,
    "connection_terminated": Code.PROXY_CANNOT_CONNECT,
    "connection_timeout": Code.PROXY_CANNOT_CONNECT,
    "connection_limit_reached": Code.PROXY_OVERLOADED,
    "http_request_denied": Code.PROXY_DENIED,
    "proxy_loop_detected": Code.PROXY_CANNOT_CONNECT,
}
# RFC 9110 sections 15.4 and 15.5; 511: RFC 6585; 451: RFC 7725; 470: Azure Firewall, where no
# application rule matches (https://http.dev/470).
_STATUS = {
    **dict.fromkeys((300, 301, 302, 303, 305, 307, 308, 511), Code.PROXY_REDIRECTS),
    **dict.fromkeys((401, 402, 403, 451, 470), Code.PROXY_DENIED),
    429: Code.PROXY_OVERLOADED,
}
_NO_PROXY_STATUS = frozenset({101, 400, 404, 405, 501})  # of a server that does not know CONNECT
_NOT_IMPLEMENTED = 501
_SQUID_UNRESOLVED = 500  # of ERR_CANNOT_FORWARD: see _cannot_forward
_WEB_SERVERS = frozenset({"nginx", "Apache"})

# What products write into the reason phrase or the page, in any case of letters; the first that is
# found counts. From, among others: Apache 2.4 mod_proxy.c, 3proxy src/proxy.c, HAProxy 2.6 http.c,
# tinyproxy 1.11 reqs.c, Envoy's response flags, the exception ids of Symantec ProxySG, errors of
# getaddrinfo(3) as mitmproxy 9 hands them on.
_CANNOT_RESOLVE = re.compile(
    r"dns lookup failure|host not found|name or service not known|could not be resolved"
    r"|(?:cannot|can't|could not|couldn't|failed to) resolve|no such host|name resolution fail"
    r"|unable to resolve|unable to determine ip address|dns_unresolved"
    r"|dns_server_failure|dns resolution failure|dns_fail|no such domain|hostnotfound"
    r"|nodename nor servname|temporary failure in name resolution|no address associated"
    r"|getaddrinfo",
    re.IGNORECASE,
)
_OVERLOADED = re.compile(
    r"too many (?:connections|requests|users|clients)|exceeded your limits"
    r"|maximum number of connections|connection limit|server (?:is )?(?:too )?busy|overloaded"
    r"|rate limit|max(?:imum)? ?clients",
    re.IGNORECASE,
)
_CANNOT_CONNECT = re.compile(
    r"no server is available|connect(?:ion)? (?:to \S+ )?(?:failed|refused|timed out)"
    r"|cannot connect|unable to connect|upstream connect error|no healthy upstream|tcp_error"
    r"|network is unreachable|no route to host|connect call failed",
    re.IGNORECASE,
)
# Microsoft ISA Server and Forefront TMG answer 502 to what they deny: 12204 a port, 12202 a URL
# (https://learn.microsoft.com/previous-versions/tn-archive/bb794854(v=technet.10)); tinyproxy 1.11
# reqs.c; Squid's deny_info of Debian.
_PORT_DENIED = re.compile(
    r"\(12204\)|port (?:is |was )?(?:not|never) (?:allowed|permitted)|with the port you tried"
    r"|not (?:configured to )?allow(?:ed)? (?:ssl|connect)\w* (?:requests? )?"
    r"(?:from|to|on) (?:this |that )?port"
    r"|(?:port|ports) (?:is |are )?(?:denied|forbidden|blocked|restricted)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\(12202\)|denied the specified uniform resource locator|access (?:is |was )?denied"
    r"|policy_denied|administratively prohibited|forbidden by|blocked by",
    re.IGNORECASE,
)
# A relay that reaches the Internet through another proxy: cntlm, 3proxy, Privoxy
# (forwarding-failed), Squid's cache_peer.
_PARENT = re.compile(
    r"(?:parent|upstream|forward(?:ing)?|next(?:[- ]hop)?|chained|corporate) prox(?:y|ies)"
    r"|forwarding[- ]fail(?:ed|ure)|cache[_ -]?peer|proxy chain",
    re.IGNORECASE,
)
_WORDS = (
    (_CANNOT_RESOLVE, Code.PROXY_CANNOT_RESOLVE),
    (_OVERLOADED, Code.PROXY_OVERLOADED),
    (_PARENT, Code.PROXY_CANNOT_CONNECT),
    (_CANNOT_CONNECT, Code.PROXY_CANNOT_CONNECT),
    (_DENIED, Code.PROXY_DENIED),
)

# What a middlebox adds to an answer that it only forwards (RFC 9110 section 7.6.3; Squid's
# X-Cache): no sign of authorship.
_FORWARDING = frozenset(
    {"via", "x-cache", "x-cache-lookup", "x-bluecoat-via", "age", "proxy-agent", "proxy-connection"}
)


def code_of(head: Head, product: Found | None) -> Code:
    """What an error answer of a proxy says. ``product``: what ``product_of`` makes of it.

    Marks that are made for programs count first, then words that name the rung, then the status
    where it is plain, then other words.
    """
    return (
        _proxy_status(head)
        or squid_code(head.header("x-squid-error"), head.status)
        or _port_denied(head)
        or _unresolved(head)
        or _plain_status(head)
        or _in_words(head, product)
    )


def is_parent_unreachable(head: Head) -> bool:
    """Whether a relay says that the proxy which it hands requests to did not answer."""
    if head.status < 500:
        return False
    if head.header("x-squid-error").startswith("ERR_CANNOT_FORWARD"):
        # Squid's page: "does not allow this cache to make direct connections ..., and all
        # configured parent caches are currently unreachable" (errors/en/ERR_CANNOT_FORWARD)
        return head.status != _SQUID_UNRESOLVED
    return _PARENT.search(_text(head)) is not None


def squid_code(token: str, status: int) -> Code | None:
    """What an ``X-Squid-Error`` and its status say: ``ERR_DNS_FAIL 0``. None for other names."""
    name = token.partition(" ")[0]
    if name == "ERR_CANNOT_FORWARD":
        return _cannot_forward(status)
    if name.isdigit() and "denied" in token.lower():
        # of deny_info with a URL: "403 Access Denied" (src/errorpage.cc)
        return Code.PROXY_REDIRECTS if _redirects(status) else Code.PROXY_DENIED
    return _SQUID.get(name)


def product_of(head: Head | None) -> Found | None:
    """The product that an answer passed or came from, from its marks."""
    return middlebox_of(head.headers, head.reason, head.body) if head is not None else None


def author_of(head: Head) -> Found | None:
    """The product that wrote an answer itself."""
    headers = [(name, text) for name, text in head.headers if name.lower() not in _FORWARDING]
    return middlebox_of(headers, head.reason, head.body)


def _proxy_status(head: Head) -> Code | None:
    named = re.search(r"error=\"?([a-z_]+)", head.header("proxy-status"))
    return _PROXY_STATUS.get(named[1]) if named else None


def _cannot_forward(status: int) -> Code:
    # up to 6.2 Squid says so, with 500, of every name that it cannot resolve
    # (https://bugs.squid-cache.org/show_bug.cgi?id=5294, mended in 6.3)
    return Code.PROXY_CANNOT_RESOLVE if status == 500 else Code.PROXY_CANNOT_CONNECT


def _redirects(status: int) -> bool:
    return _STATUS.get(status) is Code.PROXY_REDIRECTS


def _plain_status(head: Head) -> Code | None:
    if head.status == 503 and head.header("retry-after"):
        return Code.PROXY_OVERLOADED
    return _STATUS.get(head.status)


def _in_words(head: Head, product: Found | None) -> Code:
    said = _said(_text(head))
    if head.status >= 500 and head.status != _NOT_IMPLEMENTED:
        return said or Code.PROXY_CANNOT_CONNECT
    if head.status in _NO_PROXY_STATUS and not _is_proxy(product):
        return Code.PROXY_NOT_HTTP
    return said or Code.PROXY_DENIED


def _text(head: Head) -> str:
    return f"{head.reason}\n{head.body}"


def _said(text: str) -> Code | None:
    return next((code for pattern, code in _WORDS if pattern.search(text)), None)


def _port_denied(head: Head) -> Code | None:
    return Code.PROXY_PORT_DENIED if _PORT_DENIED.search(_text(head)) else None


def _unresolved(head: Head) -> Code | None:
    """Some say 403 of a name that they did not find, and the page says so."""
    is_found = _redirects(head.status) or not _CANNOT_RESOLVE.search(_text(head))
    return None if is_found else Code.PROXY_CANNOT_RESOLVE


def _is_proxy(product: Found | None) -> bool:
    return product is not None and product.proves and product.name not in _WEB_SERVERS
