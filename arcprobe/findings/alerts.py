"""Fatal alerts of TLS, in words for the person who looks into a device's log."""

from __future__ import annotations

import re

from arcprobe.model import Line, line

# RFC 8446 section 6, as far as there is more to say than the name; "user_cancelled" is OpenSSL's.
_EXPLAINED = frozenset(
    {
        "access_denied",
        "bad_certificate",
        "certificate_expired",
        "certificate_required",
        "certificate_unknown",
        "decode_error",
        "handshake_failure",
        "illegal_parameter",
        "insufficient_security",
        "internal_error",
        "no_application_protocol",
        "protocol_version",
        "unknown_ca",
        "unrecognized_name",
        "user_canceled",
        "user_cancelled",
    }
)


def alert_named_in(words: str) -> str:
    """The alert in OpenSSL's words, as TLSV13_ALERT_CERTIFICATE_REQUIRED has it; empty for none
    that is explained."""
    named = re.search(r"ALERT_([A-Z_]+)", words)
    name = named[1].lower() if named else ""
    return name if name in _EXPLAINED else ""


def alert_line(name: str) -> Line:
    """What an alert means."""
    key = name if name in _EXPLAINED else "other"
    return line("alert.said", name=name, meaning=line(f"alert.{key}"))
