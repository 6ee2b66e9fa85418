"""Whose chain is this? One word for a chain, and the signs that led to it, each with its weight.

The rule: a chain that reaches a public root, and whose leaf has a key of its own, is genuine,
whoever issued it. All else is interception until something else is shown: a link that is missing, a
root that the store lacks, a private server, a wrong one.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from arcprobe.findings import chains, interceptor, signs
from arcprobe.findings.comparison import Comparison, Shown
from arcprobe.findings.signs import Sign, decides, supports
from arcprobe.knowledge.issuers import Root, family_of, root_named, root_of
from arcprobe.model import Check, Handshake, Store, Value, line

_WITH_INTERMEDIATE = 3
"""Certificates of a chain whose root is believed by its name: a public root signs no leaf itself
(Baseline Requirements 6.1.7). Fewer would believe a box that borrowed the name."""

_MOST_NAMES = 6  # of a certificate, in a line
_SHOWN_DIGITS = 16  # of a fingerprint


class ChainKind(StrEnum):
    """What a chain is."""

    GENUINE = "genuine"
    INCOMPLETE = "incomplete"  # genuine, a certificate was not sent
    ROOT_UNKNOWN = "root-unknown"  # genuine, of a public root that the root set lacks
    PRIVATE = "private"  # of a CA of its own, at an endpoint that the person added
    ELSEWHERE = "elsewhere"  # of another server, for other names
    INTERCEPTED = "intercepted"


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


def classify(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState:
    """The state of one chain. ``comparison``: of the run that it was seen in; it may know
    nothing."""
    shown = Shown(check, handshake, comparison)
    if chains.is_anchored(handshake):
        return _public(shown)
    proofs = tuple(signs.proofs(shown))
    for explain in () if proofs else (_unknown_root, _incomplete, _private, _elsewhere):
        state = explain(shown)
        if state is not None:
            return state
    return _intercepted(shown, proofs)


def classify_all(comparison: Comparison) -> dict[str, ChainState]:
    """The state of every chain of a run, by the id of its check."""
    return {
        key: classify(comparison.checks[key], handshake, comparison)
        for key, handshake in comparison.handshakes.items()
    }


# ---------------------------------------------------------------------------- what explains a chain


def _public(shown: Shown) -> ChainState:
    said = chains.trust(shown.handshake, Store.PUBLIC)
    anchor = said.anchor if said is not None else ""
    sign = decides("certificate.ends-in-public-root", root=anchor)
    if shown.handshake.name_matches is False:
        other = supports("certificate.public-of-another")
        return ChainState(kind=ChainKind.ELSEWHERE, signs=(sign, other))
    return ChainState(kind=ChainKind.GENUINE, signs=(sign,))


def _unknown_root(shown: Shown) -> ChainState | None:
    if not signs.is_root_sent(shown):
        return None
    top = shown.sent[-1]
    known, named = root_of(top.sha256), root_named(top.subject)
    if known is not None:
        digits = top.sha256[:_SHOWN_DIGITS]
        sign = decides("certificate.root-known", name=known.name, sha256=digits, words=known.words)
    elif named is not None and _is_name_believed(shown, named):
        sign = supports("certificate.root-named", name=named.name, words=named.words)
    else:
        return None
    return ChainState(kind=ChainKind.ROOT_UNKNOWN, signs=(sign,), missing=top.subject)


def _is_name_believed(shown: Shown, named: Root) -> bool:
    """A name can be borrowed, a fingerprint cannot: by name only in a rehearsal, whose roots are
    all made for it, or where the fingerprint is not known."""
    if len(shown.sent) < _WITH_INTERMEDIATE or chains.lacks_public_marks(shown.handshake):
        return False
    return shown.comparison.roots_given or not named.sha256


def _incomplete(shown: Shown) -> ChainState | None:
    missing = chains.missing_issuer(shown.handshake)
    if not missing:
        return None
    if shown.comparison.is_public_authority(missing, shown.sent[-1].aki):
        sign = decides("certificate.others-send-it", name=missing)
        return ChainState(kind=ChainKind.INCOMPLETE, signs=(sign,), missing=missing)
    # the name of a CA that was seen, and another key; or a name that is nobody's
    if missing in shown.comparison.authorities or family_of(missing) is None:
        return None
    if chains.lacks_public_marks(shown.handshake):
        return None
    leaf, known = shown.leaf, root_named(missing)
    found = [
        supports("certificate.public-leaf", count=leaf.scts, aia=leaf.aia[0], issuer=leaf.issuer),
        supports("certificate.not-sent", name=missing),
    ]
    if known is not None:
        found.append(supports("certificate.about-root", name=known.name, words=known.words))
    return ChainState(kind=ChainKind.INCOMPLETE, signs=tuple(found), missing=missing)


def _private(shown: Shown) -> ChainState | None:
    """An endpoint that the person named may well have a CA of its own; unless that CA signs for
    Azure's hosts too, or a middlebox left its marks."""
    if not shown.check.may_have_own_ca:
        return None
    if interceptor.by_name(shown) or interceptor.by_marks(shown):
        return None
    if _signs_for_others(shown, only_azure=True):
        return None
    if shown.handshake.name_matches is False:
        return _elsewhere(shown)
    sign = supports("certificate.own-endpoint")
    return ChainState(kind=ChainKind.PRIVATE, signs=(sign,))


def _elsewhere(shown: Shown) -> ChainState | None:
    """A private certificate for other names: a server that was not meant. A forger makes one for
    the name that was asked."""
    leaf, host = shown.leaf, shown.check.host
    if shown.handshake.name_matches is not False or leaf.common_name.lower() == host.lower():
        return None
    if interceptor.by_name(shown) or _signs_for_others(shown, only_azure=False):
        return None
    names: Value = leaf.names[:_MOST_NAMES] or leaf.common_name or line("certificate.nothing")
    sign = decides("certificate.for-others", names=names, host=host)
    return ChainState(kind=ChainKind.ELSEWHERE, signs=(sign,))


def _signs_for_others(shown: Shown, *, only_azure: bool) -> bool:
    """Whether the same private issuer signed a certificate for another host, with the right
    name."""
    if shown.leaf.is_self_issued:
        return False
    for key in shown.signed_by_same:
        check, other = shown.comparison.checks[key], shown.comparison.handshakes[key]
        is_another = other.chain[0].sha256 != shown.leaf.sha256 and other.name_matches is not False
        if is_another and not (only_azure and check.may_have_own_ca):
            return True
    return False


# ----------------------------------------------------------------------------------- who intercepts


def _intercepted(shown: Shown, found: tuple[Sign, ...]) -> ChainState:
    named, writer = interceptor.by_name(shown), interceptor.by_marks(shown)
    product = named or writer
    every = sorted((*found, *signs.further(shown)), key=lambda sign: sign.weight)
    return ChainState(
        kind=ChainKind.INTERCEPTED,
        signs=tuple(every),
        identity=interceptor.identity(shown),
        product=product.name if product is not None else "",
        is_product_proven=named is None or named.confidence == "seen",
    )
