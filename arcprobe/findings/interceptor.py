"""Who intercepts: the product, by the names of its authorities or by its marks in an answer; and
one name for all that one box forges."""

from __future__ import annotations

from functools import lru_cache

from arcprobe.findings import chains
from arcprobe.findings.comparison import Comparison
from arcprobe.knowledge.products import Found, interceptor_of, middlebox_of
from arcprobe.model import Check, Handshake, Value, line
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


def identity(handshake: Handshake, comparison: Comparison) -> str:
    """Who signs here, the same for all that one box signs: a product, or the top of the chain as
    far as the run shows it."""
    name = _one_box(_highest(handshake, comparison), comparison)
    product = _interceptor((name,))
    if product is not None:
        return product.name
    if handshake.chain[0].is_self_issued:
        # one box made them: hosts do not do so by themselves
        return _SELF_SIGNED
    return name


def _highest(handshake: Handshake, comparison: Comparison) -> str:
    name = chains.top_name(handshake)
    for _level in range(_MOST_LEVELS):
        name = comparison.tops.get(name, name)
    return name


def _one_box(name: str, comparison: Comparison) -> str:
    """Squid's second CA, for origins that it distrusts, is the first one, where the run shows
    it."""
    plain = chains.plain_issuer(name)
    if plain == name:
        return name
    common_name = attribute(plain, "CN")
    issuers = {issuer for issuer, _key in comparison.issuers}
    seen = sorted({*comparison.tops.values(), *issuers})
    return next((other for other in seen if attribute(other, "CN") == common_name), plain)


def by_name(handshake: Handshake, comparison: Comparison) -> Found | None:
    """The product that the issuer's name, or a name above it, belongs to."""
    names = [certificate.issuer for certificate in chains.path(handshake)]
    names += [comparison.tops[name] for name in names if name in comparison.tops]
    wanted = {attribute(name, "CN") for name in names} - {""}
    issuers = [issuer for issuer, _key in comparison.issuers]
    twins = [issuer for issuer in issuers if chains.is_distrusted_by_squid(issuer)]
    names += [issuer for issuer in twins if attribute(chains.plain_issuer(issuer), "CN") in wanted]
    return _interceptor(tuple(dict.fromkeys(names)))


@lru_cache(maxsize=512)
def _interceptor(names: tuple[str, ...]) -> Found | None:
    return next((found for name in names if (found := interceptor_of(name))), None)


def writer(check: Check, comparison: Comparison) -> Found | None:
    """The product that left its marks in the HTTP answer inside TLS; only marks that prove it."""
    head = comparison.answers.get(check.id)
    if head is None:
        return None
    found = middlebox_of(head.headers, head.reason, head.body)
    return found if found is not None and found.proves else None


def marks(check: Check, comparison: Comparison) -> Value:
    """What in the answer inside TLS told its writer."""
    head = comparison.answers[check.id]
    telling = [pair for pair in head.headers if pair[0].lower() in _MARKS]
    shown = tuple(f"{name}: {text[:_LONGEST_MARK]}" for name, text in telling[:_MOST_MARKS])
    return shown or line("certificate.status", status=head.status)
