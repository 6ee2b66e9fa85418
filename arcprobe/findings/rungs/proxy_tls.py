"""Rung: TLS with the proxy itself, for proxies that the settings name with https://."""

from __future__ import annotations

from arcprobe.findings.reading import Reading, failure_kind, failure_words, status_line
from arcprobe.findings.rungs.tunnel import CUT
from arcprobe.findings.scene import Scene
from arcprobe.model import (
    Code,
    Experiment,
    FailureKind,
    Handshake,
    Judgement,
    Line,
    Proxy,
    VerifyCode,
    line,
)

_DATES = (VerifyCode.CERT_NOT_YET_VALID, VerifyCode.CERT_HAS_EXPIRED)
_LONGEST_BYTES = 120  # characters of what is no TLS


def judge(reading: Reading, scene: Scene) -> Judgement | None:
    """Why there is no session with the proxy, or why the agents would not trust it."""
    proxy, handshake = reading.check.proxy, reading.speaks.proxy_handshake
    if proxy is None or handshake is None:
        return None
    if handshake.failure is not None:
        return _failed(proxy, reading, handshake)
    return _untrusted(proxy, handshake) if handshake.chain else None


def _untrusted(proxy: Proxy, handshake: Handshake) -> Judgement | None:
    """The certificate of the proxy, by the trust that the agents would have."""
    leaf = handshake.chain[0]
    problems = _problems(proxy, handshake)
    if not problems:
        return None
    return Judgement(
        code=Code.PROXY_CERTIFICATE_UNTRUSTED,
        evidence=(line("proxy.certificate", subject=leaf.subject, issuer=leaf.issuer), *problems),
        subject=proxy.url,
        values=(("issuer", leaf.issuer),),
    )


def _problems(proxy: Proxy, handshake: Handshake) -> list[Line]:
    leaf = handshake.chain[0]
    accepting = [trust for trust in handshake.trust if trust.accepted]
    found: list[Line] = []
    if not accepting:
        stores = [
            line("proxy.store", store=each.store, words=each.words) for each in handshake.trust
        ]
        found.append(line("proxy.no-store", stores=tuple(stores)))
    if handshake.name_matches is False:
        names = leaf.names or (leaf.subject,)
        found.append(line("proxy.other-name", names=names, host=proxy.host))
    dated = [trust for trust in accepting if trust.code in _DATES]
    if dated:
        found.append(
            line("proxy.dates", begin=leaf.not_before, end=leaf.not_after, words=dated[0].words)
        )
    return found


def _failed(proxy: Proxy, reading: Reading, handshake: Handshake) -> Judgement:
    code, proof = _meaning(reading, handshake)
    words = failure_words(handshake.failure)
    evidence = [line("proxy.handshake", proxy=proxy.url, reason=words)]
    if handshake.first_bytes:
        shown = repr(handshake.first_bytes[:_LONGEST_BYTES])
        evidence.append(line("proxy.no-tls", shown=shown))
    return Judgement(
        code=code,
        evidence=(*evidence, *proof),
        subject=proxy.url,
        values=(("detail", handshake.first_bytes[:60]),),
    )


def _meaning(reading: Reading, handshake: Handshake) -> tuple[Code, tuple[Line, ...]]:
    plain = reading.experiment(Experiment.PROXY_PLAIN)
    tunnel = plain.tunnel if plain is not None else None
    if tunnel is not None and tunnel.head is not None:
        proof = line("proxy.answers-plain", status=status_line(tunnel.head))
        return Code.PROXY_SPEAKS_PLAIN, (proof,)
    if handshake.first_bytes.startswith("HTTP/"):
        return Code.PROXY_SPEAKS_PLAIN, ()
    if failure_kind(handshake.failure) is FailureKind.TLS_PLAINTEXT:
        return Code.PROXY_NOT_HTTP, ()
    if "certificate" in handshake.alert:
        return Code.PROXY_AUTH_UNSUPPORTED, (line("proxy.wants-certificate"),)
    kind = failure_kind(handshake.failure)
    return CUT.get(kind, Code.PROXY_CERTIFICATE_UNTRUSTED), ()
