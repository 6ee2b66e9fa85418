"""TLS as the agents speak it, and as an experiment speaks it: a handshake that accepts any
certificate, and what came of it."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from arcprobe.model import Failure, FailureKind, Handshake, Role, Store
from arcprobe.model.text import heard, is_address
from arcprobe.probes.wire.failure import PeerClosed, alert_of, classify
from arcprobe.probes.wire.peer_chain import CHAIN_RECORDED, unverified_chain
from arcprobe.probes.wire.server_hello import group_that_go_lacks
from arcprobe.probes.wire.stream import Stream, TlsStream

if TYPE_CHECKING:
    from arcprobe.probes.trust.stores import Stores
    from arcprobe.probes.wire.clock import Clock

_ALPN = "http/1.1"
_FIRST_BYTES = 300  # bytes of a peer that speaks no TLS: a status line and some headers
_FIRST_SHOWN = 400  # characters of them, escapes and all
_TLS_RECORDS = frozenset({20, 21, 22, 23, 24})  # content types, RFC 8446 section 5.1, RFC 6520
_TLS_MAJOR_VERSION = 3  # of the record's legacy_record_version, RFC 8446 section 5.1

# The agents are Go programs; since 1.24 Go's ClientHello carries an ML-KEM key share
# (https://go.dev/doc/go1.24#crypto/tls) and is larger than one TCP segment. OpenSSL does the same
# from 3.5 on; below, unknown ALPN names (RFC 7301) fill it up to that size.
_HAS_LARGE_KEY_SHARE = ssl.OPENSSL_VERSION_INFO >= (3, 5)
_PADDING = tuple(f"arcprobe-padding-{number}-".ljust(200, "x") for number in range(6))

# What the agents, Go programs, offer below TLS 1.3: crypto/tls/cipher_suites.go of Go 1.25,
# defaults. OpenSSL's own defaults would take finite fields, which Go never had, and Python's
# would refuse CBC with SHA-1, which Go takes.
_CIPHERS = ":".join(
    f"ECDHE-ECDSA-{cipher}:ECDHE-RSA-{cipher}"
    for cipher in (
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
        "CHACHA20-POLY1305",
        "AES128-SHA",
        "AES256-SHA",
    )
)


class Hello(Enum):
    """What the ClientHello offers."""

    AGENTS = "as the agents: TLS 1.2 and 1.3, larger than one segment"
    SMALL = "the same in one segment"
    ANY_VERSION = "TLS 1.0 and every cipher, in one segment: only ever to explain a failure"


@cache
def client_context(hello: Hello) -> ssl.SSLContext:
    """A client that accepts any chain: trust is examined afterwards, offline, against several
    stores."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([_ALPN])
    if _HAS_LARGE_KEY_SHARE and hello is not Hello.AGENTS:
        context.set_ecdh_curve("prime256v1")
    elif hello is Hello.AGENTS and not _HAS_LARGE_KEY_SHARE:
        context.set_alpn_protocols([_ALPN, *_PADDING])
    if hello is Hello.ANY_VERSION:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # asked for on purpose
            context.minimum_version = ssl.TLSVersion.TLSv1
    else:
        context.set_ciphers(_CIPHERS)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def shake_hands(
    below: Stream, host: str, peer: Role, hello: Hello, clock: Clock
) -> tuple[Handshake, TlsStream]:
    """A handshake for ``host``, and the stream within. Never raises: what happened is in the
    step."""
    server_name = None if is_address(host) else host.rstrip(".")
    stream = TlsStream(below, client_context(hello), server_name)
    started, bytes_in, bytes_out = clock.now(), below.bytes_in, below.bytes_out
    alert, first_bytes = "", ""
    failure: Failure | None
    try:
        async with asyncio.timeout(clock.timeout):
            await stream.handshake()
        failure = _agreed_without_go(below.first, hello)
    except Exception as error:
        failure = _failure(error, below.first)
        alert = alert_of(error)
    if failure is not None and failure.kind is FailureKind.TLS_PLAINTEXT:
        first_bytes = heard(below.first[:_FIRST_BYTES], _FIRST_SHOWN, keep="\n\t")
    step = Handshake(
        started=started,
        took=clock.now() - started,
        failure=failure,
        server_name=host,
        peer=peer,
        alpn_offered=(_ALPN,),
        alert=alert,
        first_bytes=first_bytes,
        bytes_in=below.bytes_in - bytes_in,
        bytes_out=below.bytes_out - bytes_out,
        client_hello=stream.client_hello,
    )
    return step, stream


def _agreed_without_go(first: bytes, hello: Hello) -> Failure | None:
    """A key exchange that OpenSSL offers by itself and the agents do not: theirs would fail."""
    group = group_that_go_lacks(first)
    if not group or hello is Hello.ANY_VERSION:
        return None
    detail = f"the server takes group {group} for the key exchange, which the agents do not offer"
    return Failure(kind=FailureKind.TLS_VERSION, detail=detail)


def _failure(error: Exception, first: bytes) -> Failure:
    """What ended a handshake, by the exception and the peer's first bytes."""
    failure = classify(error)
    if first and not _begins_as_tls(first):
        return Failure(kind=FailureKind.TLS_PLAINTEXT, detail=failure.detail)
    if isinstance(error, PeerClosed) and not first:
        detail = "the peer closed the connection before its first byte of TLS"
        return Failure(kind=failure.kind, detail=detail)
    return failure


def _begins_as_tls(first: bytes) -> bool:
    """Whether the bytes are a record's header, as far as they came."""
    if first[0] not in _TLS_RECORDS:
        return False
    return len(first) < 3 or first[1] == _TLS_MAJOR_VERSION


def with_chain(step: Handshake, session: ssl.SSLObject, stores: Stores, when: float) -> Handshake:
    """The step with what was agreed on, and the peer's certificates as each store sees them.
    ``when``: seconds since 1970."""
    from arcprobe.probes.trust.certificates import describe, name_matches

    chain = unverified_chain(session)
    trust = stores.examine(chain, datetime.fromtimestamp(when, UTC))
    # the top of an unknown chain is what a user may want to look at, or to trust
    is_public = any(seen.accepted for seen in trust if seen.store == Store.PUBLIC)
    shown = chain[:CHAIN_RECORDED]
    top = len(shown) - 1 if not is_public else None
    certificates = tuple(describe(der, keep_pem=number == top) for number, der in enumerate(shown))
    cipher = session.cipher()
    return msgspec.structs.replace(
        step,
        version=session.version() or "",
        cipher=cipher[0] if cipher else "",
        alpn=session.selected_alpn_protocol() or "",
        chain=certificates,
        trust=trust,
        name_matches=name_matches(chain[0], step.server_name) if chain else None,
    )
