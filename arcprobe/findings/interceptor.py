"""Who intercepts: the product, by the names of its authorities or by its marks in an answer; and
one name for all that one box forges."""

from __future__ import annotations

from functools import lru_cache

from arcprobe.findings import chains
from arcprobe.findings.comparison import Comparison, Shown
from arcprobe.knowledge.products import Found, interceptor_of, middlebox_of
from arcprobe.model import Value, line
from arcprobe.model.text import attribute

_MOST_LEVELS = 5
"""Steps up from an issuer to who signed it: more than private PKIs have levels, and an end for
those that sign each other. Too few splits one interceptor into two causes."""

_SELF_SIGNED = "self-signed certificates, one for each host"  # an identity: causes group by it
_MARKS = frozenset(
    "via server x-squid-error proxy-agent x-cache x-cache-lookup proxy-connection".split()
)
_MOST_MARKS = 3  # headers of an answer, in a line
_LONGEST_MARK = 80  # characters of a header


def identity(shown: Shown) -> str:
    """Who signs here, the same for all that one box signs: a product, or the top of the chain as
    far as the run shows it."""
    name = chains.top_name(shown.handshake)
    for _level in range(_MOST_LEVELS):
        name = shown.comparison.tops.get(name, name)
    if chains.is_distrusted_by_squid(name):
        name = _first_ca_of_squid(name, shown.comparison)
    product = _interceptor((name,))
    if product is not None:
        return product.name
    # one box made them: hosts do not do so by themselves
    return _SELF_SIGNED if shown.leaf.is_self_issued else name


def _first_ca_of_squid(name: str, comparison: Comparison) -> str:
    """Squid signs with a second CA for origins that it distrusts: the first one, where the run
    shows it."""
    plain = chains.plain_issuer(name)
    issuers = {leaf.issuer for leaf in comparison.signed.values()}
    seen = sorted({*comparison.tops.values(), *issuers})
    common_name = attribute(plain, "CN")
    return next((other for other in seen if attribute(other, "CN") == common_name), plain)


def by_name(shown: Shown) -> Found | None:
    """The product that the issuer's name, or a name above it, belongs to."""
    comparison = shown.comparison
    names = [certificate.issuer for certificate in shown.sent]
    names += [comparison.tops[name] for name in names if name in comparison.tops]
    wanted = {attribute(name, "CN") for name in names} - {""}
    for leaf in comparison.signed.values():
        is_second = chains.is_distrusted_by_squid(leaf.issuer)
        if is_second and attribute(chains.plain_issuer(leaf.issuer), "CN") in wanted:
            names.append(leaf.issuer)
    return _interceptor(tuple(dict.fromkeys(names)))


@lru_cache(maxsize=512)
def _interceptor(names: tuple[str, ...]) -> Found | None:
    return next((found for name in names if (found := interceptor_of(name))), None)


def by_marks(shown: Shown) -> Found | None:
    """The product that left its marks in the HTTP answer inside TLS; only marks that prove it."""
    head = shown.comparison.answers.get(shown.check.id)
    if head is None:
        return None
    found = middlebox_of(head.headers, head.reason, head.body)
    return found if found is not None and found.proves else None


def marks(shown: Shown) -> Value:
    """What in the answer inside TLS told its writer."""
    head = shown.comparison.answers[shown.check.id]
    telling = [pair for pair in head.headers if pair[0].lower() in _MARKS]
    found = tuple(f"{name}: {text[:_LONGEST_MARK]}" for name, text in telling[:_MOST_MARKS])
    return found or line("certificate.status", status=head.status)
