"""Whose chain is this? One word for a chain, and the signs that led to it, each with its weight.

The rule: a chain that reaches a public root, and whose leaf has a key of its own, is genuine,
whoever issued it. All else is interception until something else is shown: a link that is missing, a
root that the store lacks, a private server, a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum, StrEnum

import msgspec

from arcprobe.findings import chains, interceptor
from arcprobe.findings.comparison import Comparison
from arcprobe.knowledge.issuers import family_of, root_named, root_of
from arcprobe.knowledge.products import Found
from arcprobe.model import Certificate, Check, Handshake, Line, Store, Value, VerifyCode, line
from arcprobe.model.text import registered_domain

SHORTEST_USUAL_VALIDITY = 14
"""Days. No CA of the known families issues so short a leaf by default (Let's Encrypt's six days are
an option, https://letsencrypt.org/docs/profiles/), boxes on the way do. Only ever a weak sign."""

_WITH_ROOT = 2
"""Certificates: a leaf, and a root that came with it. A root alone is its own leaf."""

_WITH_INTERMEDIATE = 3
"""Certificates of a chain whose root is believed by its name: a public root signs no leaf itself
(Baseline Requirements 6.1.7). Fewer would believe a box that borrowed the name."""

_MOST_HOSTS = 4  # in a line
_MOST_NAMES = 6  # of a certificate, in a line

_FORGED = {
    VerifyCode.CERT_SIGNATURE_FAILURE: "certificate.signature-not-by-issuer",
    VerifyCode.AKID_SKID_MISMATCH: "certificate.namesake-of-root",  # by probes/trust/stores.py
}


class ChainKind(StrEnum):
    """What a chain is."""

    GENUINE = "genuine"
    INCOMPLETE = "incomplete"  # genuine, a certificate was not sent
    ROOT_UNKNOWN = "root-unknown"  # genuine, of a public root that the root set lacks
    PRIVATE = "private"  # of a CA of its own, at an endpoint that the person added
    ELSEWHERE = "elsewhere"  # of another server, for other names
    INTERCEPTED = "intercepted"


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


class ChainState(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain is. ``missing``: the authority that would have to be there. ``identity``: who
    intercepts, the same for all that one box forges. ``product``: by its issuer's name, or by its
    marks in the answer."""

    kind: ChainKind
    signs: tuple[Sign, ...] = ()
    missing: str = ""
    identity: str = ""
    product: str = ""
    is_product_proven: bool = False


class _Shown(msgspec.Struct, frozen=True):
    """A chain, who was asked for it, and the run that it was seen in."""

    check: Check
    handshake: Handshake
    comparison: Comparison

    @property
    def leaf(self) -> Certificate:
        return self.handshake.chain[0]

    @property
    def sent(self) -> tuple[Certificate, ...]:
        return chains.path(self.handshake)


def classify(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState:
    """The state of one chain. ``comparison``: of the run that it was seen in; it may know
    nothing."""
    shown = _Shown(check, handshake, comparison)
    if chains.is_anchored(handshake):
        return _public(shown)
    forgeries = tuple(_forgeries(shown))
    if forgeries:
        return _intercepted(shown, forgeries)
    for explain in (_unknown_root, _incomplete, _private, _elsewhere):
        state = explain(shown)
        if state is not None:
            return state
    return _intercepted(shown)


def classify_all(comparison: Comparison) -> dict[str, ChainState]:
    """The state of every chain of a run, by the id of its check."""
    return {
        key: classify(comparison.checks[key], handshake, comparison)
        for key, handshake in comparison.handshakes.items()
    }


def listed(names: Iterable[str], most: int) -> Line:
    """Names in a row, and how many more there are."""
    shown = tuple(names)
    values: dict[str, Value] = {"names": shown[:most]}
    if len(shown) > most:
        values["more"] = len(shown) - most
    return line("certificate.names", **values)


def _decides(key: str, **values: Value) -> Sign:
    return Sign(Weight.DECIDES, line(key, **values))


def _supports(key: str, **values: Value) -> Sign:
    return Sign(Weight.SUPPORTS, line(key, **values))


def _weak(key: str, **values: Value) -> Sign:
    return Sign(Weight.WEAK, line(key, **values))


# ---------------------------------------------------------------------------- what explains a chain


def _public(shown: _Shown) -> ChainState:
    said = chains.trust(shown.handshake, Store.PUBLIC)
    anchor = said.anchor if said is not None else ""
    sign = _decides("certificate.ends-in-public-root", root=anchor)
    if shown.handshake.name_matches is False:
        other = _supports("certificate.public-of-another")
        return ChainState(kind=ChainKind.ELSEWHERE, signs=(sign, other))
    return ChainState(kind=ChainKind.GENUINE, signs=(sign,))


def _unknown_root(shown: _Shown) -> ChainState | None:
    top = shown.sent[-1]
    if not top.is_self_issued or len(shown.sent) < _WITH_ROOT:
        return None
    known = root_of(top.sha256)
    if known is not None:
        sign = _decides(
            "certificate.root-known", name=known.name, sha256=top.sha256[:16], words=known.words
        )
    else:
        known = root_named(top.subject)
        # A name can be borrowed, a fingerprint cannot: by name only in a rehearsal, whose roots
        # are all made for it, or where the fingerprint is not known.
        may_be_named = known is not None and (shown.comparison.roots_given or not known.sha256)
        if known is None or not may_be_named or len(shown.sent) < _WITH_INTERMEDIATE:
            return None
        if chains.lacks_public_marks(shown.handshake):
            return None
        sign = _supports("certificate.root-named", name=known.name, words=known.words)
    return ChainState(kind=ChainKind.ROOT_UNKNOWN, signs=(sign,), missing=top.subject)


def _incomplete(shown: _Shown) -> ChainState | None:
    missing = chains.missing_issuer(shown.handshake)
    if not missing:
        return None
    if shown.comparison.is_public_authority(missing, shown.sent[-1].aki):
        signs = [_decides("certificate.others-send-it", name=missing)]
    elif missing in shown.comparison.authorities:
        return None  # the name of a CA that was seen, and another key
    elif chains.lacks_public_marks(shown.handshake) or not family_of(missing):
        return None
    else:
        signs = list(_signs_of_a_gap(shown.leaf, missing))
    return ChainState(kind=ChainKind.INCOMPLETE, signs=tuple(signs), missing=missing)


def _signs_of_a_gap(leaf: Certificate, missing: str) -> Iterator[Sign]:
    yield _supports("certificate.public-leaf", count=leaf.scts, aia=leaf.aia[0], issuer=leaf.issuer)
    yield _supports("certificate.not-sent", name=missing)
    known = root_named(missing)
    if known is not None:
        yield _supports("certificate.about-root", name=known.name, words=known.words)


def _private(shown: _Shown) -> ChainState | None:
    """An endpoint that the person named may well have a CA of its own; unless that CA signs for
    Azure's hosts too, or a middlebox left its marks."""
    if not shown.check.custom or _is_of_a_product(shown):
        return None
    if interceptor.writer(shown.check, shown.comparison) is not None:
        return None
    if _signs_for_others(shown, only_azure=True):
        return None
    if shown.handshake.name_matches is False:
        return _elsewhere(shown)
    sign = _supports("certificate.own-endpoint")
    return ChainState(kind=ChainKind.PRIVATE, signs=(sign,))


def _elsewhere(shown: _Shown) -> ChainState | None:
    """A private certificate for other names: a server that was not meant. A forger makes one for
    the name that was asked."""
    leaf, host = shown.leaf, shown.check.host
    if shown.handshake.name_matches is not False or leaf.common_name.lower() == host.lower():
        return None
    if _is_of_a_product(shown) or _signs_for_others(shown, only_azure=False):
        return None
    names: Value = leaf.names[:_MOST_NAMES] or leaf.common_name or line("certificate.nothing")
    sign = _decides("certificate.for-others", names=names, host=host)
    return ChainState(kind=ChainKind.ELSEWHERE, signs=(sign,))


def _is_of_a_product(shown: _Shown) -> bool:
    return interceptor.by_name(shown.handshake, shown.comparison) is not None


def _signs_for_others(shown: _Shown, *, only_azure: bool) -> bool:
    """Whether the same private issuer signed a certificate for another host, with the right
    name."""
    if shown.leaf.is_self_issued:
        return False
    for key in shown.comparison.signed_by_same(shown.leaf):
        check, other = shown.comparison.checks[key], shown.comparison.handshakes[key]
        is_another = other.chain[0].sha256 != shown.leaf.sha256 and other.name_matches is not False
        if is_another and not (only_azure and check.custom):
            return True
    return False


# ------------------------------------------------------------------- what proves that one is forged


def _forgeries(shown: _Shown) -> Iterator[Sign]:
    """Each sign that proves interception by itself."""
    own_key = chains.shared_key(shown.handshake)
    if own_key is not None:
        yield Sign(Weight.DECIDES, own_key)
    yield from _refused_signature(shown)
    if chains.is_distrusted_by_squid(shown.leaf.issuer):
        yield _decides("certificate.distrusted-by-squid", name=shown.leaf.issuer)
    yield from _public_without_proxy(shown)
    yield from _same_leaf_key(shown)
    yield from _unrelated_hosts(shown)


def _refused_signature(shown: _Shown) -> Iterator[Sign]:
    said = chains.trust(shown.handshake, Store.PUBLIC)
    if said is not None and said.code in _FORGED and not shown.leaf.is_self_issued:
        yield _decides(_FORGED[VerifyCode(said.code)], words=said.words, code=said.code)


def _public_without_proxy(shown: _Shown) -> Iterator[Sign]:
    twin = shown.comparison.direct_twin(shown.check)
    if twin is None or twin.chain[0].sha256 == shown.leaf.sha256:
        return
    if chains.reaches(twin, Store.PUBLIC):
        issuer = twin.chain[0].issuer
        yield _decides("certificate.public-direct", host=shown.check.host, issuer=issuer)


def _same_leaf_key(shown: _Shown) -> Iterator[Sign]:
    """Hosts without a domain in common do not share a key."""
    domain = registered_domain(shown.handshake.server_name)
    for key in shown.comparison.leaf_keys.get(shown.leaf.key_sha256, ()):
        other = shown.comparison.handshakes[key]
        is_unrelated = registered_domain(other.server_name) != domain
        if is_unrelated and other.chain[0].sha256 != shown.leaf.sha256:
            yield _decides("certificate.key-of-another", host=other.server_name)
            return


def _unrelated_hosts(shown: _Shown) -> Iterator[Sign]:
    comparison, leaf = shown.comparison, shown.leaf
    apart = comparison.unrelated_hosts(comparison.signed_by_same(leaf))
    if apart is not None and not comparison.is_public_authority(leaf.issuer, leaf.aki):
        yield _decides("certificate.signs-for-unrelated", host=apart[0], other=apart[1])


# ----------------------------------------------------------------------------------- who intercepts


def _intercepted(shown: _Shown, forgeries: tuple[Sign, ...] = ()) -> ChainState:
    named = interceptor.by_name(shown.handshake, shown.comparison)
    writer = interceptor.writer(shown.check, shown.comparison)
    product = named or writer
    return ChainState(
        kind=ChainKind.INTERCEPTED,
        signs=(*forgeries, *_signs(shown, named, writer)),
        identity=interceptor.identity(shown.handshake, shown.comparison),
        product=product.name if product is not None else "",
        is_product_proven=named is None or named.confidence == "seen",
    )


def _signs(shown: _Shown, named: Found | None, writer: Found | None) -> Iterator[Sign]:
    """What else was seen of an intercepted chain, whatever proved it."""
    said = chains.trust(shown.handshake, Store.PUBLIC)
    if said is not None and said.words and not chains.reaches(shown.handshake, Store.PUBLIC):
        yield _decides("certificate.no-public-root-because", words=said.words, code=said.code)
    elif not chains.reaches(shown.handshake, Store.PUBLIC):
        yield _decides("certificate.no-public-root")
    if named is not None:
        key = "issuer-is-of" if named.confidence == "seen" else "issuer-looks-like"
        yield _supports(f"certificate.{key}", product=named.name, issuer=shown.leaf.issuer)
    if writer is not None:
        marks = interceptor.marks(shown.check, shown.comparison)
        yield _supports("certificate.written-by", product=writer.name, marks=marks)
    others = [host for host in _hosts_of_issuer(shown) if host != shown.check.host]
    if others:
        yield _supports("certificate.signs-for-others", hosts=listed(others, _MOST_HOSTS))
    yield from _signs_in_chain(shown)
    yield from _signs_in_session(shown)


def _hosts_of_issuer(shown: _Shown) -> tuple[str, ...]:
    return shown.comparison.hosts(shown.comparison.signed_by_same(shown.leaf))


def _signs_in_chain(shown: _Shown) -> Iterator[Sign]:
    chain, leaf, top = shown.handshake.chain, shown.leaf, shown.sent[-1]
    lost = chains.lost_marks(leaf)
    if lost:
        weight = Weight.SUPPORTS if len(lost) > 1 else Weight.WEAK
        yield Sign(weight, line("certificate.lacks", lost=lost))
    if len(shown.sent) >= _WITH_ROOT and top.is_self_issued:
        yield _weak("certificate.ca-came-with-it", name=top.subject)
    if len(chain) == 1:
        yield _weak("certificate.came-alone")
    if len({certificate.sha256 for certificate in chain}) < len(chain):
        yield _weak("certificate.came-twice")
    days = chains.validity_days(leaf)
    if days is not None and not (SHORTEST_USUAL_VALIDITY < days <= chains.LONGEST_PUBLIC_VALIDITY):
        yield _weak("certificate.odd-life", days=days)


def _signs_in_session(shown: _Shown) -> Iterator[Sign]:
    handshake, twin = shown.handshake, shown.comparison.direct_twin(shown.check)
    if twin is not None:
        compared = (
            ("certificate.version-differs", twin.version, handshake.version),
            ("certificate.alpn-differs", twin.alpn, handshake.alpn),
        )
        none = line("certificate.no-value")
        changes = tuple(
            line(key, direct=direct or none, proxied=proxied or none)
            for key, direct, proxied in compared
            if direct != proxied
        )
        if changes:
            yield _supports("certificate.lowered", changes=changes)
    if "h2" in handshake.alpn_offered and not handshake.alpn:
        yield _weak("certificate.no-http2")
