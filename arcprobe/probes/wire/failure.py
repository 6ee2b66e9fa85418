"""Exception in, ``Failure`` out: the one table of what can happen on a socket, in a resolver, in
TLS and in HTTP."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from arcprobe.model import Failure, FailureKind
from arcprobe.model.text import one_line

_WORDS_LIMIT = 300  # characters of an exception's own words

# This host gives no more sockets or memory: nothing was asked of the network.
LOCAL_ERRNO = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

_NO_THREAD = "can't start new thread"  # CPython, _threadmodule.c

_ERRNO = {
    errno.ECONNREFUSED: FailureKind.REFUSED,
    errno.ECONNRESET: FailureKind.RESET,
    errno.ECONNABORTED: FailureKind.RESET,
    errno.EPIPE: FailureKind.RESET,
    errno.ETIMEDOUT: FailureKind.TIMED_OUT,
    errno.EHOSTUNREACH: FailureKind.UNREACHABLE,
    errno.ENETUNREACH: FailureKind.UNREACHABLE,
    # no address of that family; for IPv4 it means that no local port is free: see NO_PORT
    errno.EADDRNOTAVAIL: FailureKind.UNREACHABLE,
    errno.EAFNOSUPPORT: FailureKind.NO_ADDRESS,
    errno.EACCES: FailureKind.PROHIBITED,
    errno.EPERM: FailureKind.PROHIBITED,
    **dict.fromkeys(LOCAL_ERRNO, FailureKind.LOCAL_LIMIT),
}

# Windows has its own numbers for the same events: those of a socket call (winsock2.h) and, as
# asyncio's event loop there gets them, those of a completed operation (winerror.h; 1225 for a
# port that refuses, 1234 for ICMP's port unreachable).
_WINDOWS = {
    **dict.fromkeys((10061, 1225, 1234), FailureKind.REFUSED),
    **dict.fromkeys((10054, 10053, 64, 1236), FailureKind.RESET),
    **dict.fromkeys((10060, 121), FailureKind.TIMED_OUT),
    **dict.fromkeys((10065, 10051, 1231, 1232), FailureKind.UNREACHABLE),
    **dict.fromkeys((10024, 10055), FailureKind.LOCAL_LIMIT),
    10013: FailureKind.PROHIBITED,
    10047: FailureKind.NO_ADDRESS,
}

# getaddrinfo(3). EAI_NODATA is not in every platform's socket module, and on Windows it is another
# name for EAI_NONAME (ws2tcpip.h): the later row stands. WSANO_DATA is Windows' own for an empty
# name. EAI_AGAIN and EAI_FAIL say no more than that the look-up failed.
_GAI = {
    getattr(socket, "EAI_NODATA", -5): FailureKind.NAME_EMPTY,
    getattr(socket, "EAI_NONAME", -2): FailureKind.NAME_UNKNOWN,
    11004: FailureKind.NAME_EMPTY,
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


# First match decides: TimeoutError and the ends of TLS are OSErrors too.
_CLASSES: tuple[tuple[tuple[type[BaseException], ...], FailureKind], ...] = (
    ((TimeoutError,), FailureKind.TIMED_OUT),
    ((PeerClosed, ssl.SSLEOFError, ssl.SSLZeroReturnError, EOFError), FailureKind.CLOSED),
    ((MemoryError,), FailureKind.LOCAL_LIMIT),
    ((TooLarge,), FailureKind.TOO_LARGE),
    ((Malformed,), FailureKind.HTTP_MALFORMED),
)


def words(error: BaseException) -> str:
    """The exception's own words, on one line, printable and bounded."""
    return one_line(str(error) or type(error).__name__, _WORDS_LIMIT)


def alert_of(error: BaseException) -> str:
    """The name of the fatal alert that the peer sent, in RFC 8446's spelling; empty when the error
    is another."""
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    match = _ALERT.match(reason or "")
    return match["name"].lower() if match else ""


def classify(error: BaseException) -> Failure:
    """What happened, from the exception of a socket, a resolver, TLS or HTTP. Never raises.

    FIN and RST during a handshake share exception classes in some layers of Python: only ``errno``
    tells them apart.
    """
    return Failure(kind=_kind(error), detail=words(error))


def _kind(error: BaseException) -> FailureKind:
    for classes, kind in _CLASSES:
        if isinstance(error, classes):
            return kind
    if isinstance(error, ssl.SSLError):
        return _tls_kind(error)
    if isinstance(error, socket.gaierror):
        return _GAI.get(error.errno or 0, FailureKind.LOOKUP_FAILED)
    if isinstance(error, OSError):
        return _system_kind(error)
    if _NO_THREAD in str(error):
        return FailureKind.LOCAL_LIMIT
    return FailureKind.OTHER


def is_without_port(error: BaseException, address: str) -> bool:
    """Whether no local port is free for a dial (ip_local_port_range, ip(7)). For an IPv6 address
    the same number says that this host has no IPv6."""
    return isinstance(error, OSError) and error.errno == errno.EADDRNOTAVAIL and ":" not in address


def _tls_kind(error: ssl.SSLError) -> FailureKind:
    if alert_of(error):
        return FailureKind.TLS_ALERT
    if error.reason in _VERSION_REASONS:
        return FailureKind.TLS_VERSION
    return FailureKind.TLS_OTHER


def _system_kind(error: OSError) -> FailureKind:
    windows = _WINDOWS.get(getattr(error, "winerror", None) or 0)
    if kind := windows or _ERRNO.get(error.errno or 0):
        return kind
    # Where no number says it: asyncio on Windows raises ConnectionResetError with EINVAL
    # (windows_events.py).
    if isinstance(error, ConnectionRefusedError):
        return FailureKind.REFUSED
    return FailureKind.RESET if isinstance(error, ConnectionError) else FailureKind.OTHER
