"""Signs of an interception, each with its weight: what proves one, and what else is seen of a chain
that somebody on the way made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

import msgspec

from arcprobe.findings import chains, interceptor
from arcprobe.findings.comparison import Shown
from arcprobe.model import Line, Store, Value, VerifyCode, line
from arcprobe.model.text import registered_domain

SHORTEST_USUAL_VALIDITY = 14
"""Days. No CA of the known families issues so short a leaf by default (Let's Encrypt's six days are
an option, https://letsencrypt.org/docs/profiles/), boxes on the way do. Only ever a weak sign."""

_WITH_ROOT = 2
"""Certificates: a leaf, and a root that came with it. A root alone is its own leaf."""

_MOST_HOSTS = 4  # in a line

_FORGED = {
    VerifyCode.CERT_SIGNATURE_FAILURE: "certificate.signature-not-by-issuer",
    VerifyCode.AKID_SKID_MISMATCH: "certificate.namesake-of-root",  # by probes/trust/stores.py
}


class Weight(IntEnum):
    """What a sign weighs, the heaviest first."""

    DECIDES = 1
    SUPPORTS = 2
    WEAK = 3


class Sign(msgspec.Struct, frozen=True):
    """One thing that was seen, and what it weighs."""

    weight: Weight
    words: Line

    @property
    def line(self) -> Line:
        """The sign as evidence."""
        return line(f"certificate.weight.{self.weight.name.lower()}", words=self.words)


def decides(key: str, **values: Value) -> Sign:
    """A sign that decides by itself."""
    return Sign(Weight.DECIDES, line(key, **values))


def supports(key: str, **values: Value) -> Sign:
    """A sign that supports what others say."""
    return Sign(Weight.SUPPORTS, line(key, **values))


def listed(names: Iterable[str], most: int) -> Line:
    """Names in a row, and how many more there are."""
    first = tuple(names)
    values: dict[str, Value] = {"names": first[:most]}
    if len(first) > most:
        values["more"] = len(first) - most
    return line("certificate.names", **values)


# -------------------------------------------------------------------------------- what proves one


def proofs(shown: Shown) -> Iterator[Sign]:
    """Each sign that proves interception by itself."""
    own_key = chains.shared_key(shown.handshake)
    if own_key is not None:
        yield Sign(Weight.DECIDES, own_key)
    yield from _refused_signature(shown)
    if chains.is_distrusted_by_squid(shown.leaf.issuer):
        yield decides("certificate.distrusted-by-squid", name=shown.leaf.issuer)
    yield from _public_without_proxy(shown)
    yield from _same_leaf_key(shown)
    yield from _unrelated_hosts(shown)


def _refused_signature(shown: Shown) -> Iterator[Sign]:
    said = chains.trust(shown.handshake, Store.PUBLIC)
    if said is not None and said.code in _FORGED and not shown.leaf.is_self_issued:
        yield decides(_FORGED[VerifyCode(said.code)], words=said.words, code=said.code)


def _public_without_proxy(shown: Shown) -> Iterator[Sign]:
    twin = shown.direct_twin
    if twin is None or twin.chain[0].sha256 == shown.leaf.sha256:
        return
    if chains.reaches(twin, Store.PUBLIC):
        issuer = twin.chain[0].issuer
        yield decides("certificate.public-direct", host=shown.check.host, issuer=issuer)


def _same_leaf_key(shown: Shown) -> Iterator[Sign]:
    """Hosts without a domain in common do not share a key."""
    domain, own = registered_domain(shown.handshake.server_name), shown.leaf
    for key, leaf in shown.comparison.private.items():
        host = shown.comparison.handshakes[key].server_name
        is_same = leaf.key_sha256 == own.key_sha256 != "" and leaf.sha256 != own.sha256
        if is_same and registered_domain(host) != domain:
            yield decides("certificate.key-of-another", host=host)
            return


def _unrelated_hosts(shown: Shown) -> Iterator[Sign]:
    comparison, leaf = shown.comparison, shown.leaf
    apart = comparison.unrelated_hosts(shown.signed_by_same)
    if apart is not None and not comparison.is_public_authority(leaf.issuer, leaf.aki):
        yield decides("certificate.signs-for-unrelated", host=apart[0], other=apart[1])


# ---------------------------------------------------------------------------- what else is seen


def further(shown: Shown) -> Iterator[Sign]:
    """What else is seen of an intercepted chain, whatever proved it."""
    yield from _no_public_root(shown)
    yield from _product(shown)
    others = [
        host for host in shown.comparison.hosts(shown.signed_by_same) if host != shown.check.host
    ]
    if others:
        yield supports("certificate.signs-for-others", hosts=listed(others, _MOST_HOSTS))
    lost = chains.lost_marks(shown.leaf)
    if lost:
        weight = Weight.SUPPORTS if len(lost) > 1 else Weight.WEAK
        yield Sign(weight, line("certificate.lacks", lost=lost))
    changes = tuple(_changes(shown))
    if changes:
        yield supports("certificate.lowered", changes=changes)
    yield from _weak_signs(shown)


def _no_public_root(shown: Shown) -> Iterator[Sign]:
    if not chains.reaches(shown.handshake, Store.PUBLIC):
        said = chains.trust(shown.handshake, Store.PUBLIC)
        words, code = (said.words, said.code) if said is not None else ("", 0)
        yield decides("certificate.no-public-root", words=words, code=code)


def _product(shown: Shown) -> Iterator[Sign]:
    named, writer = interceptor.by_name(shown), interceptor.by_marks(shown)
    if named is not None:
        key = "issuer-is-of" if named.confidence == "seen" else "issuer-looks-like"
        yield supports(f"certificate.{key}", product=named.name, issuer=shown.leaf.issuer)
    if writer is not None:
        marks = interceptor.marks(shown)
        yield supports("certificate.written-by", product=writer.name, marks=marks)


def _changes(shown: Shown) -> Iterator[Line]:
    """What the proxy makes poorer than it is without it."""
    proxied, direct = shown.handshake, shown.direct_twin
    if direct is None:
        return
    if direct.version != proxied.version:
        yield line("certificate.version-differs", direct=direct.version, proxied=proxied.version)
    if direct.alpn != proxied.alpn:
        yield line("certificate.alpn-differs", direct=direct.alpn, proxied=proxied.alpn)


def _weak_signs(shown: Shown) -> Iterator[Sign]:
    name, days = shown.sent[-1].subject, chains.validity_days(shown.leaf) or 0
    for key, is_seen in _WEAK_SIGNS:
        if is_seen(shown):
            yield Sign(Weight.WEAK, line(key, name=name, days=days))


def is_root_sent(shown: Shown) -> bool:
    """Whether the chain ends in a root that came with it."""
    return len(shown.sent) >= _WITH_ROOT and shown.sent[-1].is_self_issued


def _is_one_sent_twice(shown: Shown) -> bool:
    chain = shown.handshake.chain
    return len({certificate.sha256 for certificate in chain}) < len(chain)


def _is_life_odd(shown: Shown) -> bool:
    days = chains.validity_days(shown.leaf)
    if days is None:
        return False
    return not SHORTEST_USUAL_VALIDITY < days <= chains.LONGEST_PUBLIC_VALIDITY


def _is_http2_refused(shown: Shown) -> bool:
    return "h2" in shown.handshake.alpn_offered and not shown.handshake.alpn


_WEAK_SIGNS: tuple[tuple[str, Callable[[Shown], bool]], ...] = (
    ("certificate.ca-came-with-it", is_root_sent),
    ("certificate.came-alone", lambda shown: len(shown.handshake.chain) == 1),
    ("certificate.came-twice", _is_one_sent_twice),
    ("certificate.odd-life", _is_life_odd),
    ("certificate.no-http2", _is_http2_refused),
)
