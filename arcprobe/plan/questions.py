"""All questions of a run, each once: before anything is discovered, and after."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arcprobe.knowledge.catalogue import ONBOARDING
from arcprobe.knowledge.language import language
from arcprobe.model import PUBLIC_CLOUD, Check, Config, Kind, Route, Settings, line
from arcprobe.model.errors import ConfigError
from arcprobe.plan.endpoints import (
    carrying_discoveries,
    custom_checks,
    endpoint_checks,
    endpoint_named,
    rows_of,
)
from arcprobe.plan.filters import filtered
from arcprobe.plan.proxies import proxy_checks, unused_proxy_checks
from arcprobe.plan.routes import route_of

_CLUSTER_HOST = "kubernetes.default.svc"


def make_plan(config: Config) -> tuple[Check, ...]:
    """All questions that can be asked before anything is discovered, each once. ConfigError where
    the filters leave nothing."""
    settings = config.settings
    checks: list[Check] = []
    if settings.gateway_host:
        checks.append(gateway_check(settings))
        if settings.cloud != PUBLIC_CLOUD:
            return tuple(checks)  # nothing else is worth asking before that is changed
    for row in rows_of(config):
        checks += endpoint_checks(config, row)
    checks += custom_checks(config)
    checks += proxy_checks(config, checks)
    checks += unused_proxy_checks(config, checks)
    if any(check.kind is Kind.DNS for check in checks):
        checks.append(_unknown_names_check())
    checks.append(skip_range_check(settings))
    if ONBOARDING in settings.features:
        checks.append(onboarding_check())
    chosen = filtered(settings, _once(carrying_discoveries(config, checks)))
    if not chosen:
        raise ConfigError(
            "--only" if settings.only else "--skip",
            "leaves no check to run",
            "use globs over hosts or kinds (dns, https, tls, websocket, …)",
        )
    return chosen


def further(
    config: Config, planned: Iterable[Check], discovery: Check, hosts: Iterable[str]
) -> tuple[Check, ...]:
    """The questions that a finished discovery adds: one set for each of the hosts that it found."""
    template = next((row for row in rows_of(config) if row.host == discovery.pattern), None)
    if template is None:
        return ()
    found: list[Check] = []
    for host in hosts:
        row = msgspec.structs.replace(template, host=host, discover="")
        found += endpoint_checks(config, row, template.host)
    chosen = filtered(config.settings, _once(found))
    chosen = filtered(config.settings, [*chosen, *proxy_checks(config, chosen)])
    known = {check.id for check in planned}
    return tuple(check for check in chosen if check.id not in known)


def _once(checks: Iterable[Check]) -> list[Check]:
    unique: dict[str, Check] = {}
    for check in checks:
        first = unique.setdefault(check.id, check)
        if check.required and not first.required:
            unique[check.id] = check
    return list(unique.values())


def bypass_list_checks(config: Config) -> tuple[Check, ...]:
    """The question about the bypass list alone, first, and the required endpoints that must go
    through the proxy: not to be asked."""
    endpoints = (endpoint_named(row) for row in rows_of(config) if row.required)
    return (skip_range_check(config.settings), *endpoints)


# -------------------------------------------------------------------- questions about no endpoint


def _purpose(key: str) -> str:
    return language().say(line(f"plan.{key}"))


def gateway_check(settings: Settings) -> Check:
    """Is the Arc gateway usable?"""
    host = settings.gateway_host
    return Check(
        id=f"gateway {host}:443",
        kind=Kind.GATEWAY,
        target=f"{host}:443",
        route=route_of(settings.proxy_https),
        required=True,
        feature="core",
        host=host,
        proxy=settings.proxy_https,
        path="",
        purpose=_purpose("gateway"),
    )


def skip_range_check(settings: Settings) -> Check:
    """Does the bypass list keep the cluster's own traffic off the proxy?"""
    has_proxy = bool(settings.proxy_https or settings.proxy_http)
    return Check(
        id="skip-range",
        kind=Kind.SKIP_RANGE,
        target=f"{_CLUSTER_HOST}:443",
        route=Route.DIRECT,
        required=True,
        feature="core",
        host=_CLUSTER_HOST,
        path="",
        purpose=_purpose("skip-range"),
        asks_cluster=has_proxy,
        note="" if has_proxy else _purpose("no-proxy"),
    )


def onboarding_check() -> Check:
    """Would az, helm and kubectl on this machine get where they must?"""
    return Check(
        id="onboarding",
        kind=Kind.ONBOARDING,
        target="this-machine:443",
        route=Route.DIRECT,
        required=True,
        feature=ONBOARDING,
        initiator=ONBOARDING,
        path="",
        purpose=_purpose("onboarding"),
    )


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
        purpose=_purpose("unknown-names"),
    )
