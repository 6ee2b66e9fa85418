"""Fatal alerts: which one it was, and what it means."""

from __future__ import annotations

import pytest

from arcprobe.findings.alerts import alert_line, alert_named_in
from arcprobe.knowledge.language import language


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] (_ssl.c:2580)", "certificate_required"),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA]", "unknown_ca"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake_failure"),
        ("TLSV1_ALERT_USER_CANCELLED", "user_cancelled"),
        ("TLSV1_ALERT_OF_TOMORROW", ""),
        ("handshake_failure", ""),
        ("", ""),
    ],
)
def test_the_alert_in_openssls_words(words: str, due: str) -> None:
    """The name of an alert is read where OpenSSL writes it, and nowhere else."""
    assert alert_named_in(words) == due


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("access_denied", "a policy refuses this name or this client"),
        (
            "bad_certificate",
            "the other side requires a client certificate, or its own connection to the origin"
            " needed one",
        ),
        ("certificate_expired", "a device on the path found the origin's certificate expired"),
        (
            "certificate_required",
            "a client certificate is required, which the agents do not have for this endpoint",
        ),
        ("certificate_unknown", "a device on the path could not use the origin's certificate"),
        (
            "decode_error",
            "a device could not read the handshake: often one that does not support newer TLS",
        ),
        (
            "handshake_failure",
            "no cipher, group or signature algorithm in common, or a device that refuses this"
            " client",
        ),
        (
            "illegal_parameter",
            "a device could not read the handshake: often one that does not support newer TLS",
        ),
        ("insufficient_security", "only ciphers that this client refuses"),
        ("internal_error", "the answering device failed: often its own connection to the origin"),
        ("no_application_protocol", "none of the offered protocols (ALPN) is accepted"),
        (
            "protocol_version",
            "the TLS versions that this client offers (1.2, 1.3) are not supported",
        ),
        ("unknown_ca", "a device on the path does not trust the origin"),
        (
            "unrecognized_name",
            "the answering server does not know this server name: another server, or a filter by"
            " name",
        ),
        ("user_canceled", "the answering device gave up"),
        ("user_cancelled", "the answering device gave up"),
        ("of_tomorrow", "see RFC 8446 section 6"),
    ],
)
def test_what_an_alert_means(name: str, due: str) -> None:
    """Every alert that is explained has its words; another one is left to its RFC."""
    assert language().say(alert_line(name)) == f"fatal alert {name}: {due}"
