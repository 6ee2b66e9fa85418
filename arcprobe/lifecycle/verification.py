"""A connected cluster, after onboarding or the move to the gateway -> points. Pure.

Shapes: azure-mgmt-hybridkubernetes 2.0.0 (api-version 2026-05-01), azure-mgmt-hybridcompute 10.0.0.
The association with a gateway is the resource ``settings/default``; older answers have it in the
cluster's own ``gateway.resourceId``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from arcprobe.knowledge.bypass_keywords import as_agents_have_it
from arcprobe.lifecycle.points import Point, once, troubled, unknown, well, wrong
from arcprobe.model import Code, Proxy, Settings, line
from arcprobe.model.agents import Agents, ProxySettings
from arcprobe.model.azure import Answer, Trouble
from arcprobe.model.text import printable

OLDEST_AGENT = (1, 21, 10)
"""The first agents with the Arc proxy pod (learn.microsoft.com/azure/azure-arc/kubernetes/
arc-gateway-simplify-networking)."""

LONG_ENOUGH = timedelta(hours=1)
"""Before it nothing may be closed (the same page). Too short breaks agents that still go the old
way."""

_CERTIFICATE_ENDS = "managedIdentityCertificateExpirationTime"
_MOST_SHOWN = 8


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen. ``gateway_id``: the gateway that the cluster should use; empty: any.
    ``uses_gateway``: whether it should use one."""

    name: str
    cluster: Answer
    association: Answer
    agents: Agents
    settings: Settings
    now: datetime
    gateway_id: str = ""
    uses_gateway: bool = True


def judge(seen: Seen) -> tuple[Point, ...]:
    """The points: Azure's side first, then the cluster's."""
    return once((*_azure(seen), *_version(seen), *_ready(seen), *_proxies(seen), *_unread(seen)))


def linked_gateway(cluster: Answer, association: Answer) -> str:
    """The ID of the gateway that a cluster is linked to; empty where it is to none."""
    linked = association.text("properties", "gatewayProperties", "gatewayResourceId")
    return linked or cluster.text("properties", "gateway", "resourceId")


def _azure(seen: Seen) -> Iterator[Point]:
    if seen.cluster.trouble is not None:
        yield troubled(seen.cluster, seen.name)
        return
    yield from _connectivity(seen)
    yield from _link(seen) if seen.uses_gateway else _taken_back(seen)


def _connectivity(seen: Seen) -> Iterator[Point]:
    status = printable(seen.cluster.text("properties", "connectivityStatus"), 60) or "?"
    ends = seen.cluster.moment("properties", _CERTIFICATE_ENDS)
    has_ended = ends is not None and ends <= seen.now
    if ends is not None and has_ended:
        status = f"{status}, {_CERTIFICATE_ENDS} {ends.date().isoformat()}"
    if status == "Connected":
        yield well(line("points.connected"))
    else:
        yield wrong(Code.CLUSTER_NOT_CONNECTED, detail=status)
    if ends is not None and not has_ended:
        yield well(line("points.certificate", name=ends.date().isoformat()))


def _taken_back(seen: Seen) -> Iterator[Point]:
    """The way back: no gateway is left."""
    if _is_enabled(seen):
        linked = printable(linked_gateway(seen.cluster, seen.association), 200)
        yield wrong(Code.GATEWAY_STILL_ENABLED, name=seen.name, status=linked)
    else:
        yield well(line("points.disabled"))


def _is_enabled(seen: Seen) -> bool:
    return seen.cluster.at("properties", "gateway", "enabled") is True


def _link(seen: Seen) -> Iterator[Point]:
    linked = linked_gateway(seen.cluster, seen.association)
    is_enabled = _is_enabled(seen)
    is_right = not seen.gateway_id or _is_same(linked, seen.gateway_id)
    is_unknown = seen.association.trouble not in (None, Trouble.UNKNOWN)
    if is_unknown:
        yield troubled(seen.association, "settings/default")
    if not is_enabled or not (is_right or is_unknown):
        shown = printable(linked, 200) or "-"
        status = f"gateway.enabled {str(is_enabled).lower()}, gatewayResourceId {shown}"
        yield wrong(Code.GATEWAY_NOT_ENABLED, host=seen.name, targets=seen.name, status=status)
        return
    yield well(line("points.enabled"))
    yield from _hour(seen)


def _is_same(one: str, other: str) -> bool:
    return one.strip("/").lower() == other.strip("/").lower()


def _hour(seen: Seen) -> Iterator[Point]:
    switched = seen.association.moment("systemData", "lastModifiedAt")
    if switched is None:
        return
    since = seen.now - switched
    if since < LONG_ENOUGH:
        minutes = max(0, int(since.total_seconds() // 60))
        yield wrong(Code.SWITCH_TOO_RECENT, detail=f"{minutes} min")
    else:
        yield well(line("points.hour"))


def _version(seen: Seen) -> Iterator[Point]:
    own = seen.cluster.text("properties", "agentVersion")
    version = printable(own or seen.agents.config.get("AZURE_ARC_AGENT_VERSION", ""), 60)
    found = re.match(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})", version)
    if found is None:
        return
    is_old = tuple(map(int, found.groups())) < OLDEST_AGENT
    if is_old and seen.uses_gateway:
        yield wrong(Code.AGENT_TOO_OLD, agent=version)
    else:
        yield well(line("points.version", name=version))


def _ready(seen: Seen) -> Iterator[Point]:
    missing = [
        f"{each.name} ({each.ready}/{each.wanted})"
        for each in seen.agents.deployments or ()
        if each.ready < each.wanted
    ]
    if seen.agents.deployments == ():
        missing.append("azure-arc")
    if seen.uses_gateway and seen.agents.proxy_pods == ():
        missing.append("arc-proxy-…")
    if missing:
        yield wrong(Code.AGENTS_NOT_READY, missing=tuple(missing[:_MOST_SHOWN]))
    elif seen.agents.deployments is not None:
        yield well(line("points.ready", count=len(seen.agents.deployments)))
    if seen.agents.proxy_pods:
        yield well(line("points.proxy-pod", names=seen.agents.proxy_pods))


def _proxies(seen: Seen) -> Iterator[Point]:
    """Each sort of setting once, by the first place that differs."""
    settings = seen.settings
    for name, tested, field in (
        ("--proxy-https", _url(settings.proxy_https), "https"),
        ("--proxy-http", _url(settings.proxy_http), "http"),
    ):
        yield from _compared(seen, name, field, tested)
    yield from _list(seen)


def _compared(seen: Seen, name: str, field: str, tested: str) -> Iterator[Point]:
    found = [(each, _plain(getattr(each, field))) for each in seen.agents.proxies]
    if not found:
        return
    differing = [(each, url) for each, url in found if url != tested]
    if differing:
        where, url = differing[0]
        detail = f"{where.source}: {url or '-'}; {tested or '-'}"
        yield wrong(Code.PROXY_SETTINGS_DIFFER, name=name, detail=detail)
    elif tested:
        yield well(line("points.same", name=name))


def _list(seen: Seen) -> Iterator[Point]:
    settings = seen.settings
    text = as_agents_have_it(settings.skip_range or "", settings.proxy_bypass, settings.cloud)
    tested = _entries(text)
    differing = [each for each in seen.agents.proxies if _entries(each.no_proxy) != tested]
    if differing:
        detail = _difference(differing[0], tested)
        yield wrong(Code.PROXY_SETTINGS_DIFFER, name="--proxy-skip-range", detail=detail)
    elif seen.agents.proxies and tested:
        yield well(line("points.same", name="--proxy-skip-range"))


def _difference(found: ProxySettings, tested: frozenset[str]) -> str:
    entries = _entries(found.no_proxy)
    added = [f"+{entry}" for entry in sorted(entries - tested)]
    gone = [f"-{entry}" for entry in sorted(tested - entries)]
    return f"{found.source}: {', '.join((added + gone)[:_MOST_SHOWN])}"


def _entries(text: str) -> frozenset[str]:
    # az escapes commas and slashes for Helm; what stands in the cluster may have them still
    plain = text.replace("\\,", ",").replace("\\/", "/")
    return frozenset(entry.strip().lower() for entry in plain.split(",") if entry.strip())


def _url(proxy: Proxy | None) -> str:
    return _plain(proxy.url) if proxy is not None else ""


def _plain(url: str) -> str:
    return url.replace("\\/", "/").rstrip("/").lower()


def _unread(seen: Seen) -> Iterator[Point]:
    for name, words in seen.agents.unread:
        yield unknown(line("points.no-secret", name=name, detail=words))
