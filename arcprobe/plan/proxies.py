"""The questions about each proxy in use: does its name resolve, does it open tunnels?"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arcprobe.knowledge.language import language
from arcprobe.model import Check, Config, Kind, Proxy, Route, line
from arcprobe.model.text import host_port
from arcprobe.plan.routes import is_looked_up


def proxy_checks(config: Config, checks: Iterable[Check]) -> list[Check]:
    """Those about the proxies that these checks use."""
    used = {
        check.proxy.url: check.proxy for check in reversed([*checks]) if check.proxy is not None
    }
    found: list[Check] = []
    for proxy in used.values():
        found += _about(config, proxy)
    return found


def unused_proxy_checks(config: Config, checks: Iterable[Check]) -> list[Check]:
    """--proxy-http is given to the agents as well, also where nothing is asked over http."""
    proxy = config.settings.proxy_http
    if proxy is None or proxy.url in {check.proxy.url for check in checks if check.proxy}:
        return []
    return [
        msgspec.structs.replace(check, required=False, unused=True)
        for check in _about(config, proxy)
    ]


def _about(config: Config, proxy: Proxy) -> list[Check]:
    asked = Check(
        id=f"proxy {proxy.url}",
        kind=Kind.PROXY,
        target=host_port(proxy.host, proxy.port),
        route=Route.PROXY,
        required=True,
        feature="core",
        host=proxy.host,
        port=proxy.port,
        protocol=proxy.scheme,
        proxy=proxy,
        path="",
        purpose=language().say(line("plan.proxy", setting=proxy.setting)),
    )
    if not is_looked_up(config, proxy.host, proxy.port):
        return [asked]
    dns = msgspec.structs.replace(asked, id=f"dns {proxy.host}", kind=Kind.DNS, route=Route.DIRECT)
    return [asked, dns]
