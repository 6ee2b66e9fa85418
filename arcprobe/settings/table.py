"""Every setting, a row each: flags, ``ARCPROBE_*`` variables, keys of ``--config``, keys of a
manifest, help and the README's table are made of it. A new setting is a row here, and its use."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import msgspec

from arcprobe.knowledge.bypass_keywords import names as keyword_names
from arcprobe.knowledge.catalogue import CLOUDS, DEFAULT_FEATURES, FEATURES
from arcprobe.settings import values

PREFIX = "ARCPROBE_"


class Shape(Enum):
    """How a setting is given."""

    TEXT = auto()
    NUMBER = auto()
    SWITCH = auto()  # present or not; true or false in the environment and the file
    LIST = auto()  # repeatable; a list in the file, with commas between in the environment


class Group(Enum):
    """Under which heading ``--help`` lists a setting."""

    AZURE = "Azure"
    PROXY = "Proxy"
    CLUSTER = "Cluster"
    SELECTION = "Selection"
    LIMITS = "Limits"
    OUTPUT = "Output"


_CHECK = frozenset({"check", "job", "run"})


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. ``read``: what one value means; it has the setting's flag and the text, and
    raises ConfigError."""

    name: str
    help: str
    shape: Shape = Shape.TEXT
    metavar: str = "VALUE"
    read: Callable[[str, str], Any] = values.text
    split: Callable[[str], tuple[str, ...]] = values.by_commas  # of a LIST, in the environment
    default: Any = ""
    also: str = ""  # a second name
    in_manifest: str = ""  # name of its file in a manifest's ConfigMap
    stays_here: str = ""  # why no manifest holds it
    commands: frozenset[str] = _CHECK  # that have it as a flag
    group: Group

    @property
    def flag(self) -> str:
        """Its flag."""
        return f"--{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its names without dashes, the own one first."""
        return (self.name, self.also) if self.also else (self.name,)

    def words(self, command: str = "check") -> str:
        """Its help in a command."""
        parts = [self.help]
        if self.shape is Shape.LIST:
            parts.append("; repeatable")
        if self.shape is Shape.NUMBER:
            parts.append(f" (default {self.default:g})")
        if command in ("job", "run") and self.stays_here:
            parts.append(f". Stays here: {self.stays_here}")
        if command in ("job", "run") and self.in_manifest:
            parts.append("; goes into the ConfigMap")
        return "".join(parts) + "."


def _text(name: str, help: str, metavar: str = "VALUE", **more: Any) -> Setting:
    return Setting(name=name, help=help, metavar=metavar, **more)


def _list(name: str, help: str, metavar: str, **more: Any) -> Setting:
    return Setting(name=name, help=help, metavar=metavar, shape=Shape.LIST, **more)


def _seconds(name: str, help: str, default: float, **more: Any) -> Setting:
    told = {"read": values.seconds, "default": default, **more}
    return Setting(name=name, help=help, metavar="SECONDS", shape=Shape.NUMBER, **told)


def _switch(name: str, help: str, **more: Any) -> Setting:
    return Setting(name=name, help=help, shape=Shape.SWITCH, default=False, **more)


_ENDPOINTS = frozenset({"check", "job", "run", "endpoints"})
_CLUSTER = frozenset({"check", "job", "run", "skip-range"})
_PLAN = frozenset({"plan", "gateway"})
_LATER = _PLAN | {"traffic"}
_ALL = _ENDPOINTS | _CLUSTER | _LATER
_KUBECTL = "it is for `kubectl`, and `arcprobe run` hands it on"

SETTINGS = (
    _text(
        "cloud",
        f"{CLOUDS[0]} (default), {' or '.join(CLOUDS[1:])}",
        "NAME",
        read=values.cloud,
        default=CLOUDS[0],
        commands=_ALL,
        group=Group.AZURE,
    ),
    _text(
        "region",
        "Azure region of the connected cluster; only skip-range can do without",
        "NAME",
        also="location",
        commands=_ALL,
        group=Group.AZURE,
    ),
    _text(
        "gateway-url",
        "Host or URL of the Arc gateway resource; absent: no gateway",
        "URL",
        read=values.gateway,
        default=("", ""),
        commands=_ALL,
        group=Group.AZURE,
    ),
    _text(
        "gateway-resource-id",
        "Resource ID of the Arc gateway: Azure is asked for its URL, with ARCPROBE_AZURE_TOKEN or "
        "arcprobe[azure]",
        "ID",
        stays_here="Azure is asked from here",
        commands=_ENDPOINTS | frozenset({"traffic"}),
        group=Group.AZURE,
    ),
    _list(
        "gateway-bypass",
        "Host of the gateway's property gatewayBypass, or *. and a domain: does not go through it",
        "HOST",
        read=values.host_pattern,
        commands=_ENDPOINTS | frozenset({"traffic"}),
        group=Group.AZURE,
    ),
    _list(
        "feature",
        f"Feature that is used besides {', '.join(DEFAULT_FEATURES)}: "
        + ", ".join(name for name in FEATURES if name not in DEFAULT_FEATURES),
        "NAME",
        read=values.feature,
        commands=_ENDPOINTS | _LATER,
        group=Group.AZURE,
    ),
    _list(
        "no-feature",
        "Feature to leave out",
        "NAME",
        read=values.feature,
        commands=_ENDPOINTS | _LATER,
        group=Group.AZURE,
    ),
    _list(
        "key-vault",
        "Key vault that the cluster uses",
        "NAME",
        read=values.key_vault,
        commands=_ENDPOINTS | frozenset({"traffic", "gateway"}),
        group=Group.AZURE,
    ),
    _text(
        "proxy-https",
        "Proxy URL for https: http://, https:// (TLS to the proxy), socks5://, socks5h://; "
        "user and password percent-encoded",
        "URL",
        commands=_CLUSTER | _PLAN,
        group=Group.PROXY,
    ),
    _text("proxy-http", "Proxy URL for http", "URL", commands=_CLUSTER | _PLAN, group=Group.PROXY),
    _text(
        "proxy-auth-file",
        "File with user:password for the proxy, so that no password is on a command line",
        "FILE",
        stays_here="it becomes a Secret",
        commands=_CHECK | _PLAN,
        group=Group.PROXY,
    ),
    _text(
        "proxy-skip-range",
        "The bypass list (no_proxy) that the agents will be given; absent: NO_PROXY",
        "LIST",
        also="skip-range",
        commands=_CLUSTER | _PLAN,
        group=Group.PROXY,
    ),
    _list(
        "add-proxy-bypass",
        "What else goes past the proxy, as `az connectedk8s` takes it: "
        + ", ".join(keyword_names()),
        "NAME",
        read=values.bypass_keyword,
        commands=_ALL,
        group=Group.PROXY,
    ),
    _text(
        "proxy-cert",
        "PEM bundle that the agents will be given",
        "FILE",
        in_manifest="proxy-cert.pem",
        commands=_CHECK | _PLAN,
        group=Group.PROXY,
    ),
    _text(
        "public-roots",
        "PEM bundle that stands for the public web PKI instead of the shipped one",
        "FILE",
        in_manifest="public-roots.pem",
        commands=_CHECK | frozenset({"gateway"}),
        group=Group.SELECTION,
    ),
    _text(
        "baseline",
        "Earlier JSON report from a clean network, to compare issuers with",
        "FILE",
        in_manifest="baseline.json",
        group=Group.SELECTION,
    ),
    _text(
        "data",
        "Endpoints that stand in the place of the shipped ones, as `endpoints --update-from` keeps "
        "them",
        "FILE",
        in_manifest="endpoints.toml",
        commands=_ENDPOINTS | frozenset({"traffic"}),
        group=Group.AZURE,
    ),
    _list(
        "endpoint",
        "Further endpoint: https://host[:port][/path] or wss://…",
        "URL",
        read=values.endpoint,
        split=values.urls,
        group=Group.AZURE,
    ),
    _list(
        "only", "Glob over hosts or kinds of checks: ask only these", "GLOB", group=Group.SELECTION
    ),
    _list(
        "skip", "Glob over hosts or kinds of checks: leave these out", "GLOB", group=Group.SELECTION
    ),
    _list(
        "resolve",
        "Addresses of a name on direct routes, as curl has them",
        "HOST:PORT:ADDRESS",
        read=values.resolve,
        split=values.resolve_entries,
        group=Group.SELECTION,
    ),
    _text(
        "services",
        "Output of `kubectl get svc -A -o json`; - is stdin",
        "FILE",
        stays_here="in the cluster the API server is asked",
        commands=_CLUSTER,
        group=Group.CLUSTER,
    ),
    _list(
        "service-cidr",
        "Service range of the cluster",
        "RANGE",
        read=values.address_range,
        commands=_CLUSTER,
        group=Group.CLUSTER,
    ),
    _list(
        "pod-cidr",
        "Pod range of the cluster",
        "RANGE",
        read=values.address_range,
        commands=_CLUSTER,
        group=Group.CLUSTER,
    ),
    _list(
        "api-server",
        "Kubernetes API server: host or host:port",
        "HOST",
        read=values.api_server,
        commands=_CLUSTER | _PLAN,
        group=Group.CLUSTER,
    ),
    _text(
        "kubeconfig",
        "Handed to kubectl",
        "FILE",
        stays_here=_KUBECTL,
        commands=_CLUSTER | _LATER,
        group=Group.CLUSTER,
    ),
    _text(
        "context",
        "Handed to kubectl",
        "NAME",
        stays_here=_KUBECTL,
        commands=_CLUSTER | _LATER,
        group=Group.CLUSTER,
    ),
    _list(
        "product",
        "Product that stands in the way here (squid, bind, nftables, …): its lines to be pasted "
        "are written also where no answer names it",
        "NAME",
        read=values.product,
        group=Group.OUTPUT,
    ),
    _list(
        "client",
        "Address or network that the cluster's traffic comes from, as the proxy and the firewall "
        "see it: lines to be pasted allow it alone",
        "RANGE",
        read=values.client,
        commands=_ENDPOINTS,
        group=Group.OUTPUT,
    ),
    _text(
        "lang",
        "Language of what is written for people, such as ja; JSON is English. Absent: that of the "
        "locale",
        "NAME",
        read=values.lang,
        commands=_ENDPOINTS,
        group=Group.OUTPUT,
    ),
    _switch(
        "direct",
        "Also ask every endpoint without the proxy, to tell what the proxy adds",
        group=Group.SELECTION,
    ),
    _switch("strict", "Warnings fail too", group=Group.SELECTION),
    _seconds(
        "timeout",
        "Seconds for one operation on the wire",
        10.0,
        commands=_CLUSTER | frozenset({"traffic", "gateway"}),
        group=Group.LIMITS,
    ),
    _seconds("deadline", "Seconds for the whole run", 60.0, group=Group.LIMITS),
    _seconds(
        "websocket-hold",
        "Seconds to keep an upgraded connection, to find idle cuts; 0: off",
        0.0,
        read=values.seconds_or_off,
        group=Group.LIMITS,
    ),
)

ROWS = {row.name: row for row in SETTINGS} | {row.also: row for row in SETTINGS if row.also}
"""Every setting by each of its names."""


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper().replace("-", "_")
