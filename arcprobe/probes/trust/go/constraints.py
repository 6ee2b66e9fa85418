"""Name constraints of authorities against the names of what they signed, as crypto/x509 of Go
checks them (constraints.go). Names of directories are not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeVar

from arcprobe.model.text import is_address
from arcprobe.probes.trust.go.extensions import is_domain
from arcprobe.probes.trust.go.facts import GoCertificate

_Name = TypeVar("_Name")
_Rule = TypeVar("_Rule")


def violation(path: Iterable[GoCertificate]) -> str:
    """Go's words for the first name that an authority above may not sign for; empty where all may
    be."""
    certificates = list(path)
    for place, certificate in enumerate(certificates):
        above = [one for one in certificates[place + 1 :] if one.permitted is not None]
        if certificate.san is None or not above:
            continue
        unmatched = _unmatched(certificate)
        if unmatched:
            return unmatched
        for authority in above:
            words = _violated(certificate, authority)
            if words:
                return words
    return ""


def _unmatched(certificate: GoCertificate) -> str:
    """Names that no constraint can be held against: Go then refuses whatever is permitted."""
    for uri in certificate.uris:
        host = uri_host(uri)
        if not host or is_address(host.strip("[]")):
            return f'URI "{uri}" cannot be matched against constraints'
    for mail in certificate.mail:
        local, at, host = mail.rpartition("@")
        if not (local and at and is_domain(host)):
            return f'cannot parse rfc822Name "{mail}"'
    for name in certificate.names:
        if not is_domain(name):
            return f'x509: cannot parse dnsName "{name}"'
    return ""


def uri_host(uri: str) -> str:
    """The host of a URI, without user and port; empty where it has none."""
    _scheme, slashes, rest = uri.partition("://")
    host = rest.partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2].lower()
    if not slashes or host.startswith("["):
        return host if slashes else ""
    return host.partition(":")[0]


def _violated(certificate: GoCertificate, authority: GoCertificate) -> str:
    permitted, excluded = authority.permitted, authority.excluded
    if permitted is None or excluded is None:
        return ""
    return (
        _refused(
            "IP address", certificate.addresses, permitted.addresses, excluded.addresses, _lies_in
        )
        or _refused_domains("DNS name", certificate.names, permitted.dns, excluded.dns)
        or _refused_domains("URI", map(uri_host, certificate.uris), permitted.uris, excluded.uris)
        or _refused("email address", certificate.mail, permitted.mail, excluded.mail, _is_mail_of)
    )


def _refused_domains(
    kind: str, names: Iterable[str], permitted: list[str], excluded: list[str]
) -> str:
    for name in names:
        if permitted and not any(is_below(name, rule) for rule in permitted):
            return f'{kind} "{name}" is not permitted by any constraint'
        if any(is_below(name, rule) or _is_wildcard_above(name, rule) for rule in excluded):
            return f'{kind} "{name}" is excluded by constraint'
    return ""


def _refused(
    kind: str,
    names: Iterable[_Name],
    permitted: list[_Rule],
    excluded: list[_Rule],
    matches: Callable[[_Name, _Rule], bool],
) -> str:
    for name in names:
        if permitted and not any(matches(name, rule) for rule in permitted):
            return f"{kind} is not permitted by any constraint"
        if any(matches(name, rule) for rule in excluded):
            return f"{kind} is excluded by constraint"
    return ""


def is_below(name: str, rule: str) -> bool:
    """dnsHasSuffix: whole labels, any case; a rule with a dot before it needs one label more."""
    name, rule = name.lower(), rule.lower()
    if not name.endswith(rule):
        return False
    more = name.removesuffix(rule) if rule else ""
    return not more or rule.startswith(".") or more.endswith(".")


def _is_wildcard_above(name: str, rule: str) -> bool:
    """``*.example.com`` stands also for a name that is excluded below it."""
    _first, dot, parent = rule.lower().partition(".")
    return name.startswith("*") and bool(dot) and name.lower().partition(".")[2] == parent


def _lies_in(octets: bytes, network: IPv4Network | IPv6Network) -> bool:
    address = ip_address(octets)
    return address.version == network.version and address in network


def _is_mail_of(mail: str, rule: str) -> bool:
    local, _, host = mail.rpartition("@")
    if "@" not in rule:
        return is_below(host, rule)
    rule_local, _, rule_host = rule.rpartition("@")
    return (local, host.lower()) == (rule_local, rule_host.lower())
