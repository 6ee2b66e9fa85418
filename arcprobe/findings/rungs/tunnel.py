"""Rung: the proxy opens a tunnel to the target, asked by HTTP CONNECT (RFC 9110 section 9.3.6)."""

from __future__ import annotations

import re

import msgspec

from arcprobe.findings.reading import (
    Reading,
    failure_kind,
    failure_words,
    head_lines,
    status,
    status_line,
)
from arcprobe.findings.scene import Scene
from arcprobe.knowledge.products import Found
from arcprobe.knowledge.proxy_errors import code_of, is_parent_unreachable, product_of, squid_code
from arcprobe.model import (
    Code,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Judgement,
    Line,
    Owner,
    Proxy,
    Role,
    Tunnel,
    line,
)

# How a connection to the proxy ended before any answer, whatever was asked of it.
CUT = {
    FailureKind.TIMED_OUT: Code.PROXY_HUNG,
    FailureKind.CLOSED: Code.PROXY_CLOSED,
    FailureKind.RESET: Code.PROXY_RESET,
    FailureKind.TOO_LARGE: Code.PROXY_NOT_HTTP,
}
_TLS_ALERT = "\\x15\\x03"  # an alert record of TLS (RFC 8446 section 5.1), as recordings spell it
_POLICY = frozenset({Code.PROXY_DENIED, Code.PROXY_PORT_DENIED})
_NO_ROUTE = 404
"""What Envoy answers where no route matches (envoyproxy.io, FAQ on 404 to CONNECT)."""
_NO_PROXY = frozenset({Code.PROXY_NOT_HTTP, Code.PROXY_SPEAKS_TLS})
_LET_THROUGH = frozenset({Code.PROXY_CANNOT_CONNECT, Code.PROXY_CANNOT_RESOLVE})


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """Why no tunnel was opened; also where it was opened in word only, and an error or a page came
    through it."""
    proxy = reading.check.proxy
    if proxy is None:
        return None
    match reading.speaks.last:
        case Tunnel(protocol="connect") as tunnel if not reading.speaks.is_tunnel_open:
            if tunnel.head is not None:
                return _refused(proxy, reading, tunnel, tunnel.head, scene)
            return _unanswered(proxy, reading, tunnel, scene)
        case Handshake(peer=Role.TARGET, failure=Failure()) as handshake:
            if proxy.url not in scene.http_proxies and _announces_page(reading, handshake):
                return _web_server(proxy, reading, handshake)
            return _error_in_tunnel(proxy, handshake)
        case _:
            return None


# -------------------------------------------------------------------------------------- no answer


def _unanswered(proxy: Proxy, reading: Reading, tunnel: Tunnel, scene: Scene) -> Judgement:
    words = failure_words(tunnel.failure)
    evidence = [line("tunnel.ended", target=tunnel.target, reason=words, seconds=tunnel.took)]
    if tunnel.bytes_in:
        shown = repr(tunnel.first_bytes[:120])
        evidence.append(line("tunnel.came-before", count=tunnel.bytes_in, shown=shown))
    code, proof = _ending(failure_kind(tunnel.failure))
    if proxy.url in scene.http_proxies:
        code, proof = _of_one_target(code), (*proof, line("tunnel.opened-others"))
    elif spoken := _spoken(reading, tunnel):
        code, proof = spoken[0], (*proof, *spoken[1])
    return Judgement(
        code=code,
        evidence=(*evidence, *proof),
        subject=proxy.url,
        values=(
            ("seconds", f"{tunnel.took:.1f}"),
            ("detail", repr(tunnel.first_bytes[:60]) if tunnel.first_bytes else ""),
        ),
    )


def _ending(kind: FailureKind) -> tuple[Code, tuple[Line, ...]]:
    if kind is FailureKind.TLS_ALERT:
        return Code.PROXY_AUTH_UNSUPPORTED, (line("tunnel.alert"),)
    if kind in (FailureKind.UNREACHABLE, FailureKind.PROHIBITED):
        return Code.PROXY_UNREACHABLE, ()
    return CUT.get(kind, Code.PROXY_NOT_HTTP), ()


def _of_one_target(code: Code) -> Code:
    """What a proxy that opened other tunnels did: it may end this one, but it is an HTTP proxy."""
    return Code.PROXY_CLOSED if code is Code.PROXY_NOT_HTTP else code


def _spoken(reading: Reading, tunnel: Tunnel) -> tuple[Code, tuple[Line, ...]] | None:
    """The protocol that the proxy's port speaks in the place of clear-text HTTP, where something
    shows it."""
    if _takes_tls(reading):
        return Code.PROXY_SPEAKS_TLS, (line("tunnel.takes-tls"),)
    if tunnel.first_bytes.startswith(_TLS_ALERT):
        return Code.PROXY_SPEAKS_TLS, (line("tunnel.alert-record"),)
    # of a slow answer less than the protocol's name may have come
    if tunnel.first_bytes and not "HTTP/".startswith(tunnel.first_bytes[:5]):
        return Code.PROXY_NOT_HTTP, ()
    greeted = reading.experiment(Experiment.PROXY_SOCKS)
    if greeted is None or greeted.tunnel is None or greeted.tunnel.socks_method is None:
        return None
    return Code.PROXY_NOT_HTTP, (line("tunnel.takes-socks"),)


def _takes_tls(reading: Reading) -> bool:
    made = reading.experiment(Experiment.PROXY_TLS)
    return made is not None and made.has_shaken_hands


# -------------------------------------------------------------------------------- an answer, no 2xx


def _refused(proxy: Proxy, reading: Reading, tunnel: Tunnel, head: Head, scene: Scene) -> Judgement:
    if head.status // 100 == 2:
        return _opened_for_others(proxy, head)
    product = product_of(head)
    code, proof = _reason(reading, tunnel, head, product)
    if code in _NO_PROXY and proxy.url in scene.http_proxies:
        code, proof = _denied(reading, head)
        proof = (line("tunnel.opened-others"), *proof)
    word = Judgement(
        code=code,
        evidence=(*head_lines(head, proxy.url), *proof),
        subject=proxy.url,
        product=product.name if product is not None else "",
        values=(
            ("status", status(head)),
            ("location", head.header("location")),
            ("product", product.name if product is not None else ""),
            ("schemes", _schemes_in_words(head)),
        ),
    )
    return _told_better(word, proxy, head)


def _told_better(word: Judgement, proxy: Proxy, head: Head) -> Judgement:
    """In the words of what is known: a relay's parent, Envoy's routes."""
    if word.code is Code.PROXY_CANNOT_CONNECT and is_parent_unreachable(head):
        return _told_of_parent(word, proxy)
    if word.product == "Envoy" and head.status == _NO_ROUTE and word.code in _POLICY:
        return msgspec.structs.replace(word, remedy=line("tunnel.envoy-route"))
    return word


def _schemes_in_words(head: Head) -> str:
    if head.status != 407:
        return ""
    return ", ".join(offered_schemes(head)) or "none"


def _told_of_parent(word: Judgement, proxy: Proxy) -> Judgement:
    """A relay whose parent does not answer: no firewall before Azure is at fault."""
    return msgspec.structs.replace(
        word,
        summary=line("tunnel.parent", proxy=proxy.url),
        values=(*word.values, ("parent", line("tunnel.parent-lost"))),
        remedy=line("tunnel.parent-remedy", proxy=proxy.url),
        owner=Owner.PROXY,
    )


def _opened_for_others(proxy: Proxy, head: Head) -> Judgement:
    """A tunnel to curl and browsers (RFC 9110 section 9.3.6: any 2xx, after any 1xx), and none to
    the agents: net/http of Go takes 200 alone, as the first head (transport.go, dialConn)."""
    said = status(head)
    if head.informational:
        said = f"{head.informational[0]}, then {said}"
    return Judgement(
        code=Code.PROXY_DENIED,
        evidence=(*head_lines(head, proxy.url), line("tunnel.only-200", status=said)),
        subject=f"{proxy.url} {said}",
        values=(("status", said),),
        summary=line("tunnel.only-200-summary", proxy=proxy.url, status=said),
        remedy=line("tunnel.only-200-remedy", proxy=proxy.url, status=said),
        owner=Owner.PROXY,
    )


def _reason(
    reading: Reading, tunnel: Tunnel, head: Head, product: Found | None
) -> tuple[Code, tuple[Line, ...]]:
    if head.status == 407:
        return _authentication(tunnel, head)
    if head.status == 401 and tunnel.credentials:
        # tinyproxy 1.11 says 401 to credentials that are wrong, measured by tests/netlab
        return Code.PROXY_AUTH_REJECTED, (line("tunnel.credentials-sent"),)
    if head.status == 400 and _takes_tls(reading):
        return Code.PROXY_SPEAKS_TLS, (line("tunnel.takes-tls"),)
    code = code_of(head, product)
    if code is Code.PROXY_DENIED:
        return _denied(reading, head)
    if code is Code.PROXY_CANNOT_CONNECT and product is not None and product.name == "tinyproxy":
        return code, (line("tunnel.tinyproxy-dns"),)
    return code, ()


def _denied(reading: Reading, head: Head) -> tuple[Code, tuple[Line, ...]]:
    """The name, or only the port?"""
    if reading.check.port == 443:
        return Code.PROXY_DENIED, ()
    other = reading.experiment(Experiment.PORT_443)
    tunnel = other.tunnel if other is not None else None
    if tunnel is not None and tunnel.head is not None and _is_let_through(tunnel.head):
        return Code.PROXY_PORT_DENIED, (line("tunnel.on-443", status=status_line(tunnel.head)),)
    return Code.PROXY_DENIED, ()


def _is_let_through(head: Head) -> bool:
    """Whether the policy let a name pass: a tunnel was opened, or tried and not reached."""
    return head.status // 100 == 2 or code_of(head, product_of(head)) in _LET_THROUGH


def _authentication(tunnel: Tunnel, head: Head) -> tuple[Code, tuple[Line, ...]]:
    schemes = offered_schemes(head)
    if schemes and "basic" not in (scheme.lower() for scheme in schemes):
        return Code.PROXY_AUTH_UNSUPPORTED, (line("tunnel.no-basic", schemes=schemes),)
    # RFC 9110 section 15.5.8: a 407 must name one
    nameless = () if schemes else (line("tunnel.no-scheme"),)
    if tunnel.credentials:
        return Code.PROXY_AUTH_REJECTED, (line("tunnel.credentials-sent"), *nameless)
    return Code.PROXY_AUTH_REQUIRED, (line("tunnel.no-credentials"), *nameless)


def offered_schemes(head: Head) -> tuple[str, ...]:
    """The authentication schemes of Proxy-Authenticate (RFC 9110 section 11.7.1), in the order
    offered."""
    found: list[str] = []
    for name, text in head.headers:
        if name.lower() == "proxy-authenticate":
            text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)  # a realm may hold commas and words
            # a challenge list: a scheme is a token that no "=" follows
            tokens = re.findall(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_-]*)(?=\s+[^=,]|\s*$|\s*,)", text)
            found += tokens or text.split()[:1]
    return tuple(dict.fromkeys(found))


# ---------------------------------------------------------------------- opened, but in word only


def _error_in_tunnel(proxy: Proxy, handshake: Handshake) -> Judgement | None:
    """Squid that is to splice has said 200 before it looks up the name: it writes its error as
    plain text where TLS is due (measured with Squid 5.7)."""
    answer = re.match(r"HTTP/1\.[01] (\d{3})", handshake.first_bytes)
    token = re.search(r"X-Squid-Error: (\w+(?: \w+)?)", handshake.first_bytes)
    if answer is None or token is None:
        return None
    code = squid_code(token[1], int(answer[1]))
    if code is None:
        return None
    return Judgement(
        code=code,
        evidence=(
            line("tunnel.error-inside"),
            line("tunnel.squid-error", status=answer[1], token=token[1]),
        ),
        values=(("status", answer[1]), ("product", "Squid")),
        product="Squid",
        subject=proxy.url,
    )


def _announces_page(reading: Reading, handshake: Handshake) -> bool:
    """Whether a web server says 200 to every method: the bytes after its head are a page, not TLS.
    (A tunnel in which anything else failed proved its proxy: ``Scene.http_proxies``.)"""
    tunnel = reading.speaks.tunnel
    if tunnel is None or tunnel.head is None:
        return False
    length = tunnel.head.header("content-length")
    if tunnel.head.header("content-type").startswith("text/") and length not in ("", "0"):
        return True
    # or it says 200 with a length, and 400 to the ClientHello that it takes for the next request
    return length != "" and re.match(r"HTTP/1\.[01] 400", handshake.first_bytes) is not None


def _web_server(proxy: Proxy, reading: Reading, handshake: Handshake) -> Judgement:
    tunnel = reading.speaks.tunnel
    head = tunnel.head if tunnel is not None else None
    came = handshake.first_bytes
    return Judgement(
        code=Code.PROXY_NOT_HTTP,
        evidence=(
            *(head_lines(head, line("tunnel.the-proxy")) if head is not None else ()),
            line("tunnel.no-tls-after", shown=repr(came[:80])),
        ),
        summary=line("tunnel.web-server"),
        values=(("detail", repr(came[:60])),),
    )
