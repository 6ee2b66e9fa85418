"""The way to the target, rung by rung: the proxy's name, its port, its TLS, the tunnel, the
target's port. For all kinds.

``judge`` answers what ended the agents' connection below TLS with the target, or None where a
tunnel or connection stood.
"""

from __future__ import annotations

import re

from arcprobe.findings._judgement import Judgement
from arcprobe.knowledge.proxy_errors import author_of, code_of, product_of, squid_code
from arcprobe.model import (
    Attempt,
    Check,
    Code,
    Dial,
    Experiment,
    Failure,
    FailureKind,
    Handshake,
    Head,
    Lookup,
    Observation,
    Proxy,
    Role,
    Tunnel,
)

__all__ = ["author_of", "code_of", "product_of"]  # for the judges that are yet to move

AGENTS = "agents"

_PROXY_DIAL = {
    FailureKind.REFUSED: Code.PROXY_REFUSED,
    FailureKind.TIMED_OUT: Code.PROXY_SILENT,
    FailureKind.RESET: Code.PROXY_RESET,
}
_TARGET_DIAL = {
    FailureKind.REFUSED: Code.TARGET_REFUSED,
    FailureKind.TIMED_OUT: Code.TARGET_SILENT,
    FailureKind.RESET: Code.TLS_RESET,
}
_PROXY_CUT = {
    FailureKind.TIMED_OUT: Code.PROXY_HUNG,
    FailureKind.CLOSED: Code.PROXY_CLOSED,
    FailureKind.RESET: Code.PROXY_RESET,
    FailureKind.HTTP_MALFORMED: Code.PROXY_NOT_HTTP,
    FailureKind.TOO_LARGE: Code.PROXY_NOT_HTTP,
}
_SOCKS_REPLY = {
    1: "general failure",
    2: "not allowed by the ruleset",
    3: "network unreachable",
    4: "host unreachable",
}
_SOCKS_REPLY |= {
    90: "granted",
    91: "rejected or failed",
    92: "no identd on this host",
    93: "identd names another user",
}
_SOCKS_REPLY |= {
    5: "connection refused",
    6: "TTL expired",
    7: "command not supported",
    8: "address type not supported",
}
_SOCKS_RULESET = 2
_SOCKS4_REJECTED = 91
_SOCKS4_IDENT = frozenset(
    {92, 93}
)  # the server asked this host's identd who the user is (SOCKS 4 protocol, CD field)


def main_attempt(observation: Observation | None) -> Attempt | None:
    """The connection that went the agents' way."""
    return (
        next((attempt for attempt in observation.attempts if attempt.label == AGENTS), None)
        if observation
        else None
    )


def experiment(observation: Observation, label: str) -> Attempt | None:
    """The explaining connection of that label, where one was made."""
    return next((attempt for attempt in observation.attempts if attempt.label == label), None)


def tunnel_of(attempt: Attempt | None) -> Tunnel | None:
    """The tunnel that was asked for, opened or not."""
    return (
        next((step for step in attempt.steps if isinstance(step, Tunnel)), None)
        if attempt
        else None
    )


def opened(attempt: Attempt | None) -> bool:
    """Whether the proxy said that the way is open (which does not prove that the target was
    reached)."""
    tunnel = tunnel_of(attempt)
    return (
        tunnel is not None
        and tunnel.failure is None
        and (tunnel.head is None or tunnel.head.status // 100 == 2)
    )


def status_line(head: Head) -> str:
    """``HTTP/1.1 403 Forbidden``, as it came."""
    return f"HTTP/{head.version} {head.status} {head.reason}".rstrip()


def value(head: Head, name: str) -> str:
    """All values of a header, joined as RFC 9110 section 5.3 allows."""
    return ", ".join(text for key, text in head.headers if key.lower() == name)


def head_evidence(head: Head, who: str) -> tuple[str, ...]:
    """The lines of an answer that tell who sent it."""
    lines = [f"{who} answered {status_line(head)}"]
    lines += [f"{name}: {text}" for name, text in head.headers if name.lower() in _TELLING][:8]
    title = re.search(r"<title[^>]*>\s*([^<]{1,200})", head.body, re.IGNORECASE)
    if title:
        lines.append(f"title of the page: {' '.join(title[1].split())}")
    elif head.body.strip():
        lines.append(f"body: {' '.join(head.body.split())[:160]}")
    return tuple(lines)


_TELLING = frozenset(
    """server via proxy-agent proxy-authenticate proxy-status location retry-after x-squid-error x-cache www-authenticate
    sec-websocket-accept upgrade x-azure-ref x-ms-request-id mise-correlation-id""".split()
)


# --------------------------------------------------------------------------------------------------


def judge(check: Check, observation: Observation) -> Judgement | None:
    """What ended the way below TLS with the target; None where it did not end there."""
    attempt = main_attempt(observation)
    if attempt is None or not attempt.steps:
        return None
    if check.proxy is not None and (trust := _proxy_certificate(check.proxy, attempt)):
        return trust
    match attempt.steps[-1]:
        case Lookup(failure=Failure()) as lookup:
            named = tunnel_of(experiment(observation, Experiment.SOCKS_4A))
            if named is not None and check.proxy is not None and lookup.name != check.proxy.host:
                return _socks_failed(
                    check, check.proxy, observation, named
                )  # that it is not known here either is no fault
            return lookup_failed(check, lookup)
        case Dial(failure=Failure()) as dial:
            return _dial_failed(check, attempt, dial)
        case Handshake(peer="proxy", failure=Failure()) as handshake if check.proxy is not None:
            return _proxy_handshake_failed(check.proxy, observation, handshake)
        case Tunnel(protocol="connect") as tunnel if check.proxy is not None and not opened(
            attempt
        ):
            return _connect_failed(check, check.proxy, observation, tunnel)
        case Tunnel(failure=Failure()) as tunnel if check.proxy is not None:
            return _socks_failed(check, check.proxy, observation, tunnel)
        case Handshake(peer="target", failure=Failure()) if check.proxy is not None and (
            page := _page_for_tunnel(attempt)
        ):
            return page
        case Handshake(peer="target", failure=Failure()) as handshake if check.proxy is not None:
            return _error_in_tunnel(check, handshake)
        case _:
            return None


_LOOKUP = {
    FailureKind.NAME_UNKNOWN: Code.NAME_UNKNOWN,
    FailureKind.NAME_EMPTY: Code.NAME_EMPTY,
    FailureKind.RESOLVER_FAILED: Code.RESOLVER_FAILED,
    FailureKind.RESOLVER_REFUSED: Code.RESOLVER_REFUSED,
    FailureKind.TIMED_OUT: Code.RESOLVER_SILENT,
    FailureKind.REFUSED: Code.RESOLVER_UNREACHABLE,
    FailureKind.UNREACHABLE: Code.RESOLVER_UNREACHABLE,
    FailureKind.PROHIBITED: Code.RESOLVER_UNREACHABLE,
}


def lookup_failed(check: Check, lookup: Lookup) -> Judgement:
    """A name that did not become an address, by what the system's resolver said alone."""
    kind = lookup.failure.kind if lookup.failure else FailureKind.OTHER
    detail = lookup.failure.detail if lookup.failure else ""
    code = _LOOKUP.get(kind, Code.RESOLVER_FAILED)
    if check.proxy is not None and code in (Code.NAME_UNKNOWN, Code.NAME_EMPTY):
        code = Code.PROXY_NAME_UNKNOWN
    return Judgement(
        code=code,
        evidence=(f"the system's resolver, asked for {lookup.name}: {detail or kind.value}",),
        subject=check.proxy.url if code == Code.PROXY_NAME_UNKNOWN and check.proxy else "",
        fields=(("reason", detail), ("resolver", "the system's resolver")),
    )


def _seconds(took: float) -> str:
    return f"{took:.1f}"


def _dial_failed(check: Check, attempt: Attempt, last: Dial) -> Judgement:
    dials = [step for step in attempt.steps if isinstance(step, Dial)]
    kind = last.failure.kind if last.failure else FailureKind.OTHER
    # several addresses: silence tells more than a route that this place lacks (an IPv6
    # address where there is no IPv6)
    kinds = [step.failure.kind for step in dials if step.failure]
    weaker = {FailureKind.UNREACHABLE, FailureKind.NO_ADDRESS}
    if kind in weaker:
        kind = next((each for each in kinds if each not in weaker), kind)
    table, otherwise = (
        (_PROXY_DIAL, Code.PROXY_UNREACHABLE)
        if last.role == Role.PROXY
        else (_TARGET_DIAL, Code.TARGET_UNREACHABLE)
    )
    evidence = tuple(
        f"TCP to {_pair(step)}: {_said(step)} after {step.took:.2f} s"
        for step in dials
        if step.failure
    )
    return Judgement(
        code=table.get(kind, otherwise),
        evidence=evidence,
        subject=check.proxy.url if last.role == Role.PROXY and check.proxy else "",
        fields=(
            ("address", last.address),
            ("seconds", _seconds(sum(step.took for step in dials))),
            ("reason", last.failure.detail if last.failure else ""),
        ),
    )


def _pair(step: Dial) -> str:
    return f"[{step.address}]:{step.port}" if ":" in step.address else f"{step.address}:{step.port}"


def _said(step: Dial) -> str:
    if step.failure is None:
        return "accepted"
    if step.failure.kind is FailureKind.TIMED_OUT:
        return "no answer"
    return step.failure.detail or step.failure.kind.value


def _proxy_certificate(proxy: Proxy, attempt: Attempt) -> Judgement | None:
    """The certificate of a proxy that is spoken to by TLS, by the trust that the agents would
    have."""
    handshake = next(
        (step for step in attempt.steps if isinstance(step, Handshake) and step.peer == Role.PROXY),
        None,
    )
    if handshake is None or handshake.failure is not None or not handshake.chain:
        return None
    leaf = handshake.chain[0]
    accepting = [trust for trust in handshake.trust if trust.accepted]
    problems: list[str] = []
    if not accepting:
        words = "; ".join(f"{trust.store}: {trust.words}" for trust in handshake.trust)
        problems.append(f"no store accepts its chain ({words})")
    if handshake.name_matches is False:
        problems.append(f"it is for {', '.join(leaf.names) or leaf.subject}, not for {proxy.host}")
    if dated := [trust for trust in accepting if trust.code in (9, 10)]:
        problems.append(
            f"its dates do not fit: valid {leaf.not_before} to {leaf.not_after} ({dated[0].words})"
        )
    if not problems:
        return None
    return Judgement(
        code=Code.PROXY_CERTIFICATE_UNTRUSTED,
        evidence=(
            f"certificate of the proxy: subject {leaf.subject}, issuer {leaf.issuer}",
            *problems,
        ),
        subject=proxy.url,
        fields=(("issuer", leaf.issuer),),
    )


def _proxy_handshake_failed(
    proxy: Proxy, observation: Observation, handshake: Handshake
) -> Judgement:
    plain = tunnel_of(experiment(observation, Experiment.PROXY_PLAIN))
    failure = handshake.failure or Failure(kind=FailureKind.OTHER)
    evidence = [f"TLS handshake with {proxy.url}: {failure.detail or failure.kind.value}"]
    if handshake.first_bytes:
        evidence.append(f"its first bytes are no TLS: {handshake.first_bytes[:120]!r}")
    if plain is not None and plain.head is not None:
        evidence.append(f"a CONNECT in clear text is answered: {status_line(plain.head)}")
        code = Code.PROXY_SPEAKS_PLAIN
    elif handshake.first_bytes.startswith("HTTP/"):
        code = Code.PROXY_SPEAKS_PLAIN
    elif failure.kind is FailureKind.TLS_PLAINTEXT:
        code = Code.PROXY_NOT_HTTP
    elif "certificate" in handshake.alert:
        code = Code.PROXY_AUTH_UNSUPPORTED
        evidence.append("the proxy wants a client certificate, which agents do not have")
    else:
        code = _PROXY_CUT.get(failure.kind, Code.PROXY_CERTIFICATE_UNTRUSTED)
    return Judgement(
        code=code,
        evidence=tuple(evidence),
        subject=proxy.url,
        fields=(("detail", handshake.first_bytes[:60]),),
    )


def _connect_failed(
    check: Check, proxy: Proxy, observation: Observation, tunnel: Tunnel
) -> Judgement:
    if tunnel.head is not None:
        return answered(check, proxy, observation, tunnel, tunnel.head)
    failure = tunnel.failure or Failure(kind=FailureKind.OTHER)
    evidence = [
        f"CONNECT {tunnel.target}: {failure.detail or failure.kind.value} after {tunnel.took:.2f} s"
    ]
    if tunnel.bytes_in:
        evidence.append(f"{tunnel.bytes_in} bytes came before: {tunnel.first_bytes[:120]!r}")
    code = _PROXY_CUT.get(failure.kind, Code.PROXY_NOT_HTTP)
    if failure.kind is FailureKind.TLS_ALERT:
        code = Code.PROXY_AUTH_UNSUPPORTED
        evidence.append(
            "after TLS with the proxy it sent an alert: it wants a client certificate, which agents do not have"
        )
    elif failure.kind in (FailureKind.UNREACHABLE, FailureKind.PROHIBITED):
        code = Code.PROXY_UNREACHABLE
    by_tls = experiment(observation, Experiment.PROXY_TLS)
    if _shaken(by_tls):
        code = Code.PROXY_SPEAKS_TLS
        evidence.append("a TLS handshake with the same port succeeds")
    elif tunnel.first_bytes.startswith("\\x15\\x03"):
        code = Code.PROXY_SPEAKS_TLS
        evidence.append("it answered with a TLS alert record")
    elif tunnel.first_bytes and not "HTTP/".startswith(
        tunnel.first_bytes[:5]
    ):  # of a slow answer less may have come
        code = Code.PROXY_NOT_HTTP
    elif (
        greeted := tunnel_of(experiment(observation, Experiment.PROXY_SOCKS))
    ) is not None and greeted.socks_method is not None:
        code = Code.PROXY_NOT_HTTP
        evidence.append("it answers a SOCKS5 greeting: it is a SOCKS server")
    return Judgement(
        code=code,
        evidence=tuple(evidence),
        subject=proxy.url,
        fields=(
            ("seconds", _seconds(tunnel.took)),
            ("detail", repr(tunnel.first_bytes[:60]) if tunnel.first_bytes else ""),
        ),
    )


def answered(
    check: Check, proxy: Proxy, observation: Observation, tunnel: Tunnel, head: Head
) -> Judgement:
    """A proxy's answer to CONNECT that is no 2xx."""
    product = product_of(head)
    evidence = head_evidence(head, proxy.url)
    fields = [
        ("status", f"{head.status} {head.reason}".strip()),
        ("location", value(head, "location")),
    ]
    if product:
        fields.append(("product", product.name))
    if head.status == 407:
        code, lines = _authentication(tunnel, head)
        evidence += lines
        fields.append(("schemes", ", ".join(schemes(head)) or "none"))
    elif head.status == 401 and tunnel.credentials:
        code = (
            # tinyproxy 1.11 says 401 to credentials that are wrong, measured
            Code.PROXY_AUTH_REJECTED
        )
        evidence += ("credentials were sent (Basic)",)
    elif head.status == 400 and _shaken(experiment(observation, Experiment.PROXY_TLS)):
        code = Code.PROXY_SPEAKS_TLS
        evidence += ("a TLS handshake with the same port succeeds",)
    else:
        code = code_of(head, product)
    if code == Code.PROXY_DENIED and check.port != 443:
        other = tunnel_of(experiment(observation, Experiment.PORT_443))
        if other is not None and other.head is not None and _passes_policy(other.head):
            code = Code.PROXY_PORT_DENIED
            evidence += (f"the same name on port 443: {status_line(other.head)}",)
        elif re.search(r"with the port you tried", head.body, re.IGNORECASE):
            code = Code.PROXY_PORT_DENIED
    if product and product.name == "tinyproxy" and code == Code.PROXY_CANNOT_CONNECT:
        evidence += (
            "tinyproxy says the same of a name that it cannot resolve: look at its DNS too",
        )
    return Judgement(
        code=code,
        evidence=evidence,
        subject=proxy.url,
        product=product.name if product else "",
        fields=tuple(fields),
    )


def _shaken(attempt: Attempt | None) -> bool:
    return attempt is not None and any(
        isinstance(step, Handshake) and step.failure is None for step in attempt.steps
    )


def _passes_policy(head: Head) -> bool:
    """Whether a name was let through: opened, or tried and not reached."""
    return head.status // 100 == 2 or code_of(head, product_of(head)) in (
        Code.PROXY_CANNOT_CONNECT,
        Code.PROXY_CANNOT_RESOLVE,
    )


def schemes(head: Head) -> tuple[str, ...]:
    """The authentication schemes of Proxy-Authenticate (RFC 9110 section 11.7.1), in the order
    offered."""
    found: list[str] = []
    for name, text in head.headers:
        if name.lower() == "proxy-authenticate":
            text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)  # a realm may hold commas and words
            # a challenge list: a scheme is a token that no "=" follows
            found += (
                re.findall(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_-]*)(?=\s+[^=,]|\s*$|\s*,)", text)
                or text.split()[:1]
            )
    return tuple(dict.fromkeys(found))


def _authentication(tunnel: Tunnel, head: Head) -> tuple[str, tuple[str, ...]]:
    offered = schemes(head)
    if offered and "basic" not in (scheme.lower() for scheme in offered):
        return Code.PROXY_AUTH_UNSUPPORTED, (
            f"offered: {', '.join(offered)}; Basic is not among them",
        )
    if tunnel.credentials:
        return Code.PROXY_AUTH_REJECTED, ("credentials were sent (Basic)",)
    return Code.PROXY_AUTH_REQUIRED, ("no credentials are set",)


def _socks_failed(
    check: Check, proxy: Proxy, observation: Observation, tunnel: Tunnel
) -> Judgement:
    failure = tunnel.failure or Failure(kind=FailureKind.OTHER)
    reply = tunnel.socks_reply
    evidence = [f"SOCKS to {tunnel.target}: {failure.detail or failure.kind.value}"]
    if reply is not None and failure.kind is FailureKind.SOCKS_REFUSED:
        source = " (RFC 1928 section 6)" if tunnel.protocol == "socks5" else ""
        evidence.append(f"reply {reply}: {_SOCKS_REPLY.get(reply, 'see the SOCKS server')}{source}")
    match failure.kind:
        case FailureKind.SOCKS_AUTH if tunnel.credentials:
            code = Code.PROXY_AUTH_REJECTED
        case FailureKind.SOCKS_AUTH:
            code = Code.PROXY_AUTH_REQUIRED
        case FailureKind.SOCKS_REFUSED if tunnel.protocol == "socks4" and reply in _SOCKS4_IDENT:
            code = Code.PROXY_AUTH_REJECTED if tunnel.credentials else Code.PROXY_AUTH_REQUIRED
        case FailureKind.SOCKS_REFUSED if reply in (_SOCKS_RULESET, _SOCKS4_REJECTED):
            code = Code.PROXY_DENIED
        case FailureKind.SOCKS_REFUSED:
            code = Code.PROXY_CANNOT_CONNECT
        case FailureKind.SOCKS_MALFORMED:
            code = Code.PROXY_NOT_HTTP
            evidence.append(f"its first bytes are no SOCKS: {tunnel.first_bytes[:80]!r}")
        case kind:
            code = _PROXY_CUT.get(kind, Code.PROXY_NOT_HTTP)
    plain = tunnel_of(experiment(observation, Experiment.PROXY_PLAIN))
    if plain is not None and plain.head is not None:
        code = Code.PROXY_NOT_HTTP
        evidence.append(f"it speaks HTTP: a CONNECT is answered with {status_line(plain.head)}")
    other = tunnel_of(experiment(observation, Experiment.PORT_443))
    if (
        code == Code.PROXY_DENIED
        and other is not None
        and (other.failure is None or other.socks_reply not in (None, _SOCKS_RULESET))
    ):
        code = Code.PROXY_PORT_DENIED
        evidence.append("the same name on port 443 is not denied")
    return Judgement(
        code=code,
        evidence=tuple(evidence),
        subject=proxy.url,
        fields=(
            ("status", _SOCKS_REPLY.get(reply or 0, "")),
            ("seconds", _seconds(tunnel.took)),
            ("schemes", "user and password"),
        ),
        summary=f"{proxy.url} does not speak SOCKS" if code == Code.PROXY_NOT_HTTP else "",
        remedy="Use the address and port of the SOCKS proxy, or write http://host:port if it is an HTTP proxy."
        if code == Code.PROXY_NOT_HTTP
        else "",
    )


def _error_in_tunnel(check: Check, handshake: Handshake) -> Judgement | None:
    """Squid that is to splice has said 200 before it looks up the name: it writes its error as
    plain text where TLS is due (measured with 5.7)."""
    status = re.match(r"HTTP/1\.[01] (\d{3})", handshake.first_bytes)
    token = re.search(r"X-Squid-Error: (\w+(?: \w+)?)", handshake.first_bytes)
    code = squid_code(token[1], int(status[1])) if status and token else None
    if not (status and token and code):
        return None
    return Judgement(
        code=code,
        evidence=(
            "the proxy opened the tunnel, and then answered the ClientHello in plain text",
            f"status {status[1]}, X-Squid-Error: {token[1]}",
        ),
        fields=(("status", status[1]), ("product", "Squid")),
        product="Squid",
        subject=check.proxy.url if check.proxy else "",
    )


def _page_for_tunnel(attempt: Attempt) -> Judgement | None:
    """A web server that says 200 to every method: the bytes after its head are a page, not TLS."""
    tunnel = tunnel_of(attempt)
    handshake = attempt.steps[-1]
    if (
        tunnel is None
        or tunnel.head is None
        or not isinstance(handshake, Handshake)
        or handshake.failure is None
    ):
        return None
    length = value(tunnel.head, "content-length")
    described = value(tunnel.head, "content-type").startswith("text/") and length not in ("", "0")
    # or says 200 with a length, and 400 to the ClientHello that it takes for the next request
    refused = length != "" and re.match(r"HTTP/1\.[01] 400", handshake.first_bytes) is not None
    if handshake.failure.kind is not FailureKind.TLS_PLAINTEXT or not (described or refused):
        return None
    return Judgement(
        code=Code.PROXY_NOT_HTTP,
        evidence=(
            *head_evidence(tunnel.head, "the proxy"),
            f"and after it no TLS but {handshake.first_bytes[:80]!r}",
        ),
        summary="What listens at the proxy's address answers CONNECT with a page: it is a web server, not a proxy",
        fields=(("detail", repr(handshake.first_bytes[:60])),),
    )
