"""What OpenSSL says about a chain, offline, for each trust store that matters: public roots, this
system's, the bundle's.

OpenSSL's own rules, by pyOpenSSL: enterprise roots are sloppy, and stricter verifiers would call
broken what the agents accept. Dates are looked at apart from the anchor, so that an expired
certificate still tells whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from arcprobe.model import GoSaid, Store, Trust, VerifyCode
from arcprobe.probes.trust.bundle import certificates_in
from arcprobe.probes.trust.certificates import describe, moment
from arcprobe.probes.trust.go.pem import certificates_in_pem
from arcprobe.probes.trust.go.verify import Refused, Roots, verify

# X509_V_ERR_* of OpenSSL's x509_vfy.h, beside those that judges ask for (VerifyCode)
_UNSPECIFIED = 1
_ISSUER_NOT_FOUND = frozenset({2, 18, 19, 20, 21})
_LOST_ISSUER = _ISSUER_NOT_FOUND | {VerifyCode.CERT_SIGNATURE_FAILURE}
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL does not name
_PARTIAL_CHAIN = 0x80000  # X509_V_FLAG_PARTIAL_CHAIN

_CHAINS_REMEMBERED = 512  # with their examination: far more than a run has
_CERTIFICATES_REMEMBERED = 8192  # all stores' roots, and what came


class _Result(msgspec.Struct, frozen=True):
    """What a store says when dates are left out: ``path`` is the chain it built, leaf first, as
    DER."""

    code: int
    depth: int = 0
    words: str = ""
    path: tuple[bytes, ...] = ()


class Stores:
    """The trust stores of one run. Built at once, loaded at the first chain; safe to keep for the
    whole run."""

    def __init__(
        self, public: bytes, system: tuple[bytes, ...] | None, bundle: bytes | None
    ) -> None:
        """``public``: PEM. ``system``: DER certificates, None where the store is unknown.
        ``bundle``: PEM of --proxy-cert."""
        self._roots: dict[Store, tuple[bytes, ...]] = {Store.PUBLIC: certificates_in(public)}
        own = {Store.PUBLIC: self._roots[Store.PUBLIC]}
        self.system_roots: int | None = None if system is None else len(system)
        if system:
            self._roots[Store.SYSTEM] = system
        if bundle:
            own[Store.BUNDLE] = certificates_in_pem(bundle)
            self._roots[Store.BUNDLE] = own[Store.PUBLIC] + own[Store.BUNDLE]
        self._stores: dict[tuple[Store, int, datetime | None], Any] = {}
        self._loaded: dict[bytes, Any] = {}
        self._own = own
        self._subjects: dict[Store, frozenset[str]] = {}
        self._go_roots: dict[Store, Roots] = {}
        self._said_by_go: dict[tuple[Store, tuple[bytes, ...]], GoSaid] = {}
        self._results: dict[tuple[Store, int, tuple[bytes, ...]], _Result] = {}

    def preparations(self) -> Iterator[object]:
        """Loads, a piece at a time, what the first chain would have to wait for."""
        for roots in self._roots.values():
            yield describe(roots[0]) if roots else None
        for name in self._roots:
            yield self._store(name, _NO_CHECK_TIME, None)

    def examine(self, chain: tuple[bytes, ...], when: datetime | None) -> tuple[Trust, ...]:
        """One ``Trust`` for each store that there is, for a chain as the peer sent it (DER, leaf
        first).

        ``anchor`` is set whenever the signatures lead to a root of the store, also when a date
        makes the store refuse the chain (then ``code`` is 9 or 10). ``when`` None leaves the dates
        out. Code 30 in ``public`` or ``bundle``: the missing or self-signed issuer bears the name
        of a public root, or of a CA in the bundle, and its key is another one. ``bundle-partial``
        is added where Go, which lets a chain end in any certificate that it was given, accepts with
        the bundle what OpenSSL does not. ``go`` is what Go's own rules make of a chain that OpenSSL
        traces to a root.
        """
        if not chain:
            return ()
        verdicts = [self._trust(name, 0, chain, when) for name in self._roots]
        if Store.BUNDLE in self._roots and not verdicts[-1].accepted and not verdicts[-1].anchor:
            partial = self._trust(Store.BUNDLE, _PARTIAL_CHAIN, chain, when)
            if partial.accepted:
                verdicts.append(msgspec.structs.replace(partial, store=Store.BUNDLE_PARTIAL))
        return tuple(verdicts)

    def _go(self, name: Store, chain: tuple[bytes, ...]) -> GoSaid:
        """What Go says with the roots of a store, dates and name left out."""
        key = (name, chain)
        if key in self._said_by_go:
            return self._said_by_go[key]
        if name not in self._go_roots:
            self._go_roots[name] = Roots(self._roots[name])
        try:
            verify(chain, self._go_roots[name], host="")
            said = GoSaid()
        except Refused as refused:
            about = describe(refused.culprit)
            said = GoSaid(
                refusal=refused.reason,
                words=refused.words,
                certificate=about.common_name or about.subject,
                sha256=about.sha256,
            )
        if len(self._said_by_go) < _CHAINS_REMEMBERED:
            self._said_by_go[key] = said
        return said

    def _trust(
        self, name: Store, flags: int, chain: tuple[bytes, ...], when: datetime | None
    ) -> Trust:
        result = self._undated(name, flags, chain)
        if result.code:
            return Trust(
                store=name, accepted=False, code=result.code, depth=result.depth, words=result.words
            )
        dated = _dated(result, when)
        if dated.code and when is not None:
            # another path through the same store may be in date: an expired
            # cross-certificate beside a newer root
            again = self._verify(self._store(name, flags, when), chain)
            if not again.code:
                result, dated = again, again
        anchor = describe(result.path[-1])
        return Trust(
            store=name,
            accepted=not dated.code,
            code=dated.code,
            depth=dated.depth,
            words=dated.words,
            anchor=anchor.subject,
            anchor_sha256=anchor.sha256,
            go=self._go(name, chain),
        )

    def _undated(self, name: Store, flags: int, chain: tuple[bytes, ...]) -> _Result:
        key = (name, flags, chain)
        if (result := self._results.get(key)) is not None:
            return result
        result = self._verify(self._store(name, flags | _NO_CHECK_TIME, None), chain)
        if name in self._own and result.code in _LOST_ISSUER:
            result = self._namesake(name, result)
        if len(self._results) < _CHAINS_REMEMBERED:
            self._results[key] = result
        return result

    def _verify(self, store: Any, chain: tuple[bytes, ...]) -> _Result:
        from OpenSSL import crypto

        leaf = self._load(chain[0])
        if leaf is None:
            return _Result(_UNSPECIFIED, 0, "the certificate cannot be read")
        others = map(self._load, chain[1:])
        readable = [certificate for certificate in others if certificate is not None]
        try:
            path = crypto.X509StoreContext(store, leaf, readable).get_verified_chain()
        except crypto.X509StoreContextError as error:
            code, depth, words = [*list(error.errors), 0, 0, ""][:3]
            culprit = _der_of(error.certificate)
            return _Result(int(code) or _UNSPECIFIED, int(depth), str(words), culprit)
        except crypto.Error:
            return _Result(_UNSPECIFIED, 0, "the chain cannot be read")
        ders = (crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate) for certificate in path)
        return _Result(VerifyCode.OK, path=tuple(ders))

    def _namesake(self, name: Store, result: _Result) -> _Result:
        """Whether the issuer that OpenSSL missed bears the name of a public root, or of a CA in the
        bundle: then its key is not that one's.

        OpenSSL looks an issuer up by its name and passes over those whose key identifier differs,
        which ends in the same code as an unknown name; where identifiers lack, the signature tells.
        No public CA has two roots of one name and different keys in use.
        """
        if name not in self._subjects:
            self._subjects[name] = frozenset(describe(der).subject for der in self._own[name])
        issuer = describe(result.path[0]).issuer if result.path else ""
        is_forged = name is Store.PUBLIC and result.code == VerifyCode.CERT_SIGNATURE_FAILURE
        if not issuer or issuer not in self._subjects[name] or is_forged:
            return result
        whose = "public root" if name is Store.PUBLIC else "CA in the bundle"
        words = f"{result.words}; a {whose} has its issuer's name, and another key"
        return _Result(VerifyCode.AKID_SKID_MISMATCH, result.depth, words)

    def _store(self, name: Store, flags: int, when: datetime | None) -> Any:
        key = (name, flags, when)
        if key not in self._stores:
            from OpenSSL import crypto

            store = crypto.X509Store()
            store.set_flags(flags)
            if when is not None:
                store.set_time(when.astimezone(UTC))
            for der in self._roots[name]:
                root = self._load(der)
                if root is not None:
                    store.add_cert(root)
            self._stores[key] = store
        return self._stores[key]

    def _load(self, der: bytes) -> Any:
        if der in self._loaded:
            return self._loaded[der]
        from OpenSSL import crypto

        try:
            loaded = crypto.load_certificate(crypto.FILETYPE_ASN1, der)
        except (crypto.Error, ValueError):
            loaded = None
        if len(self._loaded) < _CERTIFICATES_REMEMBERED:
            self._loaded[der] = loaded
        return loaded


def _der_of(certificate: Any) -> tuple[bytes, ...]:
    """A certificate of OpenSSL as bytes again; none where its key is no key, which it cannot
    write."""
    from OpenSSL import crypto

    try:
        return (crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate),)
    except crypto.Error:
        return ()


def _dated(result: _Result, when: datetime | None) -> _Result:
    """The first certificate of the path that is out of date, if one is."""
    if when is None:
        return result
    for depth, der in enumerate(result.path):
        certificate = describe(der)
        if certificate.not_after and moment(certificate.not_after) < when:
            code, words = VerifyCode.CERT_HAS_EXPIRED, "certificate has expired"
            return _Result(code, depth, words, result.path)
        if certificate.not_before and moment(certificate.not_before) > when:
            code, words = VerifyCode.CERT_NOT_YET_VALID, "certificate is not yet valid"
            return _Result(code, depth, words, result.path)
    return result
