"""The questions about each endpoint: those of the catalogue, of --endpoint, and those that stand
for a wildcard."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.catalogue import Discovery, Endpoint
from arcprobe.knowledge.known_hosts import known_host
from arcprobe.knowledge.language import language
from arcprobe.model import Check, Config, Kind, Route, line
from arcprobe.model.text import host_port
from arcprobe.plan.routes import check_id, route, route_of, routed


def rows_of(config: Config) -> tuple[Endpoint, ...]:
    """The rows of the catalogue that the settings come to."""
    settings = config.settings
    return catalogue.endpoints(
        settings.cloud,
        settings.region,
        settings.features,
        settings.gateway_host or None,
        settings.key_vaults,
        settings.proxy_bypass,
        settings.gateway_bypass,
    )


def discoveries_of(config: Config) -> dict[str, Discovery]:
    """What can be discovered in this cloud and region, by key."""
    return dict(catalogue.discovery(config.settings.cloud, config.settings.region))


def address_of(discovery: Discovery) -> tuple[str, int, str]:
    """Host, port and path (with its query) of a discovery's question."""
    url = urlsplit(discovery.url)
    query = f"?{url.query}" if url.query else ""
    return url.hostname or "", url.port or 443, url.path + query


def endpoint_checks(config: Config, row: Endpoint, pattern: str = "") -> list[Check]:
    """The questions about a row of the catalogue. ``pattern``: the wildcard that it stands for."""
    if row.host.startswith("*."):
        return [_discovery_check(config, row, discoveries_of(config).get(row.discover))]
    asked = _asked(row, pattern)
    checks = routed(config, asked)
    if row.host == config.settings.gateway_host:
        upgrade = msgspec.structs.replace(asked, kind=Kind.WEBSOCKET, protocol="wss", path="/")
        checks += routed(config, upgrade)
    if config.settings.direct and checks[-1].proxy is not None:
        checks += _compared(config, asked)
    return checks


def _asked(row: Endpoint, pattern: str) -> Check:
    return Check(
        id="",
        kind=_kind(row.protocol),
        target="",
        route=Route.DIRECT,
        required=row.required,
        feature=row.feature,
        host=row.host,
        port=row.port,
        protocol=row.protocol,
        path=row.path,
        initiator=row.initiator,
        purpose=row.purpose,
        pattern=pattern,
        issuers=tuple(row.issuers),
        marks=tuple((mark.where, mark.name, mark.pattern) for mark in row.marks),
    )


def endpoint_named(row: Endpoint) -> Check:
    """A row of the catalogue as a check without a route, which is not to be asked."""
    target = host_port(row.host, row.port)
    asked = _asked(row, "")
    return msgspec.structs.replace(asked, id=f"{asked.kind} {target}", target=target)


def _kind(protocol: str) -> Kind:
    return Kind.WEBSOCKET if protocol == "wss" else Kind.HTTPS


def _compared(config: Config, asked: Check) -> list[Check]:
    """The same without the proxy, only to tell what the proxy adds."""
    settings = msgspec.structs.replace(config.settings, proxy_https=None, proxy_http=None)
    without_proxy = msgspec.structs.replace(config, settings=settings)
    return [
        msgspec.structs.replace(check, compare=True, required=False)
        for check in routed(without_proxy, asked)
        if check.kind is not Kind.DNS
    ]


def _discovery_check(config: Config, row: Endpoint, found: Discovery | None) -> Check:
    """Which hosts does this wildcard stand for?"""
    check = Check(
        id=f"discovery {row.host}:{row.port}",
        kind=Kind.DISCOVERY,
        target=f"{row.host}:{row.port}",
        route=route_of(config.settings.proxy_https),
        required=row.required,
        feature=row.feature,
        host=row.host,
        port=row.port,
        protocol=row.protocol,
        proxy=config.settings.proxy_https,
        pattern=row.host,
        initiator=row.initiator,
        purpose=row.purpose,
    )
    if found is None:
        unproven = line("plan.no-source", pattern=row.host)
        return msgspec.structs.replace(check, note=language().say(unproven))
    host, port, _path = address_of(found)
    proxy, _entry = route(config.settings, "https", host, port)
    return msgspec.structs.replace(
        check,
        route=route_of(proxy),
        proxy=proxy,
        discovery=row.discover,
        observed_with=check_id(Kind.HTTPS, host, port, proxy),
    )


def carrying_discoveries(config: Config, checks: list[Check]) -> list[Check]:
    """The checks, those of them with a discovery's path whose request is its question: their answer
    is read whole."""
    discoveries = discoveries_of(config)
    keys = {check.observed_with: check.discovery for check in checks if check.discovery}
    return [
        _carrying(check, keys[check.id], discoveries) if check.id in keys else check
        for check in checks
    ]


def _carrying(check: Check, key: str, discoveries: dict[str, Discovery]) -> Check:
    found = discoveries[key]
    _host, _port, path = address_of(found)
    paths = tuple(
        path.replace("{repository}", image.repository).replace("{reference}", image.reference)
        for image in found.images
    )
    return msgspec.structs.replace(
        check, discovery=key, path=next(iter(paths), path), paths=paths, accept=found.accept
    )


def custom_checks(config: Config) -> list[Check]:
    """The questions about each --endpoint."""
    purpose = language().say(line("plan.endpoint"))
    checks: list[Check] = []
    for endpoint in config.endpoints:
        known = known_host(endpoint.host)
        path = endpoint.shown or endpoint.path
        asked = Check(
            id="" if path == "/" else f" {path}",
            kind=_kind(endpoint.protocol),
            target="",
            route=Route.DIRECT,
            required=True,
            feature="endpoint",
            host=endpoint.host,
            port=endpoint.port,
            protocol=endpoint.protocol,
            path=path,
            purpose=purpose,
            custom=True,
        )
        if known is not None:
            marks = tuple((mark.where, mark.name, mark.pattern) for mark in known.marks)
            asked = msgspec.structs.replace(asked, issuers=known.issuers, marks=marks)
        checks += routed(config, asked)
    return checks
