"""Exceptions of sockets, resolvers, TLS and HTTP become one closed word each."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from arcprobe.model import FailureKind
from arcprobe.probes.wire.failure import (
    Malformed,
    PeerClosed,
    TooLarge,
    alert_of,
    classify,
    is_without_port,
    words,
)


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] words of OpenSSL")
    error.reason = reason
    return error


def windows(number: int) -> OSError:
    error = OSError(errno.EINVAL, "words of Windows")
    error.winerror = number  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), FailureKind.TIMED_OUT),
        (OSError(errno.ETIMEDOUT, "x"), FailureKind.TIMED_OUT),
        (OSError(errno.ECONNREFUSED, "x"), FailureKind.REFUSED),
        (OSError(errno.ECONNRESET, "x"), FailureKind.RESET),
        (OSError(errno.EPIPE, "x"), FailureKind.RESET),
        (OSError(errno.EHOSTUNREACH, "x"), FailureKind.UNREACHABLE),
        (OSError(errno.EACCES, "x"), FailureKind.PROHIBITED),
        (OSError(errno.EAFNOSUPPORT, "x"), FailureKind.NO_ADDRESS),
        (OSError(errno.EIO, "x"), FailureKind.OTHER),
        (OSError(errno.EMFILE, "x"), FailureKind.LOCAL_LIMIT),
        (OSError(errno.ENFILE, "x"), FailureKind.LOCAL_LIMIT),
        (OSError(errno.ENOBUFS, "x"), FailureKind.LOCAL_LIMIT),
        (OSError(errno.ENOMEM, "x"), FailureKind.LOCAL_LIMIT),
        (OSError(errno.EADDRNOTAVAIL, "x"), FailureKind.UNREACHABLE),
        (MemoryError(), FailureKind.LOCAL_LIMIT),
        (RuntimeError("can't start new thread"), FailureKind.LOCAL_LIMIT),
        (RuntimeError("another"), FailureKind.OTHER),
        (windows(10024), FailureKind.LOCAL_LIMIT),
        (windows(10055), FailureKind.LOCAL_LIMIT),
        (ConnectionResetError(errno.EINVAL, "x"), FailureKind.RESET),
        (ConnectionRefusedError(errno.EINVAL, "x"), FailureKind.REFUSED),
        (windows(1225), FailureKind.REFUSED),
        (windows(64), FailureKind.RESET),
        (windows(10013), FailureKind.PROHIBITED),
        (socket.gaierror(socket.EAI_NONAME, "x"), FailureKind.NAME_UNKNOWN),
        (socket.gaierror(socket.EAI_AGAIN, "x"), FailureKind.LOOKUP_FAILED),
        (socket.gaierror(11004, "x"), FailureKind.NAME_EMPTY),
        (PeerClosed("x"), FailureKind.CLOSED),
        (ssl.SSLEOFError(8, "x"), FailureKind.CLOSED),
        (ssl.SSLZeroReturnError(6, "x"), FailureKind.CLOSED),
        (TooLarge("x"), FailureKind.TOO_LARGE),
        (Malformed("x"), FailureKind.HTTP_MALFORMED),
        (tls("TLSV1_ALERT_UNKNOWN_CA"), FailureKind.TLS_ALERT),
        (tls("UNSUPPORTED_PROTOCOL"), FailureKind.TLS_VERSION),
        (tls("BAD_ECPOINT"), FailureKind.TLS_OTHER),
        (ValueError("x"), FailureKind.OTHER),
    ],
)
def test_every_exception_has_its_word(error: BaseException, kind: FailureKind) -> None:
    """Time-out, RST, FIN, refusal, ICMP and TLS are told apart by number and class."""
    assert classify(error).kind is kind


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake_failure"),
        ("TLSV1_ALERT_UNKNOWN_CA", "unknown_ca"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate_required"),
        ("TLSV1_UNRECOGNIZED_NAME", "unrecognized_name"),
        ("WRONG_VERSION_NUMBER", ""),
    ],
)
def test_an_alert_has_its_name_of_the_standard(reason: str, name: str) -> None:
    """OpenSSL's spelling of an alert becomes RFC 8446's; any other error is no alert."""
    assert alert_of(tls(reason)) == name


def test_words_are_one_bounded_line_without_secrets() -> None:
    """An exception's own words are printable, short, and hide a password in a URL."""
    told = words(ValueError("broken\n\x1b[2J http://jane:geheim@proxy:3128/ " + "x" * 500))
    assert "\n" not in told
    assert "\x1b" not in told
    assert "geheim" not in told
    assert len(told) == 300
    assert words(ValueError()) == "ValueError"


@pytest.mark.parametrize(
    ("number", "address", "due"),
    [
        (errno.EADDRNOTAVAIL, "20.1.2.3", True),
        (errno.EADDRNOTAVAIL, "2603:1030::1", False),
        (errno.EHOSTUNREACH, "20.1.2.3", False),
    ],
)
def test_no_local_port(number: int, address: str, due: bool) -> None:
    """That no local address is available means, for IPv4, that all ports are taken; for IPv6, that
    this host has none."""
    assert is_without_port(OSError(number, "x"), address) is due
