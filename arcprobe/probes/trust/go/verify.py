"""Whether Go accepts a server's chain: crypto/tls (handshake_client.go, verifyServerCertificate)
and crypto/x509 (verify.go) of Go 1.27. Every path is tried, as Go does; policies are left out.

Compared with Go over generated chains by tests/agents.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from arcprobe.model import GoRefusal
from arcprobe.model.text import is_address
from arcprobe.probes.trust.go.certificate import read, subject_of
from arcprobe.probes.trust.go.constraints import violation
from arcprobe.probes.trust.go.facts import GoCertificate, NotRead
from arcprobe.probes.trust.go.signatures import wrong_signature

_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
_ANY_PURPOSE = "2.5.29.37.0"
_CERT_SIGN = 1 << 5
_MOST_CHECKS = 100  # verify.go, maxChainSignatureChecks: of one chain
_LARGEST_RSA = 8192  # bits: handshake_client.go, defaultMaxRSAKeySize
_LEAF_KEYS = frozenset({"RSA", "ECDSA", "Ed25519"})


class Refused(Exception):
    """Go refuses. ``culprit``: DER of the certificate that it is about."""

    def __init__(self, reason: GoRefusal, words: str, culprit: bytes) -> None:
        super().__init__(words)
        self.reason, self.words, self.culprit = reason, words, culprit


class Roots:
    """A pool of certificates that a chain may end in, by subject. What Go does not read is none."""

    def __init__(self, ders: Iterable[bytes]) -> None:
        self._by_subject: dict[bytes, list[bytes]] = {}
        for der in dict.fromkeys(ders):
            self._by_subject.setdefault(subject_of(der), []).append(der)

    def signers(self, certificate: GoCertificate) -> list[GoCertificate]:
        """Those of its issuer's name; those first whose key identifier agrees."""
        found = map(read, self._by_subject.get(certificate.issuer, ()))
        return sorted(
            (one for one in found if isinstance(one, GoCertificate)),
            key=lambda one: _unlikeness(one.ski, certificate.aki),
        )

    def unread(self, issuer: bytes) -> list[tuple[bytes, NotRead]]:
        """Those of that name which Go does not read."""
        found = [(der, read(der)) for der in self._by_subject.get(issuer, ())]
        return [(der, one) for der, one in found if isinstance(one, NotRead)]

    def __contains__(self, der: bytes) -> bool:
        return der in self._by_subject.get(subject_of(der), ())


class _Search(msgspec.Struct, kw_only=True):
    """One walk from a leaf to the roots."""

    roots: Roots
    between: Roots
    when: datetime | None
    checks: int = 0
    hint: Refused | None = None
    last: GoCertificate | None = None


def verify(
    chain: tuple[bytes, ...], roots: Roots, host: str, when: datetime | None = None
) -> tuple[bytes, ...]:
    """The path that Go takes, from the leaf to a root. ``when`` None leaves the dates out, an empty
    ``host`` the name. Raises ``Refused``."""
    certificates = [_read(der) for der in chain]
    leaf = certificates[0]
    search = _Search(roots=roots, between=Roots(chain[1:]), when=when)
    _check_valid(leaf, (), search)
    if host and not names_host(leaf, host):
        words = f"x509: certificate is not valid for {host}"
        raise Refused(GoRefusal.NAME, words, leaf.raw)
    path = _best(leaf, search)
    if leaf.key not in _LEAF_KEYS:
        words = "tls: server's certificate contains an unsupported type of public key"
        raise Refused(GoRefusal.KEY, words, leaf.raw)
    return tuple(certificate.raw for certificate in path)


def _read(der: bytes) -> GoCertificate:
    found = read(der)
    if isinstance(found, NotRead):
        raise Refused(found.reason, found.words, der)
    if found.rsa_bits > _LARGEST_RSA:
        words = f"tls: server sent certificate containing RSA key larger than {_LARGEST_RSA} bits"
        raise Refused(GoRefusal.KEY, words, der)
    return found


def _best(leaf: GoCertificate, search: _Search) -> tuple[GoCertificate, ...]:
    """The first path that is also right as a whole."""
    paths = [(leaf,)] if leaf.raw in search.roots else list(_paths((leaf,), search))
    refused: Refused | None = None
    for path in paths:
        wrong = _wrong_as_a_whole(path)
        if wrong is None:
            return path
        if refused is None or wrong.reason is GoRefusal.NAME_CONSTRAINTS:
            refused = wrong
    raise refused or search.hint or _unknown(search.last or leaf, search)


def _unknown(top: GoCertificate, search: _Search) -> Refused:
    """No signer was found. A root of that name that Go does not read is why, where there is one."""
    for der, unread in search.roots.unread(top.issuer):
        return Refused(unread.reason, unread.words, der)
    words = "x509: certificate signed by unknown authority"
    return Refused(GoRefusal.UNKNOWN_AUTHORITY, words, top.raw)


def _paths(path: tuple[GoCertificate, ...], search: _Search) -> Iterator[tuple[GoCertificate, ...]]:
    """buildChains: all ways from the last certificate of a path to a root."""
    child = path[-1]
    search.last = child
    for is_root, pool in ((True, search.roots), (False, search.between)):
        for signer in pool.signers(child):
            search.checks += 1
            if search.checks > _MOST_CHECKS:
                return
            if not signer.key or _is_in(signer, path):
                continue
            try:
                _check_signer(child, signer)
                _check_valid(signer, path, search, is_root=is_root)
            except Refused as refused:
                search.hint = search.hint or refused
                continue
            longer = (*path, signer)
            if is_root:
                yield longer
            else:
                yield from _paths(longer, search)


def _is_in(signer: GoCertificate, path: tuple[GoCertificate, ...]) -> bool:
    """alreadyInChain: the same name, key and alternative names."""
    for one in path:
        if (one.subject, one.spki) != (signer.subject, signer.spki):
            continue
        if None in (one.san, signer.san) and one.san != signer.san:
            return False
        if one.san == signer.san:
            return True
    return False


def _unlikeness(ski: bytes, aki: bytes) -> int:
    """findPotentialParents: 0 the same, 1 one of them is missing, 2 they differ."""
    if ski == aki:
        return 0
    return 2 if ski and aki else 1


def _check_signer(child: GoCertificate, signer: GoCertificate) -> None:
    """CheckSignatureFrom."""
    if signer.version == 3 and not signer.has_basic_constraints:
        words = "x509: invalid signature: parent certificate cannot sign this kind of certificate"
        raise Refused(GoRefusal.NO_CA_FLAG, words, signer.raw)
    if signer.has_basic_constraints and not signer.is_ca:
        words = "x509: invalid signature: parent certificate cannot sign this kind of certificate"
        raise Refused(GoRefusal.NOT_A_CA, words, signer.raw)
    if signer.key_usage and not signer.key_usage & _CERT_SIGN:
        words = "x509: invalid signature: parent certificate cannot sign this kind of certificate"
        raise Refused(GoRefusal.KEY_USAGE, words, signer.raw)
    wrong = wrong_signature(child, signer)
    if wrong is not None:
        reason, words = wrong
        # a signature is its own certificate's fault, a key that of the authority
        culprit = child if reason is GoRefusal.SIGNATURE else signer
        raise Refused(reason, words, culprit.raw)


def _check_valid(
    certificate: GoCertificate,
    path: tuple[GoCertificate, ...],
    search: _Search,
    *,
    is_root: bool = False,
) -> None:
    """isValid: what a certificate says of itself."""
    if certificate.has_unknown_critical:
        words = "x509: unhandled critical extension"
        raise Refused(GoRefusal.CRITICAL_EXTENSION, words, certificate.raw)
    when = search.when
    if when is not None and not certificate.not_before <= when <= certificate.not_after:
        words = "x509: certificate has expired or is not yet valid"
        raise Refused(GoRefusal.DATES, words, certificate.raw)
    is_intermediate = bool(path) and not is_root
    if is_intermediate and not (certificate.has_basic_constraints and certificate.is_ca):
        words = "x509: certificate is not authorized to sign other certificates"
        raise Refused(GoRefusal.NO_CA_FLAG, words, certificate.raw)
    if certificate.has_basic_constraints and 0 <= certificate.longest_path < len(path) - 1:
        words = "x509: too many intermediates for path length constraint"
        raise Refused(GoRefusal.PATH_LENGTH, words, certificate.raw)


def _wrong_as_a_whole(path: tuple[GoCertificate, ...]) -> Refused | None:
    """Purposes nest (checkChainForKeyUsage), and names are constrained from above."""
    for certificate in reversed(path):
        if certificate.purposes and not {_SERVER_AUTH, _ANY_PURPOSE} & set(certificate.purposes):
            words = "x509: certificate specifies an incompatible key usage"
            return Refused(GoRefusal.PURPOSES, words, certificate.raw)
    unfit = violation(path)
    if unfit:
        words = "x509: a root or intermediate certificate is not authorized to sign for this name"
        return Refused(GoRefusal.NAME_CONSTRAINTS, f"{words}: {unfit}", path[0].raw)
    return None


# ------------------------------------------------------------------------------------------- names


def names_host(leaf: GoCertificate, host: str) -> bool:
    """VerifyHostname: alternative names alone, a wildcard for the whole first label."""
    if is_address(host.strip("[]").partition("%")[0]):
        return any(_same_address(octets, host.strip("[]")) for octets in leaf.addresses)
    wanted = host.lower()
    is_usual = _is_host_name(wanted.removesuffix("."))
    parts = wanted.removesuffix(".").split(".")
    for name in leaf.names:
        if is_usual and _is_host_name(name, is_pattern=True):
            if _matches(name.lower().split("."), parts):
                return True
        elif name not in ("", ".") and name.lower() == wanted:
            return True
    return False


def _matches(pattern: list[str], parts: list[str]) -> bool:
    if len(pattern) != len(parts):
        return False
    return pattern[0] in ("*", parts[0]) and pattern[1:] == parts[1:]


_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def _is_host_name(text: str, *, is_pattern: bool = False) -> bool:
    """validHostname."""
    labels = text.split(".")
    if text == "*":
        return False
    if is_pattern and labels[0] == "*":
        labels = labels[1:]
    return all(label and label[0] != "-" and _HOST_CHARACTERS.issuperset(label) for label in labels)


@functools.lru_cache(maxsize=256)
def _packed(host: str) -> bytes:
    from ipaddress import IPv6Address, ip_address

    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.packed
    return address.packed


def _same_address(octets: bytes, host: str) -> bool:
    return octets == _packed(host)
