"""What a ServerHello chose, from the first bytes of a stream: Python's ssl does not say by which
group a key was agreed on."""

from __future__ import annotations

_HANDSHAKE, _SERVER_HELLO = 22, 2  # RFC 8446 sections 5.1 and 4
_KEY_SHARE = 51  # section 4.2
_RECORD_HEAD, _MESSAGE_HEAD = 5, 4  # bytes
_VERSION_AND_RANDOM, _SUITE_AND_COMPRESSION = 2 + 32, 2 + 1

# What Go offers (crypto/tls, defaults.go of 1.26): P-256, P-384, P-521, X25519, and the three with
# ML-KEM; by their numbers in IANA's list of groups.
_OF_GO = frozenset({23, 24, 25, 29, 4587, 4588, 4589})


def group_that_go_lacks(first: bytes) -> int:
    """The number of the group that the server chose, where Go does not offer it; 0 where it does,
    and where the bytes do not say (TLS 1.2, no ServerHello, cut before)."""
    group = _key_share(first)
    return group if group and group not in _OF_GO else 0


def _key_share(first: bytes) -> int:
    message = first[_RECORD_HEAD:]
    if first[:1] != bytes((_HANDSHAKE,)) or message[:1] != bytes((_SERVER_HELLO,)):
        return 0
    at = _MESSAGE_HEAD + _VERSION_AND_RANDOM
    at += 1 + _number(message[at : at + 1]) + _SUITE_AND_COMPRESSION
    end = at + 2 + _number(message[at : at + 2])
    at += 2
    while at + 4 <= min(end, len(message)):
        kind, size = _number(message[at : at + 2]), _number(message[at + 2 : at + 4])
        if kind == _KEY_SHARE:
            return _number(message[at + 4 : at + 6])
        at += 4 + size
    return 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
