"""By which route an endpoint is asked, and the questions that its route brings."""

from __future__ import annotations

import msgspec

from arcprobe import no_proxy
from arcprobe.knowledge.bypass_keywords import as_agents_have_it, keyword_for
from arcprobe.model import Check, Config, Kind, Proxy, Route, Settings
from arcprobe.model.text import host_port, is_address


def route(settings: Settings, protocol: str, host: str, port: int) -> tuple[Proxy | None, str]:
    """The proxy that an agent uses for an endpoint, or None and the entry of the bypass list that
    leads past it (Go's rules)."""
    scheme, proxy = "https", settings.proxy_https
    if protocol == "http":
        scheme, proxy = "http", settings.proxy_http
    if proxy is None:
        return None, ""
    entries = as_agents_have_it(settings.skip_range or "", settings.proxy_bypass, settings.cloud)
    bypass = no_proxy.bypass("go", entries, host, port, scheme)
    if bypass.bypassed:
        return None, bypass.entry or "loopback"
    keyword = keyword_for(host, settings.proxy_bypass, settings.cloud)
    return (None, keyword) if keyword else (proxy, "")


def route_of(proxy: Proxy | None) -> Route:
    """How a connection leaves that uses this proxy, or none."""
    return Route.DIRECT if proxy is None else Route.PROXY


def check_id(kind: Kind, host: str, port: int, proxy: Proxy | None) -> str:
    """The id of a check that connects to an endpoint, or is judged from such a connection."""
    return f"{kind} {host}:{port} {route_of(proxy)}"


def routed(config: Config, asked: Check) -> list[Check]:
    """A question without a route yet, by its route: dns (direct routes), then the question itself,
    then tls, which is judged from the same connection."""
    host, port = asked.host, asked.port
    proxy, entry = route(config.settings, asked.protocol, host, port)
    base = msgspec.structs.replace(
        asked,
        id=check_id(asked.kind, host, port, proxy) + asked.id,
        target=host_port(host, port),
        route=route_of(proxy),
        proxy=proxy,
        via_bypass=entry,
    )
    checks = [base]
    if asked.protocol != "http":
        tls = msgspec.structs.replace(
            base,
            id=check_id(Kind.TLS, host, port, proxy),
            kind=Kind.TLS,
            observed_with=base.id,
            path="",
            marks=(),
        )
        checks.append(tls)
    if proxy is None and is_looked_up(config, host, port):
        dns = msgspec.structs.replace(
            base, id=f"dns {host}", kind=Kind.DNS, path="", marks=(), issuers=()
        )
        checks.insert(0, dns)
    return checks


def is_looked_up(config: Config, host: str, port: int) -> bool:
    """Whether a name server has a say: not of an address, of what --resolve fixes, nor of localhost
    (RFC 6761 section 6.3)."""
    name = host.lower().rstrip(".")
    is_localhost = name == "localhost" or name.endswith(".localhost")
    return not is_localhost and not is_address(host) and (host, port) not in config.resolve
