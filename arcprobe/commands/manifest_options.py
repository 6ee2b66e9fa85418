"""The flags of ``job`` and ``run``: those of ``check``, handed on in a ConfigMap, and those of the
manifest."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from arcprobe import __version__
from arcprobe.commands import check
from arcprobe.fleet import manifest
from arcprobe.model.errors import ConfigError
from arcprobe.settings import load as config

_Command = TypeVar("_Command", bound=Callable[..., Any])

# These name files and tools of this place. In the cluster the Services come from the API server.
_STAYS_HERE = frozenset(
    {"services", "kubeconfig", "context", "proxy-auth-file", "skip-range", "location"}
)
_WORDS = {name.removeprefix("--"): words for name, words, _ in check._SETTINGS} | {
    "services": "Stays here: in the cluster the API server is asked.",
    "proxy-cert": "PEM bundle that the agents will be given; goes into the ConfigMap.",
    "proxy-auth-file": "File with user:password for the proxy: becomes a Secret, never a part of the manifest.",
    "kubeconfig": "Handed to kubectl by `arcprobe run`; never a part of the manifest.",
    "context": "Handed to kubectl by `arcprobe run`; never a part of the manifest.",
    "direct": "Also ask every endpoint without the proxy.",
    "strict": "Warnings fail too.",
}
_EMBEDDED = {
    "proxy-cert": "proxy-cert.pem",
    "public-roots": "public-roots.pem",
    "baseline": "baseline.json",
}
_FILES = frozenset({*_EMBEDDED, "services", "proxy-auth-file", "kubeconfig"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_LABEL_KEY = re.compile(
    r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")

_MANIFEST: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--image",
        {
            "default": f"arcprobe:{__version__}",
            "show_default": True,
            "help": "The image to run, built by the Dockerfile of arcprobe and pushed to a registry that the nodes reach.",
        },
    ),
    (
        "--registry",
        {
            "default": "",
            "metavar": "HOST[/PATH]",
            "help": "Registry mirror that stands before the image's name.",
        },
    ),
    (
        "--pull-secret",
        {"multiple": True, "metavar": "NAME", "help": "Secret to pull the image with; repeatable."},
    ),
    (
        "--pull-policy",
        {
            "default": "IfNotPresent",
            "type": click.Choice(["Always", "IfNotPresent", "Never"]),
            "show_default": True,
            "help": "Never: the image was loaded into the nodes by hand.",
        },
    ),
    (
        "--namespace",
        {"default": "", "metavar": "NAME", "help": "Where the pods run. Default: one of its own."},
    ),
    (
        "--name",
        {
            "default": "arcprobe",
            "show_default": True,
            "metavar": "NAME",
            "help": "Name of the objects.",
        },
    ),
    (
        "--nodes",
        {
            "default": "one",
            "show_default": True,
            "metavar": "one|all|N|SELECTOR",
            "help": "One node, or N that the scheduler chooses: a Job. All, or those of a label selector: a DaemonSet.",
        },
    ),
    (
        "--vantage",
        {
            "default": None,
            "type": click.Choice(["pod", "node", "both"]),
            "help": "Pod network, node network (hostNetwork), or both. Default: pod for `job`, both for `run`.",
        },
    ),
    (
        "--node-selector",
        {"multiple": True, "metavar": "KEY=VALUE", "help": "Nodes that may be used; repeatable."},
    ),
    (
        "--architecture",
        {"default": "", "metavar": "amd64|arm64", "help": "Only nodes of this architecture."},
    ),
    (
        "--toleration",
        {
            "multiple": True,
            "metavar": "KEY[=VALUE][:EFFECT]",
            "help": "Taint to tolerate; repeatable.",
        },
    ),
    ("--priority-class", {"default": "", "metavar": "NAME", "help": "PriorityClass of the pods."}),
    (
        "--request",
        {
            "multiple": True,
            "metavar": "RESOURCE=QUANTITY",
            "help": "In place of cpu=50m, memory=64Mi; repeatable.",
        },
    ),
    (
        "--limit",
        {
            "multiple": True,
            "metavar": "RESOURCE=QUANTITY",
            "help": "In place of memory=128Mi; repeatable.",
        },
    ),
    (
        "--label",
        {
            "multiple": True,
            "metavar": "KEY=VALUE",
            "help": "Further label on every object; repeatable.",
        },
    ),
    (
        "--proxy-secret",
        {
            "default": "",
            "metavar": "NAME",
            "help": "Secret with the key proxy-auth: one line user:password.",
        },
    ),
    (
        "--ca-config-map",
        {
            "default": "",
            "metavar": "NAME[/KEY]",
            "help": "ConfigMap with the CA bundle, instead of --proxy-cert.",
        },
    ),
    (
        "--keep",
        {
            "default": 3600,
            "show_default": True,
            "metavar": "SECONDS",
            "help": "How long a finished Job stays.",
        },
    ),
)


def settings_flags(command: _Command) -> _Command:
    """The flags of ``check`` (the contract's table), and ``--config``."""
    for name in sorted(config.KNOWN - {"skip-range", "location"}, reverse=True):
        second = [
            f"--{alias}" for alias, stands_for in config.ALIASES.items() if stands_for == name
        ]
        variable = name.replace("-", "_")
        words = _WORDS[name]
        if name in config.SWITCHES:
            command = click.option(f"--{name}", variable, is_flag=True, help=words)(command)
        else:
            lists = name in config.LISTS
            command = click.option(
                f"--{name}", *second, variable, multiple=lists, metavar=_metavar(name), help=words
            )(command)
    return click.option(
        "--config", "config_file", default=None, metavar="FILE", help="Settings as YAML."
    )(command)


def _metavar(name: str) -> str:
    if name in config.NUMBERS:
        return "SECONDS"
    return "FILE" if name in _FILES else "VALUE"


def manifest_flags(command: _Command) -> _Command:
    """The flags of the manifest itself."""
    for name, arguments in reversed(_MANIFEST):
        command = click.option(name, **arguments)(command)
    return command


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
    """From the flags as click gives them to what ``manifest.build`` takes. ``ConfigError`` as the
    person must read it.

    ``fixed``: options that the command itself decides.
    """
    # not even read here: stdin may be meant, or fifty thousand Services
    flags = {
        name: values.get(name.replace("-", "_")) or None
        for name in sorted(config.KNOWN - {"services"})
    }
    own = {
        name: text
        for name, text in environ.items()
        if name.startswith(config.PREFIX) and name != "ARCPROBE_SERVICES"
    }
    file = values.get("config_file")
    loaded = config.load(flags, own, file)
    given, _ = config.gathered(flags, own, file)
    settings = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if name not in _STAYS_HERE
    }
    for number in config.NUMBERS.keys() & settings.keys():
        settings[number] = getattr(loaded.settings, number.replace("-", "_"))
    notes = (
        ["--services stays here: in the cluster the API server is asked"]
        if values.get("services")
        else []
    )
    notes += [
        f"{name} of this place is not handed on; name the agents' proxy with --proxy-https"
        for name in ("HTTPS_PROXY", "https_proxy")
        if environ.get(name) and loaded.settings.proxy_https is None
    ]
    for name, proxy in (
        ("proxy-https", loaded.settings.proxy_https),
        ("proxy-http", loaded.settings.proxy_http),
    ):
        if proxy is not None:
            settings[name] = proxy.url  # without user and password
    files = {}
    for name, inside in _EMBEDDED.items():
        if settings.get(name):
            files[inside] = config.read_file(f"--{name}", str(settings[name])).decode(
                "utf-8", "replace"
            )
            settings[name] = f"{manifest.FOLDER}/{inside}"
    pairs = {f"{user}:{password.reveal()}" for user, password in loaded.credentials.values()}
    if len(pairs) > 1:
        raise ConfigError(
            "--proxy-http",
            "has other credentials than --proxy-https",
            "one Secret holds one user and password",
        )
    config_map, _, key = str(values.get("ca_config_map") or "").partition("/")
    try:
        if (nodes := str(values["nodes"]).strip()) not in ("one", "all") and not nodes.isdigit():
            manifest.selector_terms(nodes)
    except ValueError as error:
        raise ConfigError(
            "--nodes", str(error), "one, all, a number, or a label selector would be right"
        ) from None
    if nodes.isdigit() and not 1 <= int(nodes) <= 10_000:
        raise ConfigError("--nodes", f"is {nodes[:10]}", "a number from 1 to 10000 would be right")
    vantages = {"both": (manifest.POD, manifest.NODE), "node": (manifest.NODE,)}.get(
        str(values["vantage"]), (manifest.POD,)
    )
    selector = _pairs("--node-selector", values["node_selector"], _LABEL_VALUE)
    if values["architecture"]:
        selector["kubernetes.io/arch"] = _matching(
            "--architecture", str(values["architecture"]), re.compile("[a-z0-9]+")
        )
    chosen: dict[str, Any] = {
        "image": _image(str(values["image"]), str(values["registry"])),
        "config": settings,
        "files": files,
        "name": _matching("--name", str(values["name"]), _NAME),
        "namespace": _matching("--namespace", str(values["namespace"] or "arcprobe"), _NAME),
        "vantages": vantages,
        "nodes": nodes,
        "deadline": loaded.settings.deadline,
        "keep": max(0, _whole("--keep", values["keep"])),
        "pull_secrets": tuple(
            _matching("--pull-secret", name, _NAME) for name in values["pull_secret"]
        ),
        "pull_policy": values["pull_policy"],
        "node_selector": selector,
        "tolerations": tuple(_toleration(text) for text in values["toleration"]),
        "priority_class": values["priority_class"],
        "requests": _pairs("--request", values["request"], _QUANTITY),
        "limits": _pairs("--limit", values["limit"], _QUANTITY),
        "labels": _pairs("--label", values["label"], _LABEL_VALUE),
        "proxy_secret": values["proxy_secret"] or (f"{values['name']}-proxy" if pairs else ""),
        "ca_config_map": config_map,
        "ca_key": key or "ca.crt",
        "credentials": next(iter(pairs), ""),
        "notes": tuple(notes),
    }
    return Request(**{**chosen, **fixed})


def _whole(setting: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ConfigError(
            setting, f"is {str(value)[:20]!a}", "a whole number would be right"
        ) from None


def _matching(setting: str, text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(text):
        raise ConfigError(
            setting, f"is {text[:60]!a}", "lower-case letters, digits and - would be right"
        )
    return text


def _image(image: str, registry: str) -> str:
    """The image, behind a mirror where one is named: the mirror stands in the place of the image's
    own registry."""
    if registry:
        first, slash, rest = image.partition("/")
        # a first part with a dot, a colon or "localhost" is a registry
        # (distribution/reference, "domain")
        own = bool(slash) and ("." in first or ":" in first or first == "localhost")
        image = f"{registry.removeprefix('https://').rstrip('/')}/{rest if own else image}"
    if not _IMAGE.fullmatch(image):
        raise ConfigError("--image", f"is {image[:80]!a}", "registry/name:tag would be right")
    return image


def _pairs(setting: str, texts: tuple[str, ...], value_pattern: re.Pattern[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not _LABEL_KEY.fullmatch(key) or not value_pattern.fullmatch(value):
            raise ConfigError(setting, f"is {text[:60]!a}", "KEY=VALUE would be right")
        found[key] = value
    return found


def _toleration(text: str) -> dict[str, Any]:
    pair, _, effect = text.partition(":")
    key, equals, value = pair.partition("=")
    known = ("", "NoSchedule", "PreferNoSchedule", "NoExecute")
    if (
        effect not in known
        or (key and not _LABEL_KEY.fullmatch(key))
        or not _LABEL_VALUE.fullmatch(value)
    ):
        raise ConfigError(
            "--toleration", f"is {text[:60]!a}", "KEY[=VALUE][:EFFECT] would be right"
        )
    made: dict[str, Any] = {"key": key} if key else {}
    made |= {"operator": "Equal", "value": value} if equals else {"operator": "Exists"}
    return {**made, "effect": effect} if effect else made
