"""Reading one chain: how its certificates hang together, what is missing above them, which marks of
the public PKI they bear. Nothing here decides; a chain has at least its leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from arcprobe.knowledge import go
from arcprobe.knowledge.issuers import family_of
from arcprobe.model import Certificate, GoSaid, Handshake, Line, Store, Trust, VerifyCode, line
from arcprobe.model.text import attribute

LONGEST_PUBLIC_VALIDITY = 399
"""Days. CA/Browser Forum Baseline Requirements 6.3.2: 398 for leaves issued since 2020-09-01 (200
since 2026-03-15: the last longer ones end in April 2027); one more for rounding. Too low calls
public leaves odd, too high lets one more mark of a borrowed name pass."""

_MARKS_WANTING = 1
"""Marks, of three, that a public leaf may lack: private clouds of public CAs leave one out. None
would call their missing links interception; two would believe a borrowed name."""

_SQUID_UNTRUSTED = 'Not trusted by "'  # Squid 6, src/ssl/support.cc, generateUntrustedCert
_Row: TypeAlias = tuple[str, Callable[[Certificate], bool]]
_OUT_OF_DATE = (VerifyCode.CERT_HAS_EXPIRED, VerifyCode.CERT_NOT_YET_VALID)


# ------------------------------------------------------------------------------ what the stores say


OF_AGENTS = (Store.BUNDLE, Store.SYSTEM)
"""The stores whose roots the agents stand for: --proxy-cert's and this system's."""


def trust(handshake: Handshake, store: Store) -> Trust | None:
    """What one store says, None where it was not asked."""
    return next((said for said in handshake.trust if said.store == store), None)


def reaches(handshake: Handshake, store: Store) -> bool:
    """Whether the chain ends in a root of this store. Dates are left out: they are judged apart."""
    said = trust(handshake, store)
    return said is not None and (said.accepted or bool(said.anchor))


def is_anchored(handshake: Handshake) -> bool:
    """Whether the chain is one that only a public CA can have made: it ends in a public root, and
    its leaf has a key of its own."""
    return reaches(handshake, Store.PUBLIC) and shared_key(handshake) is None


def outdated_roots(handshake: Handshake) -> tuple[Trust, ...]:
    """The stores that know the root of the chain and refuse it for a date; none where another store
    accepts it."""
    anchored = [said for said in handshake.trust if said.anchor]
    if any(said.accepted for said in anchored):
        return ()
    return tuple(said for said in anchored if said.code in _OUT_OF_DATE)


# ------------------------------------------------------------------- how certificates hang together


def path(handshake: Handshake) -> tuple[Certificate, ...]:
    """The certificates that were sent, in the order in which each names the next as its issuer,
    from the leaf on."""
    leaf, *left = handshake.chain
    found = [leaf]
    while not found[-1].is_self_issued:
        issuer = next((other for other in left if may_issue(other, found[-1])), None)
        if issuer is None:
            break
        found.append(issuer)
        left.remove(issuer)
    return tuple(found)


def may_issue(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether names and key identifiers let one certificate be the issuer of the other (RFC 5280
    section 4.2.1.1)."""
    if issuer.subject != certificate.issuer or issuer.sha256 == certificate.sha256:
        return False
    return "" in (certificate.aki, issuer.ski) or certificate.aki == issuer.ski


def missing_issuer(handshake: Handshake) -> str:
    """The name of the certificate that would have to follow the last one; empty where the chain
    ends in itself."""
    top = path(handshake)[-1]
    return "" if top.is_self_issued else top.issuer


def top_name(handshake: Handshake) -> str:
    """The highest name of a chain that came: of the certificate that is missing, or of the last."""
    return missing_issuer(handshake) or path(handshake)[-1].subject


def shared_key(handshake: Handshake) -> Line | None:
    """A leaf whose key is its issuer's own, which no public CA signs; Squid, mitmproxy and Cisco
    Umbrella make such. None where it is not, or cannot be told."""
    leaf, *above = handshake.chain
    if leaf.is_self_issued or not leaf.key_sha256:
        return None
    for other in above:
        if other.key_sha256 == leaf.key_sha256 and other.subject != leaf.subject:
            return line("certificate.key-of-its-issuer", name=other.subject)
    if leaf.ski and leaf.ski == leaf.aki:
        return line("certificate.key-identifiers-same")
    return None


def plain_issuer(name: str) -> str:
    """A CA's name without what Squid puts around it for origins that it distrusts: the two are one
    box."""
    if not is_distrusted_by_squid(name):
        return name
    inner = attribute(name, "CN").removeprefix(_SQUID_UNTRUSTED).rstrip('"')
    return f"CN={inner}"


def is_distrusted_by_squid(name: str) -> bool:
    """Whether a box that is Squid says in this issuer's name that it distrusts the origin behind
    it."""
    return attribute(name, "CN").startswith(_SQUID_UNTRUSTED)


# -------------------------------------------------------------------------- marks of the public PKI


def lacks_public_marks(handshake: Handshake) -> bool:
    """Whether a chain that names a public CA lacks what every public leaf has, so that the name is
    probably borrowed.

    SCTs (demanded by browsers since 2018), AIA and alternative names must be there (Baseline
    Requirements section 7.1.2); of policies, authority key identifier and a short life (section
    6.3.2) one may be wanting.
    """
    leaf = handshake.chain[0]
    if family_of(leaf.issuer) is None or not all((leaf.scts, leaf.aia, leaf.names)):
        return True
    days = validity_days(leaf)
    is_short = days is not None and days <= LONGEST_PUBLIC_VALIDITY
    return (bool(leaf.policies), bool(leaf.aki), is_short).count(False) > _MARKS_WANTING


_MARKS: tuple[_Row, ...] = (
    ("certificate.lost.sct", lambda leaf: leaf.scts > 0),
    ("certificate.lost.aia", lambda leaf: bool(leaf.aia)),
    ("certificate.lost.policies", lambda leaf: bool(leaf.policies)),
    ("certificate.lost.aki", lambda leaf: bool(leaf.aki)),
    ("certificate.lost.names", lambda leaf: bool(leaf.names)),
    ("certificate.lost.crl", lambda leaf: bool(leaf.crls)),
    ("certificate.lost.version", lambda leaf: leaf.version >= 3),
)


def lost_marks(leaf: Certificate) -> tuple[Line, ...]:
    """The marks of public leaves that this one lacks, whoever signed it; inspecting proxies drop
    most of them."""
    lost = [key for key, is_there in _MARKS if not is_there(leaf)]
    return tuple(line(key, version=leaf.version) for key in lost)


_REFUSED = (
    ("certificate.go.serial", go.has_negative_serial),
    ("certificate.go.signature", go.has_weak_signature),
)
_NO_NAMES = ("certificate.go.names", go.has_no_names)
_REFUSED_LEAF = (_NO_NAMES, ("certificate.go.purposes", go.is_not_for_servers), *_REFUSED)
_REFUSED_AUTHORITY = (*_REFUSED, ("certificate.go.ca", go.lacks_ca_flag))


def is_taken_by_agents(handshake: Handshake) -> bool:
    """Whether a store of the agents takes the chain, Go does not refuse it, and it is for the name
    that was asked."""
    if not any(reaches(handshake, store) for store in OF_AGENTS):
        return False
    return handshake.name_matches is not False and not refused_by_go(handshake)


def refused_by_go(handshake: Handshake) -> tuple[Line, ...]:
    """Why Go programs refuse this chain although OpenSSL may take it. Where Go's own rules were not
    asked, as in older recordings, the certificates that were sent are looked at."""
    if any(seen.go is not None for seen in handshake.trust):
        names = _refusals(handshake.chain[0], (_NO_NAMES,))
        return (*names, *said_by_go(handshake))
    return _refused_by_facts(handshake)


def said_by_go(handshake: Handshake) -> tuple[Line, ...]:
    """Why Go's own rules refuse the chain with every store that reaches a root: with the agents'
    where there are some. Nothing where one of them accepts it, or none was asked."""
    reached = [seen for seen in handshake.trust if reaches(handshake, seen.store)]
    of_agents = [seen for seen in reached if seen.store in OF_AGENTS]
    said = [seen.go for seen in of_agents or reached if seen.go is not None]
    if not said or any(one.refusal is None for one in said):
        return ()
    return (_refusal(handshake, said[0]),)


def _refusal(handshake: Handshake, said: GoSaid) -> Line:
    """With what is known of the certificate that it is about, where it was sent."""
    about = next((one for one in handshake.chain if one.sha256 == said.sha256), None)
    return line(
        f"certificate.go.{said.refusal}",
        name=said.certificate,
        words=said.words,
        hash=about.signature if about is not None else "",
        purposes=(about.extended_key_usage or ()) if about is not None else (),
    )


def _refused_by_facts(handshake: Handshake) -> tuple[Line, ...]:
    leaf, *authorities = path(handshake)
    lines = list(_refusals(leaf, _REFUSED_LEAF))
    for authority in authorities:
        lines += _refusals(authority, _REFUSED_AUTHORITY)
    return tuple(lines)


def _refusals(certificate: Certificate, faults: Iterable[_Row]) -> Iterator[Line]:
    name = certificate.common_name or certificate.subject
    purposes = certificate.extended_key_usage or ()
    for key, has_fault in faults:
        if has_fault(certificate):
            yield line(key, name=name, hash=certificate.signature, purposes=purposes)


# -------------------------------------------------------------------------------------------- dates


def validity_days(certificate: Certificate) -> int | None:
    """How long a certificate lives, in days; None where its dates cannot be read."""
    begin, end = moment(certificate.not_before), moment(certificate.not_after)
    return (end - begin).days if begin and end else None


def moment(text: str) -> datetime | None:
    """An RFC 3339 time of a certificate, in UTC; None where it is empty, or no such time (a
    recording may be edited by hand)."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def shifted(now: datetime, seconds: float) -> datetime | None:
    """The time that a clock shows which is ``seconds`` ahead of ``now``; None where no calendar has
    it."""
    try:
        return now + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
