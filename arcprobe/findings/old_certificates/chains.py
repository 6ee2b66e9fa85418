"""Reading one chain: how its certificates hang together, what is missing above them, which marks of
the public PKI they bear.

Pure functions over ``Handshake`` and ``Certificate``; nothing here decides.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from arcprobe.knowledge.issuers import family_of
from arcprobe.model import Certificate, Handshake, Trust
from arcprobe.model.text import attribute

# Since 2020-09-01 no public CA may issue for longer (CA/Browser Forum Baseline Requirements,
# section 6.3.2); a day for rounding.
LONGEST_PUBLIC_VALIDITY = 399
_SQUID_UNTRUSTED = 'Not trusted by "'  # src/ssl/support.cc of Squid, generateUntrustedCert


def trust(handshake: Handshake, store: str) -> Trust | None:
    """What one store says, None where it was not asked."""
    return next((item for item in handshake.trust if item.store == store), None)


def reaches(handshake: Handshake, store: str) -> bool:
    """Whether the chain ends in a root of this store. Dates are left out: they are judged apart."""
    said = trust(handshake, store)
    return said is not None and (said.accepted or bool(said.anchor))


def path(handshake: Handshake) -> tuple[Certificate, ...]:
    """The certificates that were sent, in the order in which each names the next as its issuer,
    from the leaf on."""
    if not handshake.chain:
        return ()
    found = [handshake.chain[0]]
    left = list(handshake.chain[1:])
    while not self_issued(found[-1]):
        issuer = next((item for item in left if may_issue(item, found[-1])), None)
        if issuer is None:
            break
        found.append(issuer)
        left.remove(issuer)
    return tuple(found)


def may_issue(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether names and key identifiers let one certificate be the issuer of the other (RFC 5280
    section 4.2.1.1)."""
    return (
        issuer.subject == certificate.issuer
        and issuer.sha256 != certificate.sha256
        and (not certificate.aki or not issuer.ski or certificate.aki == issuer.ski)
    )


def self_issued(certificate: Certificate) -> bool:
    """A certificate that names itself as its issuer: the top of a chain, or a certificate made for
    nobody else."""
    return certificate.subject == certificate.issuer


def missing_issuer(handshake: Handshake) -> str:
    """The name of the certificate that would have to follow the last one; empty where the chain
    ends in itself."""
    sent = path(handshake)
    return "" if not sent or self_issued(sent[-1]) else sent[-1].issuer


def shares_key(handshake: Handshake) -> str:
    """Words for a leaf whose key is its issuer's own, which no public CA signs; empty where it is
    not, or cannot be told.

    Squid, mitmproxy and Cisco Umbrella make leaves with the CA's key.
    """
    if not handshake.chain:
        return ""
    leaf = handshake.chain[0]
    if self_issued(leaf) or not leaf.key_sha256:
        return ""
    for item in handshake.chain[1:]:
        if item.key_sha256 == leaf.key_sha256 and item.subject != leaf.subject:
            return f"the leaf has the very key of {item.subject}, who signed it"
    if leaf.ski and leaf.ski == leaf.aki:
        return "the leaf names its own key as the key that signed it (subject and authority key identifier are the same)"
    return ""


def lacks_public_marks(handshake: Handshake) -> bool:
    """Whether a chain that names a public CA lacks what every public leaf has, so that the name is
    probably borrowed.

    SCTs (demanded by browsers since 2018), AIA and alternative names must be there (Baseline
    Requirements section 7.1.2); of policies, authority key identifier and a short life (section
    6.3.2) one may be wanting, for the shapes of private clouds.
    """
    leaf = handshake.chain[0]
    if family_of(leaf.issuer) is None or not (leaf.scts and leaf.aia and leaf.names):
        return True
    days = validity_days(leaf)
    return [
        bool(leaf.policies),
        bool(leaf.aki),
        days is not None and days <= LONGEST_PUBLIC_VALIDITY,
    ].count(False) > 1


_MARKS = (
    (lambda leaf: leaf.scts > 0, "no signed certificate timestamps (SCT)"),
    (lambda leaf: bool(leaf.aia), "no address of its issuer (AIA)"),
    (lambda leaf: bool(leaf.policies), "no certificate policies"),
    (lambda leaf: bool(leaf.aki), "no authority key identifier"),
    (lambda leaf: bool(leaf.names), "no alternative names"),
)


def lost_marks(leaf: Certificate) -> tuple[str, ...]:
    """The marks of public leaves that this one lacks, whoever signed it; inspecting proxies drop
    most of them."""
    lost = [words for here, words in _MARKS if not here(leaf)]
    if not leaf.crls:
        lost.append("no revocation list (CRL)")
    if leaf.version < 3:
        lost.append(f"X.509 version {leaf.version}")
    return tuple(lost)


def refused_by_go(handshake: Handshake) -> tuple[str, ...]:
    """Why Go programs, as most agents are, refuse this chain although OpenSSL may take it. Sources
    stand with each line."""
    sent = path(handshake)
    if not sent:
        return ()
    reasons: list[str] = []
    if not sent[0].names:
        # crypto/x509 since Go 1.15: "certificate relies on legacy Common Name field, use
        # SANs instead"
        reasons.append(
            "Go refuses it: the leaf names its host only in the common name, not among the alternative names"
        )
    purposes = sent[0].extended_key_usage
    if purposes is not None and not {"serverAuth", "2.5.29.37.0"} & set(purposes):
        # crypto/x509: KeyUsages of VerifyOptions defaults to ExtKeyUsageServerAuth;
        # 2.5.29.37.0 is "any"
        reasons.append(f"Go refuses it: the leaf is not for servers, but for {', '.join(purposes)}")
    for item in sent:
        if item.negative_serial:
            reasons.append(
                f"Go refuses it: the serial number of {item.common_name or item.subject} is negative (since Go 1.23)"
            )
        if item.signature in {"sha1", "md5"} and not self_issued(item):
            reasons.append(
                f"Go refuses it: {item.common_name or item.subject} is signed with {item.signature} (since Go 1.18)"
            )
        if item is not sent[0] and item.version >= 3 and item.is_ca is None:
            reasons.append(
                f"Go refuses it: the CA {item.common_name or item.subject} lacks the CA flag (basicConstraints)"
            )
    return tuple(reasons)


def validity_days(certificate: Certificate) -> int | None:
    """How long a certificate lives, in days; None where its dates cannot be read."""
    begin, end = moment(certificate.not_before), moment(certificate.not_after)
    return (end - begin).days if begin and end else None


def moment(text: str) -> datetime | None:
    """An RFC 3339 time of a certificate, in UTC; None where it is empty, or no such time (a
    recording may be edited by hand)."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
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


def plain_issuer(name: str) -> str:
    """A CA's name without what Squid puts around it for origins that it distrusts: the two are one
    box."""
    common_name = attribute(name, "CN")
    if not common_name.startswith(_SQUID_UNTRUSTED):
        return name
    inner = common_name.removeprefix(_SQUID_UNTRUSTED).rstrip('"')
    return f"CN={inner}"


def distrusted_by_squid(name: str) -> bool:
    """Whether a box that is Squid says in this issuer's name that it distrusts the origin behind
    it."""
    return attribute(name, "CN").startswith(_SQUID_UNTRUSTED)
