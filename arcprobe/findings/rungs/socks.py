"""Rung: the proxy opens a tunnel to the target, asked by SOCKS 4, 4A (no RFC) or 5 (RFC 1928, RFC
1929)."""

from __future__ import annotations

from arcprobe.findings.reading import Connection, Reading, failure_kind, failure_words, status_line
from arcprobe.findings.rungs.tunnel import CUT
from arcprobe.findings.scene import Scene
from arcprobe.model import (
    Code,
    Experiment,
    Failure,
    FailureKind,
    Judgement,
    Line,
    Lookup,
    Proxy,
    Tunnel,
    line,
)

# RFC 1928 section 6; from 90 on the CD field of SOCKS 4. The words of each are in the language
# file.
_KNOWN_REPLIES = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 90, 91, 92, 93})
_RULESET = 2
_SOCKS4_REJECTED = 91
_SOCKS4_IDENT = frozenset({92, 93})  # the server asked this host's identd who the user is


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """Why the SOCKS server opened no tunnel."""
    proxy = reading.check.proxy
    if proxy is None:
        return None
    match reading.speaks.last:
        case Tunnel(protocol="connect"):
            return None
        case Tunnel(failure=Failure()) as tunnel:
            return _failed(proxy, reading, tunnel)
        case Lookup(failure=Failure()):
            # the name was refused before (SOCKS 4A), and is not known here either
            named = reading.experiment(Experiment.SOCKS_4A)
            tunnel_4a = named.tunnel if named is not None else None
            return None if tunnel_4a is None else _failed(proxy, reading, tunnel_4a)
        case _:
            return None


def _failed(proxy: Proxy, reading: Reading, tunnel: Tunnel) -> Judgement:
    code, proof = _meaning(tunnel)
    plain = reading.experiment(Experiment.PROXY_PLAIN)
    if plain is not None and plain.tunnel is not None and plain.tunnel.head is not None:
        code = Code.PROXY_NOT_HTTP
        proof = (*proof, line("socks.speaks-http", status=status_line(plain.tunnel.head)))
    if code is Code.PROXY_DENIED and _is_let_through(reading.experiment(Experiment.PORT_443)):
        code = Code.PROXY_PORT_DENIED
        proof = (*proof, line("socks.on-443"))
    words = failure_words(tunnel.failure)
    no_socks = code is Code.PROXY_NOT_HTTP
    return Judgement(
        code=code,
        evidence=(line("socks.ended", target=tunnel.target, reason=words), *proof),
        subject=proxy.url,
        values=(
            ("status", _reply(tunnel.socks_reply) or ""),
            ("seconds", f"{tunnel.took:.1f}"),
            ("schemes", line("socks.schemes")),
        ),
        summary=line("socks.no-socks", proxy=proxy.url) if no_socks else None,
        remedy=line("socks.no-socks-remedy") if no_socks else None,
    )


def _meaning(tunnel: Tunnel) -> tuple[Code, tuple[Line, ...]]:
    kind = failure_kind(tunnel.failure)
    if kind is FailureKind.SOCKS_AUTH:
        return _authentication(tunnel), ()
    if kind is FailureKind.SOCKS_REFUSED:
        return _refusal(tunnel), _told(tunnel)
    if kind is FailureKind.SOCKS_MALFORMED:
        return Code.PROXY_NOT_HTTP, (line("socks.malformed", shown=repr(tunnel.first_bytes[:80])),)
    return CUT.get(kind, Code.PROXY_NOT_HTTP), ()


def _authentication(tunnel: Tunnel) -> Code:
    return Code.PROXY_AUTH_REJECTED if tunnel.credentials else Code.PROXY_AUTH_REQUIRED


def _refusal(tunnel: Tunnel) -> Code:
    if tunnel.protocol == "socks4" and tunnel.socks_reply in _SOCKS4_IDENT:
        return _authentication(tunnel)
    if tunnel.socks_reply in (_RULESET, _SOCKS4_REJECTED):
        return Code.PROXY_DENIED
    return Code.PROXY_CANNOT_CONNECT


def _told(tunnel: Tunnel) -> tuple[Line, ...]:
    if tunnel.socks_reply is None:
        return ()
    meaning = _reply(tunnel.socks_reply) or line("socks.reply-unknown")
    key = "socks.reply-rfc" if tunnel.protocol == "socks5" else "socks.reply"
    return (line(key, number=tunnel.socks_reply, meaning=meaning),)


def _reply(number: int | None) -> Line | None:
    return line(f"socks.reply-{number}") if number in _KNOWN_REPLIES else None


def _is_let_through(other: Connection | None) -> bool:
    """Whether the same name on port 443 is not denied."""
    tunnel = other.tunnel if other is not None else None
    if tunnel is None:
        return False
    return tunnel.failure is None or tunnel.socks_reply not in (None, _RULESET)
