"""The certificates that a peer sent, whatever they are worth. Imports nothing, so that other
versions of Python can be asked (tests)."""

from __future__ import annotations

from typing import Any

# Certificates of one chain that are verified: OpenSSL itself stops at 100, Go after 100 signatures;
# servers send 2 to 4.
CHAIN_LENGTH = 100
CHAIN_RECORDED = 20  # of them, those that go into a report


def unverified_chain(session: Any) -> tuple[bytes, ...]:
    """The peer's certificates as it sent them, leaf first, as DER. Empty where there are none. At
    most ``CHAIN_LENGTH``.

    Public API is ``get_unverified_chain()`` of ``ssl.SSLObject`` and ``ssl.SSLSocket`` from Python
    3.13, giving bytes. 3.11 and 3.12 have the same only in the private object below them, giving
    ``_ssl.Certificate``s.
    """
    public = getattr(session, "get_unverified_chain", None)
    if public is not None:
        return tuple(bytes(der) for der in (public() or ())[:CHAIN_LENGTH])
    private = getattr(getattr(session, "_sslobj", None), "get_unverified_chain", None)
    if private is not None:
        import _ssl

        der = getattr(_ssl, "ENCODING_DER", 2)
        sent = (private() or ())[:CHAIN_LENGTH]
        return tuple(bytes(certificate.public_bytes(der)) for certificate in sent)
    leaf = session.getpeercert(True)  # another implementation of Python: the leaf at least
    return (leaf,) if leaf else ()
