"""The namespace of the Arc agents, read: Deployments, pods, the ConfigMap and the Secret with the
proxy's values. Records; user and password of a proxy are not even kept."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from arcprobe.model import ClusterSource
from arcprobe.model.agents import Agents, Deployment, ProxySettings
from arcprobe.model.text import printable
from arcprobe.probes.cluster.access import read_paths
from arcprobe.probes.cluster.helm import TYPE, values_of
from arcprobe.probes.cluster.told import Refused

_DEPLOYMENTS, _PODS = "Deployments", "Pods"
_CONFIG, _SECRET = "ConfigMap azure-clusterconfig", "Secret proxy-config"
_HELM = "Helm values of azure-arc"
# where az installs the release, and the labels of what is in force (helm.sh/helm, pkg/storage)
_RELEASE = "azure-arc-release"
_IN_FORCE = "owner%3Dhelm,name%3Dazure-arc,status%3Ddeployed"
_ARC_PROXY = "arc-proxy-"
_LONGEST = 8_192  # characters of a value
_FIELDS = {"httpsproxy": "https", "httpproxy": "http", "noproxy": "no_proxy"}


def read_agents(source: ClusterSource, namespace: str, timeout: float) -> Agents:
    """What is to be read. Never raises."""
    paths = {
        _DEPLOYMENTS: f"/apis/apps/v1/namespaces/{namespace}/deployments",
        _PODS: f"/api/v1/namespaces/{namespace}/pods",
        _CONFIG: f"/api/v1/namespaces/{namespace}/configmaps/azure-clusterconfig",
        _SECRET: f"/api/v1/namespaces/{namespace}/secrets/proxy-config",
        _HELM: f"/api/v1/namespaces/{_RELEASE}/secrets?labelSelector={_IN_FORCE}",
    }
    bodies = read_paths(source, paths.values(), timeout)
    found: dict[str, dict[str, Any]] = {}
    unread: list[tuple[str, str]] = []
    for name, path in paths.items():
        body = bodies[path]
        if isinstance(body, Refused):
            unread.append((name, body.failure.detail))
            continue
        content = _decoded(body)
        if content is None:
            unread.append((name, "no JSON"))
        else:
            found[name] = content
    return _agents(found, tuple(unread))


def _agents(found: dict[str, dict[str, Any]], unread: tuple[tuple[str, str], ...]) -> Agents:
    deployments = pods = None
    proxies: list[ProxySettings] = []
    if _DEPLOYMENTS in found:
        items = _items(found[_DEPLOYMENTS])
        deployments = tuple(map(_deployment, items))
        proxies += _of_containers(items)
    if _PODS in found:
        pods = tuple(_running(_items(found[_PODS])))
    if _SECRET in found:
        values = {name: _unpacked(value) for name, value in _data(found[_SECRET]).items()}
        proxies += _settings(_SECRET, values)
    for secret in _items(found.get(_HELM, {})):
        proxies += _of_release(secret)
    return Agents(
        config=_data(found.get(_CONFIG, {})),
        deployments=deployments,
        proxy_pods=pods,
        proxies=tuple(proxies),
        unread=unread,
    )


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _at(thing: Any, *path: str) -> Any:
    for name in path:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def _items(content: dict[str, Any]) -> list[dict[str, Any]]:
    found = content.get("items")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _name(thing: dict[str, Any]) -> str:
    return printable(str(_at(thing, "metadata", "name") or ""), 253)


def _number(found: Any) -> int:
    return found if isinstance(found, int) else 0


def _deployment(thing: dict[str, Any]) -> Deployment:
    wanted = _at(thing, "spec", "replicas")
    return Deployment(
        name=_name(thing),
        ready=_number(_at(thing, "status", "readyReplicas")),
        wanted=1 if wanted is None else _number(wanted),
    )


def _running(pods: list[dict[str, Any]]) -> Iterator[str]:
    for pod in pods:
        if _name(pod).startswith(_ARC_PROXY) and _at(pod, "status", "phase") == "Running":
            yield _name(pod)


def _data(thing: dict[str, Any]) -> dict[str, str]:
    found = thing.get("data")
    listed = found.items() if isinstance(found, dict) else ()
    return {str(name): printable(str(value), _LONGEST) for name, value in listed}


def _unpacked(value: str) -> str:
    try:
        return printable(base64.b64decode(value, validate=True), _LONGEST)
    except (binascii.Error, ValueError):
        return ""


def _of_containers(deployments: list[dict[str, Any]]) -> Iterator[ProxySettings]:
    """The first container of each Deployment that has proxy variables with values of its own."""
    for thing in deployments:
        containers = _at(thing, "spec", "template", "spec", "containers")
        for container in containers if isinstance(containers, list) else ():
            variables = _at(container, "env")
            listed = variables if isinstance(variables, list) else []
            values = {
                str(_at(each, "name")): str(_at(each, "value") or "")
                for each in listed
                if isinstance(each, dict)
            }
            yield from _settings(f"Deployment {_name(thing)}", values)


def _of_release(secret: dict[str, Any]) -> Iterator[ProxySettings]:
    """The values of `az connectedk8s`, which stand below ``global``; ``isProxyEnabled`` false:
    whatever else is there, no proxy is used."""
    if _at(secret, "type") != TYPE:
        return
    given = _at(values_of(str(_at(secret, "data", "release") or "")), "global")
    listed = given.items() if isinstance(given, dict) else ()
    values = {str(name): str(value) for name, value in listed}
    if values.get("isProxyEnabled", "").lower() == "false":
        yield ProxySettings(source=_HELM)
        return
    yield from _settings(_HELM, values)


def _settings(source: str, values: dict[str, str]) -> Iterator[ProxySettings]:
    """The keys are spelled in several ways: HTTPS_PROXY, httpsProxy, https-proxy."""
    found: dict[str, str] = {}
    for name, value in values.items():
        field = _FIELDS.get(re.sub("[^a-z]", "", name.lower()))
        if field and value:
            found[field] = _without_login(printable(value, _LONGEST))
    if found:
        yield ProxySettings(source=source, **found)


def _without_login(value: str) -> str:
    """An URL without user and password, also where az escaped it for Helm, or with no scheme."""
    plain = value.replace("\\/", "/").replace("\\,", ",")
    scheme, mark, rest = plain.partition("://")
    if not mark:
        scheme, rest = "", plain
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
