"""A handshake that ended without a chain: reset, closed, silent, rejected by an alert, plain text,
too old."""

from __future__ import annotations

from arcprobe.findings._judgement import Judgement
from arcprobe.findings.old_certificates.comparison import Comparison
from arcprobe.model import Check, Code, FailureKind, Handshake

_CODES = {
    FailureKind.RESET: Code.TLS_RESET,
    FailureKind.CLOSED: Code.TLS_CLOSED,
    FailureKind.TIMED_OUT: Code.TLS_SILENT,
    FailureKind.TLS_ALERT: Code.TLS_REJECTED,
    FailureKind.TLS_PLAINTEXT: Code.TLS_PLAINTEXT_ANSWER,
    FailureKind.TLS_VERSION: Code.TLS_TOO_OLD,
    FailureKind.TLS_OTHER: Code.TLS_REJECTED,
    FailureKind.TOO_LARGE: Code.TLS_REJECTED,
    FailureKind.OTHER: Code.TLS_REJECTED,
}

# The alerts of RFC 8446 section 6, in words for the person who looks into a device's log.
_ALERTS = {
    "handshake_failure": "no cipher, group or signature in common, or a device that refuses this client",
    "protocol_version": "the TLS versions that this client offers (1.2, 1.3) are not spoken",
    "insufficient_security": "only ciphers that this client refuses",
    "unrecognized_name": "the answering server does not know this server name: another server, or a filter by name",
    "access_denied": "a policy refuses this name or this client",
    "certificate_required": "a client certificate is demanded, which agents do not have at this endpoint",
    "bad_certificate": "the other side wants a client certificate, or could not use one on its own way",
    "unknown_ca": "a device on the way does not trust the origin behind it",
    "certificate_unknown": "a device on the way could not use the origin's certificate",
    "certificate_expired": "a device on the way found the origin's certificate out of date",
    "internal_error": "the answering device failed: often its own connection to the origin",
    "decode_error": "a device could not read the handshake: often one that does not know newer TLS",
    "illegal_parameter": "a device could not read the handshake: often one that does not know newer TLS",
    "user_canceled": "the answering device gave up",
    "user_cancelled": "the answering device gave up",
    "no_application_protocol": "none of the offered protocols (ALPN) is taken",
}
_TOO_OLD = frozenset({"protocol_version", "insufficient_security"})


def alert_words(text: str) -> str:
    """What the alert means that stands in OpenSSL's words, as TLSV13_ALERT_CERTIFICATE_REQUIRED
    does; empty for none."""
    found = next((name for name in _ALERTS if f"ALERT_{name.upper()}" in text), "")
    return f"fatal alert {found}: {_ALERTS[found]}" if found else ""


def judge_fault(
    check: Check, handshake: Handshake, comparison: Comparison
) -> tuple[Judgement, ...]:
    """What a failed handshake means; nothing where its failure belongs to another layer."""
    failure = handshake.failure
    if failure is None or failure.kind not in _CODES:
        return ()
    alert = handshake.alert.strip().lower().replace(" ", "_").replace("-", "_")
    code = _CODES[failure.kind]
    if alert in _TOO_OLD:
        code = Code.TLS_TOO_OLD
    elif handshake.first_bytes and failure.kind is FailureKind.TLS_OTHER:
        code = Code.TLS_PLAINTEXT_ANSWER
    evidence = [*_seen(code, alert, handshake), *_compared(check, handshake, comparison)]
    fields = [("seconds", f"{handshake.took:.1f}")]
    if alert:
        fields.append(("alert", alert))
    elif code == Code.TLS_REJECTED:
        fields.append(("alert", failure.detail[:120] or "without a word"))
    if handshake.first_bytes:
        fields.append(("detail", handshake.first_bytes[:120]))
    return (Judgement(code=code, evidence=tuple(evidence), fields=tuple(fields)),)


def _seen(code: str, alert: str, handshake: Handshake) -> list[str]:
    detail = handshake.failure.detail if handshake.failure else ""
    lines = (
        [f"the ClientHello for {handshake.server_name} went out ({handshake.client_hello} bytes)"]
        if handshake.client_hello
        else []
    )
    if alert:
        lines.append(f"fatal alert {alert}: {_ALERTS.get(alert, 'see RFC 8446 section 6')}")
    if code == Code.TLS_PLAINTEXT_ANSWER:
        lines.append(
            f"the answer is no TLS; it begins: {handshake.first_bytes[:200] or '(not kept)'}"
        )
    elif code == Code.TLS_SILENT:
        came = f"{handshake.bytes_in} bytes" if handshake.bytes_in else "nothing"
        lines.append(f"{came} came within {handshake.took:.1f} s")
        if handshake.bytes_in:
            lines.append(
                "weak: an answer that stops half-way is more often a packet size that does not pass than a filter"
            )
    elif code in {Code.TLS_RESET, Code.TLS_CLOSED}:
        how = "RST" if code == Code.TLS_RESET else "FIN"
        after = f"after {handshake.bytes_in} bytes" if handshake.bytes_in else "before any answer"
        lines.append(f"{how} {after}, {handshake.took * 1000:.0f} ms after the ClientHello")
    if detail and code not in {Code.TLS_SILENT, Code.TLS_PLAINTEXT_ANSWER}:
        lines.append(f"in OpenSSL's words: {detail[:200]}")
    return lines


def _compared(check: Check, handshake: Handshake, comparison: Comparison) -> list[str]:
    lines: list[str] = []
    for other in comparison.others.get(check.observed_with or check.id, ()):
        if other.server_name != handshake.server_name:
            if other.chain or other.alert:
                words = "is answered there: what stops it is keyed on the server's name, not on the address"
                lines.append(f"decides: another name, {other.server_name}, {words}")
            elif (
                other.failure
                and handshake.failure
                and other.failure.kind is not handshake.failure.kind
            ):
                end = f"ends otherwise ({other.failure.detail or other.failure.kind.value})"
                lines.append(
                    f"supports: another name, {other.server_name}, {end}: what stops this one looks at the name"
                )
            else:
                lines.append(
                    f"supports: another name, {other.server_name}, fares no better: it is not this name alone"
                )
    twin = comparison.direct_twin(check)
    if twin is not None:
        lines.append(f"decides: without the proxy the handshake succeeds ({twin.version or 'TLS'})")
    alike = [item for item in comparison.handshakes if comparison.checks[item].route == check.route]
    if alike:
        lines.append(f"{len(alike)} other handshakes by the same route succeeded")
    return lines
