"""Exception in, ``Failure`` out: the one table of what can happen on a socket, in a resolver, in
TLS and in HTTP."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from arcprobe.model import Failure, FailureKind

_WORDS_LIMIT = 300

_ERRNO = {
    errno.ECONNREFUSED: FailureKind.REFUSED,
    errno.ECONNRESET: FailureKind.RESET,
    errno.ECONNABORTED: FailureKind.RESET,
    errno.EPIPE: FailureKind.RESET,
    errno.ETIMEDOUT: FailureKind.TIMED_OUT,
    errno.EHOSTUNREACH: FailureKind.UNREACHABLE,
    errno.ENETUNREACH: FailureKind.UNREACHABLE,
    errno.EADDRNOTAVAIL: FailureKind.UNREACHABLE,
    errno.EAFNOSUPPORT: FailureKind.NO_ADDRESS,
    errno.EACCES: FailureKind.PROHIBITED,
    errno.EPERM: FailureKind.PROHIBITED,
}

# Windows has its own numbers for the same events: those of a socket call (winsock2.h) and, as
# asyncio's event loop there gets them, those of a completed operation (winerror.h; 1225 for a
# port that refuses, 1234 for ICMP's port unreachable).
_WINDOWS = {
    10061: FailureKind.REFUSED,
    10054: FailureKind.RESET,
    10053: FailureKind.RESET,
    10060: FailureKind.TIMED_OUT,
    10065: FailureKind.UNREACHABLE,
    10051: FailureKind.UNREACHABLE,
    10013: FailureKind.PROHIBITED,
    10047: FailureKind.NO_ADDRESS,
    64: FailureKind.RESET,
    121: FailureKind.TIMED_OUT,
    1225: FailureKind.REFUSED,
    1231: FailureKind.UNREACHABLE,
    1232: FailureKind.UNREACHABLE,
    1234: FailureKind.REFUSED,
    1236: FailureKind.RESET,
}

# getaddrinfo(3), glibc: measured mapping in facts/faults.md section 5. EAI_NODATA is not in every
# platform's socket module, and on Windows it is another name for EAI_NONAME (ws2tcpip.h): the
# later row stands. WSANO_DATA is Windows' own for an empty name.
_GAI = {
    getattr(socket, "EAI_NODATA", -5): FailureKind.NAME_EMPTY,
    getattr(socket, "EAI_NONAME", -2): FailureKind.NAME_UNKNOWN,
    11004: FailureKind.NAME_EMPTY,
    getattr(socket, "EAI_AGAIN", -3): FailureKind.LOOKUP_FAILED,
    getattr(socket, "EAI_FAIL", -4): FailureKind.LOOKUP_FAILED,
}

# OpenSSL names a fatal alert from the peer by one of these prefixes (ssl/ssl_err.c); the rest is
# the alert's name (RFC 8446 6).
_ALERT = re.compile(r"^(?:SSLV3_ALERT_|TLSV1_ALERT_|TLSV13_ALERT_|TLSV1_)(?P<name>[A-Z0-9_]+)$")
_VERSION_REASONS = {
    "UNSUPPORTED_PROTOCOL",
    "WRONG_SSL_VERSION",
    "VERSION_TOO_LOW",
    "NO_PROTOCOLS_AVAILABLE",
}


class PeerClosed(Exception):
    """The peer ended the stream in order (FIN, or close_notify) where more was due."""


class TooLarge(Exception):
    """The peer sent more than this reader takes."""


class Malformed(Exception):
    """The peer's bytes are not the protocol that was due."""


def words(error: BaseException) -> str:
    """The exception's own words, on one line, printable and bounded."""
    text = str(error) or type(error).__name__
    return "".join(char if char.isprintable() else " " for char in text)[:_WORDS_LIMIT]


def alert_of(error: ssl.SSLError) -> str:
    """The name of the fatal alert that the peer sent, in RFC 8446's spelling; empty when the error
    is another."""
    match = _ALERT.match(error.reason or "")
    return match["name"].lower() if match else ""


def classify(error: BaseException) -> Failure:
    """What happened, from the exception of a socket, a resolver, TLS or HTTP. Never raises.

    FIN and RST during a handshake share exception classes in some layers of Python: only ``errno``
    tells them apart.
    """
    return Failure(kind=_kind(error), detail=words(error))


def _kind(error: BaseException) -> FailureKind:
    match error:
        case TimeoutError():
            return FailureKind.TIMED_OUT
        case PeerClosed() | ssl.SSLEOFError() | ssl.SSLZeroReturnError() | EOFError():
            return FailureKind.CLOSED
        case TooLarge():
            return FailureKind.TOO_LARGE
        case Malformed():
            return FailureKind.HTTP_MALFORMED
        case ssl.SSLError() if alert_of(error):
            return FailureKind.TLS_ALERT
        case ssl.SSLError() if error.reason in _VERSION_REASONS:
            return FailureKind.TLS_VERSION
        case ssl.SSLError():
            return FailureKind.TLS_OTHER
        case socket.gaierror():
            return _GAI.get(error.errno or 0, FailureKind.LOOKUP_FAILED)
        case OSError():
            windows = _WINDOWS.get(getattr(error, "winerror", None) or 0)
            return windows or _ERRNO.get(error.errno or 0) or _by_class(error)
        case _:
            return FailureKind.OTHER


def _by_class(error: OSError) -> FailureKind:
    """Where no number says it: asyncio on Windows raises ConnectionResetError with EINVAL
    (windows_events.py)."""
    match error:
        case ConnectionRefusedError():
            return FailureKind.REFUSED
        case ConnectionError():
            return FailureKind.RESET
        case _:
            return FailureKind.OTHER
