"""Whose chain is this? One word for a captured chain, and the signs that led to it, each with its
weight.

The rule: a chain that reaches a public root, and whose leaf has a key of its own, is genuine,
whoever issued it. All else is interception until something else is shown: a link that is missing, a
root that the store lacks, a private server, a wrong one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from arcprobe.findings.old_certificates import chains as _chains
from arcprobe.findings.old_certificates.comparison import Comparison, families_apart
from arcprobe.knowledge.issuers import family_of, root_named, root_of
from arcprobe.model import Check, Handshake
from arcprobe.model.text import attribute

Weight = Literal["decides", "supports", "weak"]
Word = Literal["genuine", "incomplete", "root-unknown", "private", "elsewhere", "intercepted"]

# X509_V_ERR_CERT_SIGNATURE_FAILURE, and AKID_SKID_MISMATCH as probes/_trust.py uses it: a public
# root's name, another key
_FORGED_CODES = {
    7: "the certificate's signature is not by the issuer that it names",
    30: "the issuer has the name of a public root, and another key",
}


class Sign(msgspec.Struct, frozen=True):
    """One thing that was seen, and what it weighs."""

    weight: Weight
    words: str

    def __str__(self) -> str:
        return f"{self.weight}: {self.words}"


class ChainState(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain is. ``identity``: who intercepts, the same for all that one box forges.
    ``product``: by its issuer's name."""

    word: Word
    signs: tuple[Sign, ...] = ()
    missing: str = ""
    identity: str = ""
    product: str = ""
    product_proven: bool = False


def classify(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState:
    """The state of one chain. ``comparison`` is of the run that it was seen in; it may know
    nothing."""
    shared = _chains.shares_key(handshake)
    if shared:
        return _intercepted(check, handshake, comparison, Sign("decides", shared))
    if _chains.reaches(handshake, "public"):
        said = _chains.trust(handshake, "public")
        return ChainState(
            word="genuine",
            signs=(Sign("decides", f"ends in the public root {said.anchor if said else ''}"),),
        )
    for sign in _forged(check, handshake, comparison):
        return _intercepted(check, handshake, comparison, sign)
    for explain in (_unknown_root, _incomplete, _private, _elsewhere):
        state = explain(check, handshake, comparison)
        if state is not None:
            return state
    return _intercepted(check, handshake, comparison)


# ------------------------------------------------------------------------------------------- what p


def _forged(check: Check, handshake: Handshake, comparison: Comparison) -> tuple[Sign, ...]:
    leaf = handshake.chain[0]
    signs: list[Sign] = []
    said = _chains.trust(handshake, "public")
    if said is not None and said.code in _FORGED_CODES and not _chains.self_issued(leaf):
        signs.append(
            Sign("decides", f"{_FORGED_CODES[said.code]} ({said.words}, OpenSSL code {said.code})")
        )
    if _chains.distrusted_by_squid(leaf.issuer):
        signs.append(
            Sign(
                "decides",
                f"Squid writes such an issuer, {leaf.issuer}, when it distrusts the origin: the proxy lacks a CA as well",
            )
        )
    twin = comparison.direct_twin(check)
    if twin is not None and twin.chain[0].sha256 != leaf.sha256 and _chains.reaches(twin, "public"):
        signs.append(
            Sign(
                "decides",
                f"without the proxy {check.host} shows a public certificate, by {twin.chain[0].issuer}",
            )
        )
    twins = [
        comparison.handshakes[item]
        for item in comparison.leaf_keys.get(leaf.key_sha256, ())
        if item in comparison.handshakes
        and comparison.handshakes[item].chain[0].sha256 != leaf.sha256
    ]
    unrelated = next(
        (item for item in twins if _unrelated(item.server_name, handshake.server_name)), None
    )
    if unrelated is not None:
        signs.append(
            Sign(
                "decides",
                f"{unrelated.server_name} shows another certificate with the very same key",
            )
        )
    apart = families_apart(comparison, comparison.issuers.get((leaf.issuer, leaf.aki), ()))
    if apart and not _seen_as_public(comparison, leaf.issuer, leaf.aki):
        signs.append(
            Sign(
                "decides",
                f"one issuer signs for {apart[0]} and for {apart[1]}, whose genuine issuers are unrelated",
            )
        )
    return tuple(signs)


def _unrelated(one: str, other: str) -> bool:
    """Hosts without a domain in common. The last two labels: Azure's own domains are no public
    suffixes below that."""
    return one.lower().rstrip(".").split(".")[-2:] != other.lower().rstrip(".").split(".")[-2:]


# ---------------------------------------------------------------------------------------- what it m


def _unknown_root(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState | None:
    sent = _chains.path(handshake)
    top = sent[-1]
    if not _chains.self_issued(top) or len(sent) < 2:
        return None
    known = root_of(top.sha256)
    if known is not None:
        sign = Sign(
            "decides", f"the chain ends in {known.name} (sha256 {top.sha256[:16]}…): {known.words}"
        )
        return ChainState(word="root-unknown", signs=(sign,), missing=top.subject)
    # A name can be borrowed, a fingerprint cannot: by name only in a rehearsal, whose roots
    # are all made for it, or where the fingerprint is not known.
    named = root_named(top.subject)
    if (
        named is None
        or len(sent) < 3
        or _chains.lacks_public_marks(handshake)
        or not (comparison.roots_given or not named.sha256)
    ):
        return None
    sign = Sign(
        "supports",
        f"the chain ends in a root named {named.name}: {named.words}; the leaf bears the marks of a public CA",
    )
    return ChainState(word="root-unknown", signs=(sign,), missing=top.subject)


def _incomplete(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState | None:
    missing = _chains.missing_issuer(handshake)
    if not missing:
        return None
    last = _chains.path(handshake)[-1]
    if _seen_as_public(comparison, missing, last.aki):
        sign = Sign(
            "decides",
            f"other endpoints of this run send the missing certificate, {missing}, in chains that end in public roots",
        )
        return ChainState(word="incomplete", signs=(sign,), missing=missing)
    if missing in comparison.authorities:
        return None  # the name of a CA that was seen, and another key
    if _chains.lacks_public_marks(handshake) or not family_of(missing):
        return None
    leaf = handshake.chain[0]
    words = f"the leaf has {leaf.scts} signed certificate timestamps, AIA {leaf.aia[0]}, and the issuer {leaf.issuer}"
    signs = [
        Sign("supports", words),
        Sign("supports", f"the certificate of {missing} was not sent"),
    ]
    known = root_named(missing)
    if known is not None:
        signs.append(Sign("supports", f"{known.name}: {known.words}"))
    return ChainState(word="incomplete", signs=tuple(signs), missing=missing)


def _seen_as_public(comparison: Comparison, name: str, key: str) -> bool:
    keys = comparison.authorities.get(name)
    return keys is not None and (key in keys or not key or "" in keys)


def _private(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState | None:
    """An endpoint that the person named may well have a CA of its own; unless that CA signs for
    Azure's hosts too."""
    if (
        not check.custom
        or _product(handshake, comparison)[0]
        or _signs_for_others(handshake, comparison, only_azure=True)
    ):
        return None
    if _writer(check, comparison)[0]:
        return None  # a middlebox left its marks inside TLS
    if handshake.name_matches is False:
        return _elsewhere(check, handshake, comparison)
    sign = Sign(
        "supports",
        "this endpoint was added by --endpoint, and its issuer signs for no endpoint of Azure Arc in this run",
    )
    return ChainState(word="private", signs=(sign,))


def _elsewhere(check: Check, handshake: Handshake, comparison: Comparison) -> ChainState | None:
    """A private certificate for other names: a server that was not meant. A forger makes one for
    the name that was asked."""
    leaf = handshake.chain[0]
    if handshake.name_matches is not False or leaf.common_name.lower() == check.host.lower():
        return None
    if _product(handshake, comparison)[0] or _signs_for_others(
        handshake, comparison, only_azure=False
    ):
        return None
    names = ", ".join(leaf.names[:6]) or leaf.common_name or "nothing"
    return ChainState(
        word="elsewhere",
        signs=(
            Sign("decides", f"it is for {names}, not for {check.host}, and by a private issuer"),
        ),
    )


def _signs_for_others(handshake: Handshake, comparison: Comparison, *, only_azure: bool) -> str:
    """A host for which the same private issuer signed a certificate with the right name."""
    leaf = handshake.chain[0]
    if _chains.self_issued(leaf):
        return ""
    for item in comparison.issuers.get((leaf.issuer, leaf.aki), ()):
        check, other = comparison.checks[item], comparison.handshakes[item]
        if (
            other.chain[0].sha256 != leaf.sha256
            and other.name_matches is not False
            and not (only_azure and check.custom)
        ):
            return check.host
    return ""


# --------------------------------------------------------------------------------------------------


def _intercepted(
    check: Check, handshake: Handshake, comparison: Comparison, *deciding: Sign
) -> ChainState:
    leaf = handshake.chain[0]
    name, proven = _product(handshake, comparison)
    signs = list(dict.fromkeys((*deciding, *_forged(check, handshake, comparison))))
    if not _chains.reaches(handshake, "public"):
        said = _chains.trust(handshake, "public")
        words = (
            f" ({said.words}, OpenSSL code {said.code})" if said is not None and said.words else ""
        )
        signs.append(
            Sign(
                "decides",
                f"its chain ends in no public root{words}, and nothing explains that otherwise",
            )
        )
    if name:
        signs.append(
            Sign(
                "supports",
                f"the issuer's name {'is one of' if proven else 'looks like'} {name}: {leaf.issuer}",
            )
        )
    writer, marks = _writer(check, comparison)
    if marks:
        signs.append(
            Sign("supports", f"the answer inside TLS was written or passed on by {writer}: {marks}")
        )
    signs += [
        Sign(weight, words) for weight, words in _supporting(check, handshake, comparison) if words
    ]
    return ChainState(
        word="intercepted",
        signs=tuple(signs),
        identity=_identity(handshake, comparison),
        product=name or writer,
        product_proven=proven if name else True,
    )


def _writer(check: Check, comparison: Comparison) -> tuple[str, str]:
    """The product that left its marks in the HTTP answer inside TLS, and those marks; only marks
    that prove it."""
    head = comparison.answers.get(check.observed_with or check.id)
    if head is None:
        return "", ""
    from arcprobe.knowledge.products import middlebox_of

    found = middlebox_of(head.headers, head.reason, head.body)
    if found is None or not found.proves:
        return "", ""
    telling = [f"{name}: {value[:80]}" for name, value in head.headers if name.lower() in _TELLING]
    return found.name, "; ".join(telling[:3]) or f"status {head.status}"


_TELLING = frozenset(
    {
        "via",
        "server",
        "x-squid-error",
        "proxy-agent",
        "x-cache",
        "x-cache-lookup",
        "proxy-connection",
    }
)


def _supporting(
    check: Check, handshake: Handshake, comparison: Comparison
) -> list[tuple[Weight, str]]:
    leaf = handshake.chain[0]
    sent = _chains.path(handshake)
    lost = _chains.lost_marks(leaf)
    days = _chains.validity_days(leaf)
    twin = comparison.direct_twin(check)
    top = sent[-1]
    others = [
        host
        for host in comparison.hosts(comparison.issuers.get((leaf.issuer, leaf.aki), ()))
        if host != check.host
    ]
    return [
        ("supports", f"the same issuer signs for {_some(others)}" if others else ""),
        (
            "supports" if len(lost) > 1 else "weak",
            f"the leaf lacks what public CAs put in: {', '.join(lost)}" if lost else "",
        ),
        (
            "weak",
            f"the CA itself came with the chain, self-signed: {top.subject}"
            if len(sent) > 1 and _chains.self_issued(top)
            else "",
        ),
        ("weak", "the leaf came alone" if len(handshake.chain) == 1 else ""),
        (
            "weak",
            "a certificate came twice"
            if len({item.sha256 for item in handshake.chain}) < len(handshake.chain)
            else "",
        ),
        (
            "weak",
            f"the leaf is valid for {days} days"
            if days is not None and (days <= 14 or days > 399)
            else "",
        ),
        ("supports", _lowered(handshake, twin) if twin is not None else ""),
        (
            "weak",
            "HTTP/2 was offered and not taken"
            if "h2" in handshake.alpn_offered and not handshake.alpn
            else "",
        ),
    ]


def _lowered(handshake: Handshake, direct: Handshake) -> str:
    changed = [
        f"{words} {theirs or 'none'} without the proxy, {ours or 'none'} through it"
        for words, ours, theirs in (
            ("TLS version", handshake.version, direct.version),
            ("ALPN", handshake.alpn, direct.alpn),
        )
        if ours != theirs
    ]
    return "; ".join(changed)


def _some(hosts: list[str]) -> str:
    return ", ".join(hosts[:4]) + (f" and {len(hosts) - 4} more" if len(hosts) > 4 else "")


def _identity(handshake: Handshake, comparison: Comparison) -> str:
    """Who signs here, the same for all that one box signs: a product, or the top of the chain as
    far as the run shows it."""
    name = _chains.missing_issuer(handshake) or _chains.path(handshake)[-1].subject
    for _ in range(5):
        above = comparison.tops.get(name)
        if above is None or above == name:
            break
        name = above
    plain = _chains.plain_issuer(name)
    if (
        plain != name
    ):  # Squid's second CA for origins that it distrusts: the first one, where the run shows it
        common_name = attribute(plain, "CN")
        seen = sorted({*comparison.tops.values(), *(issuer for issuer, _ in comparison.issuers)})
        name = next((other for other in seen if attribute(other, "CN") == common_name), plain)
    found = _named_product((name,))
    if not found[0] and _chains.self_issued(handshake.chain[0]):
        # one box made them: hosts do not do so by themselves
        return "self-signed certificates, one for each host"
    return found[0] or name


def _product(handshake: Handshake, comparison: Comparison) -> tuple[str, bool]:
    """The product that the issuer's name, or a name above it, belongs to; and whether that is
    proven."""
    names = [item.issuer for item in _chains.path(handshake)]
    names += [comparison.tops[name] for name in names if name in comparison.tops]
    wanted = {attribute(name, "CN") for name in names} - {""}
    twins = [issuer for issuer, _ in comparison.issuers if _chains.distrusted_by_squid(issuer)]
    names += [issuer for issuer in twins if attribute(_chains.plain_issuer(issuer), "CN") in wanted]
    return _named_product(tuple(dict.fromkeys(names)))


@lru_cache(maxsize=512)
def _named_product(names: tuple[str, ...]) -> tuple[str, bool]:
    from arcprobe.knowledge.products import interceptor_of

    for name in names:
        found = interceptor_of(name)
        if found is not None:
            return found.name, found.confidence == "seen"
    return "", False
