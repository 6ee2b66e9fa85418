"""What ``job`` and ``run`` are given, as ``fleet/manifest.py`` takes it: the settings of ``check``
that are handed on, and the options of the manifest."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from arcprobe.commands.namespace import namespace
from arcprobe.fleet import manifest
from arcprobe.fleet.selectors import selector_terms
from arcprobe.model import Config, Proxy
from arcprobe.model.errors import ConfigError
from arcprobe.model.text import host_port, parse_address
from arcprobe.pipeline import prepare
from arcprobe.settings.files import read_file
from arcprobe.settings.gather import gather
from arcprobe.settings.load import load
from arcprobe.settings.table import PREFIX, SETTINGS, Setting, Shape, variable

_MOST_NODES = (
    10_000  # twice what Kubernetes supports (documentation, "Considerations for large clusters")
)

# Names of objects and labels: Kubernetes documentation, "Object Names and IDs", "Labels and
# Selectors"; quantities: its API reference, "Quantity".
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")
_ARCHITECTURE = re.compile(r"[a-z0-9]+")
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_LABEL_KEY = re.compile(
    r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
# What Kubernetes takes (documentation, "CronJob"; github.com/robfig/cron/v3, ParseStandard).
_SCHEDULE = re.compile(
    r"@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[\w*/,?-]{1,40}( [\w*/,?-]{1,40}){4}",
    re.ASCII,
)
_EFFECTS = ("", "NoSchedule", "PreferNoSchedule", "NoExecute")

_VANTAGES = {"both": (manifest.POD, manifest.NODE), "node": (manifest.NODE,)}


class Request(manifest.Options, frozen=True, kw_only=True):
    """The manifest's options, with what must not be in it: the proxy's ``user:password`` and lines
    for stderr."""

    credentials: str = ""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Request(image={self.image!r}, namespace={self.namespace!r})"


def request(
    values: Mapping[str, Any], environ: Mapping[str, str] = os.environ, **fixed: Any
) -> Request:
    """From what click gives to what ``manifest.build`` takes. ConfigError as the user must read it.

    ``fixed``: options that the command itself decides.
    """
    config, handed_on = _settings(values, environ)
    credentials = _credentials(config)
    files = _embed(handed_on)
    config_map, _, key = values["ca_config_map"].partition("/")
    proxy_secret = f"{values['name']}-proxy" if credentials else ""
    chosen: dict[str, Any] = {
        "image": _image(values["image"], values["registry"]),
        "config": handed_on,
        "files": files,
        "name": _matching("--name", values["name"], _NAME),
        "namespace": namespace(values["namespace"] or manifest.OWN_NAMESPACE),
        "rights": not values["no_rights"],
        "vantages": _VANTAGES.get(values["vantage"], (manifest.POD,)),
        "nodes": _nodes(values["nodes"].strip()),
        "deadline": config.settings.deadline,
        "keep": max(0, values["keep"]),
        "pull_secrets": tuple(
            _matching("--pull-secret", name, _NAME) for name in values["pull_secret"]
        ),
        "pull_policy": values["pull_policy"],
        "node_selector": _node_selector(values["node_selector"], values["architecture"]),
        "tolerations": tuple(_toleration(text) for text in values["toleration"]),
        "priority_class": values["priority_class"],
        "requests": _pairs("--request", values["request"], _QUANTITY),
        "limits": _pairs("--limit", values["limit"], _QUANTITY),
        "labels": _pairs("--label", values["label"], _LABEL_VALUE),
        "proxy_secret": values["proxy_secret"] or proxy_secret,
        "ca_config_map": config_map,
        "ca_key": key or "ca.crt",
        "credentials": credentials,
        "notes": tuple(_notes(values, environ, config)),
    }
    return Request(**{**chosen, **fixed})


def schedule(text: str, nodes: str) -> str:
    """When a CronJob runs; the empty string where none is asked for."""
    if not text:
        return ""
    if not _SCHEDULE.fullmatch(text):
        advice = "use five fields as cron has them, such as '*/30 * * * *'"
        raise ConfigError("--schedule", f"is {text[:60]!a}", advice)
    if nodes != "one" and not nodes.isdigit():
        problem = "goes with a Job alone, and all nodes, or those of a selector, are a DaemonSet"
        raise ConfigError("--schedule", problem, "use --nodes one or a number")
    return text


def kube_version(text: str) -> tuple[int, int] | None:
    """``1.20`` or ``v1.20.2`` as major and minor version; None where none is given."""
    if not text:
        return None
    match = re.fullmatch(r"v?(\d{1,3})\.(\d{1,3})(\..*)?", text)
    if match is None:
        raise ConfigError("--kube-version", f"is {text[:20]!a}", "use MAJOR.MINOR")
    return int(match[1]), int(match[2])


# --------------------------------------------------------------------------- settings, handed on


def _settings(values: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Config, Any]:
    """The settings as ``check`` reads them, and those that the pods are given, by name."""
    # Services are not even read here: stdin may be meant, or fifty thousand of them.
    flags = {
        row.name: values[row.name.replace("-", "_")] for row in SETTINGS if row.name != "services"
    }
    own = {name: text for name, text in environ.items() if name.startswith(PREFIX)}
    own.pop(variable("services"), None)
    config = load(flags, own, values["file"])
    config = prepare(msgspec.structs.replace(config, services_file=""))
    if config.gateway_id:
        from arcprobe.commands.azure import with_gateway

        config = with_gateway(config, environ)
    for proxy in filter(None, (config.settings.proxy_https, config.settings.proxy_http)):
        _refuse_loopback(proxy)
    given = gather(flags, own, values["file"]).values
    # without user and password
    proxies = {"proxy-https": config.settings.proxy_https, "proxy-http": config.settings.proxy_http}
    handed_on = _handed_on(given) | {
        name: proxy.url for name, proxy in proxies.items() if proxy is not None
    }
    if config.gateway_id:
        handed_on["gateway-url"] = config.settings.gateway_url
        handed_on["gateway-bypass"] = list(config.settings.gateway_bypass)
    return config, handed_on


def _refuse_loopback(proxy: Proxy) -> None:
    """A pod that dials loopback dials itself."""
    address = parse_address(proxy.host)
    is_name = proxy.host == "localhost" or proxy.host.endswith(".localhost")
    if is_name or (address is not None and (address.is_loopback or address.is_unspecified)):
        problem = f"{host_port(proxy.host, proxy.port)} is each pod itself, not this machine"
        advice = "name the address of the proxy in the network"
        raise ConfigError(proxy.setting, problem, advice)


def _handed_on(given: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for row in SETTINGS if row.name in given]
    return {row.name: _plain(row, given[row.name]) for row in rows if not row.stays_here}


def _plain(row: Setting, value: Any) -> Any:
    """A value as YAML has it."""
    match row.shape:
        case Shape.LIST:
            return list(value)
        case Shape.NUMBER:
            return row.read(row.flag, str(value))
        case _:
            return value


def _embed(handed_on: dict[str, Any]) -> dict[str, str]:
    """The files that go into the ConfigMap, by the name that they have there; the settings then
    name those."""
    files = {}
    for row in SETTINGS:
        if row.in_manifest and handed_on.get(row.name):
            data = read_file(row.flag, handed_on[row.name])
            files[row.in_manifest] = data.decode("utf-8", "replace")
            handed_on[row.name] = f"{manifest.FOLDER}/{row.in_manifest}"
    return files


def _credentials(config: Config) -> str:
    pairs = {f"{user}:{password.reveal()}" for user, password in config.credentials.values()}
    if len(pairs) > 1:
        problem = "has other credentials than --proxy-https"
        raise ConfigError("--proxy-http", problem, "one Secret holds one user and password")
    return next(iter(pairs), "")


def _notes(values: Mapping[str, Any], environ: Mapping[str, str], config: Config) -> list[str]:
    notes = []
    if values["services"]:
        notes.append("--services stays here: in the cluster the API server is asked")
    for name in ("HTTPS_PROXY", "https_proxy"):
        if environ.get(name) and config.settings.proxy_https is None:
            notes.append(
                f"{name} of this place is not handed on; name the agents' proxy with --proxy-https"
            )
    return notes


# ------------------------------------------------------------------------ options of the manifest


def _matching(setting: str, text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(text):
        advice = "use lower-case letters, digits and -"
        raise ConfigError(setting, f"is {text[:60]!a}", advice)
    return text


def _nodes(text: str) -> str:
    if text.isdigit():
        if not 1 <= int(text) <= _MOST_NODES:
            advice = f"use a number from 1 to {_MOST_NODES}"
            raise ConfigError("--nodes", f"is {text[:10]}", advice)
    elif text not in ("one", "all"):
        try:
            selector_terms(text)
        except ValueError as error:
            advice = "use one, all, a number, or a label selector"
            raise ConfigError("--nodes", str(error), advice) from None
    return text


def _image(image: str, registry: str) -> str:
    """The image, behind a mirror where one is named: the mirror stands in the place of the image's
    own registry."""
    if registry:
        mirror = registry.removeprefix("https://").rstrip("/")
        image = f"{mirror}/{_without_registry(image)}"
    if not _IMAGE.fullmatch(image):
        raise ConfigError("--image", f"is {image[:80]!a}", "use registry/name:tag")
    return image


def _without_registry(image: str) -> str:
    first, slash, rest = image.partition("/")
    # a first part with a dot, a colon or "localhost" is a registry
    # (https://github.com/distribution/reference, "domain")
    is_registry = re.search(r"[.:]|\Alocalhost\Z", first) is not None
    return rest if slash and is_registry else image


def _node_selector(texts: tuple[str, ...], architecture: str) -> dict[str, str]:
    selector = _pairs("--node-selector", texts, _LABEL_VALUE)
    if architecture:
        name = _matching("--architecture", architecture, _ARCHITECTURE)
        selector["kubernetes.io/arch"] = name
    return selector


def _pairs(setting: str, texts: tuple[str, ...], value_pattern: re.Pattern[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not _LABEL_KEY.fullmatch(key) or not value_pattern.fullmatch(value):
            raise ConfigError(setting, f"is {text[:60]!a}", "use KEY=VALUE")
        found[key] = value
    return found


def _toleration(text: str) -> dict[str, Any]:
    pair, _, effect = text.partition(":")
    key, equals, value = pair.partition("=")
    is_key = not key or _LABEL_KEY.fullmatch(key)
    if effect not in _EFFECTS or not is_key or not _LABEL_VALUE.fullmatch(value):
        advice = "use KEY[=VALUE][:EFFECT]"
        raise ConfigError("--toleration", f"is {text[:60]!a}", advice)
    operator = "Equal" if equals else "Exists"
    wanted = {"key": key, "operator": operator, "value": value, "effect": effect}
    return {name: part for name, part in wanted.items() if part}
