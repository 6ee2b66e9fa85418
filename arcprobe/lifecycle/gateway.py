"""What Azure says of an Arc gateway -> points. Pure.

Shapes: azure-mgmt-hybridcompute 10.0.0 (api-version 2026-07-15). Permissions: learn.microsoft.com/
rest/api/authorization/permissions; limits: …/azure-arc/kubernetes/arc-gateway-simplify-networking.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from arcprobe.knowledge import catalogue
from arcprobe.knowledge.host_patterns import check_pattern
from arcprobe.lifecycle.points import Point, once, troubled, well, wrong
from arcprobe.model import PUBLIC_CLOUD, Code, line
from arcprobe.model.azure import Answer
from arcprobe.model.text import printable

MOST_GATEWAYS = 5
"""Of a subscription (the page named above, "Limitations")."""

ACTIONS = (
    "Microsoft.Kubernetes/connectedClusters/settings/default/write",
    "Microsoft.HybridCompute/gateways/read",
    "Microsoft.HybridCompute/gateways/write",
)
PROVIDERS = ("Microsoft.Kubernetes", "Microsoft.KubernetesConfiguration", "Microsoft.HybridCompute")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What Azure told. ``gateway_host``: of --gateway-url; empty where none was given."""

    cloud: str
    name: str
    gateway: Answer
    others: Answer
    permissions: Answer
    providers: dict[str, Answer]
    gateway_host: str = ""


def judge(told: Told) -> tuple[Point, ...]:
    """The points, in the order in which they matter."""
    return once((*_cloud(told), *_gateway(told), *_quota(told), *_rights(told), *_providers(told)))


def endpoint_of(gateway: Answer) -> str:
    """The host of a gateway that is there and ready; empty otherwise."""
    host = gateway.text("properties", "gatewayEndpoint")
    is_ready = gateway.text("properties", "provisioningState") == "Succeeded"
    try:
        return catalogue.gateway_host(host) if is_ready and host else ""
    except ValueError:
        return ""


def bypass_of(gateway: Answer) -> tuple[str, ...]:
    """The names that a gateway does not carry, those that are none left out."""
    found = []
    for name in _names(gateway.at("properties", "gatewayBypass")):
        with contextlib.suppress(ValueError):
            found.append(check_pattern(name))
    return tuple(found)


def is_allowed(action: str, entries: Iterable[dict[str, Any]]) -> bool:
    """Whether some entry grants an action: it matches one of ``actions`` and none of
    ``notActions`` of the same entry; ``*`` stands for any characters, the case does not count."""
    return any(
        _matches(action, entry.get("actions")) and not _matches(action, entry.get("notActions"))
        for entry in entries
    )


def _matches(action: str, patterns: object) -> bool:
    listed = patterns if isinstance(patterns, list) else []
    return any(
        re.fullmatch(re.escape(str(each)).replace(r"\*", ".*"), action, re.IGNORECASE)
        for each in listed
    )


def _cloud(told: Told) -> Iterator[Point]:
    if told.cloud != PUBLIC_CLOUD:
        yield wrong(Code.GATEWAY_CLOUD_UNSUPPORTED, cloud=told.cloud)


def _gateway(told: Told) -> Iterator[Point]:
    gateway = told.gateway
    if gateway.trouble is not None:
        yield troubled(gateway, told.name)
        return
    state = _shown(gateway.text("properties", "provisioningState")) or "?"
    host = _shown(gateway.text("properties", "gatewayEndpoint"))
    if not endpoint_of(gateway):
        status = f"provisioningState {state}, gatewayEndpoint {host or '-'}"
        yield wrong(Code.GATEWAY_NOT_ENABLED, host=told.name, targets=told.name, status=status)
    else:
        region = _shown(gateway.text("location"))
        kind = _shown(gateway.text("properties", "gatewayType"))
        yield well(line("points.gateway", name=told.name, host=host, region=region, kind=kind))
    if told.gateway_host and host and told.gateway_host != host.lower():
        yield wrong(Code.GATEWAY_URL_DIFFERS, host=told.gateway_host, expected=host)
    yield from _features(gateway)


def _features(gateway: Answer) -> Iterator[Point]:
    allowed = _names(gateway.at("properties", "allowedFeatures"))
    if allowed and "*" not in allowed:
        yield well(line("points.features", names=allowed))
    if bypass := _names(gateway.at("properties", "gatewayBypass")):
        yield well(line("points.bypass", names=bypass))


def _names(found: object) -> tuple[str, ...]:
    return tuple(_shown(str(each)) for each in found) if isinstance(found, list) else ()


def _quota(told: Told) -> Iterator[Point]:
    if told.others.trouble is not None:
        yield troubled(told.others, "gateways")
        return
    count = len(told.others.items())
    yield well(line("points.quota", count=count, most=MOST_GATEWAYS))
    if count >= MOST_GATEWAYS and told.gateway.trouble is not None:
        # one that is there can be used; a further one cannot be created
        status = f"{count}/{MOST_GATEWAYS}"
        yield wrong(Code.GATEWAY_QUOTA, host=told.name, targets=told.name, status=status)


def _rights(told: Told) -> Iterator[Point]:
    if told.permissions.trouble is not None:
        yield troubled(told.permissions, "permissions")
        return
    entries = told.permissions.items()
    missing = tuple(action for action in ACTIONS if not is_allowed(action, entries))
    if missing:
        yield wrong(Code.PERMISSION_MISSING, missing=missing)
    else:
        yield well(line("points.rights", count=len(ACTIONS)))


def _providers(told: Told) -> Iterator[Point]:
    for name, answer in told.providers.items():
        state = _shown(answer.text("registrationState"))
        if answer.trouble is not None:
            yield troubled(answer, name)
        elif state == "Registered":
            yield well(line("points.provider", name=name))
        else:
            yield wrong(Code.PROVIDER_UNREGISTERED, name=name, detail=state or "?")


def _shown(text: str) -> str:
    return printable(text, 120)


__all__ = ["ACTIONS", "PROVIDERS", "Told", "endpoint_of", "is_allowed", "judge"]
