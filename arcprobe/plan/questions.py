"""Config in, checks out: which questions are asked, by which route. Pure; asked again with what a
discovery found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import msgspec

from arcprobe import no_proxy
from arcprobe.findings.reading import discovered_hosts, read
from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Endpoint
from arcprobe.model import Check, Config, Kind, Observation, Proxy, Route, Settings
from arcprobe.model.errors import ConfigError

_CLUSTER_TARGET = "kubernetes.default.svc:443"
# "Azure Arc gateway is available in the public cloud only": facts/arc.md section 7
_GATEWAY_CLOUD = "AzureCloud"


def make_plan(config: Config) -> tuple[Check, ...]:
    """All questions that can be asked before anything is discovered, each once. ConfigError when
    the filters leave nothing."""
    settings = config.settings
    if settings.gateway_host and settings.cloud != _GATEWAY_CLOUD:
        return (_gateway_check(settings),)  # nothing else is worth asking before that is changed
    checks: list[Check] = [_gateway_check(settings)] if settings.gateway_host else []
    for endpoint in _endpoints(config):
        checks += _endpoint_checks(settings, endpoint, compare=settings.direct)
    checks += _custom_checks(config)
    checks += _proxy_checks(settings, checks)
    if settings.proxy_http is not None and settings.proxy_http.url not in [
        check.proxy.url for check in checks if check.proxy
    ]:
        checks += _unused_proxy_checks(settings, settings.proxy_http)
    if any(check.kind is Kind.DNS for check in checks):
        checks.append(_unknown_names_check())
    checks.append(_skip_range_check(settings))
    checks = _carrying(settings, checks)
    chosen = _filtered(settings, _once(checks))
    if (settings.only or settings.skip) and not chosen:
        name = "--only" if settings.only else "--skip"
        raise ConfigError(
            name,
            "leaves no check to run",
            "globs over hosts or kinds (dns, https, tls, websocket, …) would be right",
        )
    return chosen


def further(
    config: Config, planned: Iterable[Check], discovery: Check, observation: Observation
) -> tuple[Check, ...]:
    """The questions that a finished discovery adds: one set for each host that it found."""
    settings = config.settings
    template = next((row for row in _catalogue(config) if row.host == discovery.pattern), None)
    if template is None:
        return ()
    known = {check.id for check in planned}
    found: list[Check] = []
    for host in discovered_hosts(discovery, read(discovery, observation)):
        row = msgspec.structs.replace(template, host=host, discover="", representatives=())
        found += _endpoint_checks(settings, row, pattern=template.host, compare=settings.direct)
    chosen = _filtered(settings, _once(found))
    chosen = _filtered(settings, (*chosen, *_proxy_checks(settings, chosen)))
    return tuple(check for check in chosen if check.id not in known)


# --------------------------------------------------------------------------------------------------


def _catalogue(config: Config) -> tuple[Endpoint, ...]:
    settings = config.settings
    return catalogue.endpoints(
        settings.cloud,
        settings.region,
        settings.features,
        settings.gateway_host or None,
        settings.key_vaults,
    )


def _endpoints(config: Config) -> list[Endpoint]:
    rows = list(_catalogue(config))
    discoveries = catalogue.discovery(config.settings.cloud, config.settings.region)
    # A discovery is asked of an endpoint of the list, or of one that is added for it.
    for row in tuple(rows):
        if row.discover and (found := discoveries.get(row.discover)):
            url = urlsplit(found.url)
            if not any(
                each.host == url.hostname and each.port == (url.port or 443) for each in rows
            ):
                path = url.path + (f"?{url.query}" if url.query else "")
                changed = {
                    "host": url.hostname,
                    "port": url.port or 443,
                    "path": path,
                    "protocol": "https",
                    "discover": "",
                }
                rows.append(msgspec.structs.replace(row, **changed))
    return rows


def _custom_checks(config: Config) -> list[Check]:
    """The questions about --endpoint."""
    checks: list[Check] = []
    for protocol, host, port, path in config.endpoints:
        checks += _concrete(
            config.settings,
            protocol,
            host,
            port,
            path=path,
            feature="endpoint",
            purpose="given with --endpoint",
            custom=True,
        )
    return checks


def _endpoint_checks(
    settings: Settings, row: Endpoint, *, pattern: str = "", compare: bool = False
) -> list[Check]:
    if row.host.startswith("*."):
        return _pattern_checks(settings, row)
    common = {
        "feature": row.feature,
        "purpose": row.purpose,
        "required": row.required,
        "initiator": row.initiator,
        "issuers": tuple(row.issuers),
        "marks": tuple((mark.where, mark.name, mark.pattern) for mark in row.marks),
        "pattern": pattern,
        "path": row.path,
    }
    checks = _concrete(settings, row.protocol, row.host, row.port, **common)
    if row.host == settings.gateway_host:
        checks += _concrete(settings, "wss", row.host, row.port, **{**common, "path": "/"})
    if compare and checks[-1].proxy is not None:
        direct = msgspec.structs.replace(settings, proxy_https=None, proxy_http=None)
        asked = _concrete(direct, row.protocol, row.host, row.port, **{**common, "required": False})
        checks += [
            msgspec.structs.replace(check, compare=True)
            for check in asked
            if check.kind is not Kind.DNS
        ]
    return checks


def _pattern_checks(settings: Settings, row: Endpoint) -> list[Check]:
    checks: list[Check] = []
    for host in row.representatives:
        stand_in = msgspec.structs.replace(row, host=host, discover="", representatives=())
        checks += _endpoint_checks(settings, stand_in, pattern=row.host, compare=settings.direct)
    found = (
        catalogue.discovery(settings.cloud, settings.region).get(row.discover)
        if row.discover
        else None
    )
    note = "" if found else f"no public source names the hosts behind {row.host}"
    if row.representatives and not found:
        note += f"; {', '.join(row.representatives)} stands for them"
    url = urlsplit(found.url) if found else None
    route = (
        _route(settings, "https", url.hostname or "", url.port or 443)[0]
        if url
        else settings.proxy_https
    )
    checks.append(
        Check(
            id=f"discovery {row.host}:{row.port}",
            kind=Kind.DISCOVERY,
            target=f"{row.host}:{row.port}",
            route=Route.PROXY if route else Route.DIRECT,
            required=row.required,
            feature=row.feature,
            host=row.host,
            port=row.port,
            protocol=row.protocol,
            proxy=route,
            pattern=row.host,
            discovery=row.discover if found else "",
            observed_with=_id(Kind.HTTPS, url.hostname or "", url.port or 443, route)
            if url
            else "",
            initiator=row.initiator,
            purpose=row.purpose,
            note=note,
        )
    )
    return checks


def _concrete(
    settings: Settings, protocol: str, host: str, port: int, **common: object
) -> list[Check]:
    """dns (direct routes), then https or websocket, then tls, which is judged from the same
    connection."""
    proxy, entry = _route(settings, protocol, host, port)
    kind = Kind.WEBSOCKET if protocol == "wss" else Kind.HTTPS
    base = Check(
        id=_id(kind, host, port, proxy)
        + (f" {common['path']}" if common.get("custom") and common.get("path") != "/" else ""),
        kind=kind,
        target=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        route=Route.PROXY if proxy else Route.DIRECT,
        host=host,
        port=port,
        protocol=protocol,
        proxy=proxy,
        via_bypass=entry,
        **{"required": True, "feature": "", **common},  # type: ignore[arg-type]
    )
    checks = [base]
    if protocol != "http":
        checks.append(
            msgspec.structs.replace(
                base,
                id=_id(Kind.TLS, host, port, proxy),
                kind=Kind.TLS,
                observed_with=base.id,
                path="",
                marks=(),
            )
        )
    if proxy is None and _is_looked_up(settings, host, port):
        dns = msgspec.structs.replace(
            base, id=f"dns {host}", kind=Kind.DNS, path="", marks=(), issuers=()
        )
        checks.insert(0, dns)
    return checks


def _route(settings: Settings, protocol: str, host: str, port: int) -> tuple[Proxy | None, str]:
    """The proxy that an agent uses for an endpoint, or None and the skip-range entry that leads
    past it (Go's rules)."""
    proxy = settings.proxy_http if protocol == "http" else settings.proxy_https
    if proxy is None:
        return None, ""
    bypass = no_proxy.bypass(
        "go", settings.skip_range or "", host, port, "http" if protocol == "http" else "https"
    )
    if bypass.bypassed:
        return None, bypass.entry or "loopback"
    return proxy, ""


def _proxy_checks(settings: Settings, checks: Iterable[Check]) -> list[Check]:
    """For each proxy in use: does its name resolve, does it open tunnels?"""
    found: list[Check] = []
    for proxy in {
        check.proxy.url: check.proxy for check in reversed([*checks]) if check.proxy is not None
    }.values():
        target = proxy.url.partition("://")[2]
        base = Check(
            id=f"proxy {proxy.url}",
            kind=Kind.PROXY,
            target=target,
            route=Route.PROXY,
            required=True,
            feature="core",
            host=proxy.host,
            port=proxy.port,
            protocol=proxy.scheme,
            proxy=proxy,
            path="",
            purpose=f"the proxy of {proxy.setting}",
        )
        found.append(base)
        if _is_looked_up(settings, proxy.host, proxy.port):
            found.append(
                msgspec.structs.replace(
                    base, id=f"dns {proxy.host}", kind=Kind.DNS, route=Route.DIRECT
                )
            )
    return found


def _carrying(settings: Settings, checks: list[Check]) -> list[Check]:
    """The checks whose request is a discovery's question: theirs becomes the discovery's path, and
    its answer is read whole."""
    discoveries = catalogue.discovery(settings.cloud, settings.region)
    wanted = {
        check.observed_with: check.discovery
        for check in checks
        if check.kind is Kind.DISCOVERY and check.discovery
    }

    def carrying(check: Check) -> Check:
        found = discoveries.get(wanted.get(check.id, ""))
        if found is None:
            return check
        url = urlsplit(found.url)
        path = url.path + (f"?{url.query}" if url.query else "")
        paths = tuple(
            path.replace("{repository}", each.repository).replace("{reference}", each.reference)
            for each in found.images
        )
        return msgspec.structs.replace(
            check,
            discovery=wanted[check.id],
            path=paths[0] if paths else path,
            paths=paths,
            accept=found.accept,
        )

    return [carrying(check) for check in checks]


def _unknown_names_check() -> Check:
    return Check(
        id="dns unknown names",
        kind=Kind.DNS,
        target="name-servers:53",
        route=Route.DIRECT,
        required=False,
        feature="core",
        port=53,
        protocol="dns",
        path="",
        purpose="names that do not exist stay unknown",
    )


def _unused_proxy_checks(settings: Settings, proxy: Proxy) -> list[Check]:
    """--proxy-http is given to the agents as well, also where nothing of this list is asked over
    http."""
    nobody = Check(
        id="",
        kind=Kind.HTTPS,
        target="",
        route=Route.PROXY,
        required=False,
        feature="",
        proxy=proxy,
    )
    return [
        msgspec.structs.replace(check, required=False, unused=True)
        for check in _proxy_checks(settings, [nobody])
    ]


def _gateway_check(settings: Settings) -> Check:
    host = settings.gateway_host
    return Check(
        id=f"gateway {host}:443",
        kind=Kind.GATEWAY,
        target=f"{host}:443",
        route=Route.PROXY if settings.proxy_https else Route.DIRECT,
        required=True,
        feature="core",
        host=host,
        proxy=settings.proxy_https,
        path="",
        purpose="the Arc gateway of --gateway-url",
    )


def _skip_range_check(settings: Settings) -> Check:
    return Check(
        id="skip-range",
        kind=Kind.SKIP_RANGE,
        target=_CLUSTER_TARGET,
        route=Route.DIRECT,
        required=True,
        feature="core",
        host="kubernetes.default.svc",
        path="",
        purpose="keeps cluster traffic off the proxy",
        note=""
        if settings.proxy_https or settings.proxy_http
        else "no proxy is set: there is nothing to bypass",
    )


# --------------------------------------------------------------------------------------------------


def _id(kind: Kind, host: str, port: int, proxy: Proxy | None) -> str:
    return f"{kind} {host}:{port} {'proxy' if proxy else 'direct'}"


def _once(checks: Iterable[Check]) -> list[Check]:
    unique: dict[str, Check] = {}
    for check in checks:
        first = unique.setdefault(check.id, check)
        if check.required and not first.required:
            unique[check.id] = check
    return list(unique.values())


def _filtered(settings: Settings, checks: Iterable[Check]) -> tuple[Check, ...]:
    """--only and --skip; what the checks that they leave are judged from is asked all the same, as
    ``left_out``."""
    checks = list(checks)
    if not settings.only and not settings.skip:
        return tuple(checks)
    chosen = {
        check.id
        for check in checks
        if (not settings.only or _matches(check, settings.only))
        and not _matches(check, settings.skip)
    }
    searched = {
        check.id for check in checks if check.kind is Kind.DISCOVERY and _may_find(settings, check)
    } - chosen
    carriers = {
        check.observed_with
        for check in checks
        if check.observed_with and check.id in chosen | searched
    }
    # Whether an answer is the endpoint's own is judged from the certificate before it.
    sessions = {
        check.id
        for check in checks
        if check.kind is Kind.TLS and check.observed_with in chosen | carriers
    }
    carriers |= _through_proxies(checks, chosen, chosen | carriers)
    needed = searched | carriers | sessions
    # What a way through a proxy shows is the proxy's as often as not: its own check is left
    # out by no filter.
    used = {
        check.proxy.url
        for check in checks
        if check.proxy and check.kind is not Kind.DNS and check.id in chosen | needed
    }
    chosen |= {
        check.id
        for check in checks
        if check.kind is Kind.PROXY and check.proxy and check.proxy.url in used
    }
    return tuple(
        check if check.id in chosen else msgspec.structs.replace(check, supporting=True)
        for check in checks
        if check.id in chosen | needed
    )


def _through_proxies(checks: Iterable[Check], chosen: set[str], asked: set[str]) -> set[str]:
    """What is asked through a chosen proxy that nothing else would be asked through: a proxy is
    judged from its tunnels."""
    tunnels = [
        check
        for check in checks
        if check.kind in (Kind.HTTPS, Kind.WEBSOCKET) and check.proxy is not None
    ]
    judged = {
        check.proxy.url
        for check in checks
        if check.kind is Kind.PROXY and check.proxy and check.id in chosen
    }
    served = {check.proxy.url for check in tunnels if check.proxy and check.id in asked}
    return {check.id for check in tunnels if check.proxy and check.proxy.url in judged - served}


def _matches(check: Check, globs: Iterable[str]) -> bool:
    names = (check.host, check.target, check.kind.value)
    return any(fnmatchcase(name, glob.lower()) for name in names for glob in globs)


def _may_find(settings: Settings, discovery: Check) -> bool:
    """Whether --only and --skip could leave a check of a host that a discovery has yet to find."""
    if not discovery.discovery or _matches(discovery, settings.skip):
        return False
    kinds = {Kind.WEBSOCKET if discovery.protocol == "wss" else Kind.HTTPS, Kind.TLS}
    if (
        _route(settings, discovery.protocol, discovery.pattern.replace("*", "any"), discovery.port)[
            0
        ]
        is None
    ):
        kinds.add(Kind.DNS)
    left = [
        kind for kind in kinds if not any(fnmatchcase(kind, glob.lower()) for glob in settings.skip)
    ]
    return bool(left) and any(
        any(fnmatchcase(kind, glob.lower()) for kind in left) or _may_fit(glob.lower(), discovery)
        for glob in settings.only
    )


def _may_fit(glob: str, discovery: Check) -> bool:
    """Whether a glob over hosts, or host:port, can match a name that ends as the pattern does. In
    doubt: yes."""
    host, colon, port = glob.partition(":")
    end, suffix = re.split(r"[*?\]]", host)[-1], discovery.pattern.removeprefix("*")
    fits = end.endswith(suffix) or (end != host and suffix.endswith(end))
    return fits and (not colon or fnmatchcase(str(discovery.port), port))


def _is_looked_up(settings: Settings, host: str, port: int) -> bool:
    """Whether a name server has a say: not of an address, of what --resolve fixes, nor of localhost
    (RFC 6761 section 6.3)."""
    fixed = any(
        text.lower().startswith((f"{host}:{port}:", f"[{host}]:{port}:"))
        for text in settings.resolve
    )
    name = host.lower().rstrip(".")
    return not (fixed or _is_address(host) or name == "localhost" or name.endswith(".localhost"))


def _is_address(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
