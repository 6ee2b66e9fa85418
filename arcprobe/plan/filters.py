"""--only and --skip: which checks are judged, and what is asked all the same because those are
judged from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TypeAlias

import msgspec

from arcprobe.model import Check, Kind, Settings
from arcprobe.plan.routes import route

Checks: TypeAlias = tuple[Check, ...]


def filtered(settings: Settings, checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks that the filters leave, and as ``supporting`` those that these are judged from."""
    checks = tuple(checks)
    if not settings.only and not settings.skip:
        return checks
    chosen = {check.id for check in checks if _is_chosen(settings, check)}
    asked = chosen | _supporting(settings, checks, chosen)
    chosen |= _own_checks_of_proxies(checks, asked)
    return tuple(
        check if check.id in chosen else msgspec.structs.replace(check, supporting=True)
        for check in _among(checks, chosen | asked)
    )


def _is_chosen(settings: Settings, check: Check) -> bool:
    if settings.only and not _matches(check, settings.only):
        return False
    return not _matches(check, settings.skip)


def _matches(check: Check, globs: Iterable[str]) -> bool:
    names = filter(None, (check.host, check.target, check.kind.value))
    return any(_fits(name, globs) for name in names)


def _fits(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob.lower()) for glob in globs)


def _own_checks_of_proxies(checks: Checks, asked: set[str]) -> set[str]:
    """What a way through a proxy shows is the proxy's as often as not: no filter leaves it out."""
    used = _proxies(check for check in _among(checks, asked) if check.kind is not Kind.DNS)
    return {check.id for check in _of_kind(checks, Kind.PROXY) if _url(check) in used}


def _supporting(settings: Settings, checks: Checks, chosen: set[str]) -> set[str]:
    """What the chosen checks are judged from, and what may find hosts that are chosen."""
    discoveries = _of_kind(checks, Kind.DISCOVERY)
    searched = {check.id for check in discoveries if _may_find(settings, check)}
    carriers = {check.observed_with for check in _among(checks, chosen | searched)} - {""}
    # Whether an answer is the endpoint's own is judged from the certificate before it.
    carrying = chosen | carriers
    sessions = {check.id for check in _of_kind(checks, Kind.TLS) if check.observed_with in carrying}
    return searched | carriers | sessions | _only_tunnels(checks, chosen, carrying)


def _only_tunnels(checks: Checks, chosen: set[str], asked: set[str]) -> set[str]:
    """What is asked through a chosen proxy that nothing else would be asked through: a proxy is
    judged from its tunnels."""
    tunnels = tuple(check for check in checks if check.connects)
    judged = _proxies(_of_kind(_among(checks, chosen), Kind.PROXY))
    served = _proxies(_among(tunnels, asked))
    return {check.id for check in tunnels if _url(check) in judged - served}


def _among(checks: Checks, ids: set[str]) -> Checks:
    return tuple(check for check in checks if check.id in ids)


def _of_kind(checks: Checks, kind: Kind) -> Checks:
    return tuple(check for check in checks if check.kind is kind)


def _proxies(checks: Iterable[Check]) -> set[str]:
    return {_url(check) for check in checks} - {""}


def _url(check: Check) -> str:
    return check.proxy.url if check.proxy is not None else ""


# --------------------------------------------------------------------- hosts that are not known yet


def _may_find(settings: Settings, discovery: Check) -> bool:
    """Whether the filters could leave a check of a host that a discovery has yet to find."""
    if not discovery.discovery or _matches(discovery, settings.skip):
        return False
    left = [kind for kind in _kinds(settings, discovery) if not _fits(kind, settings.skip)]
    if not left:
        return False
    return any(_fits(kind, settings.only) for kind in left) or any(
        _may_fit(glob.lower(), discovery) for glob in settings.only
    )


def _kinds(settings: Settings, discovery: Check) -> tuple[Kind, ...]:
    """The kinds of checks that each host of a discovery is asked by."""
    connecting = Kind.WEBSOCKET if discovery.protocol == "wss" else Kind.HTTPS
    some_host = discovery.pattern.replace("*", "any")
    proxy, _entry = route(settings, discovery.protocol, some_host, discovery.port)
    return (connecting, Kind.TLS) if proxy is not None else (connecting, Kind.TLS, Kind.DNS)


def _may_fit(glob: str, discovery: Check) -> bool:
    """Whether a glob over hosts, or host:port, can match a name that ends as the pattern does. In
    doubt: yes."""
    host, colon, port = glob.partition(":")
    if colon and not fnmatchcase(str(discovery.port), port):
        return False
    # What stands after the last wildcard of the glob, and of the pattern, must be able to agree.
    end = re.split(r"[*?\]]", host)[-1]
    suffix = discovery.pattern.removeprefix("*")
    return end.endswith(suffix) or (end != host and suffix.endswith(end))
