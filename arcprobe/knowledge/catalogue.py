"""What Azure Arc-enabled Kubernetes must reach: the rows of ``data/endpoints-<cloud>.toml``, filled
in for one cluster.

Pure apart from reading package data; one file is parsed for one cloud, once in a process.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")

# The names of `--feature`. `core` is always on and is not among them.
FEATURES = (
    "cluster-connect",
    "custom-locations",
    "azure-rbac",
    "extensions",
    "gitops",
    "portal",
    "container-insights",
    "key-vault",
    "policy",
    "defender",
    "data-services",
    "onboarding",
)
DEFAULT_FEATURES = ("cluster-connect",)
CORE = "core"

# Longest thing taken for a name, so that a pasted file does not end up in an error message.
LONGEST_NAME = 253

_VAULT = re.compile(
    r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]"
)  # 3 to 24 letters, digits, hyphens (Key Vault naming rules)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")  # RFC 1123 section 2.1, RFC 1035 section 2.3.4


class UnknownName(ValueError):
    """A cloud, region, feature or key vault that does not exist. ``nearest`` are names that do, the
    most similar first."""

    def __init__(self, what: str, given: str, nearest: tuple[str, ...], hint: str = "") -> None:
        self.what = what
        self.given = given[:LONGEST_NAME]
        self.nearest = nearest
        self.hint = hint
        shown = ascii(self.given[:60])
        near = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"unknown {what} {shown}{f' ({hint})' if hint else ''}{near}")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What catalogue rows share: immutable, keyword only."""


class Mark(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proves that the service itself answered: ``pattern``, case ignored, is found in header
    ``name``, body or reason."""

    where: Literal["header", "body", "reason"]
    pattern: str
    name: str = ""
    confidence: Literal["seen", "unproven"] = "unproven"


class Endpoint(Row, frozen=True, kw_only=True):
    """One host that must be reachable, filled in for one cluster. ``host`` may begin with
    ``*.``."""

    host: str
    port: int
    protocol: Literal["https", "wss", "http"]
    feature: str
    purpose: str
    initiator: Literal["agents", "node", "onboarding", "extension", "browser"]
    via_gateway: bool
    source: str
    as_of: date
    required: bool = True
    path: str = "/"
    issuers: tuple[Literal["microsoft", "digicert", "other"], ...] = ()
    marks: tuple[Mark, ...] = ()
    discover: Literal["", "his", "gns", "mcr"] = ""
    representatives: tuple[str, ...] = ()


class EndpointRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row as the data file has it; ``{region}``, ``{vault}`` and ``{gateway}`` are not filled in
    yet."""

    host: str
    features: tuple[str, ...]
    purpose: str
    initiator: Literal["agents", "node", "onboarding", "extension", "browser"]
    issuers: tuple[Literal["microsoft", "digicert", "other"], ...]
    source: str
    as_of: date
    port: int = 443
    protocol: Literal["https", "wss", "http"] = "https"
    onboarding_too: bool = False
    via_gateway: bool = False
    required: bool = True
    path: str = "/"
    marks: tuple[str, ...] = ()
    discover: Literal["", "his", "gns", "mcr"] = ""
    representatives: tuple[str, ...] = ()


class Image(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A small public image, for finding the registry's data host."""

    repository: str
    reference: str


class Discovery(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How concrete hosts behind ``pattern`` are found; ``answer`` says how to read them (see the
    data file)."""

    pattern: str
    answer: Literal["url", "hosts", "redirect"]
    url: str
    source: str
    as_of: date
    blob: str = ""
    accept: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


class Related(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host that documents name but that no selection holds, and why."""

    host: str
    port: int
    reason: str
    source: str
    as_of: date


class Catalogue(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cloud's data file. ``regions``: name to display name."""

    cloud: str
    regions: dict[str, str]
    discovery: dict[str, Discovery]
    marks: dict[str, tuple[Mark, ...]]
    endpoint: tuple[EndpointRow, ...]
    related: tuple[Related, ...] = ()


class GatewayDirect(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host that Microsoft asks to keep open beside the gateway, on the page of 2025 and on that
    of 2026."""

    host: str
    port: int
    feature: str
    in_2025: bool
    in_2026: bool
    purpose: str


class GatewayHosts(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gateway carries (host or host:port, with ``*``), and what must stay open beside
    it."""

    as_of: date
    source: str
    carried: tuple[str, ...]
    direct: tuple[GatewayDirect, ...]


def _parse(name: str) -> dict[str, Any]:
    return tomllib.loads((files("arcprobe.knowledge") / name).read_text(encoding="utf-8"))


@cache
def load(cloud: str) -> Catalogue:
    """The data of ``cloud``, one of ``CLOUDS``. Raises ``UnknownName``."""
    if cloud not in CLOUDS:
        raise UnknownName("cloud", cloud, _nearest(cloud, CLOUDS))
    return msgspec.convert(_parse(f"endpoints-{cloud}.toml"), Catalogue)


@cache
def gateway_hosts() -> GatewayHosts:
    """The gateway's own lists (public cloud)."""
    return msgspec.convert(_parse("gateway-carried.toml"), GatewayHosts)


def check_cloud(cloud: str) -> str:
    """The name of a cloud in its own spelling, whatever the case that it was given in. Raises
    ``UnknownName``."""
    for known in CLOUDS:
        if known.lower() == cloud.strip().lower():
            return known
    raise UnknownName("cloud", cloud, _nearest(cloud, CLOUDS))


def check_feature(feature: str) -> str:
    """The name of a feature, checked. Raises ``UnknownName``."""
    name = feature.strip().lower()
    if name not in FEATURES:
        raise UnknownName("feature", feature, _nearest(name, FEATURES))
    return name


def check_region(cloud: str, region: str) -> str:
    """``region`` as Azure's host names spell it: "West Europe" becomes westeurope. Raises
    ``UnknownName`` with nearest names."""
    name = re.sub(r"[\s_()-]+", "", region[:LONGEST_NAME]).lower()
    regions = load(cloud).regions
    if name in regions:
        return name
    for other in CLOUDS:
        if other != cloud and name in load(other).regions:
            raise UnknownName("region", region, (), f"it is a region of {other}, not of {cloud}")
    raise UnknownName("region", region, _nearest(name, regions))


def check_key_vault(name: str) -> str:
    """The name of a key vault; its full host name is taken too. Raises ``UnknownName``."""
    first = name.strip().lower().removeprefix("https://").split("/", 1)[0].split(".", 1)[0]
    if not _VAULT.fullmatch(first):
        raise UnknownName(
            "key vault", name, (), "3 to 24 letters, digits and hyphens, beginning with a letter"
        )
    return first


def gateway_host(url: str) -> str:
    """The host in a gateway's URL or bare host name, lower case. Raises ``ValueError`` where it
    holds none."""
    host = (
        url.strip()
        .lower()
        .removeprefix("https://")
        .removesuffix("/")
        .removesuffix(":443")
        .removesuffix(".")
    )
    if len(host) > LONGEST_NAME or not _HOST.fullmatch(host):
        shown = url.rpartition("@")[2][:60]  # a password that was pasted along is not repeated
        raise ValueError(
            f"{shown!a} is not the host or URL of a gateway, such as <prefix>.gw.arc.azure.com"
        )
    return host


def endpoints(
    cloud: str,
    region: str,
    features: Iterable[str] = DEFAULT_FEATURES,
    gateway: str | None = None,
    key_vaults: Iterable[str] = (),
) -> tuple[Endpoint, ...]:
    """What must be reachable, in the order of the data file, each host and port once.

    ``region`` as ``check_region`` returns it, ``gateway`` a bare host or None; ``core`` is always
    on, and a named key vault switches the feature ``key-vault`` on. With a gateway, what it carries
    is left out, except what the onboarding machine needs while ``onboarding`` is on: that machine
    is not behind the Arc proxy pod (inferred from Microsoft's description of the path). Clouds
    without a gateway ignore it. Raises ``UnknownName``.
    """
    vaults = tuple(dict.fromkeys(check_key_vault(vault) for vault in key_vaults))
    wanted = {CORE, *(check_feature(feature) for feature in features)}
    if vaults:
        wanted.add("key-vault")
    name = check_region(cloud, region)
    catalogue = load(cloud)
    chosen: dict[tuple[str, int], Endpoint] = {}
    for row in catalogue.endpoint:
        feature = next((each for each in row.features if each in wanted), None)
        if feature is None or ("{gateway}" in row.host and not gateway):
            continue
        initiator = "onboarding" if feature == "onboarding" else row.initiator
        if gateway and row.via_gateway:
            if not (row.onboarding_too and "onboarding" in wanted):
                continue
            feature = initiator = "onboarding"
        for vault in vaults or ("*",) if "{vault}" in row.host else ("",):
            host = _filled(row.host, name, vault, gateway or "")
            chosen.setdefault(
                (host, row.port),
                Endpoint(
                    host=host,
                    port=row.port,
                    protocol=row.protocol,
                    feature=feature,
                    purpose=row.purpose,
                    initiator=initiator,
                    via_gateway=row.via_gateway,
                    source=row.source,
                    as_of=row.as_of,
                    required=row.required,
                    path=_filled(row.path, name, vault, gateway or ""),
                    issuers=row.issuers,
                    marks=tuple(mark for key in row.marks for mark in catalogue.marks[key]),
                    discover=row.discover,
                    representatives=tuple(
                        _filled(each, name, vault, "") for each in row.representatives
                    ),
                ),
            )
    return tuple(chosen.values())


def removable(
    cloud: str,
    region: str,
    features: Iterable[str] = DEFAULT_FEATURES,
    key_vaults: Iterable[str] = (),
) -> tuple[Endpoint, ...]:
    """What may be closed once the gateway carries it: needed without the gateway, not needed with
    it.

    Left out is what the nodes' container runtime fetches: it does not go through the Arc proxy pod
    (inferred), so that closing it could stop image pulls although Microsoft lists the host as
    carried.
    """
    features, key_vaults = tuple(features), tuple(key_vaults)
    kept = endpoints(cloud, region, features, "gateway.invalid", key_vaults)
    keep = {(each.host, each.port) for each in kept}
    return tuple(
        each
        for each in endpoints(cloud, region, features, None, key_vaults)
        if (each.host, each.port) not in keep and each.initiator != "node"
    )


def discovery(cloud: str, region: str) -> dict[str, Discovery]:
    """The discoveries of ``cloud`` by key (``his``, ``gns``, ``mcr``; a cloud may lack some),
    ``{region}`` filled in."""
    name = check_region(cloud, region)
    return {
        key: msgspec.structs.replace(each, url=each.url.replace("{region}", name))
        for key, each in load(cloud).discovery.items()
    }


def unlisted(cloud: str, features: Collection[str]) -> tuple[str, ...]:
    """The features among ``features`` for which no document lists a host of its own in
    ``cloud``."""
    listed = {feature for row in load(cloud).endpoint for feature in row.features}
    return tuple(feature for feature in FEATURES if feature in features and feature not in listed)


def _filled(text: str, region: str, vault: str, gateway: str) -> str:
    return text.replace("{region}", region).replace("{vault}", vault).replace("{gateway}", gateway)


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The three names most like ``name``."""
    from difflib import SequenceMatcher  # only needed for an error message

    asked = name[:LONGEST_NAME].lower()
    return tuple(
        sorted(known, key=lambda each: -SequenceMatcher(None, asked, each.lower()).ratio())[:3]
    )
